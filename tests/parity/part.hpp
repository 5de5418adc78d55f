#pragma once

#include "haiga/checkpoint/safetensors_reader.hpp"
#include "haiga/device/gradients.hpp"
#include "haiga/device/reshape.hpp"
#include "haiga/nn/concat.hpp"
#include "tests/model/on_host.hpp"

#include <string>
#include <vector>

namespace haiga::parity {

using checkpoint::safetensors_reader;
using device::value;

struct named_value {
    std::string name;
    value v = value::none;
};

/// Pictures are [N, C, H, W] in files and [N, H, W, C] in graphs.
inline auto dims_in_graph(shape const& d) -> shape
{
    return d.rank() == 4 ? shape{d[0], d[2], d[3], d[1]} : d;
}
inline auto dims_in_file(shape const& d) -> shape
{
    return d.rank() == 4 ? shape{d[0], d[3], d[1], d[2]} : d;
}

/// move(at in the graph, at in the file) for each number of a tensor with these graph's dims.
template <class F>
void for_each_place(shape const& d, F const& move)
{
    auto const channels = d.rank() == 4 ? d[3] : 1;
    auto const pixels = d.rank() == 4 ? d[1] * d[2] : 1;
    for (std::int64_t i = 0; i < d.elements(); ++i) {
        auto const image = i / (pixels * channels);
        auto const in_file = (image * channels + i % channels) * pixels + i / channels % pixels;
        move(static_cast<std::size_t>(i), static_cast<std::size_t>(in_file));
    }
}

/// A network as it is traced: what it reads from the file, and what is written of it.
class part {
public:
    part(safetensors_reader const& given, dtype storage) : g(storage), given_(given) {}

    device::graph g;

    [[nodiscard]] auto has(std::string const& name) const -> bool
    {
        return given_.find(name) != nullptr;
    }

    /// An input as the file has it; wanted: its gradient is written too.
    auto input(std::string const& name, dtype type, bool wanted = false) -> result<value>
    {
        auto const* const found = given_.find(name);
        if (found == nullptr) {
            return fail(errc::not_found, "inputs: \"", name, "\" is missing");
        }
        auto const v = g.input(type, dims_in_graph(found->dims), wanted);
        inputs_.push_back({name, v});
        return v;
    }
    auto wanted_input(std::string const& name) -> result<value>
    {
        return input(name, g.storage(), true);
    }

    void output(std::string name, value v)
    {
        g.keep(v);
        outputs_.push_back({std::move(name), v});
    }

    /// Traces the backward pass of all outputs whose gradients the file gives, side by side.
    auto differentiate() -> result<>
    {
        auto all = value::none;
        auto seed = value::none;
        auto const traced = outputs_;
        for (auto const& [name, v] : traced) {
            if (has("d_" + name)) {
                HAIGA_TRY(auto const d, input("d_" + name, g.storage()));
                join(all, v);
                join(seed, d);
            }
        }
        if (all == value::none) {
            return {};
        }
        device::backward_pass back(g);
        back.run(all, seed);
        for (auto const& [name, v] : inputs_) {
            if (auto const d = back.gradient(v); g.info(v).needs_gradient && d != value::none) {
                g.keep(d);
                outputs_.push_back({"d_" + name, d});
            }
        }
        return {};
    }

    /// Copies the file's numbers into a program.
    auto fill(test::on_host<float>& host) const -> result<>
    {
        for (auto const& [name, v] : inputs_) {
            HAIGA_TRY(auto const from, numbers(*given_.find(name)));
            std::vector<double> values(from.size());
            for_each_place(g.shape_of(v),
                           [&](std::size_t to, std::size_t at) { values[to] = from[at]; });
            host.write(v, values);
        }
        return {};
    }

    [[nodiscard]] auto outputs() const -> std::vector<named_value> const& { return outputs_; }

private:
    void join(value& all, value v)
    {
        auto const dims = g.shape_of(v);
        auto const flat = device::reshape(g, v, {dims[0], dims.elements() / dims[0]});
        all = all == value::none ? flat : nn::concat(g, all, flat);
    }

    [[nodiscard]] auto numbers(checkpoint::tensor_entry const& t) const
        -> result<std::vector<double>>
    {
        if (t.type == dtype::i64) {
            HAIGA_TRY(auto const all, given_.view<std::int64_t>(t.name));
            return std::vector<double>(all.flat().begin(), all.flat().end());
        }
        HAIGA_TRY(auto const all, given_.view<float>(t.name));
        return std::vector<double>(all.flat().begin(), all.flat().end());
    }

    safetensors_reader const& given_;
    std::vector<named_value> inputs_;
    std::vector<named_value> outputs_;
};

} // namespace haiga::parity
