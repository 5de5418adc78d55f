#pragma once

#include "haiga/device/plan.hpp"
#include "haiga/nn/ops.hpp"

namespace haiga::bench {

/// What one step of a program computes. Units: floating-point operations, a multiplication and an
/// addition apart; 0 where they are not what an op is made of.
struct operations {
    std::string_view name;
    double count = 0;
    bool attention = false;
};

namespace detail {

inline auto operations_of(device::graph const& g, device::record const& r) -> operations
{
    std::string_view const name = r.op->name;
    auto const shape = [&](std::size_t i) { return g.shape_of(r.in[i]); };
    auto const elements = [&](std::size_t i) { return static_cast<double>(shape(i).elements()); };
    if (name.starts_with("conv2d")) {
        return {name, r.attrs.as<nn::conv2d_op>().sizes.operations()};
    }
    if (name == nn::linear_op::name || name == nn::linear_weight_gradient::name) {
        return {name, 2 * elements(0) * static_cast<double>(shape(1)[-1])};
    }
    if (name == nn::linear_input_gradient::name) {
        return {name, 2 * elements(0) * static_cast<double>(shape(1)[0])};
    }
    if (name.starts_with("attention")) { // 2 products forward; backward 4, and the scores again
        double const products = name == nn::attention_op::name ? 2 : 5;
        return {name, 2 * products * elements(0) * static_cast<double>(shape(1)[1]), true};
    }
    return {name};
}

} // namespace detail

/// In the order in which a program runs its steps.
inline auto operations_of(device::graph const& g) -> std::vector<operations>
{
    std::vector<operations> all;
    auto const live = device::plan(g).live;
    for (std::size_t i = 0; i < g.records().size(); ++i) {
        if (live[i] != 0 && !g.records()[i].op->is_view) {
            all.push_back(detail::operations_of(g, g.records()[i]));
        }
    }
    return all;
}

} // namespace haiga::bench
