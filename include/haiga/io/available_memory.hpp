#pragma once

#include "haiga/io/descriptor.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

namespace haiga::io {

/// Bytes that a program may have before the system swaps or kills: "MemAvailable: ... kB".
/// Source: proc_meminfo(5).
inline auto parse_available_memory(std::string_view meminfo) -> std::optional<std::uint64_t>
{
    constexpr std::string_view key = "MemAvailable:";
    auto const at = meminfo.find(key);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    auto rest = meminfo.substr(at + key.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    std::uint64_t kibibytes = 0;
    auto const [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), kibibytes);
    bool const whole = std::string_view(stop, rest.data() + rest.size()).starts_with(" kB");
    return error == std::errc{} && whole && kibibytes < (std::uint64_t{1} << 54U)
               ? std::optional(kibibytes << 10U)
               : std::nullopt;
}

/// The same of a file, "/proc/meminfo"; nothing where it does not tell.
inline auto available_memory(std::filesystem::path const& meminfo) -> std::optional<std::uint64_t>
{
    auto const open = open_file(meminfo, O_RDONLY);
    std::array<char, 4096> text{}; // what is asked for stands at the beginning
    auto const got = open ? ::read(open->number(), text.data(), text.size()) : 0;
    return got > 0 ? parse_available_memory({text.data(), static_cast<std::size_t>(got)})
                   : std::nullopt;
}

/// Told before anything is allocated: systems that promise more than they have kill later.
/// Errors: out_of_memory, with both numbers; none where nothing is known of the machine.
inline auto check_memory(std::string_view what, std::uint64_t needed,
                         std::optional<std::uint64_t> available) -> result<>
{
    constexpr unsigned mebi = 20;
    return !available || needed <= *available
               ? result<>()
               : fail(errc::out_of_memory, what, " takes ", needed >> mebi, " MiB of memory, ",
                      *available >> mebi, " MiB are available");
}

} // namespace haiga::io
