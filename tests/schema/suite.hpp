#pragma once

#include "haiga/base/bytes.hpp"
#include "haiga/io/read_file.hpp"
#include "haiga/schema/validator.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace haiga_test::schema_suite {

using namespace haiga;
namespace fs = std::filesystem;

/// The official suite, github.com/json-schema-org/JSON-Schema-Test-Suite; empty where it is not.
inline auto folder() -> fs::path
{
    auto const* const data = std::getenv("HAIGA_TEST_DATA");
    return data == nullptr ? fs::path() : fs::path(data) / "json-schema-test-suite";
}

inline auto parsed(fs::path const& file) -> result<boost::json::value>
{
    HAIGA_TRY(auto const bytes, io::read_file(file, 1U << 24U));
    return json::parse(as_text(bytes));
}

/// The suite's remotes, which it says are served at http://localhost:1234.
inline auto remotes(std::string_view uri) -> result<boost::json::value>
{
    constexpr std::string_view server = "http://localhost:1234/";
    if (!uri.starts_with(server)) {
        return fail(errc::not_found, "is not among the remotes");
    }
    return parsed(folder() / "remotes" / uri.substr(server.size()));
}

inline auto name_of(schema::dialect draft) -> std::string
{
    return draft == schema::dialect::draft7         ? "draft7"
           : draft == schema::dialect::draft2019_09 ? "draft2019-09"
                                                    : "draft2020-12";
}

struct tally {
    int cases = 0;
    int passed = 0;
    std::vector<std::string> wrong;
};

/// Runs one file of tests: judge(schema, instance) is asked for every one of them.
template <class Prepare>
void run_file(fs::path const& file, Prepare const& prepare, tally& sum)
{
    auto const groups = parsed(file);
    REQUIRE(groups);
    for (auto const& group : groups->as_array()) {
        auto judge = prepare(group.at("schema"));
        for (auto const& test : group.at("tests").as_array()) {
            ++sum.cases;
            auto const verdict = judge ? (*judge)(test.at("data")) : result<bool>(false);
            if (judge && verdict && *verdict == test.at("valid").as_bool()) {
                ++sum.passed;
                continue;
            }
            sum.wrong.push_back(concat(file.filename().string(), ": ",
                                       group.at("description").as_string(), ": ",
                                       test.at("description").as_string(), ": ",
                                       !judge     ? judge.error().to_string()
                                       : !verdict ? verdict.error().to_string()
                                                  : std::string(*verdict ? "valid" : "invalid")));
        }
    }
}

/// The .json files directly in a folder, in order.
inline auto files_in(fs::path const& where) -> std::vector<fs::path>
{
    std::vector<fs::path> found;
    for (auto const& entry : fs::directory_iterator(where)) {
        if (entry.path().extension() == ".json") {
            found.push_back(entry.path());
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

/// The same program without heights, which judges with a stack of its own from the root on.
inline auto without_heights(schema::program p) -> schema::program
{
    for (auto& b : p.blocks) {
        b.height = b.height == 0 ? b.height : schema::block::no_height;
    }
    return p;
}

/// A verdict, for which all the ways to ask must agree.
inline auto judge(schema::program const& program, boost::json::value const& v) -> result<bool>
{
    schema::validator ask(program);
    HAIGA_TRY(auto const verdict, ask.accepts(v));
    auto const stacked = without_heights(program);
    HAIGA_TRY(auto const again, schema::validator(stacked).accepts(v));
    if (again != verdict) {
        return fail(errc::mismatch, "the two evaluators disagree");
    }
    HAIGA_TRY(auto const violations, ask.violations(v));
    HAIGA_TRY(auto const repair, ask.repair(v));
    if (violations.empty() != verdict || repair.empty() != verdict) {
        return fail(errc::mismatch, "the report disagrees with the verdict");
    }
    using enum schema::output_format;
    for (auto const format : {flag, basic, detailed, verbose, list, hierarchical}) {
        HAIGA_TRY(auto const output, ask.output(v, format));
        if (output.at("valid") != verdict) {
            return fail(errc::mismatch, "an output disagrees with the verdict");
        }
    }
    return verdict;
}

/// All files of a folder, with these options.
inline auto run_folder(fs::path const& where, schema::compile_options const& options) -> tally
{
    tally sum;
    for (auto const& file : files_in(where)) {
        run_file(
            file,
            [&](boost::json::value const& document) {
                return schema::compile(document, options, remotes).map([](schema::program&& made) {
                    return [kept = std::make_shared<schema::program>(std::move(made))](
                               boost::json::value const& v) { return judge(*kept, v); };
                });
            },
            sum);
    }
    return sum;
}

inline void report(tally const& sum)
{
    for (auto const& line : sum.wrong) {
        FAIL_CHECK(line);
    }
    CHECK(sum.passed == sum.cases);
    MESSAGE(sum.passed << " of " << sum.cases);
}

} // namespace haiga_test::schema_suite
