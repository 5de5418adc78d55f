#pragma once

#include "haiga/base/box_muller.hpp"
#include "haiga/base/check.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>

namespace haiga {

/// Philox4x32-10: four random words for each counter and key.
/// Source: Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3,
/// doi:10.1145/2063384.2063405.
constexpr auto philox4x32(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key)
    -> std::array<std::uint32_t, 4>
{
    for (int round = 0; round < 10; ++round) {
        auto const a = std::uint64_t{0xD2511F53U} * counter[0];
        auto const b = std::uint64_t{0xCD9E8D57U} * counter[2];
        counter = {static_cast<std::uint32_t>(b >> 32U) ^ counter[1] ^ key[0],
                   static_cast<std::uint32_t>(b),
                   static_cast<std::uint32_t>(a >> 32U) ^ counter[3] ^ key[1],
                   static_cast<std::uint32_t>(a)};
        key[0] += 0x9E3779B9U;
        key[1] += 0xBB67AE85U;
    }
    return counter;
}

/// The random numbers of one sample at one step: number i depends on nothing but the key and i, so
/// neither on the other samples nor on the threads or processes that share the work.
///
/// A std::uniform_random_bit_generator too, for a few draws in a row. 2^34 words, then it repeats.
class philox_sequence {
public:
    using result_type = std::uint32_t;

    constexpr philox_sequence(std::array<std::uint32_t, 2> key,
                              std::array<std::uint32_t, 3> counter)
        : key_(key), counter_(counter)
    {
    }

    /// Words 4 * index to 4 * index + 3.
    [[nodiscard]] constexpr auto block(std::uint32_t index) const -> std::array<std::uint32_t, 4>
    {
        return philox4x32({index, counter_[0], counter_[1], counter_[2]}, key_);
    }

    static constexpr auto min() -> std::uint32_t { return 0; }
    static constexpr auto max() -> std::uint32_t { return 0xffff'ffffU; }

    /// The next word.
    constexpr auto operator()() -> std::uint32_t
    {
        auto const word = block(static_cast<std::uint32_t>(next_ / 4))[next_ % 4];
        ++next_;
        return word;
    }

    /// The next word as a whole number in [0, bound). Each is as likely as the next to bound /
    /// 2^32.
    constexpr auto below(std::uint32_t bound) -> std::uint32_t
    {
        HAIGA_CHECK(bound > 0);
        return static_cast<std::uint32_t>((std::uint64_t{(*this)()} * bound) >> 32U);
    }

    /// out[i] uniform in [0, 1), a multiple of 2^-24, from word i.
    void fill_uniform(std::span<float> out) const
    {
        for (std::size_t first = 0; first < out.size(); first += 4) {
            auto const words = block(static_cast<std::uint32_t>(first / 4));
            auto const count = std::min<std::size_t>(4, out.size() - first);
            for (std::size_t i = 0; i < count; ++i) {
                out[first + i] = static_cast<float>(words[i] >> 8U) * 0x1p-24F;
            }
        }
    }

    /// out[i] standard normal, out[2i] and out[2i + 1] from words 2i and 2i + 1.
    /// Source: Box and Muller 1958, doi:10.1214/aoms/1177706645. Range: |x| < 6.7.
    void fill_normal(std::span<float> out) const
    {
        constexpr std::size_t batch = 64;
        std::array<std::uint32_t, batch> words; // NOLINT: written before it is read
        std::array<float, batch> normals;       // NOLINT
        for (std::size_t first = 0; first < out.size(); first += batch) {
            auto const count = std::min(batch, out.size() - first);
            for (std::size_t i = 0; i < count; i += 4) {
                auto const four = block(static_cast<std::uint32_t>((first + i) / 4));
                std::copy(four.begin(), four.end(), words.begin() + static_cast<std::ptrdiff_t>(i));
            }
            for (std::size_t i = 0; i < count; i += 2) {
                normal_pair(words[i], words[i + 1], &normals[i]);
            }
            std::copy_n(normals.begin(), count, out.begin() + static_cast<std::ptrdiff_t>(first));
        }
    }

private:
    HAIGA_ALWAYS_INLINE static void normal_pair(std::uint32_t a, std::uint32_t b, float* out)
    {
        double const u = (a + 1.0) * 0x1p-32; // in (0, 1]: the logarithm is finite
        // the angle is b / 2^32 turns: the nearest quarter, and the exact rest
        auto const quarter = static_cast<std::int32_t>((b + 0x2000'0000ULL) >> 30U);
        double const rest = (b * 0x1p-30 - quarter) * (std::numbers::pi / 2);
        double const radius = std::sqrt(-2 * detail::natural_log(u));
        auto const [sine, cosine] = detail::sincos_quarter(quarter, rest);
        out[0] = static_cast<float>(radius * cosine);
        out[1] = static_cast<float>(radius * sine);
    }

    std::array<std::uint32_t, 2> key_;
    std::array<std::uint32_t, 3> counter_;
    std::uint64_t next_ = 0;
};

/// Random numbers without a state: philox{seed, stream}.at(step, sample) gives the same numbers in
/// whatever order and wherever it is asked. Give each use (noise, time steps, dropout) a stream.
struct philox {
    std::uint64_t seed = 0;
    std::uint32_t stream = 0;

    /// sample: the number of the sample in the whole batch of all processes.
    [[nodiscard]] constexpr auto at(std::uint32_t step, std::uint32_t sample) const
        -> philox_sequence
    {
        return {{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U)},
                {sample, step, stream}};
    }
};

} // namespace haiga
