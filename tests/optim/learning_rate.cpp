#include "haiga/optim/learning_rate.hpp"

#include "tests/golden/optim.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <iterator>
#include <span>

using namespace haiga::optim;

TEST_CASE("learning rates are those of diffusers.optimization.get_scheduler")
{
    namespace want = golden::optim;
    std::span<double const> const rows[] = {want::constant, want::constant_with_warmup,
                                            want::linear, want::cosine, want::polynomial};
    for (std::size_t k = 0; k < std::size(rows); ++k) {
        auto const shape = rate_shape_from_string(rate_shape_names[k]);
        REQUIRE(shape);
        learning_rate const schedule{.rate = 2e-4, .shape = *shape, .warmup = 4, .total = 15};
        for (std::size_t i = 0; i < rows[k].size(); ++i) {
            CAPTURE(rate_shape_names[k]);
            CAPTURE(i);
            // 1e-12: doubles all the way; the cosine ends at 1e-20, not at 0
            CHECK(std::abs(schedule.at(static_cast<std::int64_t>(i)) - rows[k][i]) < 2e-4 * 1e-12);
        }
    }
}

TEST_CASE("a schedule that is not there is told")
{
    auto const shape = rate_shape_from_string("cosin");
    REQUIRE_FALSE(shape);
    CHECK(shape.error().message == "learning rate schedule \"cosin\": expected constant, "
                                   "constant_with_warmup, linear, cosine or polynomial");
}
