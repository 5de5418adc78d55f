#include "haiga/json/pointer.hpp"
#include "haiga/json/parse.hpp"

#include <doctest/doctest.h>

using namespace haiga;

TEST_CASE("tokens of a pointer are escaped and read back")
{
    std::string pointer;
    json::append_token(pointer, "a/b~1");
    json::append_token(pointer, "");
    CHECK(pointer == "/a~1b~01/");
    std::string_view rest = pointer;
    CHECK(json::take_token(rest) == "a/b~1");
    CHECK(json::take_token(rest) == "");
    CHECK_FALSE(json::take_token(rest));
    rest = "/a~2";
    CHECK_FALSE(json::take_token(rest));
}

TEST_CASE("a token names a member or an element")
{
    auto const value = *json::parse(R"({"a": [1, 2], "": 3, "0": 4})");
    CHECK(*json::child_at(value, "") == 3);
    CHECK(*json::child_at(value, "0") == 4);
    auto const& items = value.at("a");
    CHECK(*json::child_at(items, "1") == 2);
    for (auto const* const token : {"2", "01", "-1", "", "+1", "1 ", "99999999999999999999"}) {
        CAPTURE(token);
        CHECK(json::child_at(items, token) == nullptr);
    }
    CHECK(json::child_at(value.at("0"), "0") == nullptr);
}
