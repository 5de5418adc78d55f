#include "haiga/train/loss_chart.hpp"

#include <doctest/doctest.h>

#include <limits>

TEST_CASE("losses are drawn, those of a training that diverged too")
{
    for (float const last : {0.5F, 0.0F, std::numeric_limits<float>::infinity(),
                             std::numeric_limits<float>::quiet_NaN()}) {
        std::vector<float> const losses{2, 1, last};
        auto const svg = haiga::train::loss_chart(losses);
        CHECK(svg.starts_with("<svg"));
        CHECK(svg.find("nan") == std::string::npos);
        CHECK(svg.find("inf") == std::string::npos);
    }
    CHECK(haiga::train::loss_chart({}).starts_with("<svg"));
}
