#pragma once

#include "haiga/base/config.hpp"
#include "haiga/base/cpu.hpp"

#include <cmath>
#include <cstddef>

#if HAIGA_X86_DISPATCH
#include <immintrin.h>
#endif

namespace haiga::optim::detail {

/// The numbers of one step for a range of parameters that share them.
struct adamw_numbers {
    float gradient_scale;
    float keep;       ///< 1 - learning rate * weight decay
    float rate;       ///< learning rate / (1 - beta1^t)
    float root_scale; ///< 1 / sqrt(1 - beta2^t)
    float epsilon;
    float first_weight; ///< 1 - beta1
    float beta2;
    float second_weight;  ///< 1 - beta2
    float average_weight; ///< 1 - decay of the moving average
};

/// Where the elements are; average may be null.
struct adamw_arrays {
    float* parameters;
    float const* gradients;
    float* first;
    float* second;
    float* average;
};

// No fused multiply-add is asked for, and square root and division are IEEE 754's: unless the whole
// program is compiled with FMA, every instruction set gives the same bytes. Memory is the limit.

HAIGA_ALWAYS_INLINE void adamw_one(adamw_numbers const& k, adamw_arrays const& a, std::size_t i)
{
    float const g = a.gradients[i] * k.gradient_scale;
    float const m = a.first[i] + k.first_weight * (g - a.first[i]);
    float const v = k.beta2 * a.second[i] + k.second_weight * (g * g);
    float const p =
        a.parameters[i] * k.keep - k.rate * m / (std::sqrt(v) * k.root_scale + k.epsilon);
    a.first[i] = m;
    a.second[i] = v;
    a.parameters[i] = p;
    if (a.average != nullptr) {
        a.average[i] += k.average_weight * (p - a.average[i]);
    }
}

inline void adamw_baseline(adamw_numbers const& k, adamw_arrays const& a, std::size_t n)
{
    for (std::size_t i = 0; i < n; ++i) {
        adamw_one(k, a, i);
    }
}

#if HAIGA_X86_DISPATCH
/// adamw_one, eight at a time: GCC does not vectorise a square root that may set errno.
[[gnu::target("avx2")]] inline void adamw_avx2(adamw_numbers const& k, adamw_arrays const& a,
                                               std::size_t n)
{
    __m256 const gradient_scale = _mm256_set1_ps(k.gradient_scale);
    __m256 const keep = _mm256_set1_ps(k.keep);
    __m256 const rate = _mm256_set1_ps(k.rate);
    __m256 const root_scale = _mm256_set1_ps(k.root_scale);
    __m256 const epsilon = _mm256_set1_ps(k.epsilon);
    __m256 const first_weight = _mm256_set1_ps(k.first_weight);
    __m256 const beta2 = _mm256_set1_ps(k.beta2);
    __m256 const second_weight = _mm256_set1_ps(k.second_weight);
    __m256 const average_weight = _mm256_set1_ps(k.average_weight);
    std::size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        __m256 const g = _mm256_mul_ps(_mm256_loadu_ps(a.gradients + i), gradient_scale);
        __m256 const m0 = _mm256_loadu_ps(a.first + i);
        __m256 const m = _mm256_add_ps(m0, _mm256_mul_ps(first_weight, _mm256_sub_ps(g, m0)));
        __m256 const v = _mm256_add_ps(_mm256_mul_ps(beta2, _mm256_loadu_ps(a.second + i)),
                                       _mm256_mul_ps(second_weight, _mm256_mul_ps(g, g)));
        __m256 const below = _mm256_add_ps(_mm256_mul_ps(_mm256_sqrt_ps(v), root_scale), epsilon);
        __m256 const p = _mm256_sub_ps(_mm256_mul_ps(_mm256_loadu_ps(a.parameters + i), keep),
                                       _mm256_div_ps(_mm256_mul_ps(rate, m), below));
        _mm256_storeu_ps(a.first + i, m);
        _mm256_storeu_ps(a.second + i, v);
        _mm256_storeu_ps(a.parameters + i, p);
        if (a.average != nullptr) {
            __m256 const mean = _mm256_loadu_ps(a.average + i);
            _mm256_storeu_ps(
                a.average + i,
                _mm256_add_ps(mean, _mm256_mul_ps(average_weight, _mm256_sub_ps(p, mean))));
        }
    }
    for (; i < n; ++i) {
        adamw_one(k, a, i);
    }
}
#endif

/// n elements of AdamW in one pass.
inline void adamw_pass(isa set, adamw_numbers const& k, adamw_arrays const& a, std::size_t n)
{
#if HAIGA_X86_DISPATCH
    if (set != isa::baseline) {
        return adamw_avx2(k, a, n);
    }
#endif
    (void)set;
    adamw_baseline(k, a, n);
}

} // namespace haiga::optim::detail
