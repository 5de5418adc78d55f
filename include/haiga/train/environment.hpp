#pragma once

#include "haiga/base/check.hpp"
#include "haiga/base/cpu.hpp"
#include "haiga/base/parallel.hpp"
#include "haiga/base/version.hpp"

#include <optional>

#include <string>

namespace haiga::train {

/// What the bytes of a training depend on beside its recipe and photographs.
struct environment {
    std::string backend;
    std::string instructions;
    std::string compiler;
    std::int64_t threads = 1;
    std::string libraries = {}; ///< that computed, with their versions

    friend auto operator==(environment const&, environment const&) -> bool = default;
};

/// This library and, where the backend tells them, those that it computes with.
template <class Backend>
auto libraries_of(Backend const&) -> std::string
{
    auto text = concat("haiga ", version);
    if constexpr (requires { Backend::libraries(); }) {
        text += concat(", ", Backend::libraries());
    }
    return text;
}

/// The set that hot loops are compiled for, and what the backend multiplies with besides.
template <class Backend>
auto instructions_of(Backend const&) -> std::string
{
    auto text = std::string(to_string(loop_isa()));
    if constexpr (requires { Backend::uses_tiles(); }) {
        text += Backend::uses_tiles() ? " and amx" : "";
    }
    return text;
}

template <class Backend>
auto environment_of(Backend const& b) -> environment
{
    return {std::string(Backend::name), instructions_of(b),
#ifdef __VERSION__
            __VERSION__,
#else
            "unknown",
#endif
            b.team().threads, libraries_of(b)};
}

/// What differs and how it was: "threads 2, this is 3"; nothing where nothing does.
inline auto difference(environment const& was, environment const& is) -> std::optional<std::string>
{
    auto const differ = [](char const* what, auto const& before, auto const& now) {
        return concat(what, ' ', before, ", this is ", now);
    };
    if (was.backend != is.backend) {
        return differ("backend", was.backend, is.backend);
    }
    if (was.instructions != is.instructions) {
        return differ("instruction set", was.instructions, is.instructions);
    }
    if (was.threads != is.threads) {
        return differ("threads", was.threads, is.threads);
    }
    if (was.compiler != is.compiler) {
        return differ("compiler", was.compiler, is.compiler);
    }
    if (was.libraries != is.libraries) {
        return differ("libraries", was.libraries, is.libraries);
    }
    return std::nullopt;
}

} // namespace haiga::train
