#pragma once

#include "haiga/base/torch_generator.hpp"
#include "haiga/device/gradients.hpp"
#include "haiga/device/plan.hpp"
#include "haiga/tensor/tensor.hpp"

#include <vector>

namespace haiga::bench {

/// One op traced by itself, and its backward pass, which gives the gradients of all its operands.
class op_graph {
public:
    explicit op_graph(dtype storage) : graph_(storage) {}

    [[nodiscard]] auto traced() -> device::graph& { return graph_; }
    [[nodiscard]] auto traced() const -> device::graph const& { return graph_; }

    auto input(shape dims) -> device::value
    {
        inputs_.push_back(graph_.input(graph_.storage(), dims, true));
        return inputs_.back();
    }

    /// Of the shape in which this library keeps it.
    auto weight(shape dims) -> device::value
    {
        return graph_.parameter({.name = {}, .shape = dims});
    }

    /// y: what the op gives.
    void differentiate(device::value y)
    {
        graph_.keep(y);
        forward_records_ = graph_.records().size();
        inputs_.push_back(graph_.input(graph_.info(y).type, shape(graph_.shape_of(y))));
        device::backward_pass back(graph_);
        back.run(y, inputs_.back());
        for (auto const v : inputs_) {
            if (v != inputs_.back()) {
                graph_.keep(back.gradient(v));
            }
        }
    }

    /// The operands, and last the gradient that is handed in.
    [[nodiscard]] auto inputs() const -> std::vector<device::value> const& { return inputs_; }

    /// How many of a program's steps are the forward pass.
    [[nodiscard]] auto forward_steps() const -> std::size_t
    {
        auto const live = device::plan(graph_).live;
        std::size_t steps = 0;
        for (std::size_t i = 0; i < forward_records_; ++i) {
            if (live[i] != 0 && !graph_.records()[i].op->is_view) {
                ++steps;
            }
        }
        return steps;
    }

private:
    device::graph graph_;
    std::vector<device::value> inputs_;
    std::size_t forward_records_ = 0;
};

} // namespace haiga::bench
