#pragma once

#include "haiga/context/conversation.hpp"
#include "haiga/context/model_catalogue.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace context_test {

inline auto haiku() -> haiga::context::model
{
    return haiga::context::model_catalogue::built_in().find("claude-haiku-4-5").value();
}

inline auto read(std::string_view text) -> haiga::context::conversation
{
    auto c = haiga::context::read_conversation(text);
    REQUIRE_MESSAGE(c, (c ? std::string() : c.error().message));
    return *std::move(c);
}

inline auto says(std::string_view who, std::string text) -> haiga::messages::message
{
    haiga::messages::message m;
    m.role = who == "user" ? haiga::messages::role::user : haiga::messages::role::assistant;
    m.content = haiga::messages::plain_text(std::move(text));
    return m;
}

} // namespace context_test
