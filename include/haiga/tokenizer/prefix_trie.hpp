#pragma once

#include "haiga/base/check.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace haiga::tokenizer {

/// A set of words, each with a value: which of them a text begins with.
///
/// A double array: the child of a state by a byte stands at base ^ byte, eight bytes that hold the
/// child's own base, the byte that leads to it and the value of the word that ends there. No two
/// states share a base, so that the byte alone tells whose child stands there.
///
/// Source: Aoe 1989, "An efficient digital search algorithm by using a double-array structure".
class prefix_trie {
public:
    static constexpr std::uint32_t no_value = (std::uint32_t{1} << 24U) - 1;
    static constexpr std::uint32_t dead = ~std::uint32_t{0};

    struct entry {
        std::string_view word;
        std::uint32_t value; ///< below no_value
    };

    /// No words.
    prefix_trie() : prefix_trie(std::vector<entry>()) {}

    /// No word is empty; of a word that occurs twice the last counts.
    explicit prefix_trie(std::vector<entry> words);

    /// A place in the trie, where a word may go on.
    [[nodiscard]] auto root() const -> std::uint32_t { return base_of(units_[0]); }

    /// Where a byte leads from a place, or dead; the value of the word that ends there, or
    /// no_value.
    auto step(std::uint32_t place, char byte, std::uint32_t& value) const -> std::uint32_t
    {
        auto const label = static_cast<unsigned char>(byte);
        auto const found = units_[place ^ label];
        if ((found & 0x1ffU) != (0x100U | label)) {
            return dead;
        }
        value = static_cast<std::uint32_t>(found >> 9U & no_value);
        return base_of(found);
    }

    /// Calls found(length, value) for every word that the text begins with, the shortest first.
    template <class Found>
    void each_prefix(std::string_view text, Found const& found) const
    {
        each_prefix_from(root(), text, found);
    }

    /// The same for what follows a place in the trie.
    template <class Found>
    void each_prefix_from(std::uint32_t place, std::string_view text, Found const& found) const
    {
        for (std::size_t i = 0; i < text.size(); ++i) {
            std::uint32_t value = no_value;
            place = step(place, text[i], value);
            if (place == dead) {
                return;
            }
            if (value != no_value) {
                found(i + 1, value);
            }
        }
    }

    struct match {
        std::size_t length = 0; ///< 0 where there is none
        std::uint32_t value = no_value;
    };

    [[nodiscard]] auto longest_prefix(std::string_view text) const -> match
    {
        return longest_prefix_from(root(), text);
    }

    [[nodiscard]] auto longest_prefix_from(std::uint32_t place, std::string_view text) const
        -> match
    {
        match best;
        each_prefix_from(place, text, [&](std::size_t length, std::uint32_t value) {
            best = {length, value};
        });
        return best;
    }

    /// The place that a text leads to, or dead.
    [[nodiscard]] auto place_of(std::string_view text) const -> std::uint32_t
    {
        auto place = root();
        std::uint32_t value = no_value;
        for (std::size_t i = 0; i < text.size() && place != dead; ++i) {
            place = step(place, text[i], value);
        }
        return place;
    }

    /// Whether any word begins with a byte.
    [[nodiscard]] auto begins_with(char byte) const -> bool
    {
        std::uint32_t value = no_value;
        return step(root(), byte, value) != dead;
    }

    [[nodiscard]] auto bytes() const -> std::size_t { return units_.size() * sizeof(units_[0]); }

private:
    using unit = std::uint64_t; // base 31 bits, value 24, used 1, label 8
    static constexpr std::uint32_t block = 256;

    static auto base_of(unit u) -> std::uint32_t { return static_cast<std::uint32_t>(u >> 33U); }

    class builder;

    std::vector<unit> units_;
};

/// Puts the states of sorted words into the array, those nearest to the root first.
class prefix_trie::builder {
public:
    explicit builder(std::vector<entry> words) : words_(std::move(words))
    {
        std::ranges::stable_sort(words_, {}, &entry::word);
        std::vector<entry> unique;
        for (auto const& word : words_) {
            HAIGA_CHECK(!word.word.empty() && word.value < no_value);
            if (!unique.empty() && unique.back().word == word.word) {
                unique.back() = word;
            } else {
                unique.push_back(word);
            }
        }
        words_ = std::move(unique);
    }

    auto run() -> std::vector<unit>
    {
        add_block();
        take(0);
        std::vector<range> now{{0, words_.size(), 0, 0}}, next;
        while (!now.empty()) {
            next.clear();
            for (auto const& state : now) {
                place_children(state, next);
            }
            std::swap(now, next);
        }
        // a step from any base stays inside: bases are below the size, whole blocks
        return std::move(units_);
    }

private:
    struct range {
        std::size_t first, last; ///< the words that begin alike
        std::size_t depth;       ///< for so many bytes
        std::uint32_t at;        ///< the unit of the state
    };
    struct child {
        unsigned char label;
        std::size_t first, last;
    };

    void place_children(range const& state, std::vector<range>& next)
    {
        children_.clear();
        for (auto i = state.first; i < state.last;) {
            if (words_[i].word.size() == state.depth) {
                ++i; // the word that ends here
                continue;
            }
            auto const label = static_cast<unsigned char>(words_[i].word[state.depth]);
            auto const first = i;
            while (i < state.last &&
                   static_cast<unsigned char>(words_[i].word[state.depth]) == label) {
                ++i;
            }
            children_.push_back({label, first, i});
        }
        auto const base = find_base();
        units_[state.at] |= unit{base} << 33U;
        for (auto const& c : children_) {
            auto const at = base ^ c.label;
            auto const& first = words_[c.first];
            auto const value = first.word.size() == state.depth + 1 ? first.value : no_value;
            take(at);
            units_[at] = unit{value} << 9U | 0x100U | c.label;
            if (c.last - c.first > 1 || value == no_value) {
                next.push_back({c.first, c.last, state.depth + 1, at});
            } else {
                units_[at] |= unit{childless_base()} << 33U;
            }
        }
    }

    /// Where nothing may be found: a base of its own that no child will ever use.
    auto childless_base() -> std::uint32_t
    {
        if (childless_ == 0) {
            add_block();
            childless_ = static_cast<std::uint32_t>(units_.size()) - block;
            for (std::uint32_t i = 0; i < block; ++i) {
                take(childless_ + i);
            }
        }
        return childless_;
    }

    /// A base that no state has, all of whose places for the children are free.
    auto find_base() -> std::uint32_t
    {
        if (children_.empty()) {
            return childless_base();
        }
        auto const fits = [&](std::uint32_t base) {
            return !base_used_[base] && std::ranges::none_of(children_, [&](child const& c) {
                return taken_[base ^ c.label];
            });
        };
        constexpr int most_tries = 32;
        int tries = 0;
        for (auto at = next_free_[0]; at != 0 && tries < most_tries; at = next_free_[at]) {
            auto const base = at ^ children_.front().label;
            if (fits(base)) {
                base_used_[base] = true;
                return base;
            }
            ++tries;
        }
        add_block();
        auto const base = static_cast<std::uint32_t>(units_.size()) - block;
        base_used_[base] = true;
        return base;
    }

    /// 256 free units more, at the front of the list: the fullest blocks are given up on first.
    void add_block()
    {
        auto const first = static_cast<std::uint32_t>(units_.size());
        HAIGA_CHECK(first < std::uint32_t{1} << 30U, "too many words for one trie");
        units_.resize(first + block, 0);
        taken_.resize(first + block, false);
        base_used_.resize(first + block, false);
        next_free_.resize(first + block, 0);
        prev_free_.resize(first + block, 0);
        for (std::uint32_t i = block; i-- > 0;) {
            if (first + i != 0) {
                auto const at = first + i;
                next_free_[at] = next_free_[0];
                prev_free_[next_free_[0]] = at;
                next_free_[0] = at;
                prev_free_[at] = 0;
            }
        }
    }

    /// 0 is the root's, and stands for the list itself.
    void take(std::uint32_t at)
    {
        taken_[at] = true;
        if (at != 0) {
            next_free_[prev_free_[at]] = next_free_[at];
            prev_free_[next_free_[at]] = prev_free_[at];
        }
    }

    std::vector<entry> words_;
    std::vector<child> children_;
    std::vector<unit> units_;
    std::vector<bool> taken_, base_used_;
    std::vector<std::uint32_t> next_free_, prev_free_;
    std::uint32_t childless_ = 0;
};

inline prefix_trie::prefix_trie(std::vector<entry> words) : units_(builder(std::move(words)).run())
{
}

} // namespace haiga::tokenizer
