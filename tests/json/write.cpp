#include "haiga/json/write.hpp"

#include "haiga/json/parse.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace haiga;

TEST_CASE("JSON for people")
{
    auto const value = json::parse(
        R"({"z":1,"a":[32,64.5,"x"],"empty":[],"none":{},"nested":[[1,2],{"k":null}],"\"q\n":true})");
    CHECK(json::pretty(*value) == R"({
  "z": 1,
  "a": [32, 64.5, "x"],
  "empty": [],
  "none": {},
  "nested": [
    [1, 2],
    {
      "k": null
    }
  ],
  "\"q\n": true
}
)");
}

TEST_CASE("numbers read back as the same numbers")
{
    for (double const x : {0.1, 1.0, -0.0, 1e-5, 0.00085, 1e300, 5e-324, 123456789.125, 1.0 / 3}) {
        auto const text = json::pretty(x);
        CAPTURE(text);
        auto const back = json::parse(text);
        REQUIRE(back);
        REQUIRE(back->is_double());
        CHECK(back->get_double() == x);
    }
    CHECK(json::pretty(0.1) == "0.1\n");
    CHECK(json::pretty(2.0) == "2.0\n");
    CHECK(json::pretty(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615\n");
    CHECK_THROWS_AS(json::pretty(std::numeric_limits<double>::infinity()), contract_violation);
}
