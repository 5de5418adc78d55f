#pragma once

#include "haiga/tokenizer/running_count.hpp"

namespace haiga::tokenizer {

/// How many tokens any part of a text has, as if it were a text by itself. The tokenizer and the
/// text must outlive it.
///
/// Cost: 16 bytes a piece of the text. To ask: a few pieces at both ends of the part and a search
///       between. Where pieces never meet those of the whole text, as in a number of a thousand
///       digits that are cut by threes, that of the part.
class interval_count {
public:
    interval_count(byte_level_bpe const& t, std::string_view text)
        : tokenizer_(&t), text_(text), ends_(text.data())
    {
        t.run(text, ends_);
    }

    /// Of text.substr(begin, end - begin).
    [[nodiscard]] auto count(std::size_t begin, std::size_t end) const -> std::size_t
    {
        HAIGA_CHECK(begin <= end && end <= text_.size(), begin, " to ", end, " of ", text_.size());
        auto const& all = ends_.all;
        auto const inside = std::ranges::upper_bound(all, end, {}, &piece::end) - all.begin();
        auto const last = inside - static_cast<std::ptrdiff_t>(detail::open_pieces) - 1;
        if (last < 0) {
            return tokenizer_->count(text_.substr(begin, end - begin));
        }
        auto const& settled = all[static_cast<std::size_t>(last)];
        meeting first{&all, text_.data(), settled.end, 0, std::nullopt};
        auto const part = text_.substr(begin, end - begin);
        tokenizer_->run(part, first);
        if (!first.met) {
            return first.count;
        }
        return first.count + settled.count - *first.met +
               tokenizer_->count(part.substr(settled.end - begin));
    }

private:
    using piece = detail::piece_ends::piece;

    /// Counts until a piece ends where one of the whole text does.
    struct meeting {
        std::vector<piece> const* all;
        char const* text;
        std::size_t last; ///< no later than here
        std::size_t count;
        std::optional<std::size_t> met; ///< the count of the whole text up to there

        void add(std::uint32_t) { count += met ? 0U : 1U; }
        void add(std::span<std::uint32_t const> ranks) { count += met ? 0U : ranks.size(); }
        void ends(char const* place)
        {
            auto const at = static_cast<std::size_t>(place - text);
            if (met || at > last) {
                return;
            }
            auto const same = std::ranges::lower_bound(*all, at, {}, &piece::end);
            if (same->end == at) {
                met = same->count;
            }
        }
        [[nodiscard]] auto full() const -> bool { return met.has_value(); }
        [[nodiscard]] static constexpr auto skips(std::size_t) -> bool { return false; }
    };

    byte_level_bpe const* tokenizer_;
    std::string_view text_;
    detail::piece_ends ends_;
};

} // namespace haiga::tokenizer
