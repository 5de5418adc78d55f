#pragma once

#include "haiga/base/result.hpp"
#include "haiga/tokenizer/bpe.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace haiga::tokenizer {

/// A token that no text becomes by itself, and how it is written.
struct special_token {
    std::string text;
    token_id id;

    friend auto operator==(special_token const&, special_token const&) -> bool = default;
};

/// What becomes of a special token that is written in a text.
enum class special_use : std::uint8_t {
    literal,   ///< it is text like any other
    allowed,   ///< it is that token
    forbidden, ///< the text is refused
};

/// Finds special tokens in texts.
class special_finder {
public:
    /// Where one is, and which of those that the finder was made of; length 0: none.
    struct found {
        std::size_t at = 0, length = 0, index = 0;
    };

    special_finder() = default;

    /// Errors: invalid for a token that is empty or written like another.
    static auto make(std::span<special_token const> tokens) -> result<special_finder>
    {
        special_finder made;
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            if (tokens[i].text.empty()) {
                return fail(errc::invalid, "special token ", tokens[i].id, " is empty");
            }
            made.sorted_.push_back({tokens[i].text, i});
            made.begins_[static_cast<unsigned char>(tokens[i].text[0])] = true;
        }
        std::ranges::sort(made.sorted_, {}, &entry::text);
        auto const same = std::ranges::adjacent_find(made.sorted_, {}, &entry::text);
        if (same != made.sorted_.end()) {
            return fail(errc::invalid, "two special tokens are \"", one_line(same->text, 80), '"');
        }
        return made;
    }

    /// The first from `from` on for which wanted(index) holds; of those that begin there, the
    /// longest.
    template <class Wanted>
    auto find(std::string_view text, std::size_t from, Wanted const& wanted) const -> found
    {
        for (auto at = from; !sorted_.empty() && at < text.size(); ++at) {
            if (begins_[static_cast<unsigned char>(text[at])]) {
                if (auto const here = longest_at(text, at, wanted); here.length != 0) {
                    return here;
                }
            }
        }
        return {};
    }

private:
    struct entry {
        std::string text;
        std::size_t index;
    };

    /// Narrows the sorted texts byte by byte.
    template <class Wanted>
    auto longest_at(std::string_view text, std::size_t at, Wanted const& wanted) const -> found
    {
        found best;
        auto first = sorted_.begin(), last = sorted_.end();
        for (std::size_t length = 0; first != last; ++length) {
            if (first->text.size() == length) { // the shortest of them comes first
                best = wanted(first->index) ? found{at, length, first->index} : best;
                ++first;
            }
            if (at + length == text.size()) {
                break;
            }
            auto const byte = static_cast<unsigned char>(text[at + length]);
            auto const of = [length](entry const& e) {
                return static_cast<unsigned char>(e.text[length]);
            };
            first = std::ranges::lower_bound(first, last, byte, {}, of);
            last = std::ranges::upper_bound(first, last, byte, {}, of);
        }
        return best;
    }

    std::vector<entry> sorted_;
    std::array<bool, 256> begins_{};
};

} // namespace haiga::tokenizer
