#include "haiga/schema/strict.hpp"

#include "haiga/base/bytes.hpp"
#include "haiga/json/parse.hpp"
#include "tests/fuzz/seeds.hpp"

#include <cstdlib>
#include <string_view>

// Whatever has a strict form, that form is its own and loses nothing; whatever has none, one line
// says why.

extern "C" auto LLVMFuzzerInitialize(int* count, char*** arguments) -> int
{
    constexpr std::string_view seed = R"({"type": "object", "required": ["a", "z"], "properties":
        {"a": {"oneOf": [{"type": "string", "minLength": 1, "format": "date"}, {"const": 1}]},
        "b": {"$ref": "#/$defs/c"}, "d": {"allOf": [{"properties": {"e": true}}]}}, "$defs": {"c":
        {"type": ["array", "null"], "items": {"enum": [1]}, "minItems": 1, "default": []}},
        "additionalProperties": {}, "not": {}, "if": false})";
    haiga_test::add_seed({*arguments, static_cast<std::size_t>(*count)}, "schema",
                         {reinterpret_cast<unsigned char const*>(seed.data()), seed.size()});
    return 0;
}

extern "C" auto LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) -> int
{
    using namespace haiga;
    auto const given = json::parse(as_text(std::as_bytes(std::span(data, size))));
    if (!given) {
        return 0;
    }
    for (auto const who : {schema::vendor::anthropic, schema::vendor::openai}) {
        auto const once = schema::strict_form(*given, who);
        if (!once) {
            if (!haiga_test::is_one_line(once.error())) {
                std::abort();
            }
            continue;
        }
        auto const twice = schema::strict_form(boost::json::value(once->schema), who);
        if (!twice || twice->schema != once->schema || !twice->lost.empty()) {
            std::abort();
        }
    }
    return 0;
}
