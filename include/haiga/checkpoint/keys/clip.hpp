#pragma once

#include "haiga/catalog/layout.hpp"
#include "haiga/checkpoint/keys/named_tensors.hpp"

namespace haiga::checkpoint {

/// CLIP's text model, whose original names are those of Hugging Face's transformers too (Stable
/// Diffusion 1, the first encoder of SDXL). The folder's name of its pooled projection stands
/// outside text_model.
inline auto clip_keys(catalog::text_layout const& l, place const& root) -> std::vector<key_row>
{
    key_rows rows;
    auto const model = root.at("text_model");
    rows.add(model.at("embeddings.token_embedding.weight"), {l.vocabulary, l.width});
    rows.add(model.at("embeddings.position_embedding.weight"), {l.positions, l.width});
    for (int i = 0; i < l.layers; ++i) {
        auto const layer = model.at(concat("encoder.layers.", i));
        for (auto const* const name : {"q_proj", "k_proj", "v_proj", "out_proj"}) {
            rows.linear(layer.at("self_attn").at(name), l.width, l.width);
        }
        rows.norm(layer.at("layer_norm1"), l.width);
        rows.linear(layer.at("mlp.fc1"), l.width, l.hidden);
        rows.linear(layer.at("mlp.fc2"), l.hidden, l.width);
        rows.norm(layer.at("layer_norm2"), l.width);
    }
    rows.norm(model.at("final_layer_norm"), l.width);
    if (l.projection) {
        rows.add(root.at("text_projection.weight"), {*l.projection, l.width});
    }
    return std::move(rows).take();
}

/// The same model with OpenCLIP's names: queries, keys and values in one matrix, the projection
/// transposed.
/// Source: github.com/mlfoundations/open_clip, src/open_clip/transformer.py.
inline auto open_clip_keys(catalog::text_layout const& l, place const& root) -> std::vector<key_row>
{
    key_rows rows;
    auto const model = root.at("text_model", "");
    rows.add(model.at("embeddings.token_embedding.weight", "token_embedding.weight"),
             {l.vocabulary, l.width});
    rows.add(model.at("embeddings.position_embedding.weight", "positional_embedding"),
             {l.positions, l.width});
    for (int i = 0; i < l.layers; ++i) {
        auto const layer =
            model.at(concat("encoder.layers.", i), concat("transformer.resblocks.", i));
        auto const attention = layer.at("self_attn", "attn");
        std::int64_t row = 0;
        for (auto const* const name : {".q_proj", ".k_proj", ".v_proj"}) {
            rows.packed_linear(attention.diffusers + name, attention.original + ".in_proj_weight",
                               attention.original + ".in_proj_bias", row, l.width, l.width);
            row += l.width;
        }
        rows.linear(attention.at("out_proj"), l.width, l.width);
        rows.norm(layer.at("layer_norm1", "ln_1"), l.width);
        rows.linear(layer.at("mlp.fc1", "mlp.c_fc"), l.width, l.hidden);
        rows.linear(layer.at("mlp.fc2", "mlp.c_proj"), l.hidden, l.width);
        rows.norm(layer.at("layer_norm2", "ln_2"), l.width);
    }
    rows.norm(model.at("final_layer_norm", "ln_final"), l.width);
    if (l.projection) {
        rows.add(root.at("text_projection.weight", "text_projection"), {*l.projection, l.width},
                 relation::transposed);
    }
    return std::move(rows).take();
}

/// Errors: not_found, mismatch; they name a tensor.
inline auto read_clip_layout(named_tensors const& tensors, place const& root)
    -> result<catalog::text_layout>
{
    catalog::text_layout l;
    auto const model = root.at("text_model");
    auto const tokens = model.at("embeddings.token_embedding.weight");
    HAIGA_TRY(l.vocabulary, tensors.extent(tokens, 0));
    HAIGA_TRY(l.width, tensors.extent(tokens, 1));
    HAIGA_TRY(l.positions, tensors.extent(model.at("embeddings.position_embedding.weight"), 0));
    HAIGA_TRY(l.hidden, tensors.extent(model.at("encoder.layers.0.mlp.fc1.bias"), 0));
    l.layers = tensors.count(model.at("encoder.layers"), "mlp.fc1.bias");
    if (auto const p = root.at("text_projection.weight"); tensors.has(p)) {
        HAIGA_TRY(l.projection, tensors.extent(p, 0));
    }
    return l;
}

/// Of tensors with OpenCLIP's names. Errors: not_found, mismatch; they name a tensor.
inline auto read_open_clip_layout(named_tensors const& tensors, place const& root)
    -> result<catalog::text_layout>
{
    catalog::text_layout l;
    auto const tokens = root.at("", "token_embedding.weight");
    HAIGA_TRY(l.vocabulary, tensors.extent(tokens, 0));
    HAIGA_TRY(l.width, tensors.extent(tokens, 1));
    HAIGA_TRY(l.positions, tensors.extent(root.at("", "positional_embedding"), 0));
    auto const layers = root.at("", "transformer.resblocks");
    HAIGA_TRY(l.hidden, tensors.extent(layers.at("0.mlp.c_fc.bias"), 0));
    l.layers = tensors.count(layers, "mlp.c_fc.bias");
    if (auto const p = root.at("", "text_projection"); tensors.has(p)) {
        HAIGA_TRY(l.projection, tensors.extent(p, 1));
    }
    return l;
}

} // namespace haiga::checkpoint
