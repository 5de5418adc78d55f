#include "haiga/context/model_catalogue.hpp"
#include "haiga/context/cost.hpp"

#include <doctest/doctest.h>

using namespace haiga;

namespace model_catalogue_test {

using context::model_catalogue;

TEST_CASE("a model is found by any of its names")
{
    auto const all = model_catalogue::built_in();
    for (std::string_view const name :
         {"claude-haiku-4-5-20251001", "claude-haiku-4-5", "claude-haiku-4-5@20251001",
          "us.anthropic.claude-haiku-4-5-20251001-v1:0", "anthropic/claude-haiku-4-5"}) {
        CAPTURE(name);
        CHECK(all.find(name).value().id == "claude-haiku-4-5-20251001");
    }
    CHECK(all.find("claude-opus-4-6").value().context == 1'000'000);
    auto const missing = all.find("gpt-4o").error();
    CHECK(missing.code == errc::not_found);
    CHECK(missing.message.find("gpt-4o") != std::string::npos);
    CHECK(missing.message.find("claude-haiku-4-5-20251001") != std::string::npos);
    CHECK_FALSE(all.find(""));
}

TEST_CASE("the built-in models are as Anthropic publishes them")
{
    // platform.claude.com/docs/en/about-claude/pricing: reading costs a tenth, writing 1.25 and 2
    // times of the input, but for those models that it lists with prices of their own
    auto const all = model_catalogue::built_in();
    int regular = 0;
    for (auto const& m : all.models()) {
        CAPTURE(m.id);
        CHECK(m.max_output < m.context);
        CHECK(m.prices.output == doctest::Approx(5 * m.prices.input));
        auto const& p = m.prices;
        regular += p.cache_read == doctest::Approx(p.input / 10) &&
                           p.cache_write_5m == doctest::Approx(1.25 * p.input) &&
                           p.cache_write_1h == doctest::Approx(2 * p.input)
                       ? 1
                       : 0;
    }
    CHECK(all.models().size() == 17);
    CHECK(regular == 13); // not Fable 5.1, Opus 5.5, Sonnet 5.5, Haiku 3
    auto const haiku = all.find("claude-haiku-4-5").value();
    CHECK(haiku.cache_minimum == 4096);
    CHECK(haiku.tool_prompt.autonomous == 496);
    CHECK(haiku.tool_prompt.any == 588);
    auto const tiered = all.find("claude-haiku-5-5").value();
    CHECK(context::prices_of(tiered, 100'000).input == 0.1);
    CHECK(context::prices_of(tiered, 100'001).input == 0.5);
}

TEST_CASE("a user's models are added, change others, or stand alone")
{
    constexpr auto mine = R"({"models": [
        {"id": "mine", "context": 1000, "max_output": 100,
         "prices": {"input": 1, "output": 2, "cache_write_5m": 1, "cache_write_1h": 1,
                    "cache_read": 0}},
        {"id": "claude-opus-4-6", "max_output": 5}]})";
    auto all = model_catalogue::built_in();
    auto const before = all.models().size();
    REQUIRE(all.extend(mine));
    CHECK(all.models().size() == before + 1);
    CHECK(all.find("mine").value().title == "mine");
    CHECK(all.find("claude-opus-4-6").value().max_output == 5);
    CHECK(all.find("claude-opus-4-6").value().prices.input == 5);
    CHECK(model_catalogue::read(mine).error().message ==
          R"(model "claude-opus-4-6": "context" is missing)");
}

TEST_CASE("a catalogue that is wrong is refused as a whole, with one reason")
{
    auto all = model_catalogue::built_in();
    auto const before = all.find("claude-opus-4-6").value().context;
    auto const message = [&](std::string_view text) { return all.extend(text).error().message; };
    CHECK(message("[]") == "expected an object");
    CHECK(message("{}") == R"("models" is missing)");
    CHECK(message(R"({"models": [{"context": 1}]})") == R"(a model: "id" is missing)");
    CHECK(message(R"({"models": [{"id": "claude-opus-4-6", "context": 7},
                                 {"id": "x", "context": "long", "max_output": 1}]})") ==
          R"(model "x": "context": expected a whole number in range)");
    CHECK(all.find("claude-opus-4-6").value().context == before);
    CHECK(
        message(R"({"models": [{"id": "claude-opus-4-6", "context": 0}]})") ==
        R"(model "claude-opus-4-6": needs an "id", and a "context" and a "max_output" of at least 1 token)");
    CHECK(message(R"({"models": [{"id": "claude-opus-4-6", "prices": {"input": -1, "output": 0,
              "cache_write_5m": 0, "cache_write_1h": 0, "cache_read": 0}}]})") ==
          R"(model "claude-opus-4-6": "prices": a price is -1)");
    CHECK(message(R"({"models": [], "models": []})").find("occurs twice") != std::string::npos);
    CHECK(all.extend("{").error().code == errc::truncated);
}

TEST_CASE("a request costs what its usage says")
{
    auto const haiku = model_catalogue::built_in().find("claude-haiku-4-5").value();
    messages::usage usage;
    usage.input_tokens = 1'000'000;
    usage.output_tokens = 200'000;
    CHECK(context::cost_of(usage, haiku).input == doctest::Approx(1));  // USD 1 a million
    CHECK(context::cost_of(usage, haiku).output == doctest::Approx(1)); // USD 5 a million
    usage.cache_creation_input_tokens = 3'000'000;
    usage.cache_read_input_tokens = 10'000'000;
    CHECK(context::cost_of(usage, haiku).input == doctest::Approx(1 + 3 * 1.25 + 10 * 0.1));
    usage.cache_creation.emplace();
    usage.cache_creation->ephemeral_1h_input_tokens = 1'000'000;
    CHECK(context::cost_of(usage, haiku).input == doctest::Approx(1 + 2 * 1.25 + 2 + 10 * 0.1));
    usage.service_tier = "batch";
    CHECK(context::cost_of(usage, haiku).total() == doctest::Approx((1 + 2.5 + 2 + 1 + 1) / 2));
}

TEST_CASE("a request that will be sent costs so much with and without cache and batch")
{
    using enum context::cache_use;
    auto const haiku = model_catalogue::built_in().find("claude-haiku-4-5").value();
    auto const cost = [&](context::cache_use use, bool batch) {
        return context::cost_of_next({100'000, 5'000}, 80'000, 10'000, haiku, use, batch);
    };
    CHECK(cost(none, false).input == doctest::Approx(0.1));
    CHECK(cost(none, false).input_error == doctest::Approx(0.005));
    CHECK(cost(none, false).output == doctest::Approx(0.05));
    CHECK(cost(none, false).most() == doctest::Approx(0.155));
    CHECK(cost(none, true).most() == doctest::Approx(0.155 / 2));
    CHECK(cost(write_5m, false).input == doctest::Approx(0.02 + 0.08 * 1.25));
    CHECK(cost(write_1h, false).input == doctest::Approx(0.02 + 0.08 * 2));
    CHECK(cost(read, false).input == doctest::Approx(0.02 + 0.08 * 0.1));
    CHECK(cost(read, true).input == doctest::Approx((0.02 + 0.08 * 0.1) / 2));
}

} // namespace model_catalogue_test
