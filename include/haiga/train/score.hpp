#pragma once

#include "haiga/image/correlation.hpp"

#include <set>
#include <span>

namespace haiga::train {

/// How much painted samples look like the photographs.
struct score {
    double mean = 0;         ///< over the samples, of the best correlation with a photograph
    std::size_t reached = 0; ///< how many photographs are the nearest of some sample
};

/// Cost: a pass over every pair.
inline auto score_of(std::span<image::pixels const> samples, std::span<image::pixels const> photos)
    -> score
{
    HAIGA_CHECK(!samples.empty() && !photos.empty());
    std::set<std::size_t> reached;
    double sum = 0;
    for (auto const& sample : samples) {
        double best = -2;
        std::size_t nearest = 0;
        for (std::size_t i = 0; i < photos.size(); ++i) {
            auto const c = image::normalised_cross_correlation(sample, photos[i]);
            if (c > best) {
                best = c;
                nearest = i;
            }
        }
        sum += best;
        reached.insert(nearest);
    }
    return {sum / static_cast<double>(samples.size()), reached.size()};
}

} // namespace haiga::train
