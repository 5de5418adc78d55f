#pragma once

#include "haiga/tokenizer/byte_level_bpe.hpp"

namespace haiga::tokenizer {

namespace detail {

/// Where the pieces of a text end, and how many tokens there are up to there.
class piece_ends {
public:
    struct piece {
        std::size_t end, count;
    };

    explicit piece_ends(char const* begin) : begin_(begin) {}

    void add(std::uint32_t) { ++count_; }
    void add(std::span<std::uint32_t const> ranks) { count_ += ranks.size(); }
    void ends(char const* place)
    {
        all.push_back({static_cast<std::size_t>(place - begin_), count_});
    }
    [[nodiscard]] static constexpr auto full() -> bool { return false; }
    [[nodiscard]] static constexpr auto skips(std::size_t) -> bool { return false; }

    std::vector<piece> all;

private:
    char const* begin_;
    std::size_t count_ = 0;
};

/// How many pieces at the end of a text may be cut otherwise once it goes on: white space is cut
/// into three at most by what comes behind it, a word of o200k by the next one, and bytes of a
/// character that was not whole may turn out to be a letter.
inline constexpr std::size_t open_pieces = 6;

} // namespace detail

/// How many tokens a text has that grows. The tokenizer must outlive it.
///
/// Cost: that of the text added and of the last few pieces before, which are cut again; a piece
/// that
///       never ends (a megabyte without a space) is therefore cut again as a whole.
class running_count {
public:
    explicit running_count(byte_level_bpe const& t) : tokenizer_(&t) {}

    /// The count of all that was added: the same as of all of it as one text.
    auto add(std::string_view more) -> std::size_t
    {
        open_ += more;
        detail::piece_ends ends(open_.data());
        tokenizer_->run(open_, ends);
        auto const& pieces = ends.all;
        count_ = settled_ + (pieces.empty() ? 0 : pieces.back().count);
        if (pieces.size() > detail::open_pieces) {
            auto const& last = pieces[pieces.size() - 1 - detail::open_pieces];
            settled_ += last.count;
            open_.erase(0, last.end);
        }
        return count_;
    }

    [[nodiscard]] auto count() const -> std::size_t { return count_; }

private:
    byte_level_bpe const* tokenizer_;
    std::string open_; ///< the text of the pieces that may still change
    std::size_t settled_ = 0, count_ = 0;
};

} // namespace haiga::tokenizer
