#pragma once

#include "haiga/device/add.hpp"
#include "haiga/device/program.hpp"
#include "haiga/device/reshape.hpp"
#include "haiga/nn/linear.hpp"
#include "tests/backends.hpp"

#include <deque>
#include <random>

namespace haiga::test {

using graph_ops =
    device::op_list<device::add_op, device::copy_op, nn::linear_op, nn::linear_input_gradient,
                    nn::linear_weight_gradient, nn::bias_gradient>;

/// A graph, what goes in, what is read afterwards.
struct traced_graph {
    device::graph g;
    std::vector<device::value> inputs = {};
    std::vector<device::value> results = {};
};

/// Elements that depend on nothing but where they are.
inline void fill(any_view view, unsigned seed)
{
    auto const values = view.as<float>().flat();
    std::mt19937 random(seed);
    for (auto& x : values) {
        x = static_cast<float>(random()) * 0x1p-31F - 1;
    }
}

inline auto bytes_of(any_view view) -> std::vector<std::byte>
{
    auto const* const first = static_cast<std::byte const*>(view.data());
    return {first, first + view.bytes()};
}

using results = std::vector<std::vector<std::byte>>;

/// The buffers of a graph's parameters and gradients, parameters filled.
struct buffers {
    aligned_vector<std::byte> parameters, gradients;

    explicit buffers(device::memory_plan const& p)
        : parameters(p.parameter_bytes), gradients(p.parameter_bytes)
    {
    }
    auto views() -> device::flat_buffers { return {parameters.data(), gradients.data()}; }
};

inline auto run_planned(traced_graph const& t, int times = 1) -> results
{
    device::cpu_native b(three_threads);
    buffers flat(device::plan(t.g));
    auto program = device::program<device::cpu_native>::make(b, t.g, flat.views(), graph_ops{});
    HAIGA_CHECK(program.has_value());
    for (int i = 0; i < static_cast<int>(t.g.parameters().size()); ++i) {
        fill(program->view(t.g.value_of_parameter(i)), 1000U + static_cast<unsigned>(i));
    }
    for (unsigned i = 0; i < t.inputs.size(); ++i) {
        fill(program->view(t.inputs[i]), i);
    }
    for (int i = 0; i < times; ++i) {
        program->run();
    }
    results read;
    for (auto const v : t.results) {
        read.push_back(bytes_of(program->view(v)));
    }
    return read;
}

/// The same without a plan: every value has memory of its own, views are copies, every record runs.
inline auto run_apart(traced_graph const& t) -> results
{
    device::cpu_native b(three_threads);
    std::deque<tensor<float>> memory;
    std::vector<any_view> views;
    for (auto const& info : t.g.values()) {
        views.emplace_back(memory.emplace_back(info.shape).view());
    }
    auto const view = [&](device::value v) {
        return v == device::value::none ? any_view{} : views[device::graph::index(v)];
    };
    for (int i = 0; i < static_cast<int>(t.g.parameters().size()); ++i) {
        fill(view(t.g.value_of_parameter(i)), 1000U + static_cast<unsigned>(i));
    }
    for (unsigned i = 0; i < t.inputs.size(); ++i) {
        fill(view(t.inputs[i]), i);
    }
    for (auto const& r : t.g.records()) {
        std::vector<any_view> in;
        std::vector<any_view> out;
        std::transform(r.in.begin(), r.in.end(), std::back_inserter(in), view);
        std::transform(r.out.begin(), r.out.end(), std::back_inserter(out), view);
        if (r.op->is_view) {
            std::memcpy(out[0].data(), in[0].data(), in[0].bytes());
        }
        [&]<device::op... Ops>(device::op_list<Ops...>)
        {
            ((r.op == &device::info_of<Ops> ? run(b, r.attrs.as<Ops>(), device::arguments{in, out})
                                            : void()),
             ...);
        }
        (graph_ops{});
    }
    results read;
    for (auto const v : t.results) {
        read.push_back(bytes_of(view(v)));
    }
    return read;
}

/// Adds, linears and reshapes over whatever there is so far; some values are kept, some never read.
/// In blocks of a few records when asked for; with a backward pass from the last value.
inline auto random_graph(unsigned seed, bool with_blocks) -> traced_graph
{
    traced_graph t{.g = device::graph()};
    auto& g = t.g;
    std::mt19937 random(seed);
    auto const below = [&](std::size_t n) { return random() % n; };
    std::vector<device::value> have;
    for (std::size_t i = 0; i < 2 + below(2); ++i) {
        t.inputs.push_back(g.input(dtype::f32, {6, 4}, below(2) == 0));
        have.push_back(t.inputs.back());
    }
    std::vector<device::value> weights;
    for (int i = 0; i < 3; ++i) {
        weights.push_back(g.parameter({.name = std::to_string(i), .shape = {4, 4}}));
    }
    auto const bias = g.parameter({.name = "bias", .shape = {4}});
    auto const any = [&] {
        return have[have.size() - 1 - below(std::min<std::size_t>(4, have.size()))];
    };
    for (int step = 0; step < 25; ++step) {
        if (with_blocks && step % 5 == 0) {
            g.end_block();
            g.begin_block();
        }
        switch (below(4)) {
        case 0: {
            auto const folded = device::reshape(g, any(), {2, 3, 4});
            have.push_back(device::reshape(g, folded, {6, 4}));
            break;
        }
        case 1:
            have.push_back(nn::linear(g, any(), weights[below(3)],
                                      below(2) == 0 ? bias : device::value::none));
            break;
        default: have.push_back(device::add(g, any(), any()));
        }
        if (below(6) == 0) {
            g.keep(have.back());
            t.results.push_back(have.back());
        }
    }
    g.end_block();
    auto const last = nn::linear(g, have.back(), weights[0], bias);
    t.inputs.push_back(g.input(dtype::f32, g.shape_of(last)));
    device::backward_pass back(g);
    back.run(last, t.inputs.back());
    for (auto const v : {t.inputs[0], t.inputs[1], weights[0], weights[1], weights[2], bias}) {
        if (auto const gradient = back.gradient(v); gradient != device::value::none) {
            g.keep(gradient);
            t.results.push_back(gradient);
        }
    }
    return t;
}

} // namespace haiga::test
