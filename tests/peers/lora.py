"""Writes tests/golden/lora.hpp: LoRA files that diffusers and PEFT read and wrote, the weights that
fusing them gives, and how diffusers renames all modules of a model that kohya's scripts train."""
import pathlib
import tempfile

import diffusers
import peft
import safetensors.torch
import torch
import transformers
from diffusers.loaders import lora_conversion_utils as conversion
from diffusers.utils import convert_unet_state_dict_to_peft


def counted(shape, seed):
    """Whole multiples of 1/64 from -1 to 1: tests/golden/lora.hpp's users make the same."""
    n = torch.arange(torch.tensor(shape).prod(), dtype=torch.int64)
    return ((((n + seed) * 7919) % 129 - 64).float() / 64).reshape(shape)


def fill(model):
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(counted(parameter.shape, 0))
    return model.eval()


def toy_unet(**options):
    return fill(
        diffusers.UNet2DConditionModel(
            block_out_channels=(8, 16),
            norm_num_groups=4,
            layers_per_block=2,
            attention_head_dim=4,
            **options,
        )
    )


def toy_text(projection=None):
    config = transformers.CLIPTextConfig(
        hidden_size=8,
        intermediate_size=12,
        num_hidden_layers=2,
        num_attention_heads=2,
        vocab_size=10,
        max_position_embeddings=5,
        projection_dim=projection or 8,
    )
    kind = transformers.CLIPTextModelWithProjection if projection else transformers.CLIPTextModel
    return fill(kind(config))


def toy_sd():
    unet = toy_unet(
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=6,
    )
    return diffusers.StableDiffusionPipeline(
        vae=None,
        text_encoder=toy_text(),
        tokenizer=None,
        unet=unet,
        scheduler=diffusers.DDIMScheduler(steps_offset=1, clip_sample=False),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def toy_xl():
    unet = toy_unet(
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=10,
        transformer_layers_per_block=(1, 2),
        use_linear_projection=True,
    )
    return diffusers.StableDiffusionXLPipeline(
        vae=None,
        text_encoder=toy_text(),
        text_encoder_2=toy_text(projection=6),
        tokenizer=None,
        tokenizer_2=None,
        unet=unet,
        scheduler=diffusers.DDIMScheduler(steps_offset=1, clip_sample=False),
        add_watermarker=False,
    )


def kohya_file(modules, alphas, rank):
    """A file as networks/lora.py of kohya's sd-scripts writes it."""
    tensors = {}
    for number, (name, shape) in enumerate(modules.items()):
        out, into, *kernel = shape
        ones = [1] * len(kernel)
        alpha = alphas[name.split("_")[1]]
        tensors[f"{name}.alpha"] = torch.tensor(float(alpha), dtype=torch.float16)
        tensors[f"{name}.lora_down.weight"] = counted([rank, into, *kernel], number).half()
        tensors[f"{name}.lora_up.weight"] = counted([out, rank, *ones], 100 + number).half()
    return tensors


sd_modules = {
    "lora_unet_down_blocks_0_attentions_0_proj_in": [8, 8, 1, 1],
    "lora_unet_down_blocks_0_attentions_1_transformer_blocks_0_attn1_to_q": [8, 8],
    "lora_unet_down_blocks_0_attentions_1_transformer_blocks_0_attn2_to_k": [8, 6],
    "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_out_0": [16, 16],
    "lora_unet_up_blocks_1_attentions_2_transformer_blocks_0_ff_net_0_proj": [64, 8],
    "lora_unet_up_blocks_0_upsamplers_0_conv": [16, 16, 3, 3],
    "lora_unet_down_blocks_1_resnets_0_conv1": [16, 8, 3, 3],
    "lora_unet_up_blocks_1_resnets_0_time_emb_proj": [8, 32],
    "lora_te_text_model_encoder_layers_0_self_attn_q_proj": [8, 8],
    "lora_te_text_model_encoder_layers_0_self_attn_out_proj": [8, 8],  # diffusers looks for one
    "lora_te_text_model_encoder_layers_1_mlp_fc1": [12, 8],
}
xl_modules = {
    "lora_unet_input_blocks_4_1_proj_in": [16, 16],
    "lora_unet_input_blocks_5_1_transformer_blocks_1_attn2_to_v": [16, 10],
    "lora_unet_middle_block_1_transformer_blocks_0_attn1_to_out_0": [16, 16],
    "lora_unet_middle_block_2_in_layers_2": [16, 16, 3, 3],
    "lora_unet_output_blocks_2_1_transformer_blocks_1_ff_net_2": [16, 64],
    "lora_te1_text_model_encoder_layers_1_self_attn_v_proj": [8, 8],
    "lora_te1_text_model_encoder_layers_1_self_attn_out_proj": [8, 8],
    "lora_te2_text_model_encoder_layers_0_self_attn_out_proj": [8, 8],
    "lora_te2_text_model_encoder_layers_0_mlp_fc2": [8, 12],
}
alphas = {"unet": 1, "te": 3, "te1": 3, "te2": 2}


def weights(pipeline):
    components = {"unet": pipeline.unet, "text_encoder": pipeline.text_encoder}
    if hasattr(pipeline, "text_encoder_2"):
        components["text_encoder_2"] = pipeline.text_encoder_2
    found = {}
    for component, model in components.items():
        for name, value in model.state_dict().items():
            name = name.replace("base_layer.", "")
            if component != "unet" and not name.startswith("text_"):
                name = "text_model." + name  # which transformers 5 left out
            if ".lora_" not in name and value.is_floating_point():
                found[f"{component}/{name}"] = value.detach().clone()
    return found


def fused(make, tensors_or_folder, scale):
    pipeline = make()
    before = weights(pipeline)
    pipeline.load_lora_weights(tensors_or_folder)
    components = ["unet", "text_encoder"] + ["text_encoder_2"] * hasattr(pipeline, "text_encoder_2")
    pipeline.fuse_lora(components=components, lora_scale=scale)
    after = weights(pipeline)
    assert before.keys() == after.keys()
    return {k: v for k, v in after.items() if not torch.equal(v, before[k])}, pipeline


def settings(model):
    config = model.peft_config["default_0"].to_dict()
    kept = ("r", "lora_alpha", "alpha_pattern", "rank_pattern", "target_modules")
    return {k: sorted(v) if isinstance(v, set) else v for k, v in config.items() if k in kept}


def diffusers_file(pipeline):
    """What diffusers writes of the adapters that a pipeline has, with their settings."""
    layers = {}
    for name in ("unet", "text_encoder", "text_encoder_2"):
        model = getattr(pipeline, name, None)
        if model is not None:
            layers[f"{name}_lora_layers"] = peft.get_peft_model_state_dict(
                model, adapter_name="default_0"
            )
            layers[f"{name}_lora_adapter_metadata"] = settings(model)
    with tempfile.TemporaryDirectory() as folder:
        pipeline.save_lora_weights(folder, **layers)
        return pathlib.Path(folder, "pytorch_lora_weights.safetensors").read_bytes()


class xl_config:
    layers_per_block = 2


def old_names(family, tensors):
    """The names that diffusers gave before PEFT: what its converter makes of kohya's. Alphas, which
    had no place in a file, are left out."""
    tensors = dict(tensors)
    if family == "xl":
        tensors = conversion._maybe_map_sgm_blocks_to_diffusers(tensors, xl_config)
    return conversion._convert_non_diffusers_lora_to_diffusers(tensors)[0]


def full_modules():
    """kohya's names of all linear layers and convolutions of SDXL's UNet, which it calls as the
    original does, and of SD 1.5's, which it calls as Diffusers does."""
    attn = [f"{a}_{m}" for a in ("attn1", "attn2") for m in ("to_q", "to_k", "to_v", "to_out_0")]
    block = attn + ["ff_net_0_proj", "ff_net_2"]
    transformer = lambda depth: ["proj_in", "proj_out"] + [
        f"transformer_blocks_{i}_{m}" for i in range(depth) for m in block
    ]
    xl_res = ["in_layers_2", "emb_layers_1", "out_layers_3"]
    sd_res = ["conv1", "time_emb_proj", "conv2"]
    xl = ["input_blocks_0_0", "out_2", "time_embed_0", "time_embed_2", "label_emb_0_0", "label_emb_0_2"]
    depths = {4: 2, 5: 2, 7: 10, 8: 10}
    for n in (1, 2, 4, 5, 7, 8):
        xl += [f"input_blocks_{n}_0_{m}" for m in xl_res + ["skip_connection"] * (n in (4, 7))]
        xl += [f"input_blocks_{n}_1_{m}" for m in transformer(depths[n])] if n in depths else []
    xl += ["input_blocks_3_0_op", "input_blocks_6_0_op"]
    xl += [f"middle_block_{n}_{m}" for n in (0, 2) for m in xl_res]
    xl += [f"middle_block_1_{m}" for m in transformer(10)]
    for n in range(9):
        xl += [f"output_blocks_{n}_0_{m}" for m in xl_res + ["skip_connection"]]
        xl += [f"output_blocks_{n}_1_{m}" for m in transformer(10 if n < 3 else 2)] if n < 6 else []
    xl += ["output_blocks_2_2_conv", "output_blocks_5_2_conv"]
    sd = ["conv_in", "conv_out", "time_embedding_linear_1", "time_embedding_linear_2"]
    for i in range(4):
        for j in range(2):
            short = ["conv_shortcut"] * (i in (1, 2) and j == 0)
            sd += [f"down_blocks_{i}_resnets_{j}_{m}" for m in sd_res + short]
            sd += [f"down_blocks_{i}_attentions_{j}_{m}" for m in transformer(1)] if i < 3 else []
        for j in range(3):
            sd += [f"up_blocks_{i}_resnets_{j}_{m}" for m in sd_res + ["conv_shortcut"]]
            sd += [f"up_blocks_{i}_attentions_{j}_{m}" for m in transformer(1)] if i > 0 else []
    sd += [f"down_blocks_{i}_downsamplers_0_conv" for i in range(3)]
    sd += [f"up_blocks_{i}_upsamplers_0_conv" for i in range(3)]
    sd += [f"mid_block_resnets_{j}_{m}" for j in (0, 1) for m in sd_res]
    sd += [f"mid_block_attentions_0_{m}" for m in transformer(1)]
    return {"sd": sd, "xl": xl}


def named_by_diffusers(family, modules):
    """Lines "kohya's name, Diffusers' module", sorted."""
    lines = []
    for name in modules:
        one = {f"lora_unet_{name}.lora_{m}.weight": torch.zeros(1) for m in ("down", "up")}
        one = old_names(family, one)
        one = convert_unet_state_dict_to_peft({k.removeprefix("unet."): v for k, v in one.items()})
        (module,) = {k.split(".lora_")[0] for k in one}
        lines.append(f"lora_unet_{name} {module}\n")
    return sorted(lines)


def fnv(data):
    """FNV-1a, 64 bits."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def byte_array(name, data):
    return f"inline constexpr unsigned char {name}[] = {{{', '.join(str(b) for b in data)}}};\n"


def main():
    parts = []
    for family, modules in full_modules().items():
        lines = named_by_diffusers(family, modules)
        assert len(set(lines)) == len(lines)
        parts.append(
            f"inline constexpr std::size_t {family}_modules = {len(lines)};\n"
            f"inline constexpr std::uint64_t {family}_names = {hex(fnv(''.join(lines).encode()))};\n"
        )
        print(family, len(lines), lines[0].strip(), lines[-1].strip())
    for family, make, modules in (("sd", toy_sd, sd_modules), ("xl", toy_xl, xl_modules)):
        kohya = kohya_file(modules, alphas, rank=2)
        after, pipeline = fused(make, {k: v.float() for k, v in kohya.items()}, 0.75)
        assert len(after) == len(modules), (len(after), len(modules))
        from_diffusers = diffusers_file(pipeline)
        parts.append(byte_array(f"{family}_kohya", safetensors.torch.save(kohya)))
        parts.append(byte_array(f"{family}_diffusers", from_diffusers))
        parts.append(byte_array(f"{family}_old", safetensors.torch.save(old_names(family, kohya))))
        rows = []
        for name, value in sorted(after.items()):
            flat = value.flatten()
            picks = ", ".join(f"{flat[i].item():#.9g}F" for i in (0, len(flat) // 2, len(flat) - 1))
            hashed = hex(fnv(flat.numpy().tobytes()))
            rows.append(f'    {{"{name}", {len(flat)}, {hashed}, {{{picks}}}}}')
        parts.append(f"inline constexpr fused_weight {family}_fused[] = {{\n" + ",\n".join(rows) + "};\n")
        print(family, len(from_diffusers), "bytes;", len(after), "weights")
    text = "\n".join(parts)
    out = f"""// Written by tests/peers/lora.py with diffusers {diffusers.__version__}, peft {peft.__version__} and
// transformers {transformers.__version__}; see there.
#pragma once

#include <cstddef>
#include <cstdint>

// clang-format off

namespace golden::lora {{

/// A weight after fuse_lora(lora_scale=0.75), which is exact: before it was whole multiples of 1/64,
/// as the LoRA is. hash: FNV-1a (64 bits) of its bytes; picks: the first element, that at
/// elements / 2, the last.
struct fused_weight {{
    char const* name;
    std::size_t elements;
    std::uint64_t hash;
    float picks[3];
}};

{text}
}} // namespace golden::lora
"""
    pathlib.Path(__file__).parents[1].joinpath("golden/lora.hpp").write_text(out)


if __name__ == "__main__":
    main()
