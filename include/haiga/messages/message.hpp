#pragma once

#include "haiga/messages/content.hpp"

#include <cstdint>
#include <string_view>

namespace haiga::messages {

enum class role : std::uint8_t { user, assistant };

constexpr auto to_string(role who) -> std::string_view
{
    return who == role::user ? "user" : "assistant";
}

template <>
struct codec<role> {
    /// Errors: mismatch, for any other word than the two.
    static auto read(boost::json::value const& value) -> result<role>
    {
        for (auto const who : {role::user, role::assistant}) {
            if (value.is_string() && std::string_view(value.get_string()) == to_string(who)) {
                return who;
            }
        }
        return fail(errc::mismatch, "expected \"user\" or \"assistant\"");
    }
    static auto write(role who) -> boost::json::value { return boost::json::value(to_string(who)); }
};

struct message {
    messages::role role = role::user;
    messages::content content{};
    boost::json::object extra{};
};
BOOST_DESCRIBE_STRUCT(message, (), (role, content))

} // namespace haiga::messages
