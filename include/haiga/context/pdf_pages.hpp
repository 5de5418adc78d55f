#pragma once

#include "haiga/messages/base64.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace haiga::context {

/// How many pages a PDF file says it has: the largest /Count in it, or how many objects of the
/// /Type /Page it has, whichever is more. None where all that lies in compressed streams. Cost: one
/// look at each byte.   Source: ISO 32000-1, 7.7.3.
inline auto pdf_pages(messages::base64_view file) -> std::optional<std::int64_t>
{
    constexpr std::int64_t most = 100'000;
    std::int64_t counted = 0;
    std::int64_t stated = 0;
    auto const skip_space = [&](std::size_t at) {
        while (file.byte(at) == ' ' || file.byte(at) == '\r' || file.byte(at) == '\n') {
            ++at;
        }
        return at;
    };
    auto const size = file.size();
    for (std::size_t at = 0; at < size; ++at) {
        if (file.byte(at) != '/') {
            continue;
        }
        if (file.starts_with("/Type", at)) {
            auto const value = skip_space(at + 5);
            counted += file.starts_with("/Page", value) && file.byte(value + 5) != 's' ? 1 : 0;
            at = value - 1;
        } else if (file.starts_with("/Count", at)) {
            auto digit = skip_space(at + 6);
            std::int64_t number = 0;
            for (; file.byte(digit) >= '0' && file.byte(digit) <= '9'; ++digit) {
                number = std::min(most, number * 10 + (file.byte(digit) - '0'));
            }
            stated = std::max(stated, number);
            at = digit - 1;
        }
    }
    auto const pages = std::min(most, std::max(counted, stated));
    return pages > 0 ? std::optional(pages) : std::nullopt;
}

} // namespace haiga::context
