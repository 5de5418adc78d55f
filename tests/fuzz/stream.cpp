#include "haiga/schema/stream.hpp"

#include "haiga/json/unique_keys.hpp"
#include "haiga/schema/compile.hpp"
#include "haiga/schema/validator.hpp"
#include "tests/fuzz/seeds.hpp"

#include <cstdlib>
#include <string_view>

// Any bytes are a schema and an instance, divided by a line feed. What the streaming validator says
// of the instance, byte by byte and in pieces, is the verdict on the whole.

namespace {

using namespace haiga;
using schema::stream_state;

auto outcome(schema::program const& p, std::string_view text, std::size_t piece)
    -> std::pair<stream_state, std::size_t>
{
    schema::stream_validator stream(p, {.evaluation = {.steps = 1U << 16U}});
    for (; !text.empty(); text.remove_prefix(std::min(text.size(), piece))) {
        stream.feed(text.substr(0, piece));
    }
    auto const state = stream.finish();
    if (state == stream_state::open ||
        (state == stream_state::complete) == stream.why().has_value()) {
        std::abort();
    }
    return {state, stream.why() ? stream.why()->offset : 0};
}

void check(schema::program const& p, std::string_view text)
{
    auto const bytes = outcome(p, text, 1);
    if (bytes.first != outcome(p, text, text.size() + 1).first || bytes != outcome(p, text, 3)) {
        std::abort();
    }
    auto const value = json::parse_unique(text);
    schema::validator ask(p, {.steps = 1U << 16U});
    auto const verdict = value ? ask.accepts(*value) : result<bool>(false);
    if (bytes.first == stream_state::refused || !verdict) {
        return;
    }
    if ((bytes.first == stream_state::complete) != *verdict) {
        std::abort();
    }
}

} // namespace

extern "C" auto LLVMFuzzerInitialize(int* count, char*** arguments) -> int
{
    int n = 0;
    for (
        std::string_view const seed :
        {R"({"properties":{"a":{"enum":["x","yz"]}},"required":["a"],"additionalProperties":false})"
         "\n{\"a\":\"yz\"}",
         R"({"items":{"oneOf":[{"pattern":"^a+$"},{"maximum":3}]},"maxItems":2})"
         "\n[\"aa\",-1]",
         R"({"if":{"const":1},"then":false,"else":{"not":{"type":"null"}}})"
         "\n2"}) {
        haiga_test::add_seed({*arguments, static_cast<std::size_t>(*count)},
                             "stream" + std::to_string(n++),
                             {reinterpret_cast<unsigned char const*>(seed.data()), seed.size()});
    }
    return 0;
}

extern "C" auto LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) -> int
{
    std::string_view const all(reinterpret_cast<char const*>(data), size);
    auto const line = all.substr(0, all.find('\n'));
    auto const document = json::parse(line);
    if (!document) {
        return 0;
    }
    auto const program = schema::compile(*document);
    if (program) {
        check(*program, all.substr(std::min(all.size(), line.size() + 1)));
    }
    return 0;
}
