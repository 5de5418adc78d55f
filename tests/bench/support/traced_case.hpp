#pragma once

#include "tests/bench/support/native_program.hpp"
#include "tests/bench/support/resident.hpp"

#include "haiga/base/torch_generator.hpp"
#include "haiga/device/gradients.hpp"
#include "haiga/model/initialise.hpp"
#include "haiga/model/scope.hpp"

#include <boost/json/object.hpp>

#include <cmath>
#include <functional>
#include <string>

namespace haiga::bench {

/// A model to measure: how it is traced, and the same in words for the peer's script.
struct traced_case {
    std::string name;
    dtype storage = dtype::f32;
    bool backward = false;         ///< too, from a gradient of what the trace gives
    boost::json::object peer = {}; ///< but for dtype and backward; empty: nobody does the same
    std::function<device::value(model::scope const&)> trace;
};

inline auto label(traced_case const& c) -> std::string
{
    return concat(c.name, c.backward ? ": forward + backward" : ": forward",
                  c.storage == dtype::bf16 ? ", bf16" : ", f32");
}

inline auto to_json(traced_case const& c) -> boost::json::object
{
    auto words = c.peer;
    if (!words.empty()) {
        words["dtype"] = to_string(c.storage);
        words["backward"] = c.backward;
    }
    return words;
}

/// A case with parameters as a model starts with, and inputs of normal noise or of small integers.
class traced_run {
public:
    static auto make(traced_case const& c, parallelism team) -> result<std::unique_ptr<traced_run>>
    {
        std::unique_ptr<traced_run> made(new traced_run(c));
        torch_generator generator(0);
        model::initialise(model::flat_parameters<float>(made->graph_, made->parameters_),
                          generator);
        reset_peak();
        auto const before = resident();
        HAIGA_TRY(made->program_,
                  native_program(made->graph_, {made->parameters_.data(), made->gradients_.data()},
                                 team));
        made->fill_inputs(generator);
        made->held_before_ = before;
        return made;
    }

    [[nodiscard]] auto graph() const -> device::graph const& { return graph_; }
    [[nodiscard]] auto program() const -> step_program const& { return program_; }

    /// What it holds at most above parameters and gradients. Units: MiB.
    auto peak_memory() -> double
    {
        program_.run();
        program_.run();
        return peak_resident() - held_before_;
    }

    /// Errors: invalid where it is not finite.
    [[nodiscard]] auto check_output() const -> result<>
    {
        auto const view = program_.view(output_);
        bool const finite = device::with_type(view.type(), [&]<class T>(T) {
            auto const* const first = static_cast<T const*>(view.data());
            return std::all_of(first, first + view.elements(),
                               [](T x) { return std::isfinite(device::load(x)); });
        });
        return finite ? result<>() : fail(errc::invalid, "the output is not finite");
    }

private:
    explicit traced_run(traced_case const& c) : graph_(c.storage)
    {
        output_ = c.trace(model::scope(graph_, {.trained = c.backward}));
        graph_.keep(output_);
        if (c.backward) {
            auto const seed = graph_.input(graph_.info(output_).type, graph_.shape_of(output_));
            device::backward_pass(graph_).run(output_, seed);
            gradients_.resize(model::flat_size<float>(graph_));
        }
        parameters_.resize(model::flat_size<float>(graph_));
    }

    void fill_inputs(torch_generator& generator) const
    {
        std::vector<float> drawn;
        for (std::size_t i = 0; i < graph_.values().size(); ++i) {
            auto const& info = graph_.values()[i];
            if (info.kind != device::role::input) {
                continue;
            }
            auto const v = static_cast<device::value>(i);
            if (info.type == dtype::i32) {
                auto const ids = program_.view(v).as<std::int32_t>().flat();
                std::generate(ids.begin(), ids.end(), [id = 0]() mutable { return id += 97; });
            } else {
                drawn.resize(static_cast<std::size_t>(info.shape.elements()));
                generator.fill_normal(drawn);
                upload(program_, v, drawn);
            }
        }
    }

    device::graph graph_;
    device::value output_ = device::value::none;
    aligned_vector<float> parameters_, gradients_;
    step_program program_;
    double held_before_ = 0;
};

} // namespace haiga::bench
