#pragma once

#include "haiga/json/get.hpp"
#include "haiga/json/parse.hpp"
#include "haiga/train/environment.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <span>
#include <vector>

namespace haiga::train {

/// Where a training ran, from a step on to the next stay's first step.
struct stay {
    std::int64_t first_step = 0;
    environment where;

    friend auto operator==(stay const&, stay const&) -> bool = default;
};

/// As JSON, the earliest first.
inline auto history_text(std::span<stay const> stays) -> std::string
{
    boost::json::array all;
    for (auto const& [first_step, where] : stays) {
        all.push_back({{"first_step", first_step},
                       {"backend", where.backend},
                       {"instructions", where.instructions},
                       {"compiler", where.compiler},
                       {"threads", where.threads},
                       {"libraries", where.libraries}});
    }
    return boost::json::serialize(all);
}

/// The inverse. Errors: those of json::parse and json::get; invalid for no stay at all.
inline auto history_from(std::string_view text) -> result<std::vector<stay>>
{
    HAIGA_TRY(auto const value, json::parse(text));
    HAIGA_TRY(auto const all, json::as<std::vector<boost::json::object>>(value));
    std::vector<stay> stays;
    for (auto const& one : all) {
        auto& [first_step, where] = stays.emplace_back();
        HAIGA_TRY(first_step, json::get<std::int64_t>(one, "first_step"));
        HAIGA_TRY(where.backend, json::get<std::string>(one, "backend"));
        HAIGA_TRY(where.instructions, json::get<std::string>(one, "instructions"));
        HAIGA_TRY(where.compiler, json::get<std::string>(one, "compiler"));
        HAIGA_TRY(where.threads, json::get<std::int64_t>(one, "threads"));
        HAIGA_TRY(where.libraries, json::get<std::string>(one, "libraries"));
    }
    if (stays.empty()) {
        return fail(errc::invalid, "it ran nowhere");
    }
    return stays;
}

} // namespace haiga::train
