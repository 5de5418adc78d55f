#pragma once

#include "haiga/tokenizer/known_vocabularies.hpp"
#include "haiga/tokenizer/token_lengths.hpp"
#include "haiga/tokenizer/token_table.hpp"

#include <array>
#include <atomic>
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
        bool ordered = false;
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
        if (piece.size() <= few_bytes) {
            return merge_short(piece, end, ranks);
        }
        if (!kept) {
            kept.emplace();
            kept->ordered = is_ordered();
        }
        if (kept->ordered) {
            return merge_along(piece, end, ranks, *kept);
        }
        return piece.size() <= short_piece ? merge_short(piece, end, ranks)
                                           : merge_by_heap(piece, end, ranks);
    }

    /// Whether every token that merging makes is made of two of lower rank, so that it can be told
    /// from two neighbours alone whether they are joined.
    [[nodiscard]] auto is_ordered() const -> bool { return learned().ordered; }

    /// The same, found out by merging the bytes of every token by themselves.
    [[nodiscard]] auto is_ordered_by_definition() const -> bool
    {
        auto const& all = table_.tokens();
        std::vector<std::uint32_t> ranks(table_.longest());
        for (std::uint32_t rank = 0; rank < all.size(); ++rank) {
            if (all[rank].size() > 1 && merge_below(rank, ranks.data(), rank) != 2 &&
                merge_below(rank, ranks.data(), no_rank) == 1) {
                return false;
            }
        }
        return true;
    }

    /// The ranks of the two tokens that are joined to this one; no_rank twice for one that merging
    /// does not make, such as a byte.
    [[nodiscard]] auto halves(std::uint32_t rank) const -> token_halves
    {
        learned();
        return known_halves(rank);
    }

private:
    static constexpr std::size_t most_tokens = 1'000'000;
    static constexpr std::size_t few_bytes = 12, short_piece = 32;
    static constexpr std::uint64_t unknown = 0; // no token is made of rank 0 twice and is a byte

    /// What merging long pieces needs. Made when the first is there.
    struct knowledge {
        std::once_flag once;
        std::unique_ptr<std::atomic<std::uint64_t>[]> halves; ///< left, and below it right
        bool ordered = false;
    };

    explicit byte_bpe(token_table table)
        : table_(std::move(table)), lengths_(table_.tokens()), pairs_(65536, no_rank),
          knowledge_(std::make_unique<knowledge>())
    {
    }

    auto learned() const -> knowledge const&
    {
        std::call_once(knowledge_->once, [&] {
            auto& k = *knowledge_;
            k.halves = std::make_unique<std::atomic<std::uint64_t>[]>(table_.tokens().size());
            k.ordered =
                detail::is_known_to_be_ordered(table_.tokens()) || is_ordered_by_definition();
        });
        return *knowledge_;
    }

    /// Merges the bytes of a token with those of lower rank than below.
    auto merge_below(std::uint32_t rank, std::uint32_t* ranks, std::uint32_t below) const
        -> std::size_t
    {
        auto const token = table_.tokens()[rank];
        auto const end = table_.tokens().end_of_bytes();
        return token.size() <= short_piece ? merge_short(token, end, ranks, below)
                                           : merge_by_heap(token, end, ranks, below);
    }

    /// Once learned.
    auto known_halves(std::uint32_t rank) const -> token_halves
    {
        auto& known = knowledge_->halves[rank];
        auto both = known.load(std::memory_order_relaxed);
        if (both == unknown) { // two threads may find out the same
            both = find_halves(rank);
            known.store(both, std::memory_order_relaxed);
        }
        return {static_cast<std::uint32_t>(both >> 32U), static_cast<std::uint32_t>(both)};
    }

    auto find_halves(std::uint32_t rank) const -> std::uint64_t
    {
        std::vector<std::uint32_t> ranks(length_of(rank));
        return ranks.size() > 1 && merge_below(rank, ranks.data(), rank) == 2
                   ? std::uint64_t{ranks[0]} << 32U | ranks[1]
                   : ~std::uint64_t{0};
    }

    static auto pair_of(char const* at) -> std::size_t
    {
        return static_cast<unsigned char>(at[0]) * 256U + static_cast<unsigned char>(at[1]);
    }

    [[nodiscard]] auto length_of(std::uint32_t rank) const -> std::size_t
    {
        return table_.tokens()[rank].size();
    }

    /// Whether merging leaves two tokens as they are that meet at a place in a text: takes back,
    /// one by one, the joins that made them, the latest first, and looks whether what met at the
    /// place would have been joined before. Source: github/rust-gems, crates/bpe,
    /// is_valid_token_pair.
    auto stay_apart(std::uint32_t left, std::uint32_t right, char const* place,
                    char const* end) const -> bool
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
                left = known_halves(left).right;
            } else {
                before = right + 1; // of equal ranks, the first is joined first
                right = known_halves(right).left;
            }
        }
    }

    struct found {
        std::uint32_t rank;
        std::size_t length;
    };

    /// The longest token of at most `most` bytes at a place that has as many; there is one of each
    /// byte.
    auto longest_at(char const* at, std::size_t most, char const* end) const -> found
    {
        if (most >= detail::token_lengths::first_bytes) {
            for (auto lengths = lengths_.at(at, most); lengths != 0;) {
                auto const length = static_cast<std::size_t>(std::bit_width(lengths)) - 1;
                if (length == detail::token_lengths::most) {
                    if (auto const one = longest_of_many(at, most); one.length != 0) {
                        return one;
                    }
                } else if (auto const rank = table_.find(at, length, end); rank != no_rank) {
                    return {rank, length};
                }
                lengths ^= std::uint64_t{1} << length;
            }
        }
        if (most >= 2 && pairs_[pair_of(at)] != no_rank) {
            return {pairs_[pair_of(at)], 2};
        }
        return {bytes_[static_cast<unsigned char>(*at)], 1};
    }

    /// The same of tokens that are too long to be told apart by token_lengths.
    [[nodiscard]] auto longest_of_many(char const* at, std::size_t most) const -> found
    {
        for (auto length = std::min(most, table_.longest()); length >= detail::token_lengths::most;
             --length) {
            auto const rank = table_.find(at, length, at + length);
            if (rank != no_rank) {
                return {rank, length};
            }
        }
        return {no_rank, 0};
    }

    /// Goes along the piece, takes the longest token that may stand beside the one before, and goes
    /// back where none may. Every place is given up at most once.
    /// Source: github/rust-gems, crates/bpe, BacktrackEncoder.
    auto merge_along(std::string_view piece, char const* end, std::uint32_t* ranks,
                     scratch& kept) const -> std::size_t
    {
        auto const* const begin = piece.data();
        kept.dead.assign(piece.size() + 1, false);
        std::size_t count = 0;
        std::size_t most = piece.size();
        for (std::size_t at = 0; at < piece.size();) {
            auto const is_made = [&](found const& next) {
                return next.length == 1 || known_halves(next.rank).left != no_rank;
            };
            auto const fits = [&](found const& next) {
                if (kept.dead[at + next.length] || count == 0) {
                    return !kept.dead[at + next.length] && is_made(next);
                }
                auto const before = ranks[count - 1];
                return kept.neighbours.are_apart(before, next.rank, [&] {
                    return is_made(next) && stay_apart(before, next.rank, begin + at, end);
                });
            };
            auto next = longest_at(begin + at, most, end);
            while (next.length > 1 && !fits(next)) {
                next = longest_at(begin + at, next.length - 1, end);
            }
            if (next.length > 1 || fits(next)) {
                ranks[count++] = next.rank;
                at += next.length;
                most = piece.size() - at;
                continue;
            }
            do { // back to a token that may be shorter
                HAIGA_CHECK(count > 0, "a piece of ", piece.size(), " bytes has no tokens");
                kept.dead[at] = true;
                most = length_of(ranks[--count]) - 1;
                at -= most + 1;
            } while (most == 0);
        }
        return count;
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
    detail::token_lengths lengths_;
    std::array<std::uint32_t, 256> bytes_{};
    std::vector<std::uint32_t> pairs_; ///< ranks of tokens of two bytes
    std::unique_ptr<knowledge> knowledge_;
};

} // namespace haiga::tokenizer
