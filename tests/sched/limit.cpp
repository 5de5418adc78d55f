#include "haiga/sched/limit.hpp"

#include "haiga/base/philox.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using haiga::sched::dynamic_threshold;
using haiga::sched::detail::magnitudes_at;
using haiga::sched::detail::threshold;

TEST_CASE("magnitudes_at finds what sorting finds")
{
    auto draw = haiga::philox{1, 1}.at(0, 0);
    for (std::ptrdiff_t n : {1, 2, 3, 10, 255, 1000}) {
        std::vector<float> x(static_cast<std::size_t>(n));
        draw.fill_normal(x);
        for (std::size_t i = 3; i < x.size(); i += 4) {
            x[i] = -x[i - 3]; // equal magnitudes
        }
        std::vector<float> sorted(x);
        std::transform(x.begin(), x.end(), sorted.begin(), [](float v) { return std::abs(v); });
        std::sort(sorted.begin(), sorted.end());
        for (std::ptrdiff_t rank = 0; rank < n; ++rank) {
            auto const [found, next] = magnitudes_at(x.begin(), n, rank);
            REQUIRE(found == sorted[static_cast<std::size_t>(rank)]);
            if (rank + 1 < n) {
                REQUIRE(next == sorted[static_cast<std::size_t>(rank) + 1]);
            }
        }
    }
}

TEST_CASE("threshold divides by the quantile between 1 and most")
{
    std::vector<float> x{-4, 1, 2, 3, 0.5F}; // magnitudes 0.5 1 2 3 4: quantile 0.75 is 3
    auto y = x;
    threshold({0.75F, 10}, y.begin(), 5);
    CHECK(y[0] == -1);
    CHECK(y[2] == doctest::Approx(2.0 / 3));
    y = x;
    threshold({0.75F, 2}, y.begin(), 5); // never above most
    CHECK(y[3] == 1);
    CHECK(y[1] == 0.5F);
    y = {0.5F, -0.25F};
    threshold({0.995F, 2}, y.begin(), 2); // never below 1: plain clipping
    CHECK(y == std::vector<float>{0.5F, -0.25F});
    threshold({0.995F, 2}, y.begin(), 0);
}
