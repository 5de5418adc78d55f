#pragma once

#include "haiga/base/bytes.hpp"
#include "haiga/base/config.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#if HAIGA_X86_DISPATCH
#include <wmmintrin.h>
#endif

namespace haiga {

namespace detail {

/// Eight tables: entry i of table k is what byte i leaves after k more bytes of zero.
inline auto crc32_tables() -> std::array<std::array<std::uint32_t, 256>, 8> const&
{
    static constexpr auto made = [] {
        std::array<std::array<std::uint32_t, 256>, 8> tables{};
        for (std::uint32_t i = 0; i < 256; ++i) {
            auto entry = i;
            for (int bit = 0; bit < 8; ++bit) {
                entry = (entry & 1U) != 0 ? (entry >> 1U) ^ 0xedb8'8320U : entry >> 1U;
            }
            tables[0][i] = entry;
        }
        for (std::size_t k = 1; k < 8; ++k) {
            for (std::size_t i = 0; i < 256; ++i) {
                auto const before = tables[k - 1][i];
                tables[k][i] = (before >> 8U) ^ tables[0][before & 0xffU];
            }
        }
        return tables;
    }();
    return made;
}

/// Source: Kounavis and Berry, "A systematic approach to building high performance software-based
///         CRC generators", 2005 (slicing by 8).
inline auto crc32_by_tables(std::uint32_t state, std::span<std::byte const> bytes) -> std::uint32_t
{
    auto const& tables = crc32_tables();
    for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
        auto const word = load_le<std::uint64_t>(bytes) ^ state;
        state = 0;
        for (unsigned k = 0; k < 8; ++k) {
            state ^= tables[7 - k][static_cast<std::size_t>((word >> (8 * k)) & 0xffU)];
        }
    }
    for (auto const byte : bytes) {
        auto const index = (state ^ std::to_integer<std::uint32_t>(byte)) & 0xffU;
        state = tables[0][index] ^ (state >> 8U);
    }
    return state;
}

#if HAIGA_X86_DISPATCH
/// Sixteen bytes further on: the halves of x times two powers of the variable, plus what is there.
[[gnu::target("pclmul")]] inline auto crc32_fold(__m128i x, __m128i powers, __m128i there)
    -> __m128i
{
    return _mm_xor_si128(
        _mm_xor_si128(_mm_clmulepi64_si128(x, powers, 0x00), _mm_clmulepi64_si128(x, powers, 0x11)),
        there);
}

/// For a multiple of 16 bytes, 64 at least.
/// Source: Gopal et al., "Fast CRC computation for generic polynomials using PCLMULQDQ
///         instruction", Intel 2009; the constants are those of its bit-reflected example.
[[gnu::target("pclmul")]] inline auto crc32_by_products(std::uint32_t state,
                                                        std::span<std::byte const> bytes)
    -> std::uint32_t
{
    auto const load = [&](std::size_t i) {
        return _mm_loadu_si128(reinterpret_cast<__m128i const*>(bytes.data() + 16 * i));
    };
    auto const by_64 = _mm_set_epi64x(0x1'c6e4'1596, 0x1'5444'2bd4);
    auto const by_16 = _mm_set_epi64x(0x0'ccaa'009e, 0x1'7519'97d0);
    auto a = _mm_xor_si128(load(0), _mm_cvtsi32_si128(static_cast<int>(state)));
    auto b = load(1);
    auto c = load(2);
    auto d = load(3);
    for (bytes = bytes.subspan(64); bytes.size() >= 64; bytes = bytes.subspan(64)) {
        a = crc32_fold(a, by_64, load(0));
        b = crc32_fold(b, by_64, load(1));
        c = crc32_fold(c, by_64, load(2));
        d = crc32_fold(d, by_64, load(3));
    }
    a = crc32_fold(crc32_fold(crc32_fold(a, by_16, b), by_16, c), by_16, d);
    for (; bytes.size() >= 16; bytes = bytes.subspan(16)) {
        a = crc32_fold(a, by_16, load(0));
    }
    // the 16 bytes that are left have the same remainder as all before them
    std::array<std::byte, 16> rest{};
    _mm_storeu_si128(reinterpret_cast<__m128i*>(rest.data()), a);
    return crc32_by_tables(0, rest);
}
#endif

} // namespace detail

/// CRC-32 of zip and PNG: tells damaged bytes from whole ones; no protection against intent.
/// Source: ISO-HDLC (ITU-T V.42, 8.1.1.6.2), reflected; of "123456789" it is 0xcbf43926.
/// Cost:   about a byte in a tenth of a cycle where the processor multiplies without carry.
class crc32 {
public:
    void add(std::span<std::byte const> bytes)
    {
#if HAIGA_X86_DISPATCH
        static bool const products = __builtin_cpu_supports("pclmul");
        if (products && bytes.size() >= 64) {
            auto const whole = bytes.size() / 16 * 16;
            state_ = detail::crc32_by_products(state_, bytes.first(whole));
            bytes = bytes.subspan(whole);
        }
#endif
        state_ = detail::crc32_by_tables(state_, bytes);
    }
    [[nodiscard]] auto value() const -> std::uint32_t { return ~state_; }

private:
    std::uint32_t state_ = ~std::uint32_t{0};
};

} // namespace haiga
