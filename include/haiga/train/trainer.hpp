#pragma once

#include "haiga/base/torch_generator.hpp"
#include "haiga/device/program.hpp"
#include "haiga/model/initialise.hpp"
#include "haiga/nn/loss.hpp"
#include "haiga/nn/make_program.hpp"
#include "haiga/optim/clip_norm.hpp"
#include "haiga/train/batch.hpp"

namespace haiga::train {

/// What one step was like.
struct step_report {
    double loss = 0;
    double gradient_norm = 0;
};

/// The traced step: what the model is shown, its loss, and the gradients behind it.
struct traced_step {
    device::graph graph;
    device::value noisy, timesteps, target, weights, seed, loss;
};

inline auto trace_step(recipe const& r) -> traced_step
{
    traced_step s{device::graph(r.storage), {}, {}, {}, {}, {}, {}};
    auto& g = s.graph;
    auto const size = r.model.size;
    s.noisy = g.input(r.storage, {r.batch, size, size, 3});
    s.timesteps = g.input(dtype::f32, {r.batch});
    s.target = g.input(dtype::f32, {r.batch, size, size, 3});
    s.weights = g.input(dtype::f32, {r.batch});
    s.seed = g.input(dtype::f32, {1});
    auto const prediction =
        model::painter(model::scope(g, {.recompute = r.recompute}), r.model, s.noisy, s.timesteps);
    s.loss = nn::mse_loss(g, prediction, s.target, s.weights);
    g.keep(s.loss);
    device::backward_pass(g).run(s.loss, s.seed);
    return s;
}

/// Parameters, gradients, moments and the average, and the program that trains them.
///
/// Memory: 5 floats a parameter and the arena; told by arena_bytes() and parameter_count().
template <device::host_backend B>
class trainer {
public:
    /// Errors: those of check(recipe) and of the schedule; out_of_memory.
    static auto make(B& b, recipe const& r, std::span<image::pixels const> photos)
        -> result<trainer>
    {
        HAIGA_TRY_VOID(train::check(r));
        HAIGA_TRY(auto schedule, schedule_of(r));
        HAIGA_TRY(auto made, allocate(b, r, batch_maker(r, std::move(schedule), photos)));
        HAIGA_TRY(auto program,
                  nn::make_program(b, made.step_.graph,
                                   {made.parameters_.data(), made.gradients_.data()}));
        made.program_.emplace(std::move(program));
        torch_generator generator(r.seed);
        model::initialise(model::flat_parameters<float>(made.step_.graph, made.parameters_),
                          generator);
        made.silence_output();
        std::ranges::copy(made.parameters_, made.average_.begin());
        return made;
    }

    /// Does the next step. A gradient that is not finite leaves everything as it was.
    auto step() -> step_report
    {
        auto const number = optimizer_.steps();
        batches_.fill(number, batch_);
        upload(step_.noisy, batch_.noisy.flat());
        upload(step_.target, batch_.target.flat());
        upload(step_.timesteps, batch_.timesteps.flat());
        upload(step_.weights, batch_.weights.flat());
        float const one = 1;
        upload(step_.seed, {&one, 1});
        program_->run();
        step_report const report{*static_cast<float const*>(program_->view(step_.loss).data()),
                                 norm_(backend_->team(), gradients_)};
        auto const factor = optim::clip_factor(report.gradient_norm, recipe_.clip_norm);
        if (factor == 0) {
            optimizer_.resume_at(number + 1);
        } else {
            optimizer_.step(backend_->team(), parameters_, gradients_,
                            {.learning_rate = rate_at(recipe_, number),
                             .gradient_scale = factor,
                             .average = average_,
                             .average_decay = recipe_.average.at(number + 1)});
        }
        losses_.push_back(static_cast<float>(report.loss));
        return report;
    }

    [[nodiscard]] auto settings() const -> recipe const& { return recipe_; }
    [[nodiscard]] auto steps_done() const -> std::int64_t { return optimizer_.steps(); }
    [[nodiscard]] auto losses() const -> std::vector<float> const& { return losses_; }
    [[nodiscard]] auto graph() const -> device::graph const& { return step_.graph; }
    [[nodiscard]] auto parameters() const -> std::span<float const> { return parameters_; }
    [[nodiscard]] auto gradients() const -> std::span<float const> { return gradients_; }
    [[nodiscard]] auto average() const -> std::span<float const> { return average_; }
    [[nodiscard]] auto arena_bytes() const -> std::size_t { return program_->arena_bytes(); }

    /// Everything that a step changes, for a session to write or to fill in again.
    [[nodiscard]] auto state() -> std::vector<optim::state_part>
    {
        auto parts = optimizer_.state();
        parts.insert(parts.begin(), {{"parameters", parameters_}, {"average", average_}});
        return parts;
    }
    void resume(std::int64_t steps, std::vector<float> losses)
    {
        HAIGA_CHECK(static_cast<std::int64_t>(losses.size()) == steps);
        optimizer_.resume_at(steps);
        losses_ = std::move(losses);
    }

private:
    trainer(B& b, recipe const& r, traced_step s, batch_maker batches)
        : backend_(&b), recipe_(r), step_(std::move(s)), batches_(std::move(batches)),
          batch_(r.batch, r.model.size), count_(model::flat_size<float>(step_.graph)),
          parameters_(count_), gradients_(count_), average_(count_), optimizer_(count_, r.adamw),
          norm_(count_)
    {
    }

    static auto allocate(B& b, recipe const& r, batch_maker batches) -> result<trainer>
    {
        auto traced = trace_step(r);
        auto const bytes = 5 * model::flat_size<float>(traced.graph) * sizeof(float);
        try {
            return trainer(b, r, std::move(traced), std::move(batches));
        } catch (std::bad_alloc const&) {
            return fail(errc::out_of_memory, "training: ", bytes,
                        " bytes of parameters, and a batch");
        }
    }

    /// The last convolution starts at zero: what an untrained model tells is nothing, not noise.
    void silence_output()
    {
        model::flat_parameters<float> const all(step_.graph, parameters_);
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (all.info(i).name.starts_with("unet.conv_out.")) {
                std::ranges::fill(all.stored(i), 0.0F);
            }
        }
    }

    void upload(device::value v, std::span<float const> values)
    {
        auto const view = program_->view(v);
        device::with_type(view.type(), [&]<class T>(T) {
            auto* const to = static_cast<T*>(view.data());
            for (std::size_t i = 0; i < values.size(); ++i) {
                device::store(to[i], static_cast<device::compute_t<T>>(values[i]));
            }
        });
    }

    B* backend_;
    recipe recipe_;
    traced_step step_;
    batch_maker batches_;
    train::batch batch_;
    std::size_t count_;
    aligned_vector<float> parameters_, gradients_, average_;
    optim::adamw optimizer_;
    optim::norm_of norm_;
    std::optional<device::program<B>> program_;
    std::vector<float> losses_;
};

} // namespace haiga::train
