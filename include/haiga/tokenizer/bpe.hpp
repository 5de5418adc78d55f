#pragma once

#include "haiga/base/check.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <queue>
#include <span>
#include <vector>

namespace haiga::tokenizer {

/// The number of a token, as embeddings take it.
using token_id = std::int32_t;

/// Two tokens that may stand beside each other, and what they become. A lower rank goes first.
struct bpe_merge {
    token_id left, right, merged;
};

/// Byte-pair encoding: of all pairs that stand in a word, the one of the lowest rank is merged,
/// from left to right, until there is none.
///
/// Cost:   n log n in the length of a word, however long.
/// Source: Sennrich et al. 2015, arXiv:1508.07909, algorithm 1.
class bpe {
public:
    bpe() : bpe(std::span<bpe_merge const>()) {}

    /// merges: by rank. Of a pair that occurs twice, the last counts.
    explicit bpe(std::span<bpe_merge const> merges)
        : slots_(std::bit_ceil(2 * merges.size() + 2), slot{none, 0, 0})
    {
        for (std::size_t rank = 0; rank < merges.size(); ++rank) {
            auto const& m = merges[rank];
            HAIGA_CHECK(m.left >= 0 && m.right >= 0 && m.merged >= 0);
            auto& place = slots_[slot_of(pair_of(m.left, m.right))];
            place = {pair_of(m.left, m.right), static_cast<std::uint32_t>(rank), m.merged};
        }
    }

    /// word: the tokens of its smallest parts. What they merge to takes their place, from the
    /// front; returned is how many are left.
    [[nodiscard]] auto merge(std::span<token_id> word) const -> std::size_t
    {
        return word.size() <= short_word ? merge_short(word, {}) : merge_long(word, {});
    }

    /// The same, of parts that have lengths, as many as there are parts; those that merge add up.
    [[nodiscard]] auto merge(std::span<token_id> word, std::span<std::uint32_t> lengths) const
        -> std::size_t
    {
        return word.size() <= short_word ? merge_short(word, lengths) : merge_long(word, lengths);
    }

private:
    struct slot {
        std::uint64_t pair;
        std::uint32_t rank;
        token_id merged;
    };
    static constexpr auto none = std::numeric_limits<std::uint64_t>::max();
    static constexpr auto no_rank = std::numeric_limits<std::uint32_t>::max();
    static constexpr std::size_t short_word = 32;

    static auto pair_of(token_id left, token_id right) -> std::uint64_t
    {
        return std::uint64_t{static_cast<std::uint32_t>(left)} << 32U |
               static_cast<std::uint32_t>(right);
    }

    /// Where a pair stands, or would.
    [[nodiscard]] auto slot_of(std::uint64_t pair) const -> std::size_t
    {
        auto const mask = slots_.size() - 1;
        auto at = (pair * 0x9e37'79b9'7f4a'7c15U >> 24U) & mask;
        while (slots_[at].pair != pair && slots_[at].pair != none) {
            at = (at + 1) & mask;
        }
        return at;
    }

    [[nodiscard]] auto find(token_id left, token_id right) const -> slot
    {
        auto const& found = slots_[slot_of(pair_of(left, right))];
        return found.pair == none ? slot{none, no_rank, 0} : found;
    }

    /// Looks at all pairs for every merge, which is the fastest way while there are few.
    [[nodiscard]] auto merge_short(std::span<token_id> word, std::span<std::uint32_t> lengths) const
        -> std::size_t
    {
        slot pairs[short_word];
        auto count = word.size();
        for (std::size_t i = 0; i + 1 < count; ++i) {
            pairs[i] = find(word[i], word[i + 1]);
        }
        while (count > 1) {
            auto const* const best =
                std::ranges::min_element(pairs, pairs + count - 1, {}, &slot::rank);
            if (best->rank == no_rank) {
                break;
            }
            auto const at = static_cast<std::size_t>(best - pairs);
            word[at] = best->merged;
            std::copy(&word[at] + 2, &word[0] + count, &word[at] + 1);
            if (!lengths.empty()) {
                lengths[at] += lengths[at + 1];
                std::copy(&lengths[at] + 2, &lengths[0] + count, &lengths[at] + 1);
            }
            std::copy(pairs + at + 1, pairs + count - 1, pairs + at);
            --count;
            if (at > 0) {
                pairs[at - 1] = find(word[at - 1], word[at]);
            }
            if (at + 1 < count) {
                pairs[at] = find(word[at], word[at + 1]);
            }
        }
        return count;
    }

    /// A pair whose left token stands at a place; stale once either token has been merged.
    struct candidate {
        std::uint32_t rank;
        std::uint32_t place;
        token_id left, right, merged;

        friend auto operator>(candidate const& a, candidate const& b) -> bool
        {
            return a.rank != b.rank ? a.rank > b.rank : a.place > b.place;
        }
    };

    /// Keeps candidates in a heap and tokens in a list.
    [[nodiscard]] auto merge_long(std::span<token_id> word, std::span<std::uint32_t> lengths) const
        -> std::size_t
    {
        constexpr token_id gone = -1;
        auto const count = static_cast<std::uint32_t>(word.size());
        HAIGA_CHECK(word.size() < no_rank, "a word of ", word.size(), " bytes");
        std::vector<std::uint32_t> next(count), before(count);
        std::priority_queue<candidate, std::vector<candidate>, std::greater<>> heap;
        auto const consider = [&](std::uint32_t left, std::uint32_t right) {
            if (auto const found = find(word[left], word[right]); found.rank != no_rank) {
                heap.push({found.rank, left, word[left], word[right], found.merged});
            }
        };
        for (std::uint32_t i = 0; i < count; ++i) {
            next[i] = i + 1;
            before[i] = i - 1; // of the first: wraps to no_rank
            if (i + 1 < count) {
                consider(i, i + 1);
            }
        }
        while (!heap.empty()) {
            auto const best = heap.top();
            heap.pop();
            auto const left = best.place, right = next[left];
            if (word[left] != best.left || right >= count || word[right] != best.right) {
                continue;
            }
            word[left] = best.merged;
            word[right] = gone;
            if (!lengths.empty()) {
                lengths[left] += lengths[right];
            }
            next[left] = next[right];
            if (next[left] < count) {
                before[next[left]] = left;
                consider(left, next[left]);
            }
            if (before[left] != no_rank) {
                consider(before[left], left);
            }
        }
        std::size_t left_over = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (word[i] != gone) {
                word[left_over] = word[i];
                if (!lengths.empty()) {
                    lengths[left_over] = lengths[i];
                }
                ++left_over;
            }
        }
        return left_over;
    }

    std::vector<slot> slots_;
};

} // namespace haiga::tokenizer
