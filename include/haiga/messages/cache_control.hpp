#pragma once

#include "haiga/messages/codec.hpp"

#include <optional>
#include <string>

namespace haiga::messages {

/// Marks the end of a prefix that the API is to keep. ttl: "5m", which is also meant where it is
/// missing, or "1h".
struct cache_control {
    std::string type = "ephemeral";
    std::optional<std::string> ttl{};
    boost::json::object extra{};
};
BOOST_DESCRIBE_STRUCT(cache_control, (), (type, ttl))

} // namespace haiga::messages
