#pragma once

#include "haiga/base/check.hpp"
#include "haiga/base/cpu.hpp"
#include "haiga/base/parallel.hpp"
#include "haiga/optim/optimizer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#if HAIGA_X86_DISPATCH
#include <immintrin.h>
#endif

namespace haiga::optim {

namespace detail {

inline auto add_up(std::array<double, 8> const& s) -> double
{
    return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

inline auto sum_of_squares_baseline(std::span<float const> values) -> double
{
    std::array<double, 8> sums{};
    for (std::size_t i = 0; i < values.size(); ++i) {
        sums[i % 8] += double{values[i]} * double{values[i]};
    }
    return add_up(sums);
}

#if HAIGA_X86_DISPATCH
/// The same sums in the same order.
[[gnu::target("avx2")]] inline auto sum_of_squares_avx2(std::span<float const> values) -> double
{
    __m256d low = _mm256_setzero_pd();
    __m256d high = _mm256_setzero_pd();
    std::size_t i = 0;
    for (; i + 8 <= values.size(); i += 8) {
        __m256 const x = _mm256_loadu_ps(values.data() + i);
        __m256d const a = _mm256_cvtps_pd(_mm256_castps256_ps128(x));
        __m256d const b = _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1));
        low = _mm256_add_pd(low, _mm256_mul_pd(a, a));
        high = _mm256_add_pd(high, _mm256_mul_pd(b, b));
    }
    std::array<double, 8> sums; // NOLINT: stored next
    _mm256_storeu_pd(sums.data(), low);
    _mm256_storeu_pd(sums.data() + 4, high);
    for (; i < values.size(); ++i) {
        sums[i % 8] += double{values[i]} * double{values[i]};
    }
    return add_up(sums);
}
#endif

inline auto sum_of_squares(isa set, std::span<float const> values) -> double
{
#if HAIGA_X86_DISPATCH
    if (set != isa::baseline) {
        return sum_of_squares_avx2(values);
    }
#endif
    (void)set;
    return sum_of_squares_baseline(values);
}

} // namespace detail

/// Euclidean norms of buffers of one size, in double precision.
///
/// Order: 8 sums a chunk of fixed size, added in order: the same bytes for every number of threads
///        and instruction set (a square of a float is exact in double).
class norm_of {
public:
    explicit norm_of(std::size_t count)
        : count_(count), partial_((count + chunk_elements - 1) / chunk_elements)
    {
    }

    auto operator()(parallelism team, std::span<float const> values) -> double
    {
        HAIGA_CHECK(values.size() == count_, values.size(), " values, expected ", count_);
        isa const set = machine_isa();
        parallel_for(team, static_cast<std::ptrdiff_t>(partial_.size()), [&](auto index, int) {
            auto const chunk = static_cast<std::size_t>(index);
            auto const first = chunk * chunk_elements;
            partial_[chunk] = detail::sum_of_squares(
                set, values.subspan(first, std::min(chunk_elements, count_ - first)));
        });
        double sum = 0;
        for (double const part : partial_) {
            sum += part;
        }
        return std::sqrt(sum);
    }

private:
    std::size_t count_;
    std::vector<double> partial_;
};

/// The factor that brings a gradient of this norm down to most, as torch.nn.utils.clip_grad_norm_
/// has it; 1 for those below. 0 where the norm is not finite: leave that step out.
/// Source: Pascanu et al. 2013, arXiv:1211.5063, algorithm 1.
inline auto clip_factor(double norm, double most) -> float
{
    HAIGA_CHECK(most > 0);
    return std::isfinite(norm) ? static_cast<float>(std::min(1.0, most / (norm + 1e-6))) : 0.0F;
}

} // namespace haiga::optim
