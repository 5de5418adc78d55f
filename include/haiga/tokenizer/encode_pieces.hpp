#pragma once

#include "haiga/tokenizer/byte_bpe.hpp"
#include "haiga/tokenizer/character_class.hpp"

namespace haiga::tokenizer::detail {

/// What pieces that are no tokens have become, for when the same text has them again. Bounded, and
/// of one text alone: nothing is kept from one call to the next.
class piece_cache {
public:
    struct entry {
        token_key key;            ///< of a longer piece, its hash
        char const* at = nullptr; ///< where in the text a longer piece is
        std::uint32_t length = 0;
        std::uint32_t count = 0;
        std::uint32_t ranks[8];

        [[nodiscard]] auto is(token_key const& of, char const* piece, std::size_t bytes) const
            -> bool
        {
            return key == of && length == bytes &&
                   (bytes <= longest_key || std::memcmp(at, piece, bytes) == 0);
        }
    };
    static constexpr std::size_t longest_piece = 64;

    explicit piece_cache(std::size_t text_bytes)
        : entries_(text_bytes < least_text
                       ? 1
                       : std::bit_ceil(std::min(text_bytes / bytes_an_entry, most_entries))),
          shift_(static_cast<unsigned>(64 - std::countr_zero(entries_.size())))
    {
    }

    /// Where the piece of a key is, or what may be written over.
    auto at(std::uint64_t hash) -> entry& { return entries_[shift_ < 64 ? hash >> shift_ : 0]; }

private:
    static constexpr std::size_t least_text = 1024, bytes_an_entry = 64, most_entries = 8192;

    std::vector<entry> entries_;
    unsigned shift_;
};

/// Cuts a text into pieces and those into tokens, whose ranks go to sink: add(rank), add(ranks).
/// Every few pieces sink.full() is asked whether that is enough, and for a long piece
/// sink.skips(tokens), whether a piece of so many tokens at least need not be cut. A sink that has
/// ends(place) is told where each piece ends behind its ranks.
template <class Split>
class piece_encoder {
public:
    piece_encoder(byte_bpe const& bpe, std::string_view text)
        : bpe_(bpe), at_(text.data()), end_(text.data() + text.size()), cache_(text.size())
    {
    }

    template <class Sink>
    void run(Sink& sink)
    {
        while (at_ != end_ && !sink.full()) {
            auto const count = cut();
            for (std::size_t i = 0; i < count; ++i) {
                auto const& p = pieces_[i];
                auto const rank = p.length <= longest_key
                                      ? bpe_.table().find(p.key, p.hash)
                                      : bpe_.table().find_long(p.at, p.length, p.hash);
                if (rank != no_rank) [[likely]] {
                    sink.add(rank);
                } else {
                    sink.add(merge(p, sink));
                }
                if constexpr (requires { sink.ends(p.at); }) {
                    sink.ends(p.at + p.length);
                }
            }
        }
    }

private:
    struct piece {
        token_key key;
        std::uint64_t hash;
        char const* at;
        std::size_t length;
    };

    /// The next pieces. Where a token of a piece would be is fetched while the others are cut.
    auto cut() -> std::size_t
    {
        std::size_t count = 0;
        for (; count < pieces_.size() && at_ != end_; ++count) {
            auto& p = pieces_[count];
            auto const* const next = Split::piece(classes_, at_, end_);
            p.at = at_;
            p.length = static_cast<std::size_t>(next - at_);
            if (p.length <= longest_key) {
                p.key = key_of(at_, p.length, end_);
                p.hash = p.key.hash();
                bpe_.table().prefetch(p.hash);
            } else if (p.length <= longest_hashed_) {
                p.hash = hash_of(at_, p.length);
                p.key = {p.hash, 0};
            }
            at_ = next;
        }
        return count;
    }

    /// The ranks of a piece that is no token.
    template <class Sink>
    auto merge(piece const& p, Sink& sink) -> std::span<std::uint32_t const>
    {
        ranks_.resize(std::max({ranks_.size(), p.length}));
        if (p.length > piece_cache::longest_piece) {
            if (sink.skips(p.length / bpe_.table().longest())) {
                return {};
            }
            return {ranks_.data(), bpe_.merge({p.at, p.length}, end_, ranks_.data(), scratch_)};
        }
        auto& known = cache_.at(p.hash);
        if (!known.is(p.key, p.at, p.length)) {
            auto const count = bpe_.merge({p.at, p.length}, end_, ranks_.data(), scratch_);
            if (count > std::size(known.ranks)) {
                return {ranks_.data(), count};
            }
            known.key = p.key;
            known.at = p.at;
            known.length = static_cast<std::uint32_t>(p.length);
            known.count = static_cast<std::uint32_t>(count);
            std::copy_n(ranks_.data(), count, known.ranks);
        }
        return {known.ranks, known.count};
    }

    byte_bpe const& bpe_;
    std::size_t longest_hashed_ = std::max(bpe_.table().longest(), piece_cache::longest_piece);
    character_classes const& classes_ = character_classes::get();
    char const* at_;
    char const* end_;
    std::array<piece, 32> pieces_;
    std::vector<std::uint32_t> ranks_;
    std::optional<byte_bpe::scratch> scratch_;
    piece_cache cache_;
};

} // namespace haiga::tokenizer::detail
