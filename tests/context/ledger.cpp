#include "haiga/context/conversation.hpp"
#include "haiga/context/model_catalogue.hpp"

#include "tests/archetypes/context.hpp"
#include "tests/context/examples.hpp"

#include <doctest/doctest.h>

using namespace haiga;

namespace ledger_test {

using namespace context_test;
using context::part_kind;
using context::token_count;

/// A byte is about a token, give or take a tenth.
struct rough_counter {
    [[nodiscard]] auto count(std::string_view text) const -> token_count
    {
        auto const size = static_cast<double>(text.size());
        return {size, size / 10};
    }
};

auto total_of(std::vector<context::known_part> const& parts) -> token_count
{
    token_count all;
    for (auto const& one : parts) {
        all += one.tokens;
    }
    return all;
}

TEST_CASE("everything that is sent is a part, and the parts are the whole")
{
    auto const c = read(R"({"system": "Be brief.",
        "tools": [{"name": "f", "description": "d", "input_schema": {"type": "object"}},
                  {"type": "web_search_20250305", "name": "web_search"}],
        "messages": [
          {"role": "user", "content": [
            {"type": "image", "source": {"type": "file", "file_id": "x"}},
            {"type": "document", "title": "T", "source": {"type": "text", "media_type":
              "text/plain", "data": "0123456789"}},
            {"type": "text", "text": "What?"}]},
          {"role": "assistant", "content": [
            {"type": "thinking", "thinking": "hm", "signature": "long and secret"},
            {"type": "tool_use", "id": "1", "name": "f", "input": {}}]},
          {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "1", "content": [
            {"type": "text", "text": "done"},
            {"type": "image", "source": {"type": "url", "url": "u"}}]}]}]})");
    auto const book = context::ledger_of(c, haiku(), archetypes::token_counter{});
    auto const parts = book.parts();
    std::vector<std::pair<part_kind, double>> texts;
    for (auto const& p : parts) {
        texts.emplace_back(p.kind, p.text.tokens);
    }
    using enum part_kind;
    CHECK(texts == decltype(texts){{tools, 0},
                                   {tools, 1 + 1 + 17},
                                   {tools, 0},
                                   {context::part_kind::system, 9},
                                   {frame, 0},
                                   {image, 0},
                                   {document, 1 + 10},
                                   {text, 5},
                                   {frame, 0},
                                   {thinking, 2},
                                   {tool_use, 1 + 2},
                                   {frame, 0},
                                   {tool_result, 4},
                                   {image, 0}});
    CHECK(total_of(parts) == book.total());
    CHECK(parts[0].tokens == token_count{496, 0}); // what Haiku 4.5 is charged for having tools
    CHECK(parts[4].tokens == token_count{7, 0});   // measured: a request of one message
    CHECK(parts[5].tokens.least() == 0);           // nobody knows the size of that file
    CHECK(parts[5].tokens.most() == 1568 + 65);
    CHECK(parts[13].inner == 1);
}

TEST_CASE("an image costs a token for 28 x 28 pixels of what the model sees")
{
    context::image_limits const usual;
    auto const patches = [&](std::int64_t w, std::int64_t h) {
        return context::image_tokens({w, h}, usual).tokens - 65;
    };
    // measured on Haiku 4.5: 65 more than the squares that a picture is cut into
    CHECK(patches(28, 28) == 1);
    CHECK(patches(29, 28) == 2);
    CHECK(patches(1092, 1092) == 39 * 39);
    // platform.claude.com/docs/en/build-with-claude/vision: above 1568 pixels or tokens it is
    // shrunk
    for (auto const& [w, h] : {std::pair<std::int64_t, std::int64_t>{8000, 8000},
                               {8000, 100},
                               {1, 8000},
                               {3000, 2000},
                               {1568, 1568}}) {
        auto const seen = context::size_seen({w, h}, usual);
        CHECK(std::max(seen.width, seen.height) <= 1568);
        CHECK(patches(w, h) <= 1568);
        CHECK(seen.width <= w);
        CHECK(context::size_seen(seen, usual) == seen);
    }
    CHECK(patches(3000, 2000) > 1450); // scaled no further than it must be
    context::image_limits const large{2576, 4784, {}};
    CHECK(context::image_tokens({3000, 2000}, large).tokens > 3 * 1450);
    CHECK(context::size_seen({std::int64_t{1} << 31, 1}, usual).width <= 1568);
}

TEST_CASE("a PDF tells its pages")
{
    // ISO 32000-1, 7.7.3.2: a tree of pages with /Count, and its leaves
    auto const pages = [](std::string_view base64) {
        return context::pdf_pages(messages::base64_view(base64));
    };
    // "%PDF-1.4 <</Type /Pages /Count 3>> <</Type/Page>> <</Type /Page >>"
    CHECK(
        pages("JVBERi0xLjQgPDwvVHlwZSAvUGFnZXMgL0NvdW50IDM+PiA8PC9UeXBlL1BhZ2U+PiA8PC9UeXBlIC9QYWdl"
              "ID4+") == 3);
    CHECK(pages("PDwvVHlwZS9QYWdlPj4gPDwvVHlwZSAvUGFnZSA+Pg==") == 2); // the leaves alone
    CHECK_FALSE(pages("JVBERi0xLjcg"));
    CHECK_FALSE(pages(""));
    CHECK_FALSE(pages("L0NvdW50IC0x"));                                  // "/Count -1"
    CHECK(pages("L0NvdW50IDk5OTk5OTk5OTk5OTk5OTk5OTk5OTk=") == 100'000); // "/Count 99999..."
}

TEST_CASE("what the API reports is exact, and what follows is estimated better")
{
    context::ledger book(haiku(), rough_counter{});
    book.begin({});
    book.add(says("user", std::string(500, 'x')));
    CHECK(book.total() == token_count{507, 50});

    messages::usage usage;
    usage.input_tokens = 607; // the texts are a fifth longer than they were thought to be
    usage.output_tokens = 100;
    book.report(usage);
    CHECK(book.total() == token_count{607, 0});
    CHECK(total_of(book.parts()).tokens == doctest::Approx(607));
    CHECK(book.parts()[0].tokens.tokens == 7); // the frame was sure, so the text takes all of it
    CHECK(book.spent().input == doctest::Approx(607e-6));
    CHECK(book.spent().output == doctest::Approx(500e-6));

    book.add(says("assistant", std::string(100, 'y')));
    auto const next = book.total();
    // 200 tokens of trust beforehand: (200 + 600) / (200 + 500)
    CHECK(book.learned().ratio() == doctest::Approx(800.0 / 700));
    CHECK(next.tokens == doctest::Approx(607 + 5 + 100 * 800.0 / 700));
    CHECK(next.error > 3);
    CHECK(next.error < 3 + 10 * 800.0 / 700);

    book.counted(800); // count_tokens, of the same messages
    CHECK(book.total() == token_count{800, 0});
    CHECK(book.spent().input == doctest::Approx(607e-6));
    CHECK(total_of(book.parts()).tokens == doctest::Approx(800));
}

TEST_CASE("an image of unknown size teaches nothing about text")
{
    context::ledger book(haiku(), rough_counter{});
    auto message = says("user", std::string(500, 'x'));
    message.content.blocks.push_back(
        {messages::image_block{messages::url_source{"https://example.com"}}});
    book.add(message);
    book.counted(2000);
    CHECK(book.learned().ratio() == 1);
    CHECK(book.total() == token_count{2000, 0});
}

TEST_CASE("a file of a conversation keeps the reports of its answers")
{
    auto const c = read(R"({"model": "claude-haiku-4-5", "max_tokens": 300, "messages": [
        {"role": "user", "content": "hello"},
        {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-haiku-4-5",
         "content": [{"type": "text", "text": "hi"}], "stop_reason": "end_turn",
         "usage": {"input_tokens": 8, "output_tokens": 4}},
        {"role": "user", "content": "more"}]})");
    CHECK(c.model == "claude-haiku-4-5");
    CHECK(c.max_tokens == 300);
    REQUIRE(c.reports.size() == 1);
    CHECK(c.reports[0].message == 1);
    auto const book = context::ledger_of(c, haiku(), archetypes::token_counter{});
    CHECK(book.total() == token_count{8 + 5 + 2 + 5 + 4, 6});
    CHECK(book.spent().total() == doctest::Approx(8e-6 + 20e-6));
    auto const other = context::model_catalogue::built_in().find("claude-opus-4-6").value();
    auto const elsewhere = context::ledger_of(c, other, archetypes::token_counter{});
    CHECK(elsewhere.total().tokens == 7 + 5 + 5 + 2 + 5 + 4); // its tokens are not Haiku's
    CHECK(elsewhere.spent().total() == 0);
    CHECK(read(R"([{"role": "user", "content": "a"}])").prompt.messages.size() == 1);
}

TEST_CASE("a file that is no conversation is refused with one reason")
{
    auto const message = [](std::string_view text) {
        return context::read_conversation(text).error().message;
    };
    CHECK(message("7") == "expected an object");
    CHECK(message("{}") == R"("messages" is missing)");
    CHECK(message(R"([{"role": "user"}])") == R"("messages": item 0: "content" is missing)");
    CHECK(message(R"({"messages": [], "model": 7})") == R"("model": expected a string)");
    CHECK(message(R"([{"role": "assistant", "content": "a", "usage": {"input_tokens": 1}}])") ==
          R"(message 0: "usage": "output_tokens" is missing)");
    CHECK(message(R"([{"role": "user", "content": [
              {"type": "tool_result", "tool_use_id": "t1"}]}])") ==
          R"(message 0: a tool_result for "t1", which the message before does not call)");
    CHECK(message(R"([{"role": "assistant", "content": [
              {"type": "tool_use", "id": "t1", "name": "f", "input": {}}]},
              {"role": "user", "content": "never mind"}])") ==
          R"(message 1: no tool_result for "t1", which the message before calls)");
    CHECK(context::read_conversation("[").error().code == errc::truncated);
    std::string const deep(100'000, '[');
    CHECK(context::read_conversation(deep).error().code == errc::too_large);
}

} // namespace ledger_test
