#pragma once

#include "haiga/base/box_muller.hpp"
#include "haiga/base/check.hpp"
#include "haiga/base/result.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <numeric>
#include <optional>
#include <span>

namespace haiga {

/// torch's CPU generator: the same seed gives the numbers that torch.Generator("cpu") gives.
///
/// Whole numbers and uniforms are the same bits. Normals are correctly rounded here and off by up
/// to 3 units in the last place in torch, whose own differ between builds and instruction sets: of
/// 10^6 numbers of its AVX2 build 62 % are the same, 12,000 differ by 2 units and 23 by 3.
/// Source: Matsumoto and Nishimura 1998, doi:10.1145/272991.272995 (MT19937);
///         pytorch 2.15.0, ATen/core/DistributionsHelper.h,
///         ATen/native/cpu/DistributionTemplates.h.
class torch_generator {
public:
    static constexpr std::size_t words = 624;

    /// What a session keeps: with it the generator goes on where it was.
    struct state {
        std::array<std::uint32_t, words> mt{};
        std::uint32_t next = words;           ///< index of the next word; words: twist first
        std::optional<double> spare_normal{}; ///< second of a pair, from normal()
        friend auto operator==(state const&, state const&) -> bool = default;
    };

    explicit torch_generator(std::uint64_t seed = 5489)
    {
        state_.mt[0] = static_cast<std::uint32_t>(seed);
        for (std::uint32_t i = 1; i < words; ++i) {
            auto const last = state_.mt[i - 1];
            state_.mt[i] = 1812433253U * (last ^ (last >> 30U)) + i;
        }
    }

    [[nodiscard]] auto save() const -> state const& { return state_; }

    /// Errors: invalid when next is beyond the words.
    static auto restore(state const& from) -> result<torch_generator>
    {
        if (from.next > words) {
            return fail(errc::invalid, "generator: next word ", from.next, " of ", words);
        }
        torch_generator generator;
        generator.state_ = from;
        return generator;
    }

    /// The next 32 bits.
    auto operator()() -> std::uint32_t
    {
        if (state_.next == words) {
            twist();
        }
        auto y = state_.mt[state_.next++];
        y ^= y >> 11U;
        y ^= (y << 7U) & 0x9d2c5680U;
        y ^= (y << 15U) & 0xefc60000U;
        return y ^ (y >> 18U);
    }

    /// torch.rand: in [0, 1), a multiple of 2^-24.
    auto uniform() -> float { return static_cast<float>((*this)() & 0xff'ffffU) * 0x1p-24F; }

    /// Tensor.uniform_(low, high), as the initialisers of torch.nn use it.
    void fill_uniform(std::span<float> out, float low = 0, float high = 1)
    {
        for (auto& x : out) {
            auto const value = std::fma(uniform(), high - low, low); // torch's builds fuse it
            x = value == high ? low : value;
        }
    }

    /// torch.randint(low, high).
    void fill_integers(std::span<std::int64_t> out, std::int64_t low, std::int64_t high)
    {
        HAIGA_CHECK(low < high, "empty range");
        auto const range = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
        for (auto& x : out) {
            auto const draw = range >= (1ULL << 28U) ? next64() : (*this)();
            x = static_cast<std::int64_t>(draw % range + static_cast<std::uint64_t>(low));
        }
    }

    /// torch.randperm(out.size()).
    void fill_permutation(std::span<std::int64_t> out)
    {
        HAIGA_CHECK(out.size() < 0xffff'ffffU / 20, "torch draws longer ones otherwise");
        std::iota(out.begin(), out.end(), std::int64_t{0});
        for (std::size_t i = 0; i + 1 < out.size(); ++i) {
            std::swap(out[i], out[i + (*this)() % (out.size() - i)]);
        }
    }

    /// torch.randn: below 16 numbers one by one, else in blocks of 16 of which the last may
    /// overlap.
    void fill_normal(std::span<float> out)
    {
        if (out.size() < 16) {
            std::generate(out.begin(), out.end(), [&] { return static_cast<float>(normal()); });
            return;
        }
        std::generate(out.begin(), out.end(), [&] { return uniform(); });
        for (std::size_t first = 0; first + 16 <= out.size(); first += 16) {
            box_muller(out.subspan(first).first<16>());
        }
        if (out.size() % 16 != 0) {
            auto const tail = out.last<16>();
            std::generate(tail.begin(), tail.end(), [&] { return uniform(); });
            box_muller(tail);
        }
    }

private:
    auto next64() -> std::uint64_t
    {
        std::uint64_t const high = (*this)();
        return (high << 32U) | (*this)();
    }

    auto uniform_double() -> double
    {
        return static_cast<double>(next64() & 0x1f'ffff'ffff'ffffULL) * 0x1p-53;
    }

    auto normal() -> double
    {
        if (state_.spare_normal) {
            double const spare = *state_.spare_normal;
            state_.spare_normal.reset();
            return spare;
        }
        double const u1 = uniform_double();
        double const u2 = uniform_double();
        double const radius = std::sqrt(-2 * std::log1p(-u2));
        double const theta = 2 * std::numbers::pi * u1;
        state_.spare_normal = radius * std::sin(theta);
        return radius * std::cos(theta);
    }

    /// Pairs uniform j with uniform j + 8.
    static void box_muller(std::span<float, 16> u)
    {
        for (std::size_t j = 0; j < 8; ++j) {
            double const minus_two_log = -2 * detail::natural_log(1.0 - u[j]);
            double const radius = std::sqrt(minus_two_log);
            double const theta = static_cast<float>(2 * std::numbers::pi) * u[j + 8]; // in float
            auto const quarter = static_cast<std::int32_t>(theta * (2 / std::numbers::pi) + 0.5);
            double const rest = theta - quarter * (std::numbers::pi / 2);
            auto const [sine, cosine] = detail::sincos_quarter(quarter, rest);
            u[j] = static_cast<float>(radius * cosine);
            u[j + 8] = static_cast<float>(radius * sine);
        }
    }

    void twist()
    {
        for (std::size_t i = 0; i < words; ++i) {
            auto const mixed =
                (state_.mt[i] & 0x8000'0000U) | (state_.mt[(i + 1) % words] & 0x7fff'ffffU);
            state_.mt[i] = state_.mt[(i + 397) % words] ^ (mixed >> 1U) ^
                           ((mixed & 1U) != 0 ? 0x9908b0dfU : 0U);
        }
        state_.next = 0;
    }

    state state_;
};

} // namespace haiga
