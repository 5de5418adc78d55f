#pragma once

#include "haiga/checkpoint/lora/read.hpp"

#include <deque>

namespace haiga_test {

/// Tensors of f32, as a file holds them; their values are whole numbers from -4 to 4.
class lora_file {
public:
    auto add(std::string name, haiga::shape dims) -> lora_file&
    {
        auto& values = values_.emplace_back(static_cast<std::size_t>(dims.elements()));
        for (auto& value : values) {
            next_ = next_ * 1664525U + 1013904223U; // Knuth's linear congruential generator
            value = static_cast<float>(static_cast<int>(next_ >> 16U) % 9 - 4);
        }
        return add(std::move(name), dims, values);
    }

    auto add(std::string name, float value) -> lora_file&
    {
        return add(std::move(name), {}, values_.emplace_back(1, value));
    }

    /// The two matrices of an adapter of rank r.
    auto pair(std::string const& down, haiga::shape const& in, std::string const& up,
              haiga::shape const& out) -> lora_file&
    {
        return add(down, in).add(up, out);
    }

    [[nodiscard]] auto tensors() -> std::vector<haiga::checkpoint::stored_tensor>&
    {
        return tensors_;
    }

    [[nodiscard]] auto read(haiga::checkpoint::lora_names const& names,
                            haiga::checkpoint::metadata_map const& metadata = {}) const
        -> haiga::result<haiga::checkpoint::lora>
    {
        return haiga::checkpoint::read_lora(tensors_, metadata, names);
    }

private:
    auto add(std::string name, haiga::shape const& dims, std::vector<float> const& values)
        -> lora_file&
    {
        tensors_.push_back({std::move(name), haiga::dtype::f32, dims,
                            haiga::checkpoint::dense_strides(dims),
                            std::as_bytes(std::span(values))});
        return *this;
    }

    std::uint32_t next_ = 1;
    std::deque<std::vector<float>> values_; // which stay where they are
    std::vector<haiga::checkpoint::stored_tensor> tensors_;
};

/// A model of one module of each kind.
inline auto small_model() -> std::vector<haiga::checkpoint::key_row>
{
    using haiga::checkpoint::relation;
    std::string const unet = "model.diffusion_model.";
    std::string const block = "down_blocks.1.attentions.0.";
    std::string const attn = "transformer_blocks.0.attn2.";
    std::string const original = unet + "input_blocks.4.1.";
    std::string const text = "text_model.encoder.layers.0.";
    std::string const layer = "model.transformer.resblocks.0.";
    return {
        {"unet/conv_in.weight", unet + "input_blocks.0.0.weight", {6, 4, 3, 3}},
        {"unet/conv_in.bias", unet + "input_blocks.0.0.bias", {6}},
        {"unet/" + block + "norm.weight", original + "norm.weight", {6}},
        {"unet/" + block + "proj_in.weight", original + "proj_in.weight", {6, 6, 1, 1}},
        {"unet/" + block + attn + "to_k.weight", original + attn + "to_k.weight", {6, 5}},
        {"unet/" + block + attn + "to_out.0.weight", original + attn + "to_out.0.weight", {6, 6}},
        {"text_encoder/" + text + "self_attn.q_proj.weight",
         "cond_stage_model.transformer." + text + "self_attn.q_proj.weight",
         {5, 5}},
        {"text_encoder/" + text + "mlp.fc1.weight",
         "cond_stage_model.transformer." + text + "mlp.fc1.weight",
         {20, 5}},
        {"text_encoder_2/" + text + "self_attn.out_proj.weight",
         layer + "attn.out_proj.weight",
         {7, 7}},
        {"text_encoder_2/" + text + "self_attn.k_proj.weight",
         layer + "attn.in_proj_weight",
         {7, 7},
         relation::same,
         0,
         7},
        {"text_encoder_2/text_projection.weight",
         "model.text_projection",
         {3, 7},
         relation::transposed},
        {"vae/decoder.conv_in.weight", "first_stage_model.decoder.conv_in.weight", {6, 4, 3, 3}},
    };
}

inline auto small_names() -> haiga::checkpoint::lora_names
{
    return *haiga::checkpoint::lora_names::of(small_model());
}

} // namespace haiga_test
