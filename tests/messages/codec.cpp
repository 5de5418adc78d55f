#include "haiga/messages/request.hpp"
#include "haiga/messages/response.hpp"

#include "haiga/json/parse.hpp"

#include <doctest/doctest.h>

using namespace haiga;

namespace codec_test {

auto value(std::string_view text) { return json::parse(text).value(); }

template <class T>
auto survives(std::string_view text) -> bool
{
    auto const given = value(text);
    auto const thing = messages::read<T>(given);
    REQUIRE_MESSAGE(thing, (thing ? std::string() : thing.error().message));
    return messages::write(*thing) == given;
}

template <class T>
auto failure_of(std::string_view text) -> failure
{
    return messages::read<T>(value(text)).error();
}

TEST_CASE("a request comes back as it was")
{
    // the example of the API's reference, "Create a Message", and what it may have besides
    CHECK(survives<messages::request>(R"({
        "model": "claude-haiku-4-5", "max_tokens": 1024,
        "messages": [{"role": "user", "content": "Hello, world"}]})"));
    CHECK(survives<messages::request>(R"({
        "model": "claude-opus-4-6", "max_tokens": 0, "temperature": 0.5, "top_p": 0.9, "top_k": 40,
        "stop_sequences": ["END"], "stream": true, "metadata": {"user_id": "u"},
        "service_tier": "standard_only", "container": null, "inference_geo": "eu",
        "thinking": {"type": "enabled", "budget_tokens": 2048, "display": "summarized"},
        "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": {}}},
        "cache_control": {"type": "ephemeral", "ttl": "1h"},
        "tool_choice": {"type": "tool", "name": "f", "disable_parallel_tool_use": true},
        "tools": [{"name": "f", "description": "d", "input_schema": {"type": "object"},
                   "strict": true, "input_examples": [{}], "cache_control": null},
                  {"type": "web_search_20250305", "name": "web_search", "max_uses": 5},
                  {"type": "mcp_toolset", "mcp_server_name": "s"}],
        "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
        "mcp_servers": [{"url": "https://example.com"}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}], "name": "x"}]})"));
}

TEST_CASE("every kind of block comes back as it was")
{
    for (std::string_view const block :
         {R"({"type": "text", "text": "", "citations": null})",
          R"({"type": "text", "text": "a", "citations": [{"type": "char_location"}]})",
          R"({"type": "image", "source": {"type": "base64", "media_type": "image/png",
                 "data": "iVBORw0K"}, "cache_control": {"type": "ephemeral"}})",
          R"({"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}})",
          R"({"type": "image", "source": {"type": "file", "file_id": "file_1"}})",
          R"({"type": "image", "source": {"type": "hologram", "depth": 3}})",
          R"({"type": "document", "title": "t", "context": "c", "citations": {"enabled": true},
                 "source": {"type": "text", "media_type": "text/plain", "data": "words"}})",
          R"({"type": "document", "source": {"type": "content", "content": "words"}})",
          R"({"type": "document", "source": {"type": "content", "content":
                 [{"type": "text", "text": "a"}, {"type": "image", "source":
                   {"type": "url", "url": "u"}}]}})",
          R"({"type": "search_result", "source": "s", "title": "t", "content": []})",
          R"({"type": "thinking", "thinking": "hm", "signature": "s"})",
          R"({"type": "redacted_thinking", "data": "d"})",
          R"({"type": "tool_use", "id": "i", "name": "n", "input": {"z": 1, "a": [null]},
                 "caller": {"type": "direct"}})",
          R"({"type": "tool_result", "tool_use_id": "i"})",
          R"({"type": "tool_result", "tool_use_id": "i", "content": "done", "is_error": false})",
          R"({"type": "tool_result", "tool_use_id": "i", "content":
                 [{"type": "tool_reference", "tool_name": "t"}, {"type": "text", "text": "x"}]})",
          R"({"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}})",
          R"({"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []})",
          R"({"type": "container_upload", "file_id": "f"})",
          R"({"type": "of_next_year", "wonders": [1, {"more": true}]})"}) {
        CAPTURE(block);
        CHECK(survives<messages::content_block>(block));
    }
}

TEST_CASE("a response comes back as it was, and its usage adds up")
{
    auto const text = R"({"id": "msg_1", "type": "message", "role": "assistant", "model": "m",
        "content": [{"type": "text", "text": "Hi!", "citations": null}], "stop_reason": "on_a_whim",
        "stop_sequence": null, "stop_details": null, "container": null,
        "usage": {"input_tokens": 10, "cache_creation_input_tokens": 200,
                  "cache_read_input_tokens": 3000, "output_tokens": 5, "inference_geo": null,
                  "cache_creation": {"ephemeral_5m_input_tokens": 150,
                                     "ephemeral_1h_input_tokens": 50},
                  "server_tool_use": {"web_search_requests": 1}, "service_tier": "standard"}})";
    CHECK(survives<messages::response>(text));
    auto const response = messages::read<messages::response>(value(text)).value();
    CHECK(response.stop_reason == "on_a_whim");
    CHECK(messages::total_input(response.usage) == 3210);
}

TEST_CASE("members that were added later win over what came")
{
    auto block = messages::read<messages::content_block>(
                     value(R"({"type": "text", "text": "a", "cache_control": null, "n": 1})"))
                     .value();
    messages::get_if<messages::text_block>(block)->cache_control.emplace();
    CHECK(messages::write(block) == value(R"({"type": "text", "text": "a", "n": 1,
                                              "cache_control": {"type": "ephemeral"}})"));
}

TEST_CASE("a plain string stays one only as long as it can")
{
    auto content = messages::plain_text("a");
    CHECK(messages::write(content) == value(R"("a")"));
    content.blocks.push_back({messages::text_block{"b"}});
    CHECK(messages::write(content).is_array());
}

TEST_CASE("an error says where it is and what was expected")
{
    CHECK(failure_of<messages::request>(R"({"model": "m", "max_tokens": 1})").message ==
          R"("messages" is missing)");
    CHECK(failure_of<messages::request>(R"({"model": "m", "max_tokens": 1.5, "messages": []})")
              .message == R"("max_tokens": expected a whole number in range)");
    CHECK(failure_of<messages::prompt>(R"({"messages": [{"role": "user", "content": "a"},
                                           {"role": "system", "content": "b"}]})")
              .message == R"("messages": item 1: "role": expected "user" or "assistant")");
    CHECK(failure_of<messages::message>(R"({"role": "user", "content": [{"type": "text"}]})")
              .message == R"("content": item 0: "text" is missing)");
    CHECK(
        failure_of<messages::message>(R"({"role": "user", "content": [{"text": "a"}]})").message ==
        R"("content": item 0: expected an object with a string "type")");
    CHECK(failure_of<messages::message>(R"({"role": "user", "content": 7})").message ==
          R"("content": expected a string or an array of blocks)");
    CHECK(failure_of<messages::content_block>(R"({"type": "image", "source": {"type": "url"}})")
              .message == R"("source": "url" is missing)");
    CHECK(failure_of<messages::usage>(R"({"input_tokens": -1.5, "output_tokens": 0})").code ==
          errc::mismatch);
    CHECK(failure_of<messages::response>(R"({"type": "error"})").message ==
          R"("type": expected "message")");
}

} // namespace codec_test
