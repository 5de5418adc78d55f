// The official suite's tests of formats and of regular expressions:
// https://github.com/json-schema-org/JSON-Schema-Test-Suite, tests/<draft>/optional.

#include "haiga/json/parse.hpp"
#include "haiga/schema/formats.hpp"
#include "haiga/schema/pattern.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

using namespace haiga;
namespace fs = std::filesystem;

namespace formats_suite {

struct draft {
    char const* folder;
    schema::dialect dialect;
};
constexpr draft drafts[] = {{"draft7", schema::dialect::draft7},
                            {"draft2019-09", schema::dialect::draft2019_09},
                            {"draft2020-12", schema::dialect::draft2020_12}};

auto suite() -> fs::path
{
    auto const* const data = std::getenv("HAIGA_TEST_DATA");
    return data == nullptr ? fs::path{} : fs::path(data) / "json-schema-test-suite/tests";
}

auto read(fs::path const& file) -> boost::json::value
{
    std::ifstream in(file, std::ios::binary);
    auto parsed = json::parse(std::string(std::istreambuf_iterator<char>(in), {}));
    REQUIRE(parsed);
    return *std::move(parsed);
}

/// Calls check(schema, data, valid) for every test of a file.
template <class Check>
void for_each_test(fs::path const& file, Check const& check)
{
    auto const groups = read(file);
    for (auto const& group : groups.as_array()) {
        for (auto const& test : group.at("tests").as_array()) {
            INFO(file.string(), ": ", std::string(group.at("description").as_string()), ": ",
                 std::string(test.at("description").as_string()));
            check(group.at("schema"), test.at("data"), test.at("valid").as_bool());
        }
    }
}

} // namespace formats_suite

using namespace formats_suite;

TEST_CASE("the official suite's tests of formats")
{
    if (suite().empty()) {
        MESSAGE("skipped: HAIGA_TEST_DATA is not set");
        return;
    }
    int tests = 0;
    for (auto const& [folder, dialect] : drafts) {
        for (auto const& file : fs::directory_iterator(suite() / folder / "optional/format")) {
            for_each_test(file.path(), [&](auto const& schema, auto const& data, bool valid) {
                auto const* const name = schema.as_object().if_contains("format");
                if (name == nullptr) {
                    return; // a pattern, or formats by reference: of the validator
                }
                auto const check = schema::find_format(name->as_string(), dialect);
                auto const* const text = data.if_string();
                CHECK((text == nullptr || check == nullptr || check(*text)) == valid);
                ++tests;
            });
        }
    }
    CHECK(tests >= 2000); // 676, 757 and 764 of the suite of 2026-11, those of patterns aside
}

TEST_CASE("the official suite's tests of regular expressions")
{
    if (suite().empty()) {
        MESSAGE("skipped: HAIGA_TEST_DATA is not set");
        return;
    }
    schema::pattern_scratch scratch;
    int tests = 0;
    auto const check = [&](auto const& schema, auto const& data, bool valid) {
        auto const* const by_name = schema.as_object().if_contains("patternProperties");
        auto const* source = schema.as_object().if_contains("pattern");
        std::string const text(by_name == nullptr ? boost::json::string_view(source->as_string())
                                                  : by_name->as_object().begin()->key());
        auto const compiled = schema::pattern::compile(text);
        REQUIRE(compiled);
        if (by_name == nullptr && data.is_string()) {
            CHECK(*compiled->found_in(data.as_string(), scratch) == valid);
            ++tests;
        } else if (by_name != nullptr && schema.as_object().contains("additionalProperties")) {
            for (auto const& member : data.as_object()) {
                CHECK(*compiled->found_in(member.key(), scratch) == valid);
                ++tests;
            }
        }
    };
    for (auto const& draft : drafts) {
        auto const folder = suite() / draft.folder;
        for_each_test(folder / "optional/ecmascript-regex.json", check);
        for_each_test(folder / "optional/non-bmp-regex.json", check);
        for_each_test(folder / "pattern.json", check);
    }
    CHECK(tests >= 200);
}
