#pragma once

#include "haiga/device/gradients.hpp"
#include "haiga/nn/rows.hpp"

#include <vector>

namespace haiga::nn {

/// a and b side by side along their last axis.
///
/// Shapes: a [..., A], b [..., B] -> y [..., A + B].
/// Backward: the two slices of dy; they assign.
struct concat_op {
    static constexpr std::string_view name = "concat";
    static constexpr bool recomputable = true;
    static void differentiate(device::backward_pass& back, device::record const& r);
};

/// Columns [first, first + its own) of the last axis.
struct slice_op {
    static constexpr std::string_view name = "slice";
    std::int64_t first = 0;
};

inline auto concat(device::graph& g, device::value a, device::value b) -> device::value
{
    auto const& left = g.shape_of(a);
    auto const& right = g.shape_of(b);
    std::vector<std::int64_t> dims(left.begin(), left.end());
    dims.back() = right[-1];
    HAIGA_CHECK(shape(std::span<std::int64_t const>(dims)) == right &&
                    g.info(a).type == g.info(b).type,
                "concat: ", left, " and ", right);
    dims.back() += left[-1];
    auto const y = g.activation(g.info(a).type, shape(std::span<std::int64_t const>(dims)));
    g.emit(concat_op{}, {a, b}, {y});
    return y;
}

inline void concat_op::differentiate(device::backward_pass& back, device::record const& r)
{
    std::int64_t first = 0;
    for (auto const x : r.in) {
        auto const columns = back.traced().shape_of(x)[-1];
        if (auto const dx = back.target(x); dx != device::value::none) {
            back.traced().emit(slice_op{first}, {back.gradient(r.out[0])}, {dx});
            back.give(x, dx);
        }
        first += columns;
    }
}

template <device::host B>
void run(B& b, concat_op const&, device::arguments const& args)
{
    auto const [left, right, y] = std::tuple(args.in[0], args.in[1], args.out[0]);
    auto const columns = y.shape()[-1];
    for_each_row(b, y.elements() / columns, columns, [&](std::int64_t r, int) {
        auto* const to = detail::row_of(y, r);
        std::memcpy(to, detail::row_of(left, r), detail::row_bytes(left));
        std::memcpy(to + detail::row_bytes(left), detail::row_of(right, r),
                    detail::row_bytes(right));
    });
}

template <device::host B>
void run(B& b, slice_op const& op, device::arguments const& args)
{
    auto const [x, y] = std::tuple(args.in[0], args.out[0]);
    auto const columns = y.shape()[-1];
    auto const skipped = static_cast<std::size_t>(op.first) * size_of(x.type());
    for_each_row(b, y.elements() / columns, columns, [&](std::int64_t r, int) {
        std::memcpy(detail::row_of(y, r), detail::row_of(x, r) + skipped, detail::row_bytes(y));
    });
}

} // namespace haiga::nn
