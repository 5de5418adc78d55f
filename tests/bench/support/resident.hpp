#pragma once

#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

#include <malloc.h>

namespace haiga::bench {

namespace detail {

inline auto of_status(std::string const& key) -> double
{
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(key + ":")) {
            double kib = 0;
            std::istringstream(line.substr(key.size() + 1)) >> kib;
            return kib / 1024;
        }
    }
    return 0;
}

} // namespace detail

/// How much memory this process holds, and held at most since reset_peak(). Units: MiB.
/// Source: Linux, proc(5): VmRSS, VmHWM, and 5 written to clear_refs.
inline auto resident() -> double { return detail::of_status("VmRSS"); }
inline auto peak_resident() -> double { return detail::of_status("VmHWM"); }
inline void reset_peak()
{
    ::malloc_trim(0);
    std::ofstream("/proc/self/clear_refs") << '5' << std::flush;
}

} // namespace haiga::bench
