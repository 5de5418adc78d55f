#pragma once

#include "tests/bench/support/stopwatch.hpp"

#include "haiga/device/program.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace haiga::bench {

/// A program on some backend, whichever, so that each backend compiles apart.
struct step_program {
    std::string_view backend;
    std::function<void()> run;
    std::function<std::vector<double>()> run_timed; ///< milliseconds, by op in their order
    std::function<any_view(device::value)> view;
};

template <device::backend B>
auto wrap(std::shared_ptr<B> const& on, device::program<B> program) -> step_program
{
    auto const made = std::make_shared<device::program<B>>(std::move(program));
    auto const timed = [made] {
        std::vector<double> each;
        std::optional<stopwatch> watch;
        made->run([&](std::string_view) { watch.emplace(); },
                  [&] { each.push_back(watch->elapsed()); });
        return each;
    };
    return {B::name, [on, made] { made->run(); }, timed,
            [made](device::value v) { return made->view(v); }};
}

/// Fills what a program reads, in whatever type it is stored.
inline void upload(step_program const& program, device::value v, std::span<float const> values)
{
    auto const view = program.view(v);
    device::with_type(view.type(), [&]<class T>(T) {
        auto* const to = static_cast<T*>(view.data());
        for (std::size_t i = 0; i < values.size(); ++i) {
            device::store(to[i], static_cast<device::compute_t<T>>(values[i]));
        }
    });
}

} // namespace haiga::bench
