#pragma once

#include "haiga/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace haiga::tokenizer::huggingface {

/// Bytes of base64 with padding. Errors: invalid, with the place of what is none.
/// Source: RFC 4648, 4.
inline auto from_base64(std::string_view text) -> result<std::string>
{
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    if (text.size() % 4 != 0) {
        return fail(errc::invalid, "base64 of ", text.size(), " characters");
    }
    std::uint32_t group = 0;
    std::size_t padding = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto digit = digits.find(text[i]);
        if (text[i] == '=' && i + 2 >= text.size()) {
            ++padding;
            digit = 0;
        } else if (digit == std::string_view::npos || padding > 0) {
            return tl::unexpected(failure{errc::invalid, "this is no base64", i});
        }
        group = group << 6U | static_cast<std::uint32_t>(digit);
        if (i % 4 == 3) {
            for (unsigned byte = 3; byte-- > padding;) {
                bytes += static_cast<char>(group >> (8 * byte) & 0xffU);
            }
            group = 0;
        }
    }
    return bytes;
}

} // namespace haiga::tokenizer::huggingface
