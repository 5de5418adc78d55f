// What docs/streaming-validation.md and docs/patterns-and-formats.md show.

#include "haiga/schema/compile.hpp"
#include "haiga/schema/formats.hpp"
#include "haiga/schema/pattern.hpp"
#include "haiga/schema/stream.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace haiga;

namespace {

void show(boost::json::value const&) {}

auto watch(schema::program const& tool, std::vector<std::string> const& pieces) -> std::string
{
    schema::stream_validator stream(tool);
    for (auto const& piece : pieces) { // cut anywhere, even within a character
        if (stream.feed(piece) == schema::stream_state::failed) {
            return stream.why()->message();
        }
        show(stream.partial()); // a Boost.JSON value of what has arrived
    }
    return stream.finish() == schema::stream_state::complete ? "valid" : stream.why()->message();
}

auto is_plate(std::string_view text) -> result<bool>
{
    HAIGA_TRY(auto const plate, schema::pattern::compile("^\\p{Lu}{2}-\\d{1,4}$"));
    schema::pattern_scratch scratch; // one a thread, for any number of patterns
    return plate.found_in(text, scratch);
}

} // namespace

TEST_CASE("arguments are judged while they arrive")
{
    auto const tool = schema::compile(*json::parse(R"({"type": "object", "properties": {
        "city": {"type": "string"}, "unit": {"enum": ["metric", "imperial"]}}})"));
    REQUIRE(tool);
    CHECK(watch(*tool, {"{\"city\": \"Ky", "oto\", \"un", "it\": \"kelvin\"}"}) ==
          "at byte 27, in \"/unit\": expected one of \"metric\", \"imperial\"");
    CHECK(watch(*tool, {"{\"city\": \"Ky", "oto\"}"}) == "valid");
}

TEST_CASE("patterns and formats are shown")
{
    CHECK(*is_plate("KY-42"));
    CHECK_FALSE(*is_plate("ky-42"));
    auto const is_name = schema::find_format("idn-hostname", schema::dialect::draft2020_12);
    CHECK(is_name("b\u00fccher.example"));
    CHECK_FALSE(is_name("b\u00fccher..example"));
}
