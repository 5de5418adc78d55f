#include "haiga/context/cache_plan.hpp"
#include "haiga/context/conversation.hpp"

#include "tests/archetypes/context.hpp"
#include "tests/context/examples.hpp"

#include <doctest/doctest.h>

using namespace haiga;

namespace cache_test {

using namespace context_test;
using context::nowhere;
using context::part_kind;

auto text(std::size_t bytes) -> std::string { return std::string(bytes, 'x'); }

/// A system prompt and a tool of so many bytes, which are tokens, and some messages of 10.
auto example(std::size_t system, std::size_t tool, std::size_t messages) -> context::conversation
{
    std::string all = R"({"system": ")" + text(system) + R"(", "tools": [{"name": "f",
        "description": ")" +
                      text(tool) + R"(", "input_schema": {}}], "messages": [)";
    for (std::size_t i = 0; i < messages; ++i) {
        all += (i > 0 ? "," : "") + std::string(R"({"role": ")") +
               (i % 2 == 0 ? "user" : "assistant") + R"(", "content": ")" + text(10) + R"("})";
    }
    return read(all + "]}");
}

auto plan(context::conversation const& c, context::cache_expectation const& expected = {})
{
    auto const book = context::ledger_of(c, haiku(), archetypes::token_counter{});
    return context::plan_cache(book, c.prompt, expected);
}

auto places(context::cache_plan const& p)
{
    std::vector<std::pair<part_kind, std::size_t>> all;
    for (auto const& point : p.points) {
        all.emplace_back(point.where, point.message);
    }
    return all;
}
using place_list = std::vector<std::pair<part_kind, std::size_t>>;

TEST_CASE("breakpoints stand behind tools, system prompt and messages, where each is long enough")
{
    // Haiku 4.5 caches nothing below 4,096 tokens
    using enum part_kind;
    CHECK(places(plan(example(5000, 5000, 1))) ==
          place_list{{tools, nowhere}, {part_kind::system, nowhere}, {part_kind::text, 0}});
    CHECK(places(plan(example(5000, 10, 1))) ==
          place_list{{part_kind::system, nowhere}, {part_kind::text, 0}});
    CHECK(places(plan(example(3575, 10, 1))) == place_list{{part_kind::text, 0}});
    CHECK(places(plan(example(10, 10, 1))).empty());
    auto const p = plan(example(5000, 5000, 1));
    CHECK(p.points[0].prefix.tokens == 496 + 5000 + 1 + 2 + 10);
    CHECK(p.cached == p.points[2].prefix.tokens);
    CHECK(p.cached == p.points[1].prefix.tokens + 17);
}

TEST_CASE("a prefix that is long enough only if it is overestimated gets no breakpoint")
{
    auto const c =
        example(3564, 10, 1); // 4100 tokens, 10 of them for the tool's frame, give or take 10
    auto const book = context::ledger_of(c, haiku(), archetypes::token_counter{});
    CHECK(book.total().tokens > 4096);
    CHECK(book.total().least() < 4096);
    CHECK(plan(c).points.empty());
}

TEST_CASE("it pays only if somebody comes back in time")
{
    auto const c = example(9000, 10, 1);
    CHECK(plan(c, {.requests = 0}).points.empty());
    auto const once = plan(c, {.requests = 1});
    // writing costs a quarter more than the input, reading saves nine tenths of it; USD 1 a million
    CHECK(once.saved == doctest::Approx((0.9 - 0.25) * once.cached * 1e-6));
    CHECK(plan(c, {.requests = 1, .hour = true}).points.empty()); // twice the price, saved once
    auto const twice = plan(c, {.requests = 2, .hour = true});
    CHECK(twice.saved == doctest::Approx((2 * 0.9 - 1) * twice.cached * 1e-6));
}

TEST_CASE("a long answer gets a breakpoint where the request before it ended")
{
    auto c = example(9000, 10, 3);
    CHECK(plan(c).points.size() == 2); // system, and the last message
    for (int i = 0; i < 20; ++i) {
        c.prompt.messages[1].content.blocks.push_back({messages::text_block{"x"}});
    }
    CHECK(places(plan(c)) ==
          place_list{{part_kind::system, nowhere}, {part_kind::text, 0}, {part_kind::text, 2}});
}

TEST_CASE("there are never more than four, and those that are there count")
{
    auto c = example(5000, 5000, 3);
    auto& system = *c.prompt.system;
    for (int i = 0; i < 5; ++i) {
        messages::text_block marked{"x"};
        marked.cache_control.emplace();
        CHECK(plan(c).points.size() == static_cast<std::size_t>(std::max(0, std::min(3, 4 - i))));
        system.blocks.push_back({marked});
    }
    auto by_itself = example(5000, 5000, 3);
    by_itself.prompt.cache_control.emplace(); // the API places one
    CHECK(plan(by_itself).points.size() == 3);
}

TEST_CASE("a breakpoint is set on a block that can have one")
{
    auto c = example(9000, 10, 2);
    c.prompt.messages[1].content.blocks.push_back({messages::thinking_block{"hm", "s"}});
    auto const p = plan(c, {.requests = 3, .hour = true});
    REQUIRE(places(p) == place_list{{part_kind::system, nowhere}, {part_kind::text, 1}});
    CHECK(p.points[1].block == 0);
    context::mark(c.prompt, p);
    auto const written = messages::write(c.prompt);
    CHECK(written.at("messages").at(1).at("content").at(0).at("cache_control").at("ttl") == "1h");
    CHECK(written.at("system").at(0).at("cache_control").at("type") == "ephemeral");
    CHECK(written.at("messages").at(0).at("content").is_string());
    CHECK(plan(c, {.requests = 3, .hour = true}).points.size() == 2); // two of four are left
}

} // namespace cache_test
