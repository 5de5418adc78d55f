#pragma once

#include <string_view>

namespace haiga {

/// Of the library; the same as the project's in CMakeLists.txt.
inline constexpr std::string_view version = "0.1.0";

} // namespace haiga
