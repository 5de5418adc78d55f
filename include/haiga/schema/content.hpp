#pragma once

#include "haiga/json/parse.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace haiga::schema {

/// What base64 text stands for, appended to `out`. Source: RFC 4648, section 4, padding required.
inline auto append_base64_decoded(std::string& out, std::string_view text) -> bool
{
    auto const digit = [](char c) -> int {
        return c >= 'A' && c <= 'Z'   ? c - 'A'
               : c >= 'a' && c <= 'z' ? c - 'a' + 26
               : c >= '0' && c <= '9' ? c - '0' + 52
               : c == '+'             ? 62
               : c == '/'             ? 63
                                      : -1;
    };
    if (text.size() % 4 != 0) {
        return false;
    }
    for (std::size_t at = 0; at < text.size(); at += 4) {
        auto const four = text.substr(at, 4);
        std::size_t const digits = at + 4 < text.size() || four[3] != '=' ? 4
                                   : four[2] != '='                       ? 3
                                                                          : 2;
        unsigned word = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            auto const d = i < digits ? digit(four[i]) : 0;
            if (d < 0) {
                return false;
            }
            word = word << 6U | static_cast<unsigned>(d);
        }
        for (std::size_t i = 0; i + 1 < digits; ++i) {
            out += static_cast<char>(word >> (16U - 8U * i) & 0xffU);
        }
    }
    return true;
}

/// Whether a text is what contentEncoding (bit 0: base64) and contentMediaType (bit 1:
/// application/json) say.
inline auto is_content(std::string_view text, unsigned what, std::string& scratch) -> bool
{
    if ((what & 1U) != 0) {
        scratch.clear();
        if (!append_base64_decoded(scratch, text)) {
            return false;
        }
        text = scratch;
    }
    return (what & 2U) == 0 || json::parse(text);
}

} // namespace haiga::schema
