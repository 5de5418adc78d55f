#include "haiga/optim/clip_norm.hpp"

#include "haiga/base/philox.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

using namespace haiga::optim;

TEST_CASE("the norm is the same bytes for every number of threads")
{
    std::vector<float> x(5 * chunk_elements + 13);
    haiga::philox{4, 0}.at(0, 0).fill_normal(x);
    norm_of norm(x.size());
    double const one = norm({1}, x);
    CHECK(one == doctest::Approx(std::sqrt(static_cast<double>(x.size()))).epsilon(0.01));
    for (int threads : {2, 3, 8}) {
        CHECK(norm({threads}, x) == one);
    }
    for (std::size_t n : {0U, 1U, 7U, 8U, 1003U}) { // squares of floats are exact: so is the match
        auto const some = std::span(x).first(n);
        CHECK(detail::sum_of_squares(haiga::isa::baseline, some) ==
              detail::sum_of_squares(haiga::machine_isa(), some));
    }
    CHECK(norm_of(2)({1}, std::vector<float>{3, 4}) == 5);
    CHECK(norm_of(0)({1}, {}) == 0);
    CHECK(norm_of(1)({1}, std::vector<float>{1e30F}) == doctest::Approx(1e30)); // no overflow
    CHECK_THROWS_AS(norm({1}, std::vector<float>(3)), haiga::contract_violation);
}

TEST_CASE("clip_factor shortens what is longer and nothing else")
{
    CHECK(clip_factor(0.5, 1) == 1);
    CHECK(clip_factor(10, 1) == doctest::Approx(0.1));
    CHECK(clip_factor(std::numeric_limits<double>::infinity(), 1) == 0);
    CHECK(clip_factor(std::numeric_limits<double>::quiet_NaN(), 1) == 0);
    CHECK_THROWS_AS((void)clip_factor(1, 0), haiga::contract_violation);
}
