#include "haiga/context/window_table.hpp"
#include "haiga/context/conversation.hpp"

#include "tests/archetypes/context.hpp"
#include "tests/context/examples.hpp"

#include <doctest/doctest.h>

using namespace haiga;

namespace window_table_test {

TEST_CASE("a person is told the parts, what would be cut, where the cache pays, and the cost")
{
    // A byte is a token here. The frames are 7 and 5; 640 x 480 pixels are 23 x 18 squares and 65.
    auto const c = context_test::read(R"({"system": "Be brief.", "max_tokens": 64000, "messages": [
        {"role": "user", "content": "a question"},
        {"role": "assistant", "content": "an answer",
         "usage": {"input_tokens": 6002, "output_tokens": 100}},
        {"role": "user", "content": [{"type": "image", "source": {"type": "base64",
          "media_type": "image/png", "data": "iVBORw0KGgoAAAANSUhEUgAAAoAAAAHg"}}]}]})");
    auto haiku = context_test::haiku();
    haiku.context = 70'000;
    auto const book = context::ledger_of(c, haiku, archetypes::token_counter{});
    auto const plan = context::plan_window(book, c.prompt.messages, {});
    auto const cache = context::plan_cache(book, c.prompt, {});
    CHECK(context::window_table(book, c.prompt.messages, plan, cache) ==
          R"(claude-haiku-4-5-20251001: a window of 70,000 tokens, 64,000 of them for the answer

system                                   2,078
message 0 user                           3,924
message 1 assistant                         14  +- 3
message 2 user                             484  +- 68
  image 640 x 480                          479  +- 65
all of it                                6,500  +- 71
fits                                     6,000

would be cut
  drop turn messages 0 to 1              3,938  +- 3
what is left                             2,562  +- 68
it fits

cache breakpoints, which save USD 0.004225
  after block 0 of message 2             6,500  +- 71

spent so far                USD 0.006502
the next request
  without cache             input USD 0.006500 +- 0.000071, output at most USD 0.320000
  prefix written to cache   input USD 0.008125 +- 0.000071, output at most USD 0.320000
  prefix read from cache    input USD 0.000650 +- 0.000071, output at most USD 0.320000
  in a batch                input USD 0.003250 +- 0.000036, output at most USD 0.160000
)");
}

TEST_CASE("numbers are grouped")
{
    CHECK(context::detail::grouped(0) == "0");
    CHECK(context::detail::grouped(999.4) == "999");
    CHECK(context::detail::grouped(1000) == "1,000");
    CHECK(context::detail::grouped(1234567) == "1,234,567");
    CHECK(context::detail::grouped(-123456) == "-123,456");
}

} // namespace window_table_test
