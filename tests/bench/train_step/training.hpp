#pragma once

#include "tests/bench/train_step/make_step_program.hpp"
#include "tests/bench/train_step/work.hpp"

#include "haiga/base/check.hpp"

#include <limits>

namespace haiga::bench {

/// Everything that a step works on. Backends that are compared share it.
class training {
public:
    training(work const& w, parallelism team)
        : traced_(trace(w)), team_(team), parameters_(model::flat_size<float>(traced_.graph)),
          gradients_(parameters_.size()), optimizer_(parameters_.size())
    {
        torch_generator generator(0);
        model::initialise(model::flat_parameters<float>(traced_.graph, parameters_), generator);
    }

    auto add(program_maker& maker) -> result<step_program>
    {
        HAIGA_TRY(auto made, maker(traced_.graph, {parameters_.data(), gradients_.data()}, team_));
        fill_inputs(made);
        return made;
    }

    /// Forward, loss, backward, AdamW.
    void step(step_program const& program)
    {
        program.run();
        optimize();
    }

    void optimize() { optimizer_.step(team_, parameters_, gradients_, {.learning_rate = 1e-4}); }

    [[nodiscard]] auto graph() const -> device::graph const& { return traced_.graph; }
    [[nodiscard]] auto loss(step_program const& program) const -> float
    {
        return *static_cast<float const*>(program.view(traced_.loss).data());
    }

private:
    void fill_inputs(step_program const& program) const
    {
        torch_generator generator(1);
        for (auto const v : {traced_.noisy, traced_.target, traced_.text}) {
            if (v != device::value::none) {
                std::vector<float> drawn(
                    static_cast<std::size_t>(traced_.graph.shape_of(v).elements()));
                generator.fill_normal(drawn);
                upload(program, v, drawn);
            }
        }
        std::vector<float> times(
            static_cast<std::size_t>(traced_.graph.shape_of(traced_.timesteps).elements()));
        std::vector<float> const ones(times.size(), 1.0F);
        std::generate(times.begin(), times.end(), [t = 0.0F]() mutable { return t += 100; });
        upload(program, traced_.timesteps, times);
        upload(program, traced_.weights, ones);
        upload(program, traced_.seed, std::span(ones).first(1));
    }

    traced_work traced_;
    parallelism team_;
    aligned_vector<float> parameters_, gradients_;
    optim::adamw optimizer_;
};

/// AdamW's milliseconds, likewise.
inline auto profile_optimizer(training& t) -> double
{
    auto fastest = std::numeric_limits<double>::infinity();
    for (int run = 0; run < 9; ++run) {
        stopwatch const watch;
        t.optimize();
        fastest = std::min(fastest, watch.elapsed());
    }
    let_threads_sleep();
    return fastest;
}

} // namespace haiga::bench
