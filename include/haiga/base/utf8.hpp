#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace haiga {

/// How many bytes the well-formed UTF-8 sequence at the start of text takes; 0 where there is none.
/// Source: The Unicode Standard, table 3-7: no overlong forms, no surrogates, nothing above
/// U+10FFFF.
constexpr auto utf8_sequence_length(std::string_view text) -> std::size_t
{
    auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (text.empty()) {
        return 0;
    }
    unsigned const lead = byte(0);
    if (lead < 0x80) {
        return 1;
    }
    std::size_t const length = lead < 0xc2   ? 0
                               : lead < 0xe0 ? 2
                               : lead < 0xf0 ? 3
                               : lead < 0xf5 ? 4
                                             : 0;
    if (length == 0 || text.size() < length) {
        return 0;
    }
    unsigned const lowest = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned const highest = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (byte(1) < lowest || byte(1) > highest) {
        return 0;
    }
    for (std::size_t i = 2; i < length; ++i) {
        if ((byte(i) & 0xc0U) != 0x80) {
            return 0;
        }
    }
    return length;
}

/// The offset of the first byte that is not part of well-formed UTF-8, if there is one.
constexpr auto find_invalid_utf8(std::string_view text) -> std::optional<std::size_t>
{
    for (std::size_t at = 0; at < text.size();) {
        auto const length = utf8_sequence_length(text.substr(at));
        if (length == 0) {
            return at;
        }
        at += length;
    }
    return std::nullopt;
}

} // namespace haiga
