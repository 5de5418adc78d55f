#pragma once

#include "haiga/base/result.hpp"
#include "haiga/tokenizer/token_key.hpp"
#include "haiga/tokenizer/token_list.hpp"

namespace haiga::tokenizer {

inline constexpr std::uint32_t no_rank = 0xffff'ffffU;

namespace detail {

/// Keys to ranks. A bucket is a cache line: what is asked for mostly is read from one.
class key_table {
public:
    explicit key_table(std::size_t keys)
        : buckets_(std::bit_ceil(keys * 5 / 8 + 4)),
          shift_(static_cast<unsigned>(64 - std::countr_zero(buckets_.size()))),
          filter_(buckets_.size() / 4), filter_shift_(shift_ - 4)
    {
    }

    /// Whether there may be a key of this hash: a small table that tells most of those that there
    /// are not.
    [[nodiscard]] auto may_have(std::uint64_t hash) const -> bool
    {
        auto const bit = hash >> filter_shift_;
        return (filter_[bit / 64] >> bit % 64 & 1U) != 0;
    }

    void prefetch(std::uint64_t hash) const
    {
#if defined(__GNUC__) || defined(__clang__)
        __builtin_prefetch(&buckets_[hash >> shift_]);
#else
        static_cast<void>(hash);
#endif
    }

    [[nodiscard]] auto find(token_key const& key, std::uint64_t hash) const -> std::uint32_t
    {
        for (auto at = hash >> shift_;; at = next(at)) {
            auto const& b = buckets_[at];
            auto rank = no_rank;
            for (std::size_t i = 0; i < places; ++i) {
                auto const differs = (b.low[i] ^ key.low) | (b.high[i] ^ key.high);
                rank = differs == 0 ? b.rank[i] : rank;
            }
            if (rank != no_rank || b.overflows == 0) [[likely]] {
                return rank;
            }
        }
    }

    /// Whether there was place: not behind a hundred buckets that are full.
    auto insert(token_key const& key, std::uint32_t rank) -> bool
    {
        auto const bit = key.hash() >> filter_shift_;
        filter_[bit / 64] |= std::uint64_t{1} << bit % 64;
        auto at = key.hash() >> shift_;
        for (int full = 0; full < 100; ++full, at = next(at)) {
            auto& b = buckets_[at];
            for (std::size_t i = 0; i < places; ++i) {
                if (b.high[i] == 0) { // where a key has its length
                    b.low[i] = key.low;
                    b.high[i] = key.high;
                    b.rank[i] = rank;
                    return true;
                }
            }
            b.overflows = 1;
        }
        return false;
    }

private:
    static constexpr std::size_t places = 3;
    struct alignas(64) bucket {
        std::uint64_t low[places], high[places];
        std::uint32_t rank[places];
        std::uint32_t overflows;
    };

    [[nodiscard]] auto next(std::uint64_t at) const -> std::uint64_t
    {
        return (at + 1) & (buckets_.size() - 1);
    }

    std::vector<bucket> buckets_;
    unsigned shift_;
    std::vector<std::uint64_t> filter_; ///< sixteen bits a bucket
    unsigned filter_shift_;
};

} // namespace detail

/// Finds tokens by their bytes.
///
/// Cost: a bucket of one cache line for up to 15 bytes; more are hashed and compared.
class token_table {
public:
    /// Errors: invalid for two tokens of the same bytes, and where too many have one hash.
    static auto make(token_list tokens) -> result<token_table>
    {
        token_table made(std::move(tokens));
        for (std::uint32_t rank = 0; rank < made.tokens_.size(); ++rank) {
            HAIGA_TRY_VOID(made.insert(rank));
        }
        return made;
    }

    [[nodiscard]] auto tokens() const -> token_list const& { return tokens_; }
    [[nodiscard]] auto longest() const -> std::size_t { return longest_; }

    void prefetch(std::uint64_t hash) const { keys_.prefetch(hash); }
    [[nodiscard]] auto find(detail::token_key const& key, std::uint64_t hash) const
    {
        return keys_.find(key, hash);
    }

    /// The rank of a token; no_rank where there is none. What lies between it and `end` may be
    /// read.
    [[nodiscard]] auto find(char const* at, std::size_t length, char const* end) const
        -> std::uint32_t
    {
        if (length <= detail::longest_key) {
            auto const key = detail::key_of(at, length, end);
            auto const hash = key.hash();
            return keys_.may_have(hash) ? keys_.find(key, hash) : no_rank;
        }
        return length > longest_ ? no_rank : find_long(at, length, detail::hash_of(at, length));
    }

    /// Of more bytes than a key has. hash: hash_of them, if they are no more than longest().
    [[nodiscard]] auto find_long(char const* at, std::size_t length, std::uint64_t hash) const
        -> std::uint32_t
    {
        if (length > longest_) {
            return no_rank;
        }
        for (auto place = first_place(hash);; place = next_place(place)) {
            auto const& [low, rank] = long_[place];
            if (rank == no_rank || (low == static_cast<std::uint32_t>(hash) &&
                                    tokens_[rank] == std::string_view(at, length))) {
                return rank;
            }
        }
    }

private:
    struct long_token {
        std::uint32_t hash = 0;
        std::uint32_t rank = no_rank;
    };

    explicit token_table(token_list tokens)
        : tokens_(std::move(tokens)), keys_(count(false)), long_(std::bit_ceil(2 * count(true) + 2))
    {
    }

    [[nodiscard]] auto count(bool of_long) const -> std::size_t
    {
        std::size_t found = 0;
        for (std::size_t rank = 0; rank < tokens_.size(); ++rank) {
            found += (tokens_[rank].size() > detail::longest_key) == of_long ? 1U : 0U;
        }
        return found;
    }

    auto insert(std::uint32_t rank) -> result<>
    {
        auto const token = tokens_[rank];
        if (token.empty()) {
            return {};
        }
        longest_ = std::max(longest_, token.size());
        auto const same =
            token.size() > detail::longest_key ? insert_long(token, rank) : insert_key(token, rank);
        if (same == no_rank) {
            return {};
        }
        return same != rank
                   ? fail(errc::invalid, "tokens ", same, " and ", rank, " are the same: \"",
                          one_line(token, 80), '"')
                   : fail(errc::invalid, "too many tokens hash like \"", one_line(token, 80), '"');
    }

    /// no_rank, the rank of the same token, or the rank itself where there is no place.
    auto insert_key(std::string_view token, std::uint32_t rank) -> std::uint32_t
    {
        auto const key = detail::key_of(token.data(), token.size(), tokens_.end_of_bytes());
        auto const same = keys_.find(key, key.hash());
        return same != no_rank || keys_.insert(key, rank) ? same : rank;
    }

    auto insert_long(std::string_view token, std::uint32_t rank) -> std::uint32_t
    {
        constexpr int most = 1000; // places that are taken
        auto const hash = detail::hash_of(token.data(), token.size());
        auto at = first_place(hash);
        for (int taken = 0; taken < most; ++taken, at = next_place(at)) {
            auto& place = long_[at];
            if (place.rank == no_rank) {
                place = {static_cast<std::uint32_t>(hash), rank};
                return no_rank;
            }
            if (tokens_[place.rank] == token) {
                return place.rank;
            }
        }
        return rank;
    }

    [[nodiscard]] auto first_place(std::uint64_t hash) const -> std::size_t
    {
        return static_cast<std::size_t>(hash >> 32U) & (long_.size() - 1);
    }
    [[nodiscard]] auto next_place(std::size_t at) const -> std::size_t
    {
        return (at + 1) & (long_.size() - 1);
    }

    token_list tokens_;
    detail::key_table keys_;
    std::vector<long_token> long_;
    std::size_t longest_ = 0;
};

} // namespace haiga::tokenizer
