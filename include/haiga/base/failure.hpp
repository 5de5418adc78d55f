#pragma once

#include "haiga/base/check.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace haiga {

/// What kind of thing went wrong; the message says which thing.
enum class errc : std::uint8_t {
    invalid,     ///< breaks a rule of its format
    truncated,   ///< ends before it should
    too_large,   ///< above a limit that is checked before anything is allocated
    unsupported, ///< well formed, but of a kind that is not handled
    mismatch,    ///< two things that must agree do not
    not_found,
    exists,
    io, ///< the operating system said no
    out_of_memory,
    cancelled,
};

constexpr auto to_string(errc code) -> std::string_view
{
    switch (code) {
    case errc::invalid: return "invalid";
    case errc::truncated: return "truncated";
    case errc::too_large: return "too large";
    case errc::unsupported: return "unsupported";
    case errc::mismatch: return "mismatch";
    case errc::not_found: return "not found";
    case errc::exists: return "exists";
    case errc::io: return "input/output";
    case errc::out_of_memory: return "out of memory";
    case errc::cancelled: return "cancelled";
    }
    return "unknown";
}

/// Bad input as a value: one line that names the thing, what was expected and what was found.
struct failure {
    errc code = errc::invalid;
    std::string message;
    std::optional<std::uint64_t> offset; ///< bytes from the start of the input, where known

    /// The same failure, told about the thing that holds the broken part: "photo.jpg: ...".
    [[nodiscard]] auto within(std::string_view thing) && -> failure
    {
        message.insert(0, concat(thing, ": "));
        return std::move(*this);
    }

    [[nodiscard]] auto at(std::uint64_t where) && -> failure
    {
        offset = where;
        return std::move(*this);
    }

    /// One line, for a person.
    [[nodiscard]] auto to_string() const -> std::string
    {
        return offset ? concat(message, " (at byte ", *offset, ')') : message;
    }
};

} // namespace haiga
