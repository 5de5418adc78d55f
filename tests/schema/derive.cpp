#include "haiga/schema/derive.hpp"
#include "haiga/schema/convert.hpp"

#include "haiga/json/parse.hpp"

#include <doctest/doctest.h>

#include <cstdint>

using namespace haiga;

namespace derive_test {

BOOST_DEFINE_ENUM_CLASS(unit, celsius, fahrenheit)

struct day {
    std::uint8_t month = 0;
    std::uint8_t of_month = 0;
};
BOOST_DESCRIBE_STRUCT(day, (), (month, of_month))

struct weather {
    std::string city;
    std::optional<unit> in;
    std::vector<double> hours;
    std::variant<day, std::string> when;
    std::map<std::string, bool> flags;

    static constexpr schema::note notes[] = {{"", "Asks for the weather"},
                                             {"city", "and state, e.g. San Francisco, CA"}};
};
BOOST_DESCRIBE_STRUCT(weather, (), (city, in, hours, when, flags))

struct tree {
    std::string name;
    std::vector<tree> branches;
};
BOOST_DESCRIBE_STRUCT(tree, (), (name, branches))

struct forest {
    tree oldest;
    std::vector<tree> others;
};
BOOST_DESCRIBE_STRUCT(forest, (), (oldest, others))

struct left;
struct right;
struct left {
    std::vector<std::variant<left, right>> next;
};
struct right {
    std::vector<std::variant<left, right>> next;
};
BOOST_DESCRIBE_STRUCT(left, (), (next))
BOOST_DESCRIBE_STRUCT(right, (), (next))

static_assert(schema::schematic<weather> && schema::schematic<std::vector<std::optional<int>>>);
static_assert(!schema::schematic<char const*> && !schema::schematic<std::map<int, int>>);

auto value(std::string_view text) { return json::parse(text).value(); }

template <class T>
auto message(std::string_view text) -> std::string
{
    return schema::read<T>(value(text)).error().message;
}

constexpr auto good = R"({"city": "Bern", "in": "celsius", "hours": [1, 2.5],
    "when": {"month": 2, "of_month": 29}, "flags": {"rain": true}})";

TEST_CASE("a described struct gives its schema")
{
    CHECK(schema::schema_of<weather>() == value(R"({"type": "object",
        "description": "Asks for the weather",
        "properties": {
          "city": {"type": "string", "description": "and state, e.g. San Francisco, CA"},
          "in": {"anyOf": [{"type": "string", "enum": ["celsius", "fahrenheit"]},
                           {"type": "null"}]},
          "hours": {"type": "array", "items": {"type": "number"}},
          "when": {"anyOf": [
            {"type": "object", "properties": {
              "month": {"type": "integer", "minimum": 0, "maximum": 255},
              "of_month": {"type": "integer", "minimum": 0, "maximum": 255}},
             "required": ["month", "of_month"], "additionalProperties": false},
            {"type": "string"}]},
          "flags": {"type": "object", "additionalProperties": {"type": "boolean"}}},
        "required": ["city", "hours", "when", "flags"], "additionalProperties": false})"));
    CHECK(schema::schema_of<std::int64_t>() ==
          value(R"({"type": "integer", "minimum": -9223372036854775808,
                    "maximum": 9223372036854775807})"));
    CHECK(schema::schema_of<boost::json::value>().empty());
}

TEST_CASE("a struct that holds itself refers to itself")
{
    CHECK(schema::schema_of<tree>() == value(R"({"type": "object", "properties": {
        "name": {"type": "string"}, "branches": {"type": "array", "items": {"$ref": "#"}}},
        "required": ["name", "branches"], "additionalProperties": false})"));
    auto const nested = schema::schema_of<forest>();
    CHECK(nested.at("properties").at("oldest") == value(R"({"$ref": "#/$defs/d2"})"));
    CHECK(nested.at("properties").at("others").at("items") == value(R"({"$ref": "#/$defs/d2"})"));
    CHECK(nested.at("$defs").at("d2").at("properties").at("branches").at("items") ==
          value(R"({"$ref": "#/$defs/d2"})"));
    CHECK(nested.at("$defs").as_object().size() == 1);
    auto const in_list = schema::schema_of<std::vector<tree>>(); // "#" would be the list
    CHECK(in_list.at("items") == value(R"({"$ref": "#/$defs/d1"})"));
}

TEST_CASE("JSON that conforms becomes the struct, and the struct that JSON")
{
    auto const w = schema::read<weather>(value(good)).value();
    CHECK(w.city == "Bern");
    CHECK(w.in == unit::celsius);
    CHECK(w.hours == std::vector<double>{1, 2.5});
    CHECK(std::get<day>(w.when).of_month == 29);
    CHECK(w.flags.at("rain"));
    CHECK(schema::write(schema::read<weather>(schema::write(w)).value()) == schema::write(w));

    auto less = value(good);
    less.as_object()["in"] = nullptr;
    less.as_object()["when"] = "tomorrow";
    auto const without = schema::read<weather>(less).value();
    CHECK_FALSE(without.in);
    CHECK(std::get<std::string>(without.when) == "tomorrow");
    CHECK_FALSE(schema::write(without).as_object().contains("in"));
    CHECK(schema::read<forest>(value(R"({"oldest": {"name": "oak", "branches": [
        {"name": "b", "branches": []}]}, "others": []})"))
              .value()
              .oldest.branches[0]
              .name == "b");
    CHECK(schema::read<int>(value("2.0")) == 2); // an integer to JSON Schema, too
}

TEST_CASE("an error names the pointer, what was expected and what was found")
{
    auto const with = [](std::string_view key, std::string_view text) {
        auto v = value(good);
        v.as_object()[key] = value(text);
        return schema::read<weather>(v).error().message;
    };
    CHECK(message<weather>("[]") == "expected an object, found an array");
    CHECK(message<weather>("{}") == "/city is missing");
    CHECK(with("city", "7") == "/city: expected a string, found 7");
    CHECK(with("in", R"("kelvin")") ==
          R"(/in: expected one of "celsius", "fahrenheit", found "kelvin")");
    CHECK(with("hours", R"([1, "2"])") == R"(/hours/1: expected a number, found "2")");
    CHECK(with("when", R"({"month": 256, "of_month": 1})") ==
          "/when/month: expected a whole number from 0 to 255, found 256");
    CHECK(with("when", R"({"month": 1.5, "of_month": 1})") ==
          "/when/month: expected a whole number from 0 to 255, found 1.5");
    CHECK(with("when", "true") == "/when: expected an object or a string, found true");
    CHECK(with("when", R"({"month": 1})") == "/when/of_month is missing");
    CHECK(with("flags", R"({"a/b~": 1})") == "/flags/a~1b~0: expected true or false, found 1");
    CHECK(with("shoes", "2") == "/shoes: no such member is expected");
}

TEST_CASE("deep and ambiguous input is refused in bounded time")
{
    std::string deep = R"({"name": "", "branches": []})";
    boost::json::value v = value(deep);
    for (int i = 0; i < 200; ++i) {
        v = boost::json::value{{"name", ""}, {"branches", {v}}};
    }
    CHECK(schema::read<tree>(v).error().code == errc::too_large);

    boost::json::value twisted{{"next", 7}}; // each level could be a left or a right
    for (int i = 0; i < 60; ++i) {
        twisted = boost::json::value{{"next", {twisted}}};
    }
    CHECK(schema::read<left>(twisted).error().code == errc::too_large);
}

} // namespace derive_test
