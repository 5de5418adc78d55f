#include "haiga/json/quote_non_finite.hpp"

#include "haiga/json/parse.hpp"

#include <doctest/doctest.h>

using haiga::json::quote_non_finite;

TEST_CASE("numbers that only Python's JSON has become strings")
{
    CHECK(quote_non_finite(R"({"a": -Infinity, "b":[NaN,Infinity]})") ==
          R"({"a": "-Infinity", "b":["NaN","Infinity"]})");
    // as Diffusers 0.42.1 saves DPMSolverMultistepScheduler
    auto const read =
        haiga::json::parse(quote_non_finite("{\n  \"lambda_min_clipped\": -Infinity,\n"
                                            "  \"solver_order\": 2\n}\n"));
    REQUIRE(read.has_value());
    CHECK(read->at("lambda_min_clipped") == "-Infinity");
    CHECK(read->at("solver_order") == 2);
}

TEST_CASE("what stands in strings stays, and what is no JSON stays none")
{
    for (auto const* const text : {R"({"a NaN": "x \" -Infinity \\", "b": "Infinity"})", R"("NaN)",
                                   "", R"("\)", "[1, -2]"}) {
        CHECK(quote_non_finite(text) == text);
    }
    CHECK(!haiga::json::parse(quote_non_finite("[1 NaN]")));
    CHECK(!haiga::json::parse(quote_non_finite("-NaN")));
}
