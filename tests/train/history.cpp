#include "haiga/train/history.hpp"

#include <doctest/doctest.h>

using namespace haiga;

TEST_CASE("a history comes back from its text")
{
    std::vector<train::stay> const stays{{0, {"cpu_native", "avx2", "12 \"x\"", 2, "haiga 1"}},
                                         {800, {"cpu_eigen", "baseline", "13", 4, "Eigen 3"}}};
    CHECK(train::history_from(train::history_text(stays)) == stays);
}

TEST_CASE("what is no history is told")
{
    for (auto const* const text : {"", "[]", "{}", "[1]", "[{}]", "[{\"first_step\": 0}]"}) {
        auto const read = train::history_from(text);
        REQUIRE_FALSE(read);
        CHECK(read.error().to_string().find('\n') == std::string::npos);
    }
}
