#pragma once

#include "haiga/device/graph.hpp"
#include "haiga/device/sum_ops.hpp"

#include <map>

namespace haiga::device {

/// Appends to a graph the records that compute gradients, walking what was traced from its end.
/// Ops call it back from their differentiate().
///
/// Convention: a gradient has the shape and type of what it belongs to. Contributions to an
/// activation are summed by add ops; the first one to a parameter is written, further ones add.
class backward_pass {
public:
    explicit backward_pass(graph& g) : graph_(g) {}

    [[nodiscard]] auto traced() -> graph& { return graph_; }

    /// d loss / d v, or none if v does not reach the loss.
    [[nodiscard]] auto gradient(value v) const -> value
    {
        auto const found = gradients_.find(v);
        return found == gradients_.end() ? value::none : found->second;
    }

    [[nodiscard]] auto wants(value v) const -> bool
    {
        return v != value::none && graph_.info(v).needs_gradient;
    }

    /// Where the next contribution to v's gradient is to be written; none if nobody wants one.
    [[nodiscard]] auto target(value v) -> value
    {
        if (!wants(v)) {
            return value::none;
        }
        auto const info = graph_.info(v);
        if (info.kind == role::parameter && gradient(v) == value::none) {
            return graph_.gradient_of_parameter(info.parameter);
        }
        return graph_.activation(info.type, info.shape);
    }

    /// Hands in one contribution to v's gradient: what target(v) gave, now written, or any
    /// activation of v's shape.
    void give(value v, value contribution)
    {
        if (contribution == value::none || !wants(v)) {
            return;
        }
        auto const sofar = gradient(v);
        if (graph_.info(v).kind == role::parameter) {
            give_to_parameter(v, sofar, contribution);
        } else if (sofar == value::none) {
            gradients_[v] = contribution;
        } else {
            auto const sum = graph_.activation(graph_.info(v).type, graph_.info(v).shape);
            accumulate(sofar, contribution, sum);
            gradients_[v] = sum;
        }
    }

    /// The value of v as the backward pass should read it: v itself, or its recomputation.
    [[nodiscard]] auto saved(value v) -> value
    {
        if (v == value::none || leaves_block(v)) {
            return v;
        }
        if (auto const again = recomputed_.find(v); again != recomputed_.end()) {
            return again->second;
        }
        auto const producer = graph_.info(v).producer;
        if (producer < 0 || graph_.info(v).keep) {
            return v;
        }
        auto const r = graph_.records()[static_cast<std::size_t>(producer)];
        if (r.block >= 0) {
            recompute_block(r.block);
            return recomputed_.at(v);
        }
        if (r.op->recomputable) {
            recompute(r);
            return recomputed_.at(v);
        }
        return v;
    }

    /// Differentiates everything traced so far. seed is the gradient of output.
    void run(value output, value seed)
    {
        HAIGA_CHECK(graph_.shape_of(output) == graph_.shape_of(seed));
        gradients_[output] = seed;
        traced_ = graph_.records().size();
        find_what_leaves_blocks();
        for (auto i = traced_; i-- > 0;) {
            auto const r = graph_.records()[i]; // a copy: differentiate() appends records
            bool reached = false;
            for (auto const v : r.out) {
                reached = reached || (v != value::none && gradient(v) != value::none);
            }
            if (reached && r.op->differentiate != nullptr) {
                r.op->differentiate(*this, r);
            }
        }
    }

private:
    void give_to_parameter(value v, value sofar, value contribution)
    {
        if (sofar != value::none) {
            accumulate(sofar, contribution, sofar);
            return;
        }
        if (graph_.info(contribution).kind != role::gradient) {
            auto const slot = graph_.gradient_of_parameter(graph_.info(v).parameter);
            copy(contribution, slot);
            contribution = slot;
        }
        gradients_[v] = contribution;
    }

    /// What a block hands on is kept: were it computed again too, so would be all before it.
    void find_what_leaves_blocks()
    {
        leaves_.assign(graph_.values().size(), 0);
        for (auto const& r : graph_.records()) {
            for (auto const v : r.in) {
                auto const producer = v == value::none ? -1 : graph_.info(v).producer;
                if (producer >= 0) {
                    auto const block = graph_.records()[static_cast<std::size_t>(producer)].block;
                    leaves_[graph::index(v)] |= static_cast<char>(block >= 0 && block != r.block);
                }
            }
        }
    }

    [[nodiscard]] auto leaves_block(value v) const -> bool
    {
        return graph::index(v) < leaves_.size() && leaves_[graph::index(v)] != 0;
    }

    void recompute_block(int block)
    {
        for (std::size_t i = 0; i < traced_; ++i) {
            if (auto const r = graph_.records()[i]; r.block == block) {
                recompute(r);
            }
        }
    }

    /// Appends a copy of r, which reads recomputed values where there are any.
    void recompute(record r)
    {
        r.block = -1;
        for (auto& v : r.in) {
            v = saved(v);
        }
        for (auto& v : r.out) {
            if (v != value::none) {
                auto const info = graph_.info(v);
                auto const again = graph_.activation(info.type, info.shape);
                recomputed_[v] = again;
                v = again;
            }
        }
        graph_.append(std::move(r));
    }

    void accumulate(value into, value more, value out)
    {
        graph_.emit(add_op{}, {into, more}, {out});
    }
    void copy(value from, value to) { graph_.emit(copy_op{}, {from}, {to}); }

    graph& graph_;
    std::map<value, value> gradients_;
    std::map<value, value> recomputed_;
    std::vector<char> leaves_; ///< by value: made in a block, read outside of it
    std::size_t traced_ = 0;
};

inline void add_op::differentiate(backward_pass& back, record const& r)
{
    auto const dy = back.gradient(r.out[0]);
    back.give(r.in[0], dy);
    back.give(r.in[1], dy);
}

} // namespace haiga::device
