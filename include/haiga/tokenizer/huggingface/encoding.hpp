#pragma once

#include "haiga/base/result.hpp"
#include "haiga/tokenizer/bpe.hpp"
#include "haiga/tokenizer/normalize/aligned_text.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace haiga::tokenizer::huggingface {

/// One token of an encoded text.
struct encoded_token {
    token_id id = 0;
    int sequence = -1;                 ///< which text of a pair; -1 for what was added
    std::uint32_t type = 0;            ///< the same, or what a template says
    source_range source;               ///< bytes of the text; 0, 0 for what was added
    std::optional<std::uint32_t> word; ///< the number of the piece; none for what was added
    bool special = false;              ///< was added by the post-processor or as padding
    bool attended = true;              ///< is no padding
    std::string text;                  ///< as the model has it, or the text where it is unknown

    friend auto operator==(encoded_token const&, encoded_token const&) -> bool = default;
};

/// The tokens of a text, or of a pair; and what did not fit into them.
struct encoding {
    std::vector<encoded_token> tokens;
    std::vector<encoding> overflowing;

    [[nodiscard]] auto ids() const -> std::vector<token_id>
    {
        std::vector<token_id> all;
        std::ranges::transform(tokens, std::back_inserter(all), &encoded_token::id);
        return all;
    }

    /// Appends another; every overflow of one goes with the other, and with its overflows.
    /// Source: huggingface/tokenizers 0.23, src/tokenizer/encoding.rs, merge_with.
    void append(encoding const& other)
    {
        std::vector<encoding> overflows;
        auto const joined = [](encoding const& a, encoding const& b) {
            encoding both{a.tokens, {}};
            both.tokens.insert(both.tokens.end(), b.tokens.begin(), b.tokens.end());
            return both;
        };
        for (auto const& mine : overflowing) {
            overflows.push_back(joined(mine, other));
            for (auto const& its : other.overflowing) {
                overflows.push_back(joined(mine, its));
            }
        }
        for (auto const& its : other.overflowing) {
            overflows.push_back(joined(*this, its));
        }
        tokens.insert(tokens.end(), other.tokens.begin(), other.tokens.end());
        overflowing = std::move(overflows);
    }
};

enum class side : std::uint8_t { left, right };

/// How long texts are cut.
struct truncation {
    enum class order : std::uint8_t { longest_first, only_first, only_second };
    std::size_t max_length = 512;
    std::size_t stride = 0; ///< tokens that an overflow has in common with the part before it
    order strategy = order::longest_first;
    side direction = side::right;
};

/// How short ones are filled up.
struct padding {
    std::optional<std::size_t> length; ///< none: the longest of a batch
    std::size_t multiple_of = 0;       ///< 0: of nothing
    side direction = side::right;
    token_id id = 0;
    std::uint32_t type = 0;
    std::string token = "[PAD]";
};

namespace detail {

/// Keeps `most` tokens; the others are overflows of as many.
/// Source: huggingface/tokenizers 0.23, src/tokenizer/encoding.rs, truncate.
inline void cut_to(encoding& whole, std::size_t most, std::size_t stride, side direction)
{
    auto const size = whole.tokens.size();
    if (most >= size) {
        return;
    }
    if (most == 0) {
        encoding empty;
        empty.overflowing.push_back(std::move(whole));
        whole = std::move(empty);
        return;
    }
    std::vector<encoding> parts;
    auto const part = [&](std::size_t begin, std::size_t end) {
        parts.push_back({{whole.tokens.begin() + static_cast<std::ptrdiff_t>(begin),
                          whole.tokens.begin() + static_cast<std::ptrdiff_t>(end)},
                         {}});
    };
    auto const step = most - stride;
    if (direction == side::right) {
        for (std::size_t begin = 0;; begin += step) {
            part(begin, std::min(begin + most, size));
            if (begin + most >= size) {
                break;
            }
        }
    } else {
        for (auto end = size;; end -= step) {
            part(end > most ? end - most : 0, end);
            if (end <= most) {
                break;
            }
        }
    }
    whole = std::move(parts.front());
    whole.overflowing.assign(std::make_move_iterator(parts.begin() + 1),
                             std::make_move_iterator(parts.end()));
}

/// Fills up to a length, overflows too.
inline void fill(encoding& some, padding const& with, std::size_t length)
{
    for (auto& overflow : some.overflowing) {
        fill(overflow, with, length);
    }
    if (some.tokens.size() < length) {
        encoded_token token;
        token.id = with.id;
        token.type = with.type;
        token.special = true;
        token.attended = false;
        token.text = with.token;
        some.tokens.insert(with.direction == side::left ? some.tokens.begin() : some.tokens.end(),
                           length - some.tokens.size(), token);
    }
}

} // namespace detail

/// Fills all of a batch to one length.
inline void pad(std::vector<encoding>& batch, padding const& with)
{
    std::size_t length = with.length.value_or(0);
    if (!with.length) {
        for (auto const& one : batch) {
            length = std::max(length, one.tokens.size());
        }
    }
    if (with.multiple_of > 0 && length % with.multiple_of > 0) {
        length += with.multiple_of - length % with.multiple_of;
    }
    for (auto& one : batch) {
        detail::fill(one, with, length);
    }
}

/// Cuts a text, or both of a pair, to what is allowed. Nothing is cut that a strategy does not
/// allow to be.
/// Errors: invalid where the text that may be cut is too short for it, or missing.
/// Source: huggingface/tokenizers 0.23, src/utils/truncation.rs.
inline auto truncate(encoding& first, encoding* second, truncation const& how, std::size_t most)
    -> result<>
{
    using order = truncation::order;
    auto const cut = [&](encoding& some, std::size_t length) {
        detail::cut_to(some, length, std::min(how.stride, length > 0 ? length - 1 : 0),
                       how.direction);
    };
    auto const total = first.tokens.size() + (second != nullptr ? second->tokens.size() : 0);
    if (total <= most) {
        return {};
    }
    if (most == 0) {
        cut(first, 0);
        if (second != nullptr) {
            cut(*second, 0);
        }
        return {};
    }
    if (how.strategy == order::longest_first) {
        if (second == nullptr) {
            cut(first, most);
            return {};
        }
        auto shorter = first.tokens.size(), longer = second->tokens.size();
        bool const swapped = shorter > longer;
        if (swapped) {
            std::swap(shorter, longer);
        }
        longer = shorter > most ? shorter : std::max(shorter, most - shorter);
        if (shorter + longer > most) {
            shorter = most / 2;
            longer = shorter + most % 2;
        }
        cut(first, swapped ? longer : shorter);
        cut(*second, swapped ? shorter : longer);
        return {};
    }
    auto* const target = how.strategy == order::only_first ? &first : second;
    if (target == nullptr || target->tokens.size() <= total - most) {
        return fail(errc::invalid, "the text that is to be cut ",
                    target == nullptr ? "is missing" : "is too short", ": ", total,
                    " tokens, at most ", most);
    }
    cut(*target, target->tokens.size() - (total - most));
    return {};
}

} // namespace haiga::tokenizer::huggingface
