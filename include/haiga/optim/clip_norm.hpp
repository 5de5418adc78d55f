#pragma once

#include "haiga/base/check.hpp"
#include "haiga/base/parallel.hpp"
#include "haiga/optim/optimizer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace haiga::optim {

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
        parallel_for(team, static_cast<std::ptrdiff_t>(partial_.size()), [&](auto index, int) {
            auto const chunk = static_cast<std::size_t>(index);
            auto const first = chunk * chunk_elements;
            partial_[chunk] =
                sum_of_squares(values.subspan(first, std::min(chunk_elements, count_ - first)));
        });
        double sum = 0;
        for (double const part : partial_) {
            sum += part;
        }
        return std::sqrt(sum);
    }

private:
    static auto sum_of_squares(std::span<float const> values) -> double
    {
        std::array<double, 8> sums{};
        std::size_t i = 0;
        for (; i + 8 <= values.size(); i += 8) {
            for (std::size_t lane = 0; lane < 8; ++lane) {
                sums[lane] += double{values[i + lane]} * double{values[i + lane]};
            }
        }
        for (; i < values.size(); ++i) {
            sums[0] += double{values[i]} * double{values[i]};
        }
        return ((sums[0] + sums[1]) + (sums[2] + sums[3])) +
               ((sums[4] + sums[5]) + (sums[6] + sums[7]));
    }

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
