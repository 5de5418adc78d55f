#pragma once

#include "haiga/base/bytes.hpp"
#include "haiga/base/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace haiga::io::detail {

/// Bits, the lowest of each byte first. What is read beyond the end is zero; is_beyond() then says
/// so.
class bit_reader {
public:
    explicit bit_reader(std::span<std::byte const> bytes) : bytes_(bytes) {}

    auto take(unsigned count) -> std::uint32_t
    {
        while (held_ < count) {
            auto const byte = at_ < bytes_.size() ? std::to_integer<std::uint64_t>(bytes_[at_]) : 0;
            ++at_;
            bits_ |= byte << held_;
            held_ += 8;
        }
        auto const value = static_cast<std::uint32_t>(bits_ & ((std::uint64_t{1} << count) - 1));
        bits_ >>= count;
        held_ -= count;
        return value;
    }

    void skip_to_byte() { take(held_ % 8); }
    [[nodiscard]] auto is_beyond() const -> bool { return offset() > bytes_.size(); }
    /// Of the first byte of which no bit was taken.
    [[nodiscard]] auto offset() const -> std::size_t { return at_ - held_ / 8; }

private:
    std::span<std::byte const> bytes_;
    std::size_t at_ = 0;
    std::uint64_t bits_ = 0;
    unsigned held_ = 0;
};

/// A canonical Huffman code, read bit by bit. Source: RFC 1951, 3.2.2.
class huffman_code {
public:
    static constexpr unsigned longest = 15;

    /// lengths: of each symbol's code; 0 for symbols that do not occur.
    explicit huffman_code(std::span<std::uint8_t const> lengths)
    {
        for (auto const length : lengths) {
            ++counts_[length];
        }
        counts_[0] = 0;
        std::array<std::uint16_t, longest + 2> starts{};
        for (unsigned length = 1; length <= longest; ++length) {
            left_ = 2 * left_ - counts_[length];
            starts[length + 1] = static_cast<std::uint16_t>(starts[length] + counts_[length]);
            if (left_ < 0) {
                return;
            }
        }
        symbols_.resize(starts[longest + 1]);
        for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
            if (lengths[symbol] != 0) {
                symbols_[starts[lengths[symbol]]++] = static_cast<std::uint16_t>(symbol);
            }
        }
    }

    /// No bits mean two symbols; and all mean one, but that a code of one symbol has one bit.
    [[nodiscard]] auto is_valid() const -> bool
    {
        return left_ == 0 || (left_ > 0 && symbols_.size() <= 1);
    }

    /// The next symbol, or -1 where the bits are none's.
    auto take(bit_reader& bits) const -> int
    {
        int code = 0, first = 0, index = 0;
        for (unsigned length = 1; length <= longest; ++length) {
            code |= static_cast<int>(bits.take(1));
            int const count = counts_[length];
            if (code - first < count) {
                return symbols_[static_cast<std::size_t>(index + code - first)];
            }
            index += count;
            first = (first + count) * 2;
            code *= 2;
        }
        return -1;
    }

private:
    std::array<std::uint16_t, longest + 1> counts_{};
    std::vector<std::uint16_t> symbols_;
    int left_ = 1; ///< codes of the longest length that no symbol has; below 0: too many have one
};

/// Source: RFC 1951, 3.2.
class inflater {
public:
    inflater(std::span<std::byte const> bytes, std::size_t max_bytes)
        : bits_(bytes), max_bytes_(max_bytes)
    {
    }

    auto run() -> result<std::vector<std::byte>>
    {
        for (bool is_last = false; !is_last;) {
            is_last = bits_.take(1) == 1;
            auto const kind = bits_.take(2);
            HAIGA_TRY_VOID(kind == 0   ? stored()
                           : kind == 1 ? compressed(fixed_literals(), fixed_distances())
                           : kind == 2 ? with_codes()
                                       : broken("a block of an unknown kind"));
            if (bits_.is_beyond()) {
                return fail(errc::truncated, "deflate: ends inside a block");
            }
        }
        return std::move(out_);
    }

    [[nodiscard]] auto used() const -> std::size_t { return bits_.offset(); }

private:
    [[nodiscard]] auto broken(char const* what) const -> result<>
    {
        return tl::unexpected(failure{errc::invalid, concat("deflate: ", what), bits_.offset()});
    }

    auto room_for(std::size_t count) const -> result<>
    {
        if (bits_.is_beyond()) {
            return fail(errc::truncated, "deflate: ends inside a block");
        }
        if (count > max_bytes_ - out_.size()) {
            return fail(errc::too_large, "deflate: more than ", max_bytes_, " bytes");
        }
        return {};
    }

    auto stored() -> result<>
    {
        bits_.skip_to_byte();
        auto const length = bits_.take(16);
        if (bits_.take(16) != (length ^ 0xffffU)) {
            return broken("the length of a stored block contradicts itself");
        }
        for (std::uint32_t i = 0; i < length; ++i) {
            HAIGA_TRY_VOID(room_for(1));
            out_.push_back(static_cast<std::byte>(bits_.take(8)));
        }
        return {};
    }

    static auto fixed_literals() -> huffman_code
    {
        std::array<std::uint8_t, 288> lengths{};
        for (std::size_t i = 0; i < lengths.size(); ++i) {
            lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
        }
        return huffman_code(lengths);
    }

    static auto fixed_distances() -> huffman_code
    {
        std::array<std::uint8_t, 32> lengths{};
        lengths.fill(5);
        return huffman_code(lengths);
    }

    /// A block that begins with its codes, whose lengths are in a code themselves.
    auto with_codes() -> result<>
    {
        auto const literals = bits_.take(5) + 257;
        auto const distances = bits_.take(5) + 1;
        auto const meta = bits_.take(4) + 4;
        constexpr std::uint8_t order[] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                          11, 4,  12, 3, 13, 2, 14, 1, 15};
        std::array<std::uint8_t, 19> meta_lengths{};
        for (std::uint32_t i = 0; i < meta; ++i) {
            meta_lengths[order[i]] = static_cast<std::uint8_t>(bits_.take(3));
        }
        huffman_code const of_lengths(meta_lengths);
        std::vector<std::uint8_t> lengths;
        while (of_lengths.is_valid() && lengths.size() < literals + distances) {
            auto const symbol = of_lengths.take(bits_);
            if (symbol < 0 || bits_.is_beyond() || (symbol == 16 && lengths.empty())) {
                break;
            }
            auto const value = symbol < 16    ? static_cast<std::uint8_t>(symbol)
                               : symbol == 16 ? lengths.back()
                                              : std::uint8_t{0};
            auto const times = symbol < 16    ? 1
                               : symbol == 16 ? 3 + bits_.take(2)
                               : symbol == 17 ? 3 + bits_.take(3)
                                              : 11 + bits_.take(7);
            lengths.insert(lengths.end(), times, value);
        }
        if (lengths.size() != literals + distances) {
            return broken("the lengths of a block's codes are wrong");
        }
        auto const all = std::span<std::uint8_t const>(lengths);
        return compressed(huffman_code(all.first(literals)), huffman_code(all.subspan(literals)));
    }

    auto compressed(huffman_code const& literals, huffman_code const& distances) -> result<>
    {
        if (!literals.is_valid() || !distances.is_valid()) {
            return broken("the code of a block is no code");
        }
        for (;;) {
            auto const symbol = literals.take(bits_);
            HAIGA_TRY_VOID(room_for(1));
            if (symbol == 256) {
                return {};
            }
            if (symbol < 0 || symbol > 285) {
                return broken("a symbol that there is not");
            }
            if (symbol < 256) {
                out_.push_back(static_cast<std::byte>(symbol));
            } else {
                HAIGA_TRY_VOID(copy(static_cast<std::uint32_t>(symbol) - 257, distances));
            }
        }
    }

    /// What was written before, once more. Source: RFC 1951, 3.2.5: the tables follow these rules.
    auto copy(std::uint32_t kind, huffman_code const& distances) -> result<>
    {
        auto const length_bits = kind < 8 || kind == 28 ? 0 : kind / 4 - 1;
        auto const length_start = kind < 8     ? kind + 3
                                  : kind == 28 ? 258
                                               : ((4 + kind % 4) << length_bits) + 3;
        auto const length = length_start + bits_.take(length_bits);
        auto const symbol = distances.take(bits_);
        if (symbol < 0 || symbol > 29) {
            return broken("a distance that there is not");
        }
        auto const far = static_cast<std::uint32_t>(symbol);
        auto const far_bits = far < 4 ? 0 : far / 2 - 1;
        auto const distance =
            (far < 4 ? far : (2 + far % 2) << far_bits) + 1 + bits_.take(far_bits);
        if (distance > out_.size()) {
            return broken("a copy from before the beginning");
        }
        HAIGA_TRY_VOID(room_for(length));
        for (std::uint32_t i = 0; i < length; ++i) {
            out_.push_back(out_[out_.size() - distance]);
        }
        return {};
    }

    bit_reader bits_;
    std::size_t max_bytes_;
    std::vector<std::byte> out_;
};

} // namespace haiga::io::detail
