#pragma once

#include "haiga/base/check.hpp"
#include "haiga/base/cpu.hpp"
#include "haiga/optim/adamw_kernel.hpp"
#include "haiga/optim/optimizer.hpp"
#include "haiga/tensor/tensor.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace haiga::optim {

/// The defaults of torch.optim.AdamW.
struct adamw_options {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weight_decay = 1e-2;
};

/// Elements [first, first + count) that have a weight decay or a learning rate of their own.
struct parameter_range {
    std::size_t first = 0;
    std::size_t count = 0;
    double weight_decay = 0;
    double rate_factor = 1; ///< times the learning rate of the step
};

/// Adam with decoupled weight decay, over flat buffers in one pass.
///
/// Source: Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2; epsilon as torch.optim.AdamW
///         places it: after the root of the corrected second moment.
/// Cost:   7 (with a moving average 9) floats of memory traffic an element.
class adamw {
public:
    /// ranges: ascending, without overlap; what they leave out has the options' weight decay.
    explicit adamw(std::size_t count, adamw_options const& options = {},
                   std::span<parameter_range const> ranges = {})
        : options_(options), first_(count), second_(count)
    {
        std::size_t done = 0;
        for (auto const& range : ranges) {
            HAIGA_CHECK(range.first >= done && range.first <= count &&
                            range.count <= count - range.first,
                        "range of ", range.count, " at ", range.first, " of ", count);
            add_chunks({done, range.first - done, options.weight_decay, 1});
            add_chunks(range);
            done = range.first + range.count;
        }
        add_chunks({done, count - done, options.weight_decay, 1});
    }

    /// Shapes: all buffers as long as count. Errors: none; a gradient that is not finite spreads.
    void step(parallelism team, std::span<float> parameters, std::span<float const> gradients,
              step_inputs const& inputs)
    {
        auto const count = first_.size();
        HAIGA_CHECK(parameters.size() == count && gradients.size() == count, "parameters ",
                    parameters.size(), ", gradients ", gradients.size(), ", expected ", count);
        HAIGA_CHECK(inputs.average.empty() || inputs.average.size() == count, "average ",
                    inputs.average.size());
        ++steps_;
        isa const set = machine_isa();
        parallel_for(team, static_cast<std::ptrdiff_t>(chunks_.size()), [&](auto index, int) {
            auto const& chunk = chunks_[static_cast<std::size_t>(index)];
            detail::adamw_arrays const arrays{
                parameters.data() + chunk.first, gradients.data() + chunk.first,
                first_.data() + chunk.first, second_.data() + chunk.first,
                inputs.average.empty() ? nullptr : inputs.average.data() + chunk.first};
            detail::adamw_pass(set, numbers(inputs, chunk), arrays, chunk.count);
        });
    }

    [[nodiscard]] auto steps() const -> std::int64_t { return steps_; }
    void resume_at(std::int64_t steps) { steps_ = steps; }

    [[nodiscard]] auto state() -> std::vector<state_part>
    {
        return {{"exp_avg", first_}, {"exp_avg_sq", second_}};
    }

private:
    void add_chunks(parameter_range range)
    {
        for (std::size_t done = 0; done < range.count; done += chunk_elements) {
            chunks_.push_back({range.first + done, std::min(chunk_elements, range.count - done),
                               range.weight_decay, range.rate_factor});
        }
    }

    [[nodiscard]] auto numbers(step_inputs const& inputs, parameter_range const& range) const
        -> detail::adamw_numbers
    {
        auto const t = static_cast<double>(steps_);
        double const rate = inputs.learning_rate * range.rate_factor;
        return {.gradient_scale = inputs.gradient_scale,
                .keep = static_cast<float>(1 - rate * range.weight_decay),
                .rate = static_cast<float>(rate / (1 - std::pow(options_.beta1, t))),
                .root_scale = static_cast<float>(1 / std::sqrt(1 - std::pow(options_.beta2, t))),
                .epsilon = static_cast<float>(options_.epsilon),
                .first_weight = static_cast<float>(1 - options_.beta1),
                .beta2 = static_cast<float>(options_.beta2),
                .second_weight = static_cast<float>(1 - options_.beta2),
                .average_weight = static_cast<float>(1 - inputs.average_decay)};
    }

    adamw_options options_;
    aligned_vector<float> first_;
    aligned_vector<float> second_;
    std::vector<parameter_range> chunks_; ///< at most chunk_elements each
    std::int64_t steps_ = 0;
};

static_assert(optimizer<adamw>);

} // namespace haiga::optim
