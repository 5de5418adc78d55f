#pragma once

#include "haiga/base/cpu.hpp"
#include "haiga/base/parallel.hpp"
#include "haiga/base/result.hpp"

#include <string>

namespace haiga::train {

/// What the bytes of a training depend on beside its recipe and photographs.
struct environment {
    std::string backend;
    std::string instructions; ///< the set that hot loops are compiled for
    std::string compiler;
    std::int64_t threads = 1;

    friend auto operator==(environment const&, environment const&) -> bool = default;
};

template <class Backend>
auto environment_of(Backend const& b) -> environment
{
    return {std::string(Backend::name), std::string(to_string(loop_isa())),
#ifdef __VERSION__
            __VERSION__,
#else
            "unknown",
#endif
            b.team().threads};
}

/// Errors: mismatch, naming what differs and how it was.
inline auto check_same(environment const& was, environment const& is) -> result<>
{
    auto const differ = [](char const* what, auto const& before, auto const& now) {
        return fail(errc::mismatch, "the session ran with ", what, ' ', before, ", this is ", now,
                    ": going on would not give the same bytes");
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
    return {};
}

} // namespace haiga::train
