#pragma once

#include "haiga/device/graph.hpp"

#include <concepts>
#include <string>
#include <string_view>
#include <utility>

namespace haiga::model {

using device::value;

struct trace_options {
    bool trained = true;    ///< whether parameters want gradients
    bool recompute = false; ///< blocks are computed again in the backward pass, to save memory
};

/// Where in a model a trace stands: the graph, and the name under which parameters are declared.
///
/// scope / "down_blocks" / 0 / "conv_in" declares "down_blocks.0.conv_in.weight" and so on.
/// Order: parameters lie in the flat buffer in the order of their first declaration, which models
///        keep to be that of Diffusers' constructors, so that torch's generator fills them alike.
///        A second trace in another graph makes the same buffer; in the same graph it shares them.
class scope {
public:
    explicit scope(device::graph& g, trace_options options = {}, std::string name = {})
        : graph_(&g), options_(options), name_(std::move(name))
    {
    }

    [[nodiscard]] auto operator/(std::string_view part) const -> scope
    {
        return scope(*graph_, options_, join(part));
    }
    [[nodiscard]] auto operator/(std::integral auto index) const -> scope
    {
        return *this / std::to_string(index);
    }

    [[nodiscard]] auto traced() const -> device::graph& { return *graph_; }
    [[nodiscard]] auto name() const -> std::string const& { return name_; }

    /// How far an axis of x reaches; negative axes count from the end.
    [[nodiscard]] auto extent(value x, int axis) const -> std::int64_t
    {
        return graph_->shape_of(x)[axis];
    }

    /// The parameter of this name: the graph's, if it has one, else a new one.
    /// Cost: a search through the graph's parameters.
    auto declare(std::string_view leaf, haiga::shape dims, device::layout layout,
                 device::initial start) const -> value
    {
        auto name = join(leaf);
        auto const& made = graph_->parameters();
        for (std::size_t i = 0; i < made.size(); ++i) {
            if (made[i].name == name) {
                HAIGA_CHECK(made[i].shape == dims, name, " is ", made[i].shape, ", not ", dims);
                return graph_->value_of_parameter(static_cast<int>(i));
            }
        }
        return graph_->parameter({std::move(name), dims, layout, start, options_.trained});
    }

    /// What is traced while the result lives is one recomputed block, if that was asked for.
    [[nodiscard]] auto block() const
    {
        struct [[nodiscard]] guard {
            device::graph* graph;
            explicit guard(device::graph* g) : graph(g)
            {
                if (graph != nullptr) {
                    graph->begin_block();
                }
            }
            guard(guard const&) = delete;
            auto operator=(guard const&) -> guard& = delete;
            ~guard()
            {
                if (graph != nullptr) {
                    graph->end_block();
                }
            }
        };
        return guard(options_.recompute ? graph_ : nullptr);
    }

private:
    [[nodiscard]] auto join(std::string_view part) const -> std::string
    {
        return name_.empty() ? std::string(part) : concat(name_, '.', part);
    }

    device::graph* graph_;
    trace_options options_;
    std::string name_;
};

} // namespace haiga::model
