#pragma once

#include "haiga/messages/message.hpp"
#include "haiga/messages/usage.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace haiga::messages {

/// What POST /v1/messages answers. Source: schema Message.
struct response {
    static constexpr std::string_view type = "message";
    std::string id;
    messages::role role = role::assistant;
    std::string model;
    std::vector<content_block> content{};
    std::optional<std::string> stop_reason{}; ///< "end_turn", "tool_use" ...; new ones may come
    std::optional<std::string> stop_sequence{};
    messages::usage usage{};
    boost::json::object extra{};
};
BOOST_DESCRIBE_STRUCT(response, (), (id, role, model, content, stop_reason, stop_sequence, usage))

} // namespace haiga::messages
