#pragma once

#include "haiga/optim/optimizer.hpp"

/// The least that models haiga::optim::optimizer, and what must not.
namespace archetypes {

/// Plain gradient descent: it remembers nothing but how often.
class optimizer {
public:
    void step(haiga::parallelism, std::span<float> parameters, std::span<float const> gradients,
              haiga::optim::step_inputs const& inputs)
    {
        ++steps_;
        auto const rate = static_cast<float>(inputs.learning_rate) * inputs.gradient_scale;
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            parameters[i] -= rate * gradients[i];
        }
    }
    auto state() -> std::vector<haiga::optim::state_part> { return {}; }
    [[nodiscard]] auto steps() const -> std::int64_t { return steps_; }
    void resume_at(std::int64_t steps) { steps_ = steps; }

private:
    std::int64_t steps_ = 0;
};
static_assert(haiga::optim::optimizer<optimizer>);

struct forgetful_optimizer : optimizer {
    void state();
};
struct endless_optimizer : optimizer {
    void resume_at(std::int64_t) = delete;
};
static_assert(!haiga::optim::optimizer<forgetful_optimizer>);
static_assert(!haiga::optim::optimizer<endless_optimizer>);

} // namespace archetypes
