#pragma once

#include "haiga/base/bytes.hpp"
#include "haiga/checkpoint/model_source.hpp"
#include "haiga/checkpoint/model_values.hpp"

namespace haiga::checkpoint {

namespace detail {

/// How two blocks of one place differ; empty where they do not.
inline auto difference(stored_tensor const& a, stored_tensor const& b) -> std::string
{
    if (a.dims != b.dims) {
        return concat("is ", a.dims, " in the first, ", b.dims, " in the second");
    }
    if (a.type != b.type) {
        return concat("is ", to_string(a.type), " in the first, ", to_string(b.type),
                      " in the second");
    }
    dense_bytes const of_a(a);
    dense_bytes const of_b(b);
    if (as_text(of_a.get()) == as_text(of_b.get())) { // many bytes at a time, unlike mismatch
        return {};
    }
    auto const at = std::ranges::mismatch(of_a.get(), of_b.get()).in1 - of_a.get().begin();
    return concat("differs from its element ", static_cast<std::size_t>(at) / size_of(a.type),
                  " on");
}

} // namespace detail

/// Whether two checkpoints, of whatever form, are the same model: the same parts and parameters,
/// of the same types, with the same bits. The first difference, by Diffusers' names; none where
/// there is none. What has no place in the other form is not compared.
/// Errors: those of open_model and bind_tensors.
inline auto first_difference(model_source const& a, model_source const& b)
    -> result<std::optional<std::string>>
{
    auto const bound = [](model_source const& s) {
        return bind_tensors(s.tensors, model_keys(s.model), s.model.follows)
            .map_error([&](failure&& f) { return std::move(f).within(s.path.string()); });
    };
    HAIGA_TRY(auto const of_a, bound(a));
    HAIGA_TRY(auto const of_b, bound(b));
    std::map<std::pair<std::string_view, std::int64_t>, std::size_t> in_b;
    for (std::size_t i = 0; i < of_b.map.rows.size(); ++i) {
        in_b[{of_b.map.rows[i].diffusers, of_b.map.rows[i].diffusers_row}] = i;
    }
    for (std::size_t i = 0; i < of_a.map.rows.size(); ++i) {
        auto const& row = of_a.map.rows[i];
        auto const at = in_b.find({row.diffusers, row.diffusers_row});
        if (at == in_b.end()) {
            return concat('"', row.diffusers, "\" is in the first alone");
        }
        auto const found = detail::difference(of_a.blocks[i], of_b.blocks[at->second]);
        io::forget_pages(of_a.blocks[i].bytes);
        io::forget_pages(of_b.blocks[at->second].bytes);
        if (!found.empty()) {
            return concat('"', row.diffusers, "\" ", found);
        }
        in_b.erase(at);
    }
    if (!in_b.empty()) {
        return concat('"', in_b.begin()->first.first, "\" is in the second alone");
    }
    return std::nullopt;
}

} // namespace haiga::checkpoint
