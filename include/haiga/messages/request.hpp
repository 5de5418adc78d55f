#pragma once

#include "haiga/messages/message.hpp"
#include "haiga/messages/tool.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace haiga::messages {

/// type: "enabled" with a budget of at least 1024 tokens, "adaptive" or "disabled".
struct thinking_config {
    std::string type = "disabled";
    std::optional<std::int64_t> budget_tokens{};
    std::optional<std::string> display{};
    boost::json::object extra{};
};
BOOST_DESCRIBE_STRUCT(thinking_config, (), (type, budget_tokens, display))

/// What a model is given: what a request and a question for its tokens have in common.
/// Source: schema CountMessageTokensParams.
struct prompt {
    std::optional<std::vector<any_tool>> tools{};
    std::optional<haiga::messages::tool_choice> tool_choice{};
    std::optional<content> system{};
    std::vector<message> messages{};
    std::optional<thinking_config> thinking{};
    std::optional<boost::json::object> output_config{}; ///< effort, format
    std::optional<haiga::messages::cache_control> cache_control{};
    boost::json::object extra{};
};
BOOST_DESCRIBE_STRUCT(prompt, (),
                      (tools, tool_choice, system, messages, thinking, output_config,
                       cache_control))

struct metadata {
    std::optional<std::string> user_id{};
    boost::json::object extra{};
};
BOOST_DESCRIBE_STRUCT(metadata, (), (user_id))

/// The body of POST /v1/messages. Source: schema CreateMessageParams.
struct request : prompt {
    std::string model;
    std::int64_t max_tokens = 0;
    std::optional<double> temperature{};
    std::optional<double> top_p{};
    std::optional<std::int64_t> top_k{};
    std::optional<std::vector<std::string>> stop_sequences{};
    std::optional<bool> stream{};
    std::optional<messages::metadata> metadata{};
    std::optional<std::string> service_tier{};
    std::optional<std::string> container{};
    std::optional<std::string> inference_geo{};
};
BOOST_DESCRIBE_STRUCT(request, (prompt),
                      (model, max_tokens, temperature, top_p, top_k, stop_sequences, stream,
                       metadata, service_tier, container, inference_geo))

} // namespace haiga::messages
