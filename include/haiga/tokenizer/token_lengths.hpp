#pragma once

#include "haiga/tokenizer/token_list.hpp"

#include <bit>
#include <cstring>

namespace haiga::tokenizer::detail {

/// Which lengths tokens have that may begin like a text. Says yes of some lengths too many, and
/// never no of one that a token has.
class token_lengths {
public:
    static constexpr std::size_t first_bytes = 3; ///< shorter tokens are not told
    static constexpr std::size_t most = 63;       ///< this bit stands for all longer ones too

    explicit token_lengths(token_list const& tokens) : lengths_(places), beginnings_(places / 64)
    {
        for (std::size_t rank = 0; rank < tokens.size(); ++rank) {
            auto const token = tokens[rank];
            if (token.size() >= first_bytes) {
                lengths_[place_of(token.data())] |= std::uint64_t{1}
                                                    << std::min(token.size(), most);
            }
            if (token.size() > longest_key) {
                auto const bit = bit_of(token.data());
                beginnings_[bit / 64] |= std::uint64_t{1} << bit % 64;
            }
        }
    }

    /// Bit n: there may be a token of n bytes at a place with `left` bytes, at least first_bytes.
    [[nodiscard]] auto at(char const* text, std::size_t left) const -> std::uint64_t
    {
        constexpr std::uint64_t one = 1, of_keys = (one << (longest_key + 1)) - 1;
        auto lengths = lengths_[place_of(text)];
        if (left < most) {
            lengths &= (one << (left + 1)) - 1;
        }
        if ((lengths & ~of_keys) != 0) {
            auto const bit = bit_of(text);
            lengths &= (beginnings_[bit / 64] >> bit % 64 & 1U) != 0 ? ~std::uint64_t{0} : of_keys;
        }
        return lengths;
    }

private:
    static constexpr std::size_t places = 1U << 16U;

    static auto place_of(char const* text) -> std::size_t
    {
        auto const byte = [&](int i) { return std::uint32_t{static_cast<unsigned char>(text[i])}; };
        auto const first = byte(0) << 16U | byte(1) << 8U | byte(2);
        return first * 0x9e37'79b1U >> 16U;
    }

    /// Of the first bytes of a long token, as many as a key has and one more.
    static auto bit_of(char const* text) -> std::size_t
    {
        token_key key;
        std::memcpy(&key, text, sizeof key);
        return key.hash() >> 48U;
    }

    std::vector<std::uint64_t> lengths_;
    std::vector<std::uint64_t> beginnings_; ///< bits: whether a long token may begin so
};

} // namespace haiga::tokenizer::detail
