#pragma once

#include "tests/bench/ops/cases.hpp"
#include "tests/bench/support/stopwatch.hpp"

#include "haiga/device/cpu_native.hpp"
#include "haiga/device/program.hpp"
#include "haiga/optim/adamw.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace haiga::bench {

/// Milliseconds of one run; backward stays 0 where there is none.
struct passes {
    double forward = 0;
    double backward = 0;
};

/// Runs something a number of times.
using contender = std::function<passes(int)>;

namespace detail {

inline void fill_normal(any_view const& view, torch_generator& generator)
{
    std::vector<float> drawn(static_cast<std::size_t>(view.elements()));
    generator.fill_normal(drawn);
    device::with_type(view.type(), [&]<class T>(T) {
        auto* const to = static_cast<T*>(view.data());
        for (std::size_t i = 0; i < drawn.size(); ++i) {
            device::store(to[i], static_cast<device::compute_t<T>>(drawn[i]));
        }
    });
}

using ops_of_cases =
    device::op_list<nn::group_stats, nn::group_apply, nn::group_gradient, nn::geglu_op,
                    nn::geglu_gradient, nn::layer_norm_op, nn::layer_norm_gradient,
                    nn::attention_op, nn::attention_gradient, nn::conv2d_op,
                    nn::conv2d_input_gradient, nn::conv2d_weight_gradient, nn::linear_op,
                    nn::linear_input_gradient, nn::linear_weight_gradient, nn::bias_gradient>;

/// The op bound to memory on the backend that the apps use.
class running_op {
public:
    static auto make(op_graph const& g, parallelism team) -> result<std::shared_ptr<running_op>>
    {
        std::shared_ptr<running_op> made(new running_op(g, team));
        HAIGA_TRY(auto program,
                  device::program<device::cpu_native>::make(
                      made->backend_, g.traced(),
                      {made->parameters_.data(), made->gradients_.data()}, ops_of_cases{}));
        made->program_.emplace(std::move(program));
        for (auto const v : g.inputs()) {
            fill_normal(made->program_->view(v), made->generator_);
        }
        return made;
    }

    auto run(int count) -> passes
    {
        passes sum;
        for (int i = 0; i < count; ++i) {
            std::size_t step = 0;
            std::optional<stopwatch> watch;
            program_->run([&](std::string_view) { watch.emplace(); },
                          [&] {
                              auto const took = watch->elapsed() / count;
                              (step++ < forward_steps_ ? sum.forward : sum.backward) += took;
                          });
        }
        return sum;
    }

private:
    running_op(op_graph const& g, parallelism team)
        : backend_(team), parameters_(device::place_parameters(g.traced()).second / sizeof(float)),
          gradients_(parameters_.size()), forward_steps_(g.forward_steps())
    {
        generator_.fill_normal(parameters_);
    }

    torch_generator generator_{0};
    device::cpu_native backend_;
    aligned_vector<float> parameters_, gradients_;
    std::size_t forward_steps_;
    std::optional<device::program<device::cpu_native>> program_;
};

} // namespace detail

/// Errors: out_of_memory.
inline auto contender_of(op_case const& c, dtype storage, parallelism team) -> result<contender>
{
    op_graph g(storage);
    g.differentiate(c.trace(g));
    HAIGA_TRY(auto const made, detail::running_op::make(g, team));
    return [made](int count) { return made->run(count); };
}

inline auto adamw_contender(std::size_t parameters, parallelism team) -> contender
{
    struct state {
        optim::adamw optimizer;
        aligned_vector<float> parameters, gradients;
    };
    auto const made =
        std::make_shared<state>(state{optim::adamw(parameters), aligned_vector<float>(parameters),
                                      aligned_vector<float>(parameters)});
    torch_generator generator(0);
    generator.fill_normal(made->gradients);
    return [made, team](int count) {
        stopwatch const watch;
        for (int i = 0; i < count; ++i) {
            made->optimizer.step(team, made->parameters, made->gradients, {.learning_rate = 1e-4});
        }
        return passes{.forward = watch.elapsed() / count};
    };
}

} // namespace haiga::bench
