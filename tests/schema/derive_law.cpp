#include "haiga/schema/convert.hpp"
#include "haiga/schema/derive.hpp"
#include "haiga/schema/strict.hpp"
#include "haiga/schema/validator.hpp"

#include "haiga/base/bytes.hpp"
#include "haiga/io/read_file.hpp"
#include "haiga/json/parse.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <random>

using namespace haiga;

namespace derive_law_test {

BOOST_DEFINE_ENUM_CLASS(colour, red, green)

struct point {
    double x = 0;
    std::int8_t y = 0;
};
BOOST_DESCRIBE_STRUCT(point, (), (x, y))

struct shape {
    std::string name;
    std::optional<colour> fill;
    std::vector<point> points;
    std::variant<bool, point, std::vector<std::string>> mark;
    std::map<std::string, std::uint64_t> counts;
    std::vector<shape> parts;
};
BOOST_DESCRIBE_STRUCT(shape, (), (name, fill, points, mark, counts, parts))

constexpr auto good =
    R"({"name": "a", "fill": "red", "points": [{"x": 1, "y": -1}, {"x": 0.5, "y": 2}],
    "mark": ["b"], "counts": {"c": 3}, "parts": [{"name": "d", "points": [], "mark": {"x": 1,
    "y": 1}, "counts": {}, "parts": [{"name": "e", "points": [], "mark": true, "counts": {},
    "parts": []}]}]})";

using random = std::mt19937;

auto below(random& r, std::size_t n) -> std::size_t { return r() % n; }

/// Another value somewhere in v.
void change(boost::json::value& v, random& r)
{
    auto* const object = v.if_object();
    auto* const array = v.if_array();
    if (object != nullptr && !object->empty() && below(r, 8) != 0) {
        auto const at = object->begin() + below(r, object->size());
        if (below(r, 10) == 0) {
            object->erase(at);
        } else if (below(r, 10) == 0) {
            (*object)["more"] = 1;
        } else {
            change(at->value(), r);
        }
        return;
    }
    if (array != nullptr && !array->empty() && below(r, 8) != 0) {
        change((*array)[below(r, array->size())], r);
        return;
    }
    boost::json::value const others[] = {nullptr,
                                         true,
                                         7,
                                         2.0,
                                         -0.5,
                                         128,
                                         -128,
                                         -129,
                                         "red",
                                         "blue",
                                         "",
                                         1e40,
                                         nullptr,
                                         18446744073709551615U,
                                         boost::json::array{},
                                         boost::json::object{},
                                         boost::json::array{"x"},
                                         boost::json::object{{"x", 1}, {"y", 2}}};
    v = others[below(r, std::size(others))];
}

TEST_CASE("a value is read where it conforms to the type's schema, and only there")
{
    auto const program = schema::compile(schema::schema_of<shape>()).value();
    schema::validator ask(program);
    auto const start = json::parse(good).value();
    REQUIRE(ask.accepts(start).value());
    random r(7);
    int accepted = 0;
    for (int i = 0; i < 20'000; ++i) {
        auto v = start;
        for (auto n = below(r, 4); n > 0; --n) {
            change(v, r);
        }
        auto const read = schema::read<shape>(v);
        auto const conforms = ask.accepts(v).value();
        if (read.has_value() != conforms) {
            FAIL(boost::json::serialize(v), read ? std::string(": read") : read.error().message);
        }
        if (read) {
            CHECK(ask.accepts(schema::write(*read)).value());
            ++accepted;
        }
    }
    CHECK(accepted > 5'000);
    CHECK(accepted < 15'000);
}

TEST_CASE("a strict form from which nothing is lost accepts nothing that the schema refuses")
{
    auto const* const data = std::getenv("HAIGA_TEST_DATA");
    if (data == nullptr) {
        MESSAGE("skipped: HAIGA_TEST_DATA is not set");
        return;
    }
    int forms = 0;
    int accepted = 0;
    auto const folder =
        std::filesystem::path(data) / "json-schema-test-suite" / "tests" / "draft2020-12";
    for (auto const& file : std::filesystem::directory_iterator(folder)) {
        if (file.path().extension() != ".json") {
            continue;
        }
        auto const bytes = io::read_file(file.path(), 1 << 24).value();
        auto const groups = json::parse(as_text(bytes), {.max_depth = 200}).value();
        for (auto const& group : groups.as_array()) {
            auto const& given = group.at("schema");
            for (auto const who : {schema::vendor::anthropic, schema::vendor::openai}) {
                auto const strict = schema::strict_form(given, who);
                auto const program = schema::compile(given);
                if (!strict || !strict->lost.empty() || !program) {
                    continue;
                }
                CAPTURE(boost::json::serialize(given));
                auto const narrow = schema::compile(strict->schema);
                REQUIRE(narrow);
                ++forms;
                schema::validator wide_ask(*program);
                schema::validator narrow_ask(*narrow);
                for (auto const& test : group.at("tests").as_array()) {
                    auto const& value = test.at("data");
                    if (narrow_ask.accepts(value).value()) {
                        CAPTURE(boost::json::serialize(value));
                        CHECK(wide_ask.accepts(value).value());
                        ++accepted;
                    }
                }
            }
        }
    }
    CHECK(forms > 50);
    CHECK(accepted > 100);
    MESSAGE(forms, " strict forms, which accepted ", accepted, " values");
}

} // namespace derive_law_test
