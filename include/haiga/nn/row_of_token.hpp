#pragma once

#include "haiga/device/gradients.hpp"
#include "haiga/nn/rows.hpp"

#include <algorithm>
#include <cstring>

namespace haiga::nn {

/// Stands for the highest id of a sequence.
inline constexpr std::int64_t highest_id = -1;

/// Of each sequence the row where a token stands first: what CLIP takes for the whole text.
///
/// Shapes: x [N, T, C], ids [N, T] i32 -> y [N, C]. A sequence without the token gives its first
/// row. Backward: dx assigns dy to those rows and zeros to the others. Source: transformers 5.23.0,
/// models/clip/modeling_clip.py, CLIPTextModel.
struct row_of_token_op {
    static constexpr std::string_view name = "row_of_token";
    std::int64_t token = highest_id;
    static void differentiate(device::backward_pass& back, device::record const& r);
};
struct row_of_token_gradient {
    static constexpr std::string_view name = "row_of_token_gradient";
    std::int64_t token = highest_id;
};

inline auto row_of_token(device::graph& g, device::value x, device::value ids, std::int64_t token)
    -> device::value
{
    auto const dims = g.shape_of(x);
    HAIGA_CHECK(dims.rank() == 3 && dims[1] > 0 && g.shape_of(ids) == shape({dims[0], dims[1]}) &&
                    g.info(ids).type == dtype::i32,
                "row_of_token: ", dims, " at ", g.shape_of(ids));
    auto const y = g.activation(g.info(x).type, {dims[0], dims[2]});
    g.emit(row_of_token_op{token}, {x, ids}, {y});
    return y;
}

inline void row_of_token_op::differentiate(device::backward_pass& back, device::record const& r)
{
    auto const dx = back.target(r.in[0]);
    back.traced().emit(row_of_token_gradient{r.attrs.as<row_of_token_op>().token},
                       {back.gradient(r.out[0]), r.in[1]}, {dx});
    back.give(r.in[0], dx);
}

namespace detail {

/// use(at, n) for every sequence n; at is the row of x, counted over all sequences.
template <class Use>
void for_each_row_of_token(any_view const& ids, std::int64_t token, Use const& use)
{
    auto const tokens = ids.shape()[1];
    for (std::int64_t n = 0; n < ids.shape()[0]; ++n) {
        auto const* const first = static_cast<std::int32_t const*>(ids.data()) + n * tokens;
        auto const* const last = first + tokens;
        auto const* const found =
            token == highest_id ? std::max_element(first, last) : std::find(first, last, token);
        use(n * tokens + (found == last ? 0 : found - first), n);
    }
}

} // namespace detail

template <device::host B>
void run(B&, row_of_token_op const& op, device::arguments const& args)
{
    auto const [x, y] = std::tuple(args.in[0], args.out[0]);
    detail::for_each_row_of_token(args.in[1], op.token, [&](std::int64_t at, std::int64_t n) {
        std::memcpy(detail::row_of(y, n), detail::row_of(x, at), detail::row_bytes(y));
    });
}

template <device::host B>
void run(B&, row_of_token_gradient const& op, device::arguments const& args)
{
    auto const [dy, dx] = std::tuple(args.in[0], args.out[0]);
    std::memset(dx.data(), 0, dx.bytes());
    detail::for_each_row_of_token(args.in[1], op.token, [&](std::int64_t at, std::int64_t n) {
        std::memcpy(detail::row_of(dx, at), detail::row_of(dy, n), detail::row_bytes(dy));
    });
}

} // namespace haiga::nn
