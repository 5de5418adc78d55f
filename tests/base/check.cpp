#include "haiga/base/check.hpp"

#include <doctest/doctest.h>

#include <string>

TEST_CASE("HAIGA_CHECK says what broke, where, and what it was told")
{
    int const have = 3;
    HAIGA_CHECK(have == 3, "not evaluated further");
    try {
        HAIGA_CHECK(have == 4, "have ", have);
        FAIL("no throw");
    } catch (haiga::contract_violation const& broken) {
        std::string const text = broken.what();
        CHECK(text.find("check.cpp:") != std::string::npos);
        CHECK(text.find("have == 4 have 3") != std::string::npos);
    }
}

TEST_CASE("HAIGA_CHECK evaluates its condition once and its message only on failure")
{
    int conditions = 0;
    int messages = 0;
    HAIGA_CHECK(++conditions == 1, ++messages);
    CHECK(conditions == 1);
    CHECK(messages == 0);
    CHECK_THROWS_AS(HAIGA_CHECK(false), haiga::contract_violation);
}

TEST_CASE("HAIGA_CHECK is usable where the compiler evaluates")
{
    constexpr auto positive = [](int n) {
        HAIGA_CHECK(n > 0);
        return n;
    };
    static_assert(positive(2) == 2);
}
