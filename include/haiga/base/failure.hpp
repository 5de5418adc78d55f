#pragma once

#include "haiga/base/check.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
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

namespace detail {

/// The first and the last half of `most` bytes, and no half of a character of UTF-8.
inline auto without_middle(std::string const& text, std::size_t most) -> std::string
{
    auto const inside = [&](std::size_t i) {
        return i < text.size() && (static_cast<unsigned char>(text[i]) & 0xc0U) == 0x80;
    };
    auto head = most / 2;
    auto tail = text.size() - most / 2;
    for (int bytes = 0; bytes < 3; ++bytes) {
        head = head > 0 && inside(head) ? head - 1 : head;
        tail = inside(tail) ? tail + 1 : tail;
    }
    return text.substr(0, head) + " ... " + text.substr(tail);
}

} // namespace detail

/// Any bytes as one line for a person: what would break or colour the line is told in hexadecimal,
/// and of more than `most` bytes the middle is left out.
inline auto one_line(std::string_view text, std::size_t most = 2000) -> std::string
{
    constexpr char digits[] = "0123456789abcdef";
    std::string line;
    for (char const c : text) {
        auto const byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7f) {
            line += c;
        } else if (c == '\n') {
            line += "\\n";
        } else {
            line.append("\\x").append(1, digits[byte >> 4U]).append(1, digits[byte & 15U]);
        }
    }
    return line.size() <= most ? line : detail::without_middle(line, most);
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

    /// One line, for a person, whatever bytes the input had.
    [[nodiscard]] auto to_string() const -> std::string
    {
        return one_line(offset ? concat(message, " (at byte ", *offset, ')') : message);
    }
};

/// What a program tells that is stopped by an exception.
inline auto failure_of(std::exception const& e) -> failure
{
    return dynamic_cast<std::bad_alloc const*>(&e) != nullptr
               ? failure{errc::out_of_memory, "out of memory", {}}
               : failure{errc::invalid, e.what(), {}};
}

} // namespace haiga
