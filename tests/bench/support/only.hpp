#pragma once

#include <cstdlib>
#include <string>
#include <string_view>

namespace haiga::bench {

/// HAIGA_BENCH_ONLY=TEXT measures only cases whose name has TEXT in it; empty: all of them.
inline auto only() -> std::string_view
{
    auto const* const text = std::getenv("HAIGA_BENCH_ONLY");
    return text == nullptr ? "" : text;
}

inline auto wanted(std::string const& name) -> bool
{
    return name.find(only()) != std::string::npos;
}

/// HAIGA_BENCH_EAGER=1 leaves out torch.compile, which takes minutes.
inline auto compiled_peers() -> bool { return std::getenv("HAIGA_BENCH_EAGER") == nullptr; }

} // namespace haiga::bench
