#include "tests/apps/desk.hpp"

#include <doctest/doctest.h>

// haiga-words window: 0 fits, 1 does not or bad input, 2 usage. haiga-words derive-strict: 0, 1, 2.

using haiga_test::desk;
using haiga_test::write;

TEST_CASE("haiga-words window tells whether a conversation fits")
{
    desk d;
    auto const window = [&](std::vector<std::string> const& more) {
        std::vector<std::string> words{HAIGA_WORDS, "window", (d / "talk.json").string()};
        words.insert(words.end(), more.begin(), more.end());
        return d.run(std::move(words));
    };
    write(d / "talk.json", R"([{"role": "user", "content": "Hello, world!"}])");
    CHECK(window({"--model", "claude-haiku-4-5"}) == 0);
    CHECK_MESSAGE(d.said("it fits"), d.said());
    CHECK(window({}) == 1);
    CHECK_MESSAGE(d.complained_of("neither --model nor the conversation names a model"), d.said());
    CHECK(window({"--model", "gpt-2"}) == 1);
    CHECK_MESSAGE(d.complained_of("no model \"gpt-2\" in the catalogue"), d.said());
    CHECK(window({"--model", "claude-haiku-4-5", "--max-output", "100000"}) == 1);
    CHECK_MESSAGE(d.complained_of("answers with at most 64000 tokens"), d.said());
    CHECK(window({"--max-output", "0"}) == 2);

    write(d / "models.json",
          R"({"models": [{"id": "tiny", "context": 20, "max_output": 10, "prices":
        {"input": 1, "output": 1, "cache_write_5m": 1, "cache_write_1h": 1, "cache_read": 1}}]})");
    CHECK(window({"--model", "tiny", "--models", (d / "models.json").string()}) == 1);
    CHECK_MESSAGE(d.said("IT DOES NOT FIT"), d.said());
    write(d / "models.json", R"({"models": [{"id": "tiny"}]})");
    CHECK(window({"--model", "tiny", "--models", (d / "models.json").string()}) == 1);
    CHECK_MESSAGE(d.complained_of("models.json: model \"tiny\": \"context\" is missing"), d.said());
    write(d / "talk.json", R"([{"role": "user"}])");
    CHECK(window({"--model", "claude-haiku-4-5"}) == 1);
    CHECK_MESSAGE(d.complained_of("talk.json: \"messages\": item 0: \"content\" is missing"),
                  d.said());
}

TEST_CASE("haiga-words derive-strict writes the strict form of a schema")
{
    desk d;
    auto const derive = [&](std::string const& vendor) {
        return d.run({HAIGA_WORDS, "derive-strict", (d / "schema.json").string(), "--for", vendor});
    };
    write(d / "schema.json", R"({"type": "object", "properties": {"a": {"minLength": 1}}})");
    CHECK(derive("openai") == 0);
    CHECK_MESSAGE(d.said("\"additionalProperties\": false"), d.said());
    CHECK(derive("acme") == 2);
    write(d / "schema.json", R"({"type": "string"})");
    CHECK(derive("openai") == 1);
    CHECK_MESSAGE(d.complained_of("schema.json: the root must be an object"), d.said());
    write(d / "schema.json", "{");
    CHECK(derive("anthropic") == 1);
    CHECK_MESSAGE(d.complained_of("schema.json: JSON: incomplete JSON"), d.said());
}
