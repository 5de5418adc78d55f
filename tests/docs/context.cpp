// What docs/modules.md and docs/context-window.md show of messages and the context window.

#include "haiga/context/apply_window.hpp"
#include "haiga/context/claude_counter.hpp"
#include "haiga/context/conversation.hpp"
#include "haiga/context/model_catalogue.hpp"
#include "haiga/messages/response.hpp"

#include <doctest/doctest.h>

using namespace haiga;

namespace {

auto with_greeting(std::string_view body) -> result<boost::json::value>
{
    HAIGA_TRY(auto const document, json::parse(body));
    HAIGA_TRY(auto request, messages::read<messages::request>(document));
    request.system = messages::plain_text("Greet whoever writes to you.");
    return messages::write(request);
}

auto tokens_of(std::string_view file) -> result<context::token_count>
{
    HAIGA_TRY(auto const conversation, context::read_conversation(file));
    HAIGA_TRY(auto const model, context::model_catalogue::built_in().find("claude-haiku-4-5"));
    return context::ledger_of(conversation, model, context::claude_counter{}).total();
}

auto own_model() -> result<context::model>
{
    auto models = context::model_catalogue::built_in();
    HAIGA_TRY_VOID(models.extend(R"({"models": [{"id": "claude-haiku-4-5-20251001",
        "prices": {"input": 0.9, "output": 4.5, "cache_write_5m": 1.2, "cache_write_1h": 1.9,
                   "cache_read": 0.1}}]})"));
    return models.find("claude-haiku-4-5");
}

auto count_a_turn(context::model const& model, messages::message const& question,
                  messages::response const& answer) -> context::token_count
{
    context::ledger book(model, context::claude_counter{});
    book.add(question);
    book.report(answer.usage); // exact up to here
    messages::message reply{.role = messages::role::assistant};
    reply.content = messages::content(answer.content);
    book.add(reply);
    return book.total();
}

auto fitted(context::conversation const& c, context::ledger<context::claude_counter> const& book)
    -> result<messages::prompt>
{
    auto const plan =
        context::plan_window(book, c.prompt.messages, {.max_output = 2000, .summarise = 300});
    auto const summarise = [](std::span<messages::message const> dropped,
                              std::int64_t) -> result<std::string> {
        return concat("(", dropped.size(), " earlier messages are left out)");
    };
    return context::apply_window(plan, c.prompt, context::no_hook{}, summarise);
}

constexpr std::string_view greeting =
    R"({"model": "claude-haiku-4-5", "max_tokens": 100, "messages":
    [{"role": "user", "content": "Hello, world!"}]})";

} // namespace

TEST_CASE("messages are read, changed and written")
{
    CHECK(with_greeting(greeting).value().at("system") == "Greet whoever writes to you.");
    CHECK_FALSE(with_greeting("{}"));
}

TEST_CASE("a greeting has as many tokens as the API says, give or take one")
{
    CHECK(std::abs(tokens_of(greeting).value().tokens - (4 + 7)) < 1); // claude_haiku_4_5_counts
}

TEST_CASE("a model may have other prices")
{
    CHECK(own_model().value().prices.input == 0.9);
    CHECK(own_model().value().context == 200'000);
}

TEST_CASE("a ledger of a turn")
{
    messages::message question;
    question.content = messages::plain_text("Hello, world!");
    messages::response answer;
    answer.content.push_back({messages::text_block{"Hi!"}});
    answer.usage.input_tokens = 11;
    auto const total = count_a_turn(own_model().value(), question, answer);
    CHECK(total.tokens > 11);
    CHECK(total.tokens < 25);
}

TEST_CASE("a conversation that is too long is cut")
{
    auto c = context::read_conversation(greeting).value();
    auto small = own_model().value();
    small.context = 2350;
    for (int i = 0; i < 50; ++i) {
        c.prompt.messages.push_back({.role = messages::role::assistant});
        c.prompt.messages.back().content = messages::plain_text("Hello to you, too!");
        c.prompt.messages.push_back(c.prompt.messages.front());
    }
    auto const book = context::ledger_of(c, small, context::claude_counter{});
    auto const kept = fitted(c, book);
    REQUIRE(kept);
    CHECK(kept->messages.size() < c.prompt.messages.size());
    CHECK(messages::write(kept->messages.front()).at("content").as_string().starts_with("("));

    context::exact_counter const bytes([](std::string_view text) { return text.size(); });
    CHECK(bytes.count("four") == context::token_count{4, 0});
}
