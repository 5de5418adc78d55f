#pragma once

#include "haiga/checkpoint/lora_edits.hpp"

#include <cmath>
#include <cstdlib>
#include <string>

namespace haiga::app {

/// FILE[:WEIGHT]. A colon that no number follows is part of the name.
inline auto parse_lora(std::string const& text) -> checkpoint::lora_choice
{
    auto const colon = text.rfind(':');
    char* end = nullptr;
    double const weight =
        colon == std::string::npos ? 1 : std::strtod(text.c_str() + colon + 1, &end);
    bool const number =
        end != nullptr && end != text.c_str() + colon + 1 && *end == '\0' && std::isfinite(weight);
    return number ? checkpoint::lora_choice{text.substr(0, colon), weight}
                  : checkpoint::lora_choice{text, 1};
}

} // namespace haiga::app
