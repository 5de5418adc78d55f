#include "haiga/base/bytes.hpp"
#include "haiga/schema/check_schema.hpp"

#include "tests/fuzz/seeds.hpp"

#include <cstdlib>
#include <string_view>

// The first line is a schema, the rest an instance: whatever they are, all ways to ask agree, or
// say in one line why there is no answer.

extern "C" auto LLVMFuzzerInitialize(int* count, char*** arguments) -> int
{
    constexpr std::string_view seeds[] = {
        "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#/$defs/b\"}},\"$defs\":{\"b\":{"
        "\"oneOf\":[{\"type\":\"integer\",\"minimum\":3},{\"enum\":[\"x\",1.5]}]}},\"required\":["
        "\"a\"],\"additionalProperties\":false}\n{\"a\": 5}",
        "{\"anyOf\":[{\"properties\":{\"k\":{\"const\":\"a\"}},\"required\":[\"k\"],\"type\":"
        "\"object\"},{\"properties\":{\"k\":{\"enum\":[\"b\"]}},\"required\":[\"k\"],\"type\":"
        "\"object\"}],\"unevaluatedProperties\":{\"multipleOf\":0.01}}\n{\"k\": \"b\", \"x\": "
        "0.03}",
        "{\"$id\":\"http://x/"
        "a\",\"$dynamicAnchor\":\"t\",\"prefixItems\":[{\"$dynamicRef\":\"#t\"}],"
        "\"contains\":{\"not\":{\"type\":\"array\"}},\"minContains\":0,\"uniqueItems\":true,"
        "\"unevaluatedItems\":false}\n[[], 1, 1.0]",
        "{\"$schema\":\"http://json-schema.org/draft-07/"
        "schema#\",\"items\":[{\"pattern\":\"^a+$\"}],"
        "\"additionalItems\":{\"format\":\"date\"},\"if\":{\"minItems\":2},\"then\":{\"maxItems\":"
        "3},"
        "\"dependencies\":{\"a\":[\"b\"]},\"propertyNames\":{\"maxLength\":3}}\n[\"aa\", "
        "\"2026-01-01\"]",
        "{\"$schema\":\"https://json-schema.org/draft/2019-09/schema\",\"$recursiveAnchor\":true,"
        "\"additionalProperties\":{\"$recursiveRef\":\"#\"},\"patternProperties\":{\"^x\":false},"
        "\"dependentSchemas\":{\"y\":{\"minProperties\":2}}}\n{\"y\": {\"x\": 1}}"};
    for (std::size_t i = 0; i < std::size(seeds); ++i) {
        haiga_test::add_seed(
            {*arguments, static_cast<std::size_t>(*count)}, "schema" + std::to_string(i),
            {reinterpret_cast<unsigned char const*>(seeds[i].data()), seeds[i].size()});
    }
    return 0;
}

namespace {

using namespace haiga;

void expect(bool holds)
{
    if (!holds) {
        std::abort();
    }
}

template <class T>
void expect_one_line(result<T> const& r)
{
    expect(r || haiga_test::is_one_line(r.error()));
}

void judge(schema::program const& program, boost::json::value const& instance,
           std::string_view text)
{
    schema::evaluation_limits const limits{.steps = 20000, .noted_steps = 20000};
    schema::validator ask(program, limits);
    auto const verdict = ask.accepts(instance);
    auto const violations = ask.violations(instance, text, 50);
    auto const repair = ask.repair(instance);
    expect_one_line(verdict);
    expect_one_line(violations);
    // Reports take more steps than verdicts, and may stop where these do not.
    if (!verdict || !violations || !repair) {
        return;
    }
    expect(*verdict == violations->empty());
    expect(*verdict == repair->empty());
    for (auto const& one : *violations) {
        expect(one.offset && *one.offset < text.size());
    }
    for (auto const format : {schema::output_format::basic, schema::output_format::verbose,
                              schema::output_format::hierarchical}) {
        auto const output = ask.output(instance, format);
        expect_one_line(output);
        expect(!output || output->at("valid") == *verdict);
    }
}

} // namespace

extern "C" auto LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) -> int
{
    auto const text = as_text(std::as_bytes(std::span(data, size)));
    auto const line = std::min(text.find('\n'), text.size());
    auto const document = json::parse(text.substr(0, line));
    auto const rest = text.substr(std::min(line + 1, text.size()));
    auto const instance = json::parse(rest);
    if (!document) {
        return 0;
    }
    auto const program =
        schema::compile(*document, {.assert_formats = true, .assert_content = true});
    expect_one_line(program);
    expect_one_line(schema::check_schema(*document));
    if (program && instance) {
        judge(*program, *instance, rest);
    }
    return 0;
}
