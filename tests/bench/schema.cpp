// Validation of values that have been parsed, and compilation of schemas, beside jsonschema-rs (its
// Python binding, whose own cost is measured beside it) and valijson.

#include "haiga/schema/validator.hpp"
#include "tests/bench/schema/valijson_peer.hpp"
#include "tests/bench/support/peer.hpp"
#include "tests/bench/support/report.hpp"
#include "tests/bench/support/stopwatch.hpp"

#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <sstream>

namespace haiga::bench {
namespace {

constexpr int rounds = 5;
constexpr auto python = "build/peers/bin/python";
constexpr auto script = "tests/bench/schema.py";
std::filesystem::path const here = "build/bench/schema";

struct validation_case {
    std::string name, label;
    boost::json::value schema, instance;
    bool valid = true;
};

auto value_of(std::string_view text) -> boost::json::value
{
    auto parsed = json::parse(text);
    if (!parsed) {
        std::cerr << parsed.error().to_string() << '\n';
        std::exit(1);
    }
    return *parsed;
}

/// A tool as a chat client declares one.
constexpr std::string_view search_tool = R"({
    "type": "object",
    "properties": {
        "query": {"type": "string", "minLength": 1, "maxLength": 400},
        "filters": {
            "type": "object",
            "properties": {
                "language": {"enum": ["en", "de", "fr", "ja", "hi", "zh"]},
                "year": {"type": "integer", "minimum": 1900, "maximum": 2100},
                "tags": {"type": "array", "items": {"type": "string", "maxLength": 40}, "maxItems": 10}
            },
            "additionalProperties": false
        },
        "limit": {"type": "integer", "minimum": 1, "maximum": 100},
        "sort": {"enum": ["relevance", "date"]},
        "include_raw": {"type": "boolean"}
    },
    "required": ["query", "limit"],
    "additionalProperties": false})";

constexpr std::string_view search_arguments = R"({
    "query": "diffusion models that run on a laptop",
    "filters": {"language": "en", "year": 2026, "tags": ["diffusion", "laptop", "training"]},
    "limit": 20, "sort": "date", "include_raw": false})";

/// One of several actions, told apart by a constant.
constexpr std::string_view action_tool = R"({
    "type": "object", "required": ["actions"],
    "properties": {"actions": {"type": "array", "minItems": 1, "items": {"oneOf": [
        {"$ref": "#/definitions/click"}, {"$ref": "#/definitions/type"}, {"$ref": "#/definitions/wait"}]}}},
    "definitions": {
        "click": {"type": "object", "required": ["action", "x", "y"], "additionalProperties": false,
            "properties": {"action": {"const": "click"}, "x": {"type": "integer", "minimum": 0},
                           "y": {"type": "integer", "minimum": 0}}},
        "type": {"type": "object", "required": ["action", "text"], "additionalProperties": false,
            "properties": {"action": {"const": "type"}, "text": {"type": "string"}}},
        "wait": {"type": "object", "required": ["action", "seconds"], "additionalProperties": false,
            "properties": {"action": {"const": "wait"}, "seconds": {"type": "number", "exclusiveMinimum": 0}}}}})";

constexpr std::string_view action_arguments = R"({"actions": [
    {"action": "click", "x": 120, "y": 44}, {"action": "type", "text": "hello"},
    {"action": "wait", "seconds": 0.5}, {"action": "click", "x": 1, "y": 2}]})";

/// Orders of a shop: 20,000 of them are about 5 MB of text.
constexpr std::string_view order_list = R"({
    "type": "array", "items": {
        "type": "object", "required": ["id", "customer", "lines", "total"], "additionalProperties": false,
        "properties": {
            "id": {"type": "integer", "minimum": 1},
            "customer": {"type": "object", "required": ["name"], "properties": {
                "name": {"type": "string", "minLength": 1, "maxLength": 100},
                "city": {"type": "string"}, "vip": {"type": "boolean"}}},
            "lines": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/line"}},
            "total": {"type": "number", "minimum": 0},
            "note": {"type": ["string", "null"]},
            "state": {"enum": ["new", "paid", "sent", "lost"]}}},
    "definitions": {"line": {"type": "object", "required": ["sku", "count", "price"],
        "properties": {"sku": {"type": "string", "maxLength": 20}, "count": {"type": "integer", "minimum": 1},
                       "price": {"type": "number", "exclusiveMinimum": 0}}}}})";

auto orders(int count) -> boost::json::value
{
    boost::json::array all;
    for (int i = 1; i <= count; ++i) {
        boost::json::array lines;
        for (int k = 0; k <= i % 3; ++k) {
            lines.push_back(boost::json::object{{"sku", concat("S-", i * 7 + k)},
                                                {"count", k + 1},
                                                {"price", 1.25 * (i % 40 + 1)}});
        }
        all.push_back(boost::json::object{
            {"id", i},
            {"customer", boost::json::object{{"name", concat("Customer ", i % 997)},
                                             {"city", "Oslo"},
                                             {"vip", i % 5 == 0}}},
            {"lines", std::move(lines)},
            {"total", 12.5 * (i % 31)},
            {"note", nullptr},
            {"state", i % 2 == 0 ? "paid" : "sent"}});
    }
    return all;
}

/// A hundred properties of the kinds that tools have.
auto wide_tool() -> boost::json::value
{
    boost::json::object properties;
    boost::json::array required;
    for (int i = 0; i < 100; ++i) {
        auto const name = concat("parameter_", i);
        properties[name] =
            i % 4 == 0 ? boost::json::value{{"type", "string"},
                                            {"description", "what the parameter is for, in a line"},
                                            {"maxLength", 200}}
            : i % 4 == 1
                ? boost::json::value{{"type", "integer"}, {"minimum", 0}, {"maximum", 1000}}
            : i % 4 == 2 ? boost::json::value{{"type", "string"},
                                              {"enum", boost::json::array{"one", "two", "three"}}}
                         : boost::json::value{{"type", "array"},
                                              {"items", boost::json::object{{"type", "number"}}},
                                              {"maxItems", 16}};
        if (i % 3 == 0) {
            required.push_back(boost::json::value(name));
        }
    }
    return boost::json::object{{"type", "object"},
                               {"properties", std::move(properties)},
                               {"required", std::move(required)},
                               {"additionalProperties", false}};
}

auto wide_arguments() -> boost::json::value
{
    boost::json::object all;
    for (int i = 0; i < 100; ++i) {
        auto const name = concat("parameter_", i);
        all[name] = i % 4 == 0   ? boost::json::value("some text")
                    : i % 4 == 1 ? boost::json::value(i)
                    : i % 4 == 2 ? boost::json::value("two")
                                 : boost::json::value(boost::json::array{1, 2.5, 3});
    }
    return all;
}

auto cases() -> std::vector<validation_case>
{
    auto const tool = value_of(search_tool);
    auto const actions = value_of(action_tool);
    auto wrong = value_of(search_arguments);
    wrong.at("limit") = "20";
    return {{"search", "tool call, 5 properties", tool, value_of(search_arguments), true},
            {"wrong", "the same, one of another type", tool, wrong, false},
            {"actions", "tool call, oneOf of 3 actions", actions, value_of(action_arguments), true},
            {"wide", "tool call, 100 properties", wide_tool(), wide_arguments(), true},
            {"orders", "20,000 orders, 5 MB as text", value_of(order_list), orders(20000), true}};
}

/// Nanoseconds of one call.
auto nanoseconds(std::function<void()> const& call, int times) -> double
{
    stopwatch const watch;
    for (int i = 0; i < times; ++i) {
        call();
    }
    return watch.elapsed() * 1e6 / times;
}

/// About a tenth of a second.
auto times_of(std::function<void()> const& call) -> int
{
    call();
    return std::clamp(static_cast<int>(1e8 / std::max(nanoseconds(call, 3), 1.0)), 1, 2000000);
}

auto write_text(std::string const& name, boost::json::value const& v) -> result<>
{
    auto const text = boost::json::serialize(v);
    return io::publish_bytes(here / name, std::as_bytes(std::span(text)));
}

class schema_bench {
public:
    auto main() -> result<>
    {
        std::error_code ignored; // writing names the folder if it is not there
        std::filesystem::create_directories(here, ignored);
        out_.note("one thread; medians of 5 turns; values parsed beforehand on both sides");
        auto const all = cases();
        for (auto const& c : all) {
            HAIGA_TRY_VOID(write_text(c.name + ".schema.json", c.schema));
            HAIGA_TRY_VOID(write_text(c.name + ".instance.json", c.instance));
        }
        start_peer();
        for (auto const& c : all) {
            if (wanted(c.label)) {
                HAIGA_TRY_VOID(validate(c));
            }
        }
        for (auto const& c : all) {
            if (wanted("compile " + c.label) && (c.name == "search" || c.name == "wide")) {
                HAIGA_TRY_VOID(compile(c));
            }
        }
        return out_.finish();
    }

private:
    void start_peer()
    {
        auto made = peer::start({python, script, here.string()});
        auto const versions =
            made ? made->hear() : result<std::string>(tl::unexpected(made.error()));
        if (!versions) {
            out_.note(concat("no peer (./dev peers installs it): ", versions.error().to_string()));
            return;
        }
        out_.note("against " + *versions +
                  ", called from Python: a call hands the value over, which "
                  "is measured with the schema `true` and taken off");
        rust_.emplace(std::move(*made));
    }

    auto validate(validation_case const& c) -> result<>
    {
        HAIGA_TRY(auto const program, schema::compile(c.schema));
        schema::validator ask(program);
        HAIGA_TRY(auto const verdict, ask.accepts(c.instance));
        if (verdict != c.valid) {
            return fail(errc::mismatch, c.label, ": the verdict is wrong");
        }
        bool sink = false;
        auto const ours = [&] { sink = sink != *ask.accepts(c.instance); };
        auto const other = valijson_judge(c.schema);
        auto const theirs = [&] { sink = sink != (*other)(c.instance); };
        if (other && (*other)(c.instance) != c.valid) {
            return fail(errc::mismatch, c.label, ": valijson's verdict is another");
        }
        auto const turn = times_of(ours);
        auto const their_turn = other ? times_of(theirs) : 0;
        std::vector<double> us, them, rust, binding;
        for (int i = 0; i < rounds; ++i) {
            us.push_back(nanoseconds(ours, turn));
            if (other) {
                them.push_back(nanoseconds(theirs, their_turn));
            }
            if (rust_) {
                HAIGA_TRY(auto const answer,
                          rust_->ask(concat("validate ", c.name, ' ', std::max(turn / 10, 1))));
                double valid = 0, whole = 0, empty = 0;
                std::istringstream(answer) >> valid >> whole >> empty;
                if ((valid != 0) != c.valid) {
                    return fail(errc::mismatch, c.label, ": jsonschema-rs's verdict is another");
                }
                rust.push_back(whole);
                binding.push_back(empty);
            }
        }
        row measured{.name = c.label, .ours = median(us), .unit = "ns"};
        if (rust_) {
            auto const whole = median(rust);
            auto const empty = median(binding);
            measured.peer = whole - empty;
            measured.peer_name = "jsonschema-rs without its binding";
            out_.note(concat("  ", c.label, ": jsonschema-rs ", whole,
                             " ns with its binding, which takes ", empty, " ns"));
        }
        out_.add(measured);
        if (other) {
            out_.add({.name = c.label,
                      .ours = median(us),
                      .peer = median(them),
                      .peer_name = "valijson",
                      .unit = "ns"});
        }
        return {};
    }

    auto compile(validation_case const& c) -> result<>
    {
        auto const ours = [&] {
            if (!schema::compile(c.schema)) {
                std::abort();
            }
        };
        auto const theirs = [&] { static_cast<void>(valijson_judge(c.schema)); };
        bool const other = valijson_judge(c.schema).has_value();
        auto const turn = times_of(ours);
        std::vector<double> us, them, rust;
        for (int i = 0; i < rounds; ++i) {
            us.push_back(nanoseconds(ours, turn) / 1000);
            if (other) {
                them.push_back(nanoseconds(theirs, std::max(turn / 10, 1)) / 1000);
            }
            if (rust_) {
                HAIGA_TRY(auto const answer,
                          rust_->ask(concat("compile ", c.name, ' ', std::max(turn / 10, 1))));
                rust.push_back(std::atof(answer.c_str()) / 1000);
            }
        }
        row measured{.name = "compile " + c.label, .ours = median(us), .unit = "us"};
        if (rust_) {
            measured.peer = median(rust);
            measured.peer_name = "jsonschema-rs with its binding";
        }
        out_.add(measured);
        if (other) {
            out_.add({.name = "compile " + c.label,
                      .ours = median(us),
                      .peer = median(them),
                      .peer_name = "valijson",
                      .unit = "us"});
        }
        return {};
    }

    report out_{"schema"};
    std::optional<peer> rust_;
};

/// For tests/peers/schema_cases.py: each line is [draft, schema, [values...]], and answered with a
/// line of verdicts.
void judge_lines(std::istream& in)
{
    for (std::string line; std::getline(in, line);) {
        auto const asked = value_of(line).as_array();
        auto const& draft = asked[0].as_string();
        auto const program = schema::compile(
            asked[1], {.draft = draft == "7"         ? schema::dialect::draft7
                                : draft == "2019-09" ? schema::dialect::draft2019_09
                                                     : schema::dialect::draft2020_12});
        if (!program) {
            std::cout << "refused: " << program.error().to_string();
        }
        for (auto const& v : program ? asked[2].as_array() : boost::json::array()) {
            auto const verdict = schema::validator(*program).accepts(v);
            std::cout << (verdict ? (*verdict ? "1 " : "0 ") : "? ");
        }
        std::cout << '\n';
    }
}

} // namespace
} // namespace haiga::bench

int main(int count, char** words)
{
    if (count == 2 && std::string_view(words[1]) == "judge") {
        haiga::bench::judge_lines(std::cin);
        return 0;
    }
    auto const done = haiga::bench::schema_bench().main();
    if (!done) {
        std::cerr << done.error().to_string() << '\n';
    }
    return done ? 0 : 1;
}
