#include "haiga/schema/stream.hpp"

#include "haiga/schema/compile.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>

using namespace haiga;
using schema::stream_state;

namespace stream_tests {

/// A schema, and what comes of a text that arrives byte by byte.
class streamed {
public:
    explicit streamed(std::string_view schema)
    {
        auto const document = json::parse(schema);
        REQUIRE(document);
        auto made = schema::compile(*document, {.assert_formats = true});
        REQUIRE(made);
        program_ = std::make_unique<schema::program>(std::move(*made));
        restart();
    }

    void restart() { stream_ = std::make_unique<schema::stream_validator>(*program_); }

    auto feed(std::string_view text) -> stream_state { return stream_->feed(text); }
    auto operator->() -> schema::stream_validator* { return stream_.get(); }

    /// The part of a text up to the byte that decides it, and '!' if it fails; all of it, and ''
    /// where it stays open or '.' where it is complete.
    auto read(std::string_view text) -> std::string
    {
        restart();
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (stream_->feed(text.substr(i, 1)) == stream_state::failed) {
                CHECK(stream_->why()->offset == i);
                return std::string(text.substr(0, i + 1)) + '!';
            }
        }
        return std::string(text) + (stream_->finish() == stream_state::complete ? "." : "");
    }

    [[nodiscard]] auto why() const -> std::string
    {
        auto const& w = *stream_->why();
        auto const at = w.schema.find('#');
        return w.instance + " " + (at == std::string::npos ? "#" : w.schema.substr(at)) + ": " +
               w.expected;
    }

private:
    std::unique_ptr<schema::program> program_;
    std::unique_ptr<schema::stream_validator> stream_;
};

} // namespace stream_tests

using stream_tests::streamed;

TEST_CASE("a value fails at the first byte of another type")
{
    streamed s(R"({"properties": {"n": {"type": "integer"}, "s": {"enum": ["a", 1]}}})");
    CHECK(s.read(R"({"n": "x"})") == R"({"n": "!)");
    CHECK(s.why() == "/n #/properties/n/type: expected an integer");
    CHECK(s.read(R"({"n": 12.5})") == R"({"n": 12.5}!)"); // 12.5e1 would be one
    CHECK(s.read(R"({"n": 12.5e1})") == R"({"n": 12.5e1}.)");
    CHECK(s.read(R"({"s": true})") == R"({"s": t!)");
    CHECK(s.read(R"({"s": [1]})") == R"({"s": [!)");
}

TEST_CASE("a string fails at the first character that no text of enum or const has there")
{
    streamed s(R"({"items": {"enum": ["metric", "meter", "imperial", "\u00e9t\u00e9"]}})");
    CHECK(s.read(R"(["metric", "metr"])") == R"(["metric", "metr"!)");
    CHECK(s.read(R"(["met", "x"])") == R"(["met"!)");
    CHECK(s.read(R"(["metal"])") == R"(["meta!)");
    CHECK(s.read("[\"\u00e9t\u00e9\", \"\\u00e9t\\u00e9\", \"\\u00e0\"]") ==
          "[\"\u00e9t\u00e9\", \"\\u00e9t\\u00e9\", \"\\u00e0!");
    streamed c(R"({"const": "yes"})");
    CHECK(c.read(R"("yes")") == R"("yes".)");
    CHECK(c.read(R"("yep")") == R"("yep!)");
    CHECK(c.read(R"("yess")") == R"("yess!)");
}

TEST_CASE("a string fails where it is too long, or no continuation matches its pattern")
{
    streamed s(R"({"maxLength": 3})");
    CHECK(s.read("\"ab\u00e9\"") == "\"ab\u00e9\".");
    CHECK(s.read(R"("ab\ncd")") == R"("ab\nc!)");
    streamed p(R"({"pattern": "^[a-z]+-\\d{2}$"})");
    CHECK(p.read(R"("ab-12")") == R"("ab-12".)");
    CHECK(p.read(R"("ab-1x")") == R"("ab-1x!)");
    CHECK(p.read(R"("ab-123")") == R"("ab-123!)");
    CHECK(p.read(R"("ab-1")") == R"("ab-1"!)");
    streamed t(R"({"pattern": "^x-"})");
    CHECK(t.read(R"("x-y")") == R"("x-y".)");
    CHECK(t.read(R"("xy")") == R"("xy!)");
    streamed f(R"({"format": "date"})");
    CHECK(f.read(R"("2024-13-01")") == R"("2024-13-01"!)");
}

TEST_CASE("a number fails at its sign where that decides, and else behind it")
{
    streamed s(R"({"items": {"minimum": 1, "maximum": 10}})");
    CHECK(s.read("[-1]") == "[-!");
    CHECK(s.read("[11]") == "[11]!"); // 11e-1 would do
    CHECK(s.read("[11e-1, 10]") == "[11e-1, 10].");
    streamed n(R"({"exclusiveMaximum": 0})");
    CHECK(n.read("5") == "5!");
    CHECK(n.read("-5") == "-5.");
    streamed zero(R"({"minimum": 0})");
    CHECK(zero.read("-0.0") == "-0.0.");
}

TEST_CASE("an object fails at the name that decides")
{
    streamed s(R"({"type": "object", "properties": {"a": {}, "b": false}, "required": ["a"],
                   "additionalProperties": false})");
    CHECK(s.read(R"({"a": 1})") == R"({"a": 1}.)");
    CHECK(s.read(R"({"c": 1})") == R"({"c"!)");
    CHECK(s.why() == "/c #/additionalProperties: expected no such property");
    CHECK(s.read(R"({"b": 1})") == R"({"b"!)");
    CHECK(s.read(R"({ })") == R"({ }!)");
    CHECK(s.why() == " #/required: expected the property \"a\"");
    streamed n(R"({"propertyNames": {"maxLength": 3}, "maxProperties": 2,
                   "patternProperties": {"^n": {"type": "number"}}})");
    CHECK(n.read(R"({"abcd": 1})") == R"({"abcd"!)");
    CHECK(n.why() == " #/propertyNames/maxLength: expected at most 3 characters");
    CHECK(n.read(R"({"a": 1, "b": 2, "c": 3})") == R"({"a": 1, "b": 2,!)");
    CHECK(n.read(R"({"n": "x"})") == R"({"n": "!)");
    streamed d(R"({"dependentSchemas": {"a": {"required": ["b"]}},
                   "dependentRequired": {"c": ["d"]}})");
    CHECK(d.read(R"({"a": 1, "b": 1})") == R"({"a": 1, "b": 1}.)");
    CHECK(d.read(R"({"a": 1})") == R"({"a": 1}!)");
    CHECK(d.read(R"({"c": 1})") == R"({"c": 1}!)");
}

TEST_CASE("an array fails at the comma behind which too much would come")
{
    streamed s(R"({"maxItems": 2})");
    CHECK(s.read("[1, 2]") == "[1, 2].");
    CHECK(s.read("[1, 2, 3]") == "[1, 2,!");
    streamed t(R"({"prefixItems": [{"type": "string"}], "items": false})");
    CHECK(t.read(R"(["a", 1])") == R"(["a",!)");
    CHECK(t.read("[1]") == "[1!");
    streamed e(R"({"maxItems": 0})");
    CHECK(e.read("[]") == "[].");
    CHECK(e.read("[ 1]") == "[ 1!");
    streamed c(R"({"contains": {"const": 1}, "maxContains": 1})");
    CHECK(c.read("[1, 2]") == "[1, 2].");
    CHECK(c.read("[1, 1, 3]") == "[1, 1,!");
    CHECK(c.read("[2, 3]") == "[2, 3]!");
    streamed u(R"({"uniqueItems": true})");
    CHECK(u.read("[1, 2, 1]") == "[1, 2, 1]!");
}

TEST_CASE("branches fail when all of them have")
{
    streamed s(R"({"anyOf": [{"properties": {"kind": {"const": "circle"}}, "required": ["kind"]},
                             {"properties": {"kind": {"const": "cube"}, "side": {"minimum": 1}},
                              "required": ["kind", "side"]}]})");
    CHECK(s.read(R"({"kind": "circle"})") == R"({"kind": "circle"}.)");
    CHECK(s.read(R"({"kind": "cone"})") == R"({"kind": "co!)");
    CHECK(s.why().starts_with(" #/anyOf: "));
    CHECK(s.read(R"({"kind": "cube", "side": -1})") == R"({"kind": "cube", "side": -!)");
    streamed o(R"({"oneOf": [{"type": "string"}, {"maxLength": 2}]})");
    CHECK(o.read(R"("ab")") == R"("ab"!)");
    CHECK(o.read(R"("abc")") == R"("abc".)");
    streamed n(R"({"not": {"type": "string"}})");
    CHECK(n.read(R"("a")") == R"("a"!)"); // decided when the value ends
    streamed i(R"({"if": {"properties": {"a": {"const": 1}}, "required": ["a"]},
                   "then": {"required": ["b"]}, "else": {"required": ["c"]}})");
    CHECK(i.read(R"({"a": 1, "b": 1})") == R"({"a": 1, "b": 1}.)");
    CHECK(i.read(R"({"a": 1, "c": 1})") == R"({"a": 1, "c": 1}!)");
    CHECK(i.read(R"({"a": 2, "c": 1})") == R"({"a": 2, "c": 1}.)");
}

TEST_CASE("what is unevaluated is decided when its value ends")
{
    streamed s(
        R"({"items": {"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": false}})");
    CHECK(s.read(R"([{"a": 1}, {}])") == R"([{"a": 1}, {}].)");
    CHECK(s.read(R"([{"b": 1}, {}])") == R"([{"b": 1}!)");
    CHECK(s.why().starts_with("/0 #/items/unevaluatedProperties: "));
}

TEST_CASE("a stream is used again")
{
    streamed s(R"({"type": "object"})");
    CHECK(s.feed("{\"a\": [tru") == stream_state::open);
    s->restart();
    CHECK(s.feed("[") == stream_state::failed);
    s->restart();
    CHECK(s->partial().is_null());
    CHECK(s.feed("{\"b\": 1}") == stream_state::complete);
    CHECK(s->partial() == *json::parse(R"({"b": 1})"));
}

TEST_CASE("references are followed")
{
    streamed s(R"({"$ref": "#/$defs/node", "$defs": {"node": {"type": "object",
        "properties": {"next": {"$ref": "#/$defs/node"}}, "additionalProperties": false}}})");
    CHECK(s.read(R"({"next": {"next": {}}})") == R"({"next": {"next": {}}}.)");
    CHECK(s.read(R"({"next": {"next": {"x": 1}}})") == R"({"next": {"next": {"x"!)");
    CHECK(s.why() == "/next/next/x #/$defs/node/additionalProperties: expected no such property");
}

TEST_CASE("what arrives is handed out, and what is final is known")
{
    streamed s("{}");
    s.feed(R"({"a": [1, "tw)");
    CHECK(s->partial() == *json::parse(R"({"a": [1, "tw"]})"));
    CHECK(s->open_value() == "/a/1");
    CHECK(s->is_final("/a/0"));
    CHECK_FALSE(s->is_final("/a/1"));
    CHECK_FALSE(s->is_final("/a"));
    CHECK_FALSE(s->is_final(""));
    s.feed(R"(o"], "b": 12)");
    CHECK(s->partial() == *json::parse(R"({"a": [1, "two"]})"));
    CHECK(s->is_final("/a"));
    CHECK(s->open_value() == "/b");
    CHECK(s.feed("3}") == stream_state::complete);
    CHECK(s->partial() == *json::parse(R"({"a": [1, "two"], "b": 123})"));
    CHECK(s->is_final(""));
    CHECK(s.feed(" \n") == stream_state::complete);
    CHECK(s.feed("x") == stream_state::failed);
}

TEST_CASE("what is no JSON fails where it goes wrong")
{
    streamed s("{}");
    CHECK(s.read(R"({"a" 1})") == R"({"a" 1!)");
    CHECK(s.read("[1,]") == "[1,]!");
    CHECK(s.read("[01]") == "[01!");
    CHECK(s.read("[1.]") == "[1.]!");
    CHECK(s.read("[tru]") == "[tru]!");
    CHECK(s.read("\"\\ud800x") == "\"\\ud800x!");
    CHECK(s.read("\"\xc3(") == "\"\xc3(!");
    CHECK(s.read("\"\n") == "\"\n!");
    CHECK(s.read("{} x") == "{} x!");
    CHECK(s.read(R"({"a": 1, "a": 2})") == R"({"a": 1, "a"!)");
    CHECK(s.why() == " #: expected no key twice in an object");
    CHECK(s.read("[1e999]") == "[1e999]!");
    CHECK(s.read("12") == "12.");
    CHECK(s.read("[") == "[");
    CHECK(s->state() == stream_state::failed); // finish() said so
}

TEST_CASE("what goes too deep, or is too large, is refused")
{
    streamed s("{}");
    CHECK(s.feed(std::string(65, '[')) == stream_state::refused);
    CHECK(s->why()->offset == 64);
    CHECK(s->why()->expected == "at most 64 brackets within each other");
}
