#pragma once

#include "haiga/base/philox.hpp"
#include "haiga/device/program.hpp"
#include "haiga/model/flat_parameters.hpp"
#include "haiga/model/painter.hpp"
#include "haiga/nn/make_program.hpp"
#include "haiga/sample/pixel_values.hpp"
#include "haiga/sched/any_scheduler.hpp"
#include "haiga/tensor/tensor.hpp"

#include <utility>

namespace haiga::sample {

/// A trained painter bound to memory: pictures from noise, some at a time.
template <device::host_backend B>
class painter {
public:
    /// parameters: the flat buffer, as training left it; it outlives the painter.
    /// Errors: those of check(painter_config); out_of_memory.
    static auto make(B& b, model::painter_config const& c, std::span<float const> parameters,
                     std::int64_t at_a_time) -> result<painter>
    {
        HAIGA_TRY_VOID(model::check(c));
        painter made(c, at_a_time);
        auto& g = made.graph_;
        HAIGA_CHECK(parameters.size() == model::flat_size<float>(g));
        HAIGA_TRY(auto program,
                  nn::make_program(b, g, {const_cast<float*>(parameters.data()), nullptr}));
        made.program_.emplace(std::move(program));
        return made;
    }

    /// Bytes that make() and paint() will take, told from the trace, but for what a scheduler
    /// keeps. The configuration is one that check() passes.
    static auto memory_of(model::painter_config const& c, std::int64_t at_a_time) -> std::size_t
    {
        painter const made(c, at_a_time);
        return device::plan(made.graph_).arena_bytes +
               3 * static_cast<std::size_t>(made.shape_.elements()) * sizeof(float);
    }

    /// Pictures first, first + 1, ... of a seed: picture i is the same whoever paints beside it.
    /// told(step): after each step of the scheduler.
    template <class Told>
    auto paint(sched::any_scheduler const& scheduler, std::uint64_t seed, std::uint32_t first,
               Told const& told) -> std::vector<image::pixels>
    {
        tensor<float> sample(shape_), clean(shape_), noise(shape_);
        sched::history<float> past(scheduler.kept(), static_cast<std::size_t>(shape_.elements()));
        fill_noise(noise, {seed, start_stream}, 0, first);
        sched::combine(sample, scheduler.initial_sigma(), noise, 0.0F, noise);
        for (int i = 0; i < scheduler.steps(); ++i) {
            predict(scheduler, i, sample);
            auto const output = program_->view(output_).template as<float const>();
            if (scheduler.at(i).takes_noise()) {
                fill_noise(noise, {seed, step_stream}, static_cast<std::uint32_t>(i), first);
                sched::step(scheduler, i, sample, output, clean, past, noise);
            } else {
                sched::step(scheduler, i, sample, output, clean, past);
            }
            told(i);
        }
        return pictures_of(clean); // a window of a schedule may end before all noise is gone
    }

private:
    static constexpr std::uint32_t start_stream = 3;
    static constexpr std::uint32_t step_stream = 4;

    painter(model::painter_config const& c, std::int64_t n) : shape_{n, c.size, c.size, 3}
    {
        input_ = graph_.input(dtype::f32, shape_);
        timesteps_ = graph_.input(dtype::f32, {n});
        output_ = model::painter(model::scope(graph_, {.trained = false}), c, input_, timesteps_);
        graph_.keep(output_);
    }

    void fill_noise(tensor<float>& noise, philox source, std::uint32_t step, std::uint32_t first)
    {
        auto const each = static_cast<std::size_t>(noise.elements() / shape_[0]);
        for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(shape_[0]); ++i) {
            source.at(step, first + i).fill_normal(noise.flat().subspan(i * each, each));
        }
    }

    void predict(sched::any_scheduler const& scheduler, int i, tensor<float> const& sample)
    {
        sched::scale_input(scheduler, i, sample, program_->view(input_).template as<float>());
        std::ranges::fill(program_->view(timesteps_).template as<float>().flat(),
                          scheduler.timestep(i));
        program_->run();
    }

    auto pictures_of(tensor<float> const& sample) const -> std::vector<image::pixels>
    {
        std::vector<image::pixels> pictures;
        auto const each = static_cast<std::size_t>(sample.elements() / shape_[0]);
        for (std::size_t i = 0; i < static_cast<std::size_t>(shape_[0]); ++i) {
            pictures.push_back(to_pixels(sample.flat().subspan(i * each, each),
                                         static_cast<int>(shape_[1]), static_cast<int>(shape_[1])));
        }
        return pictures;
    }

    device::graph graph_;
    shape shape_;
    device::value input_{}, timesteps_{}, output_{};
    std::optional<device::program<B>> program_;
};

} // namespace haiga::sample
