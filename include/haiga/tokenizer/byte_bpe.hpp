#pragma once

#include "haiga/tokenizer/token_trie.hpp"

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <queue>

namespace haiga::tokenizer {

namespace detail {

/// What merging long pieces keeps from one to the next: which tokens may stand beside each other.
/// It is a memory of facts: it changes no result.
class neighbour_memory {
public:
    /// Whether two tokens stay apart, by `find_out` where that is not known.
    template <class FindOut>
    auto are_apart(std::uint32_t left, std::uint32_t right, FindOut const& find_out) -> bool
    {
        auto const both = std::uint64_t{left} << 32U | right << 1U;
        auto& known = facts_[both * 0x9e37'79b9'7f4a'7c15U >> 52U];
        if ((known & ~std::uint64_t{1}) != both || both == 0) {
            known = both | (find_out() ? 1U : 0U);
        }
        return (known & 1U) != 0;
    }

private:
    std::vector<std::uint64_t> facts_ = std::vector<std::uint64_t>(4096);
};

} // namespace detail

/// Two tokens that are joined to one.
struct token_halves {
    std::uint32_t left = no_rank, right = no_rank;
};

/// Byte-pair encoding by ranks: of all neighbours in a piece whose bytes together are a token,
/// those of the lowest rank are joined first, from left to right, until there are none.
///
/// Cost:   see merge.
/// Thread: any number of them may use one.
/// Source: openai/tiktoken, src/lib.rs, byte_pair_merge.
class byte_bpe {
public:
    /// What a caller that merges many pieces may keep from one to the next.
    struct scratch {
        detail::neighbour_memory neighbours;
        std::vector<char> dead; ///< places in a piece from which no tokens lead on
    };

    /// Errors: those of token_table; not_found for a byte that is no token; too_large above a
    /// million
    ///         tokens.
    static auto make(token_list tokens) -> result<byte_bpe>
    {
        if (tokens.size() > most_tokens) {
            return fail(errc::too_large, tokens.size(), " tokens, at most ", most_tokens,
                        " are read");
        }
        HAIGA_TRY(auto table, token_table::make(std::move(tokens)));
        byte_bpe made(std::move(table));
        for (unsigned byte = 0; byte < 256; ++byte) {
            char const c = static_cast<char>(byte);
            made.bytes_[byte] = made.table_.find(&c, 1, &c + 1);
            if (made.bytes_[byte] == no_rank) {
                return fail(errc::not_found, "no token is the byte ", byte);
            }
        }
        auto const& all = made.table_.tokens();
        for (std::uint32_t rank = 0; rank < all.size(); ++rank) {
            if (all[rank].size() == 2) {
                made.pairs_[pair_of(all[rank].data())] = rank;
            }
        }
        return made;
    }

    [[nodiscard]] auto table() const -> token_table const& { return table_; }

    /// The ranks of the tokens of a piece; ranks has room for as many as the piece has bytes.
    /// Returned is how many there are. What lies between the piece and `end` may be read.
    ///
    /// Cost: linear where is_ordered(), as published vocabularies are; else n log n.
    auto merge(std::string_view piece, char const* end, std::uint32_t* ranks,
               std::optional<scratch>& kept) const -> std::size_t
    {
        if (piece.size() <= short_piece) {
            return merge_short(piece, end, ranks);
        }
        if (is_ordered()) {
            if (!kept) {
                kept.emplace();
            }
            return merge_along(piece, end, ranks, *kept);
        }
        return merge_by_heap(piece, end, ranks);
    }

    /// Whether every token that merging makes is made of two of lower rank, so that it can be told
    /// from two neighbours alone whether they are joined.
    [[nodiscard]] auto is_ordered() const -> bool { return learned().ordered; }

    /// The ranks of the two tokens that are joined to this one; no_rank twice for one that merging
    /// does not make, such as a byte.
    [[nodiscard]] auto halves(std::uint32_t rank) const -> token_halves
    {
        return learned().halves[rank];
    }

private:
    static constexpr std::size_t most_tokens = 1'000'000;
    static constexpr std::size_t short_piece = 32;

    /// What merging long pieces needs. Made when the first is there.
    struct knowledge {
        std::once_flag once;
        bool ordered = true;
        std::vector<token_halves> halves;
        std::optional<detail::token_trie> trie;
    };

    explicit byte_bpe(token_table table)
        : table_(std::move(table)), pairs_(65536, no_rank),
          knowledge_(std::make_unique<knowledge>())
    {
    }

    auto learned() const -> knowledge const&
    {
        std::call_once(knowledge_->once, [&] { learn(*knowledge_); });
        return *knowledge_;
    }

    void learn(knowledge& k) const
    {
        auto const& all = table_.tokens();
        k.halves.resize(all.size());
        std::vector<std::uint32_t> ranks(table_.longest());
        for (std::uint32_t rank = 0; rank < all.size() && k.ordered; ++rank) {
            if (all[rank].size() > 1) {
                k.ordered = learn(k.halves[rank], rank, ranks.data());
            }
        }
        k.trie.emplace(table_);
        k.ordered = k.ordered && k.trie->is_whole();
    }

    /// Whether a token is made of two of lower rank, which are told, or not made by merging at all.
    auto learn(token_halves& halves, std::uint32_t rank, std::uint32_t* ranks) const -> bool
    {
        auto const token = table_.tokens()[rank];
        auto const end = table_.tokens().end_of_bytes();
        auto const below = token.size() <= short_piece ? merge_short(token, end, ranks, rank)
                                                       : merge_by_heap(token, end, ranks, rank);
        if (below == 2) {
            halves = {ranks[0], ranks[1]};
            return true;
        }
        auto const count = token.size() <= short_piece ? merge_short(token, end, ranks)
                                                       : merge_by_heap(token, end, ranks);
        return count != 1;
    }

    [[nodiscard]] auto length_of(std::uint32_t rank) const -> std::size_t
    {
        return table_.tokens()[rank].size();
    }

    /// Whether merging leaves two tokens as they are that meet at a place in a text: takes back,
    /// one by one, the joins that made them, the latest first, and looks whether what met at the
    /// place would have been joined before. Source: github/rust-gems, crates/bpe,
    /// is_valid_token_pair.
    auto stay_apart(std::uint32_t left, std::uint32_t right, char const* place, char const* end,
                    std::vector<token_halves> const& halves) const -> bool
    {
        auto before = no_rank; // ranks that would have been joined earlier than these were
        while (true) {
            auto const a = length_of(left), b = length_of(right);
            if (table_.find(place - a, a + b, end) < before) {
                return false;
            }
            if (a == 1 && b == 1) {
                return true;
            }
            if (b == 1 || (a != 1 && left > right)) {
                before = left;
                left = halves[left].right;
            } else {
                before = right + 1; // of equal ranks, the first is joined first
                right = halves[right].left;
            }
        }
    }

    /// Goes along the piece, takes the longest token that may stand beside the one before, and goes
    /// back where none may. Every place is given up at most once.
    /// Source: github/rust-gems, crates/bpe, BacktrackEncoder.
    auto merge_along(std::string_view piece, char const* end, std::uint32_t* ranks,
                     scratch& kept) const -> std::size_t
    {
        auto const& k = *knowledge_;
        auto const* const begin = piece.data();
        auto const longest_at = [&](std::size_t at) {
            return k.trie->longest(bytes_[static_cast<unsigned char>(piece[at])], begin + at,
                                   begin + piece.size());
        };
        kept.dead.assign(piece.size() + 1, false);
        std::size_t count = 0;
        auto token = longest_at(0);
        for (std::size_t at = 0; at < piece.size();) {
            auto const fits = [&](std::uint32_t next, std::size_t length) {
                return !kept.dead[at + length] && (length == 1 || k.halves[next].left != no_rank) &&
                       (count == 0 || kept.neighbours.are_apart(ranks[count - 1], next, [&] {
                           return stay_apart(ranks[count - 1], next, begin + at, end, k.halves);
                       }));
            };
            auto length = length_of(token);
            while (token != no_rank && !fits(token, length)) {
                token = k.trie->shorter(token);
                length = token != no_rank ? length_of(token) : 0;
            }
            if (token != no_rank) {
                ranks[count++] = token;
                at += length;
                token = at < piece.size() ? longest_at(at) : no_rank;
            } else {
                HAIGA_CHECK(count > 0, "a piece of ", piece.size(), " bytes has no tokens");
                kept.dead[at] = true;
                token = ranks[--count];
                at -= length_of(token);
            }
        }
        return count;
    }

    static auto pair_of(char const* at) -> std::size_t
    {
        return static_cast<unsigned char>(at[0]) * 256U + static_cast<unsigned char>(at[1]);
    }

    /// Looks at all neighbours for each that are joined, the fastest way while there are few.
    /// Tokens from the rank `below` on are not made.
    auto merge_short(std::string_view piece, char const* end, std::uint32_t* ranks,
                     std::uint32_t below = no_rank) const -> std::size_t
    {
        std::uint32_t joined[short_piece + 1]; // the rank of a part and the next, as one
        std::uint8_t starts[short_piece + 1];
        auto const* const begin = piece.data();
        auto count = piece.size();
        for (std::size_t i = 0; i < count; ++i) {
            starts[i] = static_cast<std::uint8_t>(i);
            ranks[i] = bytes_[static_cast<unsigned char>(begin[i])];
            joined[i] = i + 1 < count ? pairs_[pair_of(begin + i)] : no_rank;
        }
        starts[count] = static_cast<std::uint8_t>(count);
        auto const find = [&](std::size_t i) {
            return i + 1 < count
                       ? table_.find(begin + starts[i], std::size_t{starts[i + 2]} - starts[i], end)
                       : no_rank;
        };
        while (true) {
            std::size_t best = 0;
            auto lowest = no_rank;
            for (std::size_t i = 0; i + 1 < count; ++i) {
                best = joined[i] < lowest ? i : best;
                lowest = std::min(lowest, joined[i]);
            }
            if (lowest >= below) {
                return count;
            }
            ranks[best] = lowest;
            --count;
            for (auto i = best + 1; i < count; ++i) {
                ranks[i] = ranks[i + 1];
                joined[i] = joined[i + 1];
                starts[i] = starts[i + 1];
            }
            starts[count] = starts[count + 1];
            joined[best] = find(best);
            if (best > 0) {
                joined[best - 1] = find(best - 1);
            }
        }
    }

    /// A part and the next that together are a token. Stale once either has been joined to another.
    struct candidate {
        std::uint32_t rank, begin, end;

        friend auto operator>(candidate const& a, candidate const& b) -> bool
        {
            return a.rank != b.rank ? a.rank > b.rank : a.begin > b.begin;
        }
    };

    /// Keeps candidates in a heap, and parts as a list: of where a part begins, where it ends; and
    /// the other way round.
    auto merge_by_heap(std::string_view piece, char const* end, std::uint32_t* ranks,
                       std::uint32_t below = no_rank) const -> std::size_t
    {
        auto const* const begin = piece.data();
        auto const size = static_cast<std::uint32_t>(piece.size());
        HAIGA_CHECK(piece.size() < no_rank, "a piece of ", piece.size(), " bytes");
        std::vector<std::uint32_t> ends(size), starts(size + 1);
        std::priority_queue<candidate, std::vector<candidate>, std::greater<>> heap;
        auto const consider = [&](std::uint32_t from, std::uint32_t to) {
            if (auto const rank = table_.find(begin + from, to - from, end); rank < below) {
                heap.push({rank, from, to});
            }
        };
        for (std::uint32_t i = 0; i < size; ++i) {
            ranks[i] = bytes_[static_cast<unsigned char>(begin[i])];
            ends[i] = i + 1;
            starts[i + 1] = i;
            if (i + 1 < size && pairs_[pair_of(begin + i)] < below) {
                heap.push({pairs_[pair_of(begin + i)], i, i + 2});
            }
        }
        while (!heap.empty()) {
            auto const best = heap.top();
            heap.pop();
            auto const middle = ends[best.begin];
            if (middle == 0 || middle >= best.end || ends[middle] != best.end) {
                continue;
            }
            ranks[best.begin] = best.rank;
            ends[best.begin] = best.end;
            ends[middle] = 0; // no part begins here any more
            starts[best.end] = best.begin;
            if (best.end < size) {
                consider(best.begin, ends[best.end]);
            }
            if (best.begin > 0) {
                consider(starts[best.begin], best.end);
            }
        }
        std::size_t count = 0;
        for (std::uint32_t i = 0; i < size; i = ends[i]) {
            ranks[count++] = ranks[i];
        }
        return count;
    }

    token_table table_;
    std::array<std::uint32_t, 256> bytes_{};
    std::vector<std::uint32_t> pairs_; ///< ranks of tokens of two bytes
    std::unique_ptr<knowledge> knowledge_;
};

} // namespace haiga::tokenizer
