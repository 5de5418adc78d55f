#pragma once

#include "haiga/device/op.hpp"
#include "haiga/device/parameter.hpp"

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace haiga::device {

/// A tensor in a graph, by number. none stands for an operand that is not there.
enum class value : std::int32_t { none = -1 };

enum class role : std::uint8_t {
    input,      ///< filled by the caller before a run; kept for the whole run
    parameter,  ///< lies in the flat buffer of parameters
    gradient,   ///< of a parameter: lies in the flat buffer of gradients
    activation, ///< lies in the arena while somebody needs it
};

struct value_info {
    dtype type = dtype::f32;
    haiga::shape shape = {};
    role kind = role::activation;
    int parameter = -1; ///< for parameters and gradients: position in graph::parameters()
    bool keep = false;  ///< read by the caller after a run: lives to its end
    bool needs_gradient = false;
    int producer = -1; ///< the record that writes it, or -1
};

/// One operation that was asked for: its kind, its attributes, what it reads and writes.
struct record {
    op_info const* op = nullptr;
    attributes attrs = {};
    std::vector<value> in = {};
    std::vector<value> out = {};
    int block = -1; ///< the innermost recomputed block it belongs to, or -1
};

/// The records of a model that was traced once: plain data, from which the backward pass, the
/// lifetimes and the arena are worked out before anything is computed.
class graph {
public:
    /// storage is the dtype of activations: f32, bf16, or f64 for tests of formulas.
    explicit graph(dtype storage = dtype::f32) : storage_(storage) {}

    [[nodiscard]] auto storage() const -> dtype { return storage_; }

    auto input(dtype type, haiga::shape shape, bool needs_gradient = false) -> value
    {
        return add(
            {.type = type, .shape = shape, .kind = role::input, .needs_gradient = needs_gradient});
    }

    /// Parameters, gradients and moments are fp32 (f64 in a graph of f64).
    auto parameter(device::parameter p) -> value
    {
        auto const position = static_cast<int>(parameters_.size());
        parameters_.push_back(std::move(p));
        auto const& made = parameters_.back();
        auto const v = add({.type = parameter_type(),
                            .shape = made.stored_shape(),
                            .kind = role::parameter,
                            .parameter = position,
                            .needs_gradient = made.trained});
        parameter_values_.push_back(v);
        return v;
    }

    [[nodiscard]] auto parameter_type() const -> dtype
    {
        return storage_ == dtype::f64 ? dtype::f64 : dtype::f32;
    }

    /// Where a parameter's gradient is to be written.
    auto gradient_of_parameter(int position) -> value
    {
        auto const& p = info(parameter_values_[static_cast<std::size_t>(position)]);
        return add(
            {.type = p.type, .shape = p.shape, .kind = role::gradient, .parameter = position});
    }

    /// An activation of the graph's storage type that some record will write.
    auto activation(haiga::shape shape) -> value { return activation(storage_, shape); }
    auto activation(dtype type, haiga::shape shape) -> value
    {
        return add({.type = type, .shape = shape});
    }

    template <op Op>
    void emit(Op const& op, std::vector<value> in, std::vector<value> out)
    {
        append({&info_of<Op>, attributes(op), std::move(in), std::move(out), block_});
    }

    void append(record r)
    {
        bool needs = false;
        for (auto const v : r.in) {
            needs = needs || (v != value::none && info(v).needs_gradient);
        }
        for (auto const v : r.out) {
            if (v != value::none) {
                info(v).producer = static_cast<int>(records_.size());
                info(v).needs_gradient = needs && r.op->differentiate != nullptr;
            }
        }
        records_.push_back(std::move(r));
    }

    /// The caller will read v after a run.
    void keep(value v) { info(v).keep = true; }

    /// Records made until end_block() are computed again in the backward pass instead of keeping
    /// what lies between them. Blocks do not nest.
    void begin_block()
    {
        HAIGA_CHECK(block_ < 0, "blocks do not nest");
        block_ = blocks_++;
    }
    void end_block() { block_ = -1; }

    [[nodiscard]] auto info(value v) -> value_info& { return values_.at(index(v)); }
    [[nodiscard]] auto info(value v) const -> value_info const& { return values_.at(index(v)); }
    [[nodiscard]] auto shape_of(value v) const -> haiga::shape const& { return info(v).shape; }
    [[nodiscard]] auto values() const -> std::vector<value_info> const& { return values_; }
    [[nodiscard]] auto records() const -> std::vector<record> const& { return records_; }
    [[nodiscard]] auto parameters() const -> std::vector<device::parameter> const&
    {
        return parameters_;
    }
    [[nodiscard]] auto value_of_parameter(int position) const -> value
    {
        return parameter_values_.at(static_cast<std::size_t>(position));
    }

    static auto index(value v) -> std::size_t { return static_cast<std::size_t>(v); }

private:
    auto add(value_info info) -> value
    {
        values_.push_back(info);
        return static_cast<value>(values_.size() - 1);
    }

    dtype storage_;
    std::vector<value_info> values_;
    std::vector<record> records_;
    std::vector<device::parameter> parameters_;
    std::vector<value> parameter_values_;
    int block_ = -1;
    int blocks_ = 0;
};

} // namespace haiga::device
