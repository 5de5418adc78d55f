#pragma once

#include "haiga/messages/cache_control.hpp"

#include <optional>
#include <string>
#include <variant>

namespace haiga::messages {

/// A tool that the caller runs. Source: schema Tool.
struct tool {
    std::optional<std::string> type{}; ///< "custom", which is also meant where it is missing
    std::string name;
    std::optional<std::string> description{};
    boost::json::object input_schema{};
    std::optional<bool> strict{};
    std::optional<messages::cache_control> cache_control{};
    boost::json::object extra{};
};
BOOST_DESCRIBE_STRUCT(tool, (), (type, name, description, input_schema, strict, cache_control))

/// Tools that the API defines, such as {"type": "web_search_20250305", ...}, are kept as they are.
using any_tool = std::variant<tool, unknown_object>;

template <>
struct codec<any_tool> {
    static auto read(boost::json::value const& value) -> result<any_tool>
    {
        auto const* const object = value.if_object();
        auto const* const type = object != nullptr ? object->if_contains("type") : nullptr;
        if (type != nullptr && !type->is_null() && *type != "custom") {
            return widened<any_tool>(messages::read<unknown_object>(value));
        }
        return widened<any_tool>(messages::read<tool>(value));
    }
    static auto write(any_tool const& thing) -> boost::json::value
    {
        return std::visit([](auto const& known) { return messages::write(known); }, thing);
    }
};

/// type: "auto", "any", "tool" (which one: name) or "none".
struct tool_choice {
    std::string type = "auto";
    std::optional<std::string> name{};
    std::optional<bool> disable_parallel_tool_use{};
    boost::json::object extra{};
};
BOOST_DESCRIBE_STRUCT(tool_choice, (), (type, name, disable_parallel_tool_use))

} // namespace haiga::messages
