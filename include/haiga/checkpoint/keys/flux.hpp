#pragma once

#include "haiga/catalog/layout.hpp"
#include "haiga/checkpoint/keys/named_tensors.hpp"

namespace haiga::checkpoint {

namespace detail {

/// Linear layers that the original keeps in one, by their names in the folder.
struct packed_parts {
    std::string diffusers;
    std::string original;
    std::int64_t in = 0;
    std::int64_t row = 0;

    void add(key_rows& rows, std::string_view name, std::int64_t out)
    {
        rows.packed_linear(concat(diffusers, '.', name), original + ".weight", original + ".bias",
                           std::exchange(row, row + out), in, out);
    }
};

inline void flux_embedder(key_rows& rows, place const& root, std::string_view diffusers,
                          std::string_view original, std::int64_t in, std::int64_t width)
{
    auto const p = root.at(concat("time_text_embed.", diffusers), original);
    rows.linear(p.at("linear_1", "in_layer"), in, width);
    rows.linear(p.at("linear_2", "out_layer"), width, width);
}

/// One of the two streams of a double block: the picture's or the text's.
struct flux_stream {
    std::string_view original;
    std::string_view norm, query, key, value, query_norm, key_norm, out, mlp; ///< in the folder
};

inline constexpr flux_stream flux_streams[] = {
    {"img", "norm1", "to_q", "to_k", "to_v", "norm_q", "norm_k", "to_out.0", "ff"},
    {"txt", "norm1_context", "add_q_proj", "add_k_proj", "add_v_proj", "norm_added_q",
     "norm_added_k", "to_add_out", "ff_context"},
};

inline void flux_double_keys(key_rows& rows, place const& block, catalog::flux_layout const& l)
{
    for (auto const& s : flux_streams) {
        auto const attention = block.at("attn", concat(s.original, "_attn"));
        rows.linear(block.at(s.norm, concat(s.original, "_mod")).at("linear", "lin"), l.width,
                    6 * l.width);
        packed_parts qkv{attention.diffusers, attention.original + ".qkv", l.width};
        qkv.add(rows, s.query, l.width);
        qkv.add(rows, s.key, l.width);
        qkv.add(rows, s.value, l.width);
        rows.add(attention.at(s.query_norm, "norm.query_norm").at("weight", "scale"), {l.head});
        rows.add(attention.at(s.key_norm, "norm.key_norm").at("weight", "scale"), {l.head});
        rows.linear(attention.at(s.out, "proj"), l.width, l.width);
        auto const mlp = block.at(s.mlp, concat(s.original, "_mlp"));
        rows.linear(mlp.at("net.0.proj", "0"), l.width, l.hidden);
        rows.linear(mlp.at("net.2", "2"), l.hidden, l.width);
    }
}

inline void flux_single_keys(key_rows& rows, place const& block, catalog::flux_layout const& l)
{
    rows.linear(block.at("norm.linear", "modulation.lin"), l.width, 3 * l.width);
    packed_parts first{block.diffusers, block.original + ".linear1", l.width};
    first.add(rows, "attn.to_q", l.width);
    first.add(rows, "attn.to_k", l.width);
    first.add(rows, "attn.to_v", l.width);
    first.add(rows, "proj_mlp", l.hidden);
    rows.add(block.at("attn.norm_q", "norm.query_norm").at("weight", "scale"), {l.head});
    rows.add(block.at("attn.norm_k", "norm.key_norm").at("weight", "scale"), {l.head});
    rows.linear(block.at("proj_out", "linear2"), l.width + l.hidden, l.width);
}

/// The modulation of the last layer: the original has shift before scale, Diffusers scale first.
inline void flux_last_keys(key_rows& rows, place const& root, std::int64_t width)
{
    auto const p = root.at("norm_out.linear", "final_layer.adaLN_modulation.1");
    auto const swapped = [&](place const& at, shape const& dims) {
        rows.add({at.diffusers, at.original, dims, relation::same, 0, width});
        rows.add({at.diffusers, at.original, dims, relation::same, width, 0});
    };
    swapped(p.at("weight"), {width, width});
    swapped(p.at("bias"), {width});
}

} // namespace detail

/// Flux's transformer.
/// Source: github.com/black-forest-labs/flux, src/flux/model.py; diffusers 0.42.1,
/// models/transformers/transformer_flux.py.
inline auto flux_keys(catalog::flux_layout const& l, place const& root) -> std::vector<key_row>
{
    key_rows rows;
    detail::flux_embedder(rows, root, "timestep_embedder", "time_in", l.frequencies, l.width);
    detail::flux_embedder(rows, root, "text_embedder", "vector_in", l.pooled, l.width);
    if (l.guidance) {
        detail::flux_embedder(rows, root, "guidance_embedder", "guidance_in", l.frequencies,
                              l.width);
    }
    rows.linear(root.at("context_embedder", "txt_in"), l.context, l.width);
    rows.linear(root.at("x_embedder", "img_in"), l.in_channels, l.width);
    for (int i = 0; i < l.double_blocks; ++i) {
        detail::flux_double_keys(
            rows, root.at(concat("transformer_blocks.", i), concat("double_blocks.", i)), l);
    }
    for (int i = 0; i < l.single_blocks; ++i) {
        detail::flux_single_keys(
            rows, root.at(concat("single_transformer_blocks.", i), concat("single_blocks.", i)), l);
    }
    detail::flux_last_keys(rows, root, l.width);
    rows.linear(root.at("proj_out", "final_layer.linear"), l.width, l.out_channels);
    return std::move(rows).take();
}

/// Errors: not_found, mismatch; they name a tensor.
inline auto read_flux_layout(named_tensors const& tensors, place const& root)
    -> result<catalog::flux_layout>
{
    catalog::flux_layout l;
    auto const embedder = [&](std::string_view diffusers, std::string_view original) {
        return root.at(concat("time_text_embed.", diffusers), original)
            .at("linear_1", "in_layer")
            .at("weight");
    };
    auto const doubles = root.at("transformer_blocks", "double_blocks");
    auto const singles = root.at("single_transformer_blocks", "single_blocks");
    auto const mlp = doubles.at("0").at("ff.net.0.proj", "img_mlp.0").at("bias");
    auto const head = doubles.at("0").at("attn.norm_q", "img_attn.norm.query_norm");
    HAIGA_TRY(l.in_channels, tensors.extent(root.at("x_embedder", "img_in").at("weight"), 1));
    HAIGA_TRY(l.width, tensors.extent(root.at("x_embedder", "img_in").at("weight"), 0));
    HAIGA_TRY(l.out_channels,
              tensors.extent(root.at("proj_out", "final_layer.linear").at("weight"), 0));
    HAIGA_TRY(l.context, tensors.extent(root.at("context_embedder", "txt_in").at("weight"), 1));
    HAIGA_TRY(l.pooled, tensors.extent(embedder("text_embedder", "vector_in"), 1));
    HAIGA_TRY(l.frequencies, tensors.extent(embedder("timestep_embedder", "time_in"), 1));
    HAIGA_TRY(l.hidden, tensors.extent(mlp, 0));
    HAIGA_TRY(l.head, tensors.extent(head.at("weight", "scale"), 0));
    l.guidance = tensors.has(embedder("guidance_embedder", "guidance_in"));
    bool const folder = tensors.follows() == naming::diffusers;
    l.double_blocks =
        tensors.count(doubles, folder ? "attn.norm_q.weight" : "img_attn.norm.query_norm.scale");
    l.single_blocks =
        tensors.count(singles, folder ? "attn.norm_q.weight" : "norm.query_norm.scale");
    return l;
}

} // namespace haiga::checkpoint
