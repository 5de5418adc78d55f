#pragma once

#include "haiga/device/cpu/elementwise.hpp"
#include "haiga/device/gradients.hpp"

#include <cstring>
#include <vector>

namespace haiga::nn {

/// Rows of a table, by number.
///
/// Shapes: ids [...] i32, table [V, D] -> y [..., D].   Errors: an id outside [0, V) is a caller's
/// bug, found when it runs.   Backward: dtable assigns; a row that occurs twice gets both.
struct embedding_op {
    static constexpr std::string_view name = "embedding";
    static constexpr bool recomputable = true;
    static void differentiate(device::backward_pass& back, device::record const& r);
};
struct embedding_gradient {
    static constexpr std::string_view name = "embedding_gradient";
};

inline auto embedding(device::graph& g, device::value ids, device::value table) -> device::value
{
    HAIGA_CHECK(g.info(ids).type == dtype::i32 && g.shape_of(table).rank() == 2);
    auto const& of_ids = g.shape_of(ids);
    std::vector<std::int64_t> dims(of_ids.begin(), of_ids.end());
    dims.push_back(g.shape_of(table)[1]);
    auto const y = g.activation(shape(std::span<std::int64_t const>(dims)));
    g.emit(embedding_op{}, {ids, table}, {y});
    return y;
}

inline void embedding_op::differentiate(device::backward_pass& back, device::record const& r)
{
    if (auto const dtable = back.target(r.in[1]); dtable != device::value::none) {
        back.traced().emit(embedding_gradient{}, {r.in[0], back.gradient(r.out[0])}, {dtable});
        back.give(r.in[1], dtable);
    }
}

namespace detail {

inline auto checked_id(any_view const& ids, std::int64_t i, std::int64_t rows) -> std::int64_t
{
    auto const id = static_cast<std::int32_t const*>(ids.data())[i];
    HAIGA_CHECK(id >= 0 && id < rows, "embedding: id ", id, " of ", rows);
    return id;
}

} // namespace detail

template <device::host B>
void run(B&, embedding_op const&, device::arguments const& args)
{
    auto const& table = args.in[1];
    auto const [rows, width] = std::pair(table.shape()[0], table.shape()[1]);
    device::with_type(table.type(), [&]<class I>(I) {
        device::with_type(args.out[0].type(), [&]<class T>(T) {
            for (std::int64_t i = 0; i < args.in[0].elements(); ++i) {
                auto const* const from = static_cast<I const*>(table.data()) +
                                         detail::checked_id(args.in[0], i, rows) * width;
                auto* const to = static_cast<T*>(args.out[0].data()) + i * width;
                for (std::int64_t c = 0; c < width; ++c) {
                    device::store(to[c], static_cast<device::compute_t<T>>(device::load(from[c])));
                }
            }
        });
    });
}

template <device::host B>
void run(B&, embedding_gradient const&, device::arguments const& args)
{
    auto const& dtable = args.out[0];
    auto const [rows, width] = std::pair(dtable.shape()[0], dtable.shape()[1]);
    std::memset(dtable.data(), 0, dtable.bytes());
    device::with_type(args.in[1].type(), [&]<class T>(T) {
        using C = device::compute_t<T>;
        for (std::int64_t i = 0; i < args.in[0].elements(); ++i) {
            auto const* const from = static_cast<T const*>(args.in[1].data()) + i * width;
            auto* const to =
                static_cast<C*>(dtable.data()) + detail::checked_id(args.in[0], i, rows) * width;
            for (std::int64_t c = 0; c < width; ++c) {
                to[c] += device::load(from[c]);
            }
        }
    });
}

} // namespace haiga::nn
