#pragma once

#include "haiga/context/token_counter.hpp"
#include "haiga/messages/content.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace haiga::context {

enum class part_kind : std::uint8_t {
    tools,
    system,
    frame, ///< what a message costs besides its content
    text,
    image,
    document,
    search_result,
    thinking,
    tool_use,
    tool_result,
    other,
};

constexpr auto to_string(part_kind kind) -> std::string_view
{
    switch (kind) {
    case part_kind::tools: return "tools";
    case part_kind::system: return "system";
    case part_kind::frame: return "frame";
    case part_kind::text: return "text";
    case part_kind::image: return "image";
    case part_kind::document: return "document";
    case part_kind::search_result: return "search result";
    case part_kind::thinking: return "thinking";
    case part_kind::tool_use: return "tool use";
    case part_kind::tool_result: return "tool result";
    case part_kind::other: return "other";
    }
    return "?";
}

/// Where a part lies that belongs to no message, or to no block inside another.
inline constexpr auto nowhere = static_cast<std::size_t>(-1);

/// A part of what a model is given. An image in a tool's result is a part of its own.
struct part {
    part_kind kind = part_kind::other;
    std::size_t message = nowhere;
    std::size_t block = 0;                      ///< in the message; 0 for its frame
    std::size_t inner = nowhere;                ///< in that block
    token_count text{};                         ///< what a counter made of its text
    token_count fixed{};                        ///< what does not depend on a counter
    std::optional<messages::pixel_size> size{}; ///< of an image, where known

    [[nodiscard]] auto estimate() const -> token_count { return text + fixed; }
};

} // namespace haiga::context
