#pragma once

#include "haiga/base/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

namespace haiga::image {

namespace detail {

/// Source: XML 1.0, fifth edition, production 2 (Char).
inline auto is_xml_character(std::string_view sequence) -> bool
{
    auto const first = static_cast<unsigned char>(sequence.front());
    return (first >= 0x20 || first == '\t' || first == '\n' || first == '\r') &&
           sequence != "\xef\xbf\xbe" && sequence != "\xef\xbf\xbf";
}

inline void append_escaped(std::string& out, std::string_view sequence)
{
    switch (sequence.front()) {
    case '&': out += "&amp;"; break;
    case '<': out += "&lt;"; break;
    case '>': out += "&gt;"; break;
    case '"': out += "&quot;"; break;
    case '\'': out += "&apos;"; break;
    default: out += is_xml_character(sequence) ? sequence : "\xef\xbf\xbd";
    }
}

} // namespace detail

/// Text as XML shows it, in elements and in attributes. What XML cannot hold, and what is not
/// UTF-8, becomes U+FFFD.
inline auto escape_xml(std::string_view text) -> std::string
{
    std::string out;
    while (!text.empty()) {
        auto const count = utf8_sequence_length(text);
        if (count == 0) {
            out += "\xef\xbf\xbd";
        } else {
            detail::append_escaped(out, text.substr(0, count));
        }
        text.remove_prefix(std::max<std::size_t>(count, 1));
    }
    return out;
}

/// A coordinate: a hundredth of a pixel is enough. The same in every locale.
inline auto svg_number(double value) -> std::string
{
    std::array<char, 32> digits;                              // NOLINT: written before it is read
    auto const rounded = std::round(value * 100) / 100 + 0.0; // never "-0"
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), rounded).ptr;
    return {digits.data(), end};
}

} // namespace haiga::image
