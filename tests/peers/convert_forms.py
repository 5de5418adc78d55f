"""The models that haiga-convert is compared on, and both forms of each; used by the convert_*.py.

Original forms are the inverse of what diffusers' single-file loader does, and are believed only
because that loader makes the folder's tensors of them again (diffusers_form).
"""

import inspect
import os
import re
import zlib

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # everything that is compared is made here

import diffusers  # noqa: E402
import torch  # noqa: E402
from diffusers.loaders import single_file_utils as loader  # noqa: E402
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection  # noqa: E402

SCHEDULE = [
    "betas", "alphas_cumprod", "alphas_cumprod_prev", "sqrt_alphas_cumprod", "sqrt_one_minus_alphas_cumprod",
    "log_one_minus_alphas_cumprod", "sqrt_recip_alphas_cumprod", "sqrt_recipm1_alphas_cumprod",
    "posterior_variance", "posterior_log_variance_clipped", "posterior_mean_coef1", "posterior_mean_coef2",
]  # fmt: skip


def widths(unit, levels=4):
    return [unit, 2 * unit, 3 * unit, 3 * unit][:levels]


def unet_config(unit, **other):
    return {
        "sample_size": 64, "block_out_channels": widths(unit), "norm_num_groups": min(unit, 32),
        "layers_per_block": 2, **other,
    }  # fmt: skip


def sd1(unit, **other):
    return unet_config(unit, cross_attention_dim=768, attention_head_dim=8, **other)


def sd2(unit, **other):
    heads = {"attention_head_dim": [1, 2, 3, 3], "use_linear_projection": True, "sample_size": 96}
    return unet_config(unit, cross_attention_dim=1024, **heads, **other)


def added(time_ids, pooled):
    return {
        "addition_embed_type": "text_time", "addition_time_embed_dim": 256,
        "projection_class_embeddings_input_dim": time_ids * 256 + pooled,
    }  # fmt: skip


def sdxl(unit, pooled, depths, **other):
    blocks = ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"]
    config = unet_config(
        unit, cross_attention_dim=2048, attention_head_dim=[1, 2, 3], use_linear_projection=True,
        transformer_layers_per_block=depths, down_block_types=blocks, **added(6, pooled), **other,
    )  # fmt: skip
    return config | {"block_out_channels": widths(unit, 3), "sample_size": 128}


def without_up(config):
    """A ControlNet's configuration is its UNet's, less what only the way up has."""
    return {k: v for k, v in config.items() if k not in ("sample_size", "up_block_types", "out_channels")}


def with_up(config):
    down = config.get("down_block_types")
    up = down and [name.replace("Down", "Up") for name in reversed(down)]
    return config | ({"up_block_types": up} if up else {})


def refiner(unit, pooled, depth):
    blocks = ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"]
    return unet_config(
        unit, cross_attention_dim=1280, attention_head_dim=[1, 2, 3, 3], use_linear_projection=True,
        transformer_layers_per_block=depth, down_block_types=blocks, **added(5, pooled),
    ) | {"sample_size": 128}  # fmt: skip


def vae_config(unit):
    return {
        "block_out_channels": widths(unit), "norm_num_groups": min(unit, 32), "layers_per_block": 2,
        "down_block_types": ["DownEncoderBlock2D"] * 4, "up_block_types": ["UpDecoderBlock2D"] * 4,
        "latent_channels": 4, "sample_size": 512,
    }  # fmt: skip


def text_config(width, layers, vocabulary, activation="quick_gelu", projection=512, hidden=None):
    return {
        "vocab_size": vocabulary, "hidden_size": width, "intermediate_size": hidden or 4 * width,
        "num_hidden_layers": layers, "num_attention_heads": max(1, width // 64), "hidden_act": activation,
        "projection_dim": projection, "max_position_embeddings": 77, "bos_token_id": 0, "eos_token_id": 2,
    }  # fmt: skip


def flux_config(heads, head, context, pooled, guidance):
    return {
        "num_layers": 1 if heads * head == 3072 else 2, "num_single_layers": 1 if heads * head == 3072 else 2,
        "num_attention_heads": heads, "attention_head_dim": head, "joint_attention_dim": context,
        "pooled_projection_dim": pooled, "guidance_embeds": guidance,
        "axes_dims_rope": (head // 8, 7 * head // 16, 7 * head // 16),
    }  # fmt: skip


class Part:
    """A network of a model: its class and configuration, its names' prefix and form in the original."""

    def __init__(self, kind, config, prefix, form):
        self.kind, self.config, self.prefix, self.form = kind, config, prefix, form

    def build(self):
        if self.form in ("clip", "open_clip"):
            return self.kind(CLIPTextConfig(**self.config))
        return self.kind(**self.config)


def unet_part(config):
    return Part(diffusers.UNet2DConditionModel, with_up(config), "model.diffusion_model.", "unet")


HINT = (16, 32, 96, 256)


def architectures(unit=32, wide=64, text=64, vocabulary=300, depths=(1, 2, 3), layers=2, head=64, hint=HINT):
    """By name, the parts of a model by their folder: toys, but for depths and the text state's channels,
    by which families are told. unit, wide: channels of the first level, wide where a head has 64."""
    vae = Part(diffusers.AutoencoderKL, vae_config(unit), "first_stage_model.", "vae")
    alone = Part(diffusers.AutoencoderKL, vae_config(unit), "", "vae")

    def clip(width, prefix):
        config = text_config(width, layers, vocabulary)
        return Part(CLIPTextModel, config, prefix, "clip")

    def open_clip(width, layers, prefix, pooled):
        config = text_config(width, layers, vocabulary, "gelu", 3 * text, 4 * text)
        return Part(CLIPTextModelWithProjection if pooled else CLIPTextModel, config, prefix, "open_clip")

    def net(config):
        config = without_up(config) | {"conditioning_embedding_out_channels": hint}
        return {"controlnet": Part(diffusers.ControlNetModel, config, "control_model.", "controlnet")}

    def flux(guidance):
        config = flux_config(2, head, 48, 40, guidance)
        return {"transformer": Part(diffusers.FluxTransformer2DModel, config, "", "flux")}

    first = "cond_stage_model.transformer."
    second = "conditioner.embedders.1.model."
    sd1_rest = {"vae": vae, "text_encoder": clip(text, first)}
    sd2_rest = {"vae": vae, "text_encoder": open_clip(text, 23, "cond_stage_model.model.", False)}
    xl_rest = {
        "vae": vae, "text_encoder": clip(text, "conditioner.embedders.0.transformer."),
        "text_encoder_2": open_clip(2 * text, layers, second, True),
    }  # fmt: skip
    xl = sdxl(wide, 3 * text, list(depths))
    bare = open_clip(1280, 1, second, True)
    bare.config["num_attention_heads"] = 20
    return {
        "vae": {"vae": alone},
        "sd1": {"unet": unet_part(sd1(unit)), **sd1_rest},
        "sd1_inpainting": {"unet": unet_part(sd1(unit, in_channels=9)), **sd1_rest},
        "sd2": {"unet": unet_part(sd2(wide)), **sd2_rest},
        "sd2_inpainting": {"unet": unet_part(sd2(wide, in_channels=9)), **sd2_rest},
        "sdxl": {"unet": unet_part(xl), **xl_rest},
        "sdxl_inpainting": {"unet": unet_part(xl | {"in_channels": 9}), **xl_rest},
        "sdxl_refiner": {
            "unet": unet_part(refiner(wide, 3 * text, depths[1])), "vae": vae,
            "text_encoder_2": open_clip(2 * text, layers, "conditioner.embedders.0.model.", True),
        },  # fmt: skip
        "text_clip": {"text_encoder": clip(text, first)},
        "text_open_clip": {"text_encoder_2": bare},
        "controlnet_sd1": net(sd1(unit)),
        "controlnet_sd2": net(sd2(wide)),
        "controlnet_sdxl": net(xl),
        "flux_dev": flux(True),
        "flux_schnell": flux(False),
    }


def published(part, tensors):
    """The names of the published files: since 5.6 transformers leaves out text_model."""
    if part.form not in ("clip", "open_clip"):
        return tensors
    keep = ("text_model.", "text_projection.")
    return {k if k.startswith(keep) else "text_model." + k: v for k, v in tensors.items()}


# ---------------------------------------------------------------- from Diffusers' form to the original


def renamed(name, pairs):
    for ours, theirs in pairs:
        name = name.replace(ours, theirs)
    return name


RESNET = [
    ("norm1", "in_layers.0"), ("conv1", "in_layers.2"), ("norm2", "out_layers.0"), ("conv2", "out_layers.3"),
    ("time_emb_proj", "emb_layers.1"), ("conv_shortcut", "skip_connection"),
]  # fmt: skip
AROUND_BLOCKS = [
    ("time_embedding.linear_1.", "time_embed.0."), ("time_embedding.linear_2.", "time_embed.2."),
    ("add_embedding.linear_1.", "label_emb.0.0."), ("add_embedding.linear_2.", "label_emb.0.2."),
    ("conv_norm_out.", "out.0."), ("conv_out.", "out.2."), ("conv_in.", "input_blocks.0.0."),
]  # fmt: skip


def unet_name(name, attends, layers=2):
    """attends: whether an up block has attention, which decides where its upsampler stands."""
    block = re.fullmatch(r"(down|up)_blocks\.(\d+)\.(resnets|attentions|downsamplers|upsamplers)\.(\d+)\.(.*)", name)
    if block:
        way, i, what, j, rest = block[1], int(block[2]), block[3], int(block[4]), block[5]
        if what == "downsamplers":
            return f"input_blocks.{(i + 1) * (layers + 1)}.0.op.{rest.removeprefix('conv.')}"
        if what == "upsamplers":
            return f"output_blocks.{i * (layers + 1) + layers}.{2 if attends(i) else 1}.{rest}"
        n = i * (layers + 1) + j + (way == "down")
        slot = f"{'in' if way == 'down' else 'out'}put_blocks.{n}"
        return f"{slot}.0.{renamed(rest, RESNET)}" if what == "resnets" else f"{slot}.1.{rest}"
    middle = re.fullmatch(r"mid_block\.(resnets|attentions)\.(\d)\.(.*)", name)
    if middle and middle[1] == "resnets":
        return f"middle_block.{2 * int(middle[2])}.{renamed(middle[3], RESNET)}"
    if middle:
        return f"middle_block.1.{middle[3]}"
    for ours, theirs in AROUND_BLOCKS:
        if name.startswith(ours):
            return theirs + name[len(ours) :]
    raise KeyError(name)


def original_unet(tensors):
    def attends(i):
        return f"up_blocks.{i}.attentions.0.norm.weight" in tensors

    return {unet_name(name, attends): t for name, t in tensors.items()}


def controlnet_name(name):
    embedding = re.fullmatch(r"controlnet_cond_embedding\.(conv_in|conv_out|blocks\.(\d+))\.(.*)", name)
    if embedding:
        n = {"conv_in": 0, "conv_out": 14}.get(embedding[1])
        return f"input_hint_block.{2 + 2 * int(embedding[2]) if n is None else n}.{embedding[3]}"
    down = re.fullmatch(r"controlnet_down_blocks\.(\d+)\.(.*)", name)
    if down:
        return f"zero_convs.{down[1]}.0.{down[2]}"
    if name.startswith("controlnet_mid_block."):
        return name.replace("controlnet_mid_block.", "middle_block_out.0.")
    return unet_name(name, None)


def original_controlnet(tensors):
    return {controlnet_name(name): t for name, t in tensors.items()}


def original_vae(tensors, levels=4):
    out = {}
    for name, t in tensors.items():
        attention = "attentions" in name
        name = re.sub(r"decoder\.up_blocks\.(\d)", lambda m: f"decoder.up.{levels - 1 - int(m[1])}", name)
        name = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", name)
        name = renamed(name, [
            ("encoder.down_blocks.", "encoder.down."), (".resnets.", ".block."), ("conv_norm_out", "norm_out"),
            (".downsamplers.0.", ".downsample."), (".upsamplers.0.", ".upsample."),
            ("conv_shortcut", "nin_shortcut"), ("mid_block.attentions.0.", "mid.attn_1."),
        ])  # fmt: skip
        if attention:
            name = renamed(name, [("group_norm", "norm"), ("to_out.0", "proj_out"), ("to_", "")])
            t = t[:, :, None, None] if t.ndim == 2 else t
        out[name] = t
    return out


OPEN_CLIP = [
    ("text_model.encoder.layers.", "transformer.resblocks."), (".layer_norm1.", ".ln_1."),
    (".layer_norm2.", ".ln_2."), (".mlp.fc1.", ".mlp.c_fc."), (".mlp.fc2.", ".mlp.c_proj."),
    (".self_attn.", ".attn."), ("text_model.final_layer_norm.", "ln_final."),
    ("text_model.embeddings.token_embedding.weight", "token_embedding.weight"),
    ("text_model.embeddings.position_embedding.weight", "positional_embedding"),
]  # fmt: skip


def original_open_clip(tensors):
    out = {}
    for name, t in tensors.items():
        if ".q_proj." in name:
            parts = [tensors[name.replace("q_proj", f"{x}_proj")] for x in "qkv"]
            out[renamed(name.replace("q_proj.", "in_proj_"), OPEN_CLIP)] = torch.cat(parts)
        elif name == "text_projection.weight":
            out["text_projection"] = t.T.contiguous()
        elif ".k_proj." not in name and ".v_proj." not in name:
            out[renamed(name, OPEN_CLIP)] = t
    return out


FLUX = [
    ("time_text_embed.timestep_embedder.", "time_in."), ("time_text_embed.text_embedder.", "vector_in."),
    ("time_text_embed.guidance_embedder.", "guidance_in."), ("linear_1.", "in_layer."), ("linear_2.", "out_layer."),
    ("context_embedder.", "txt_in."), ("x_embedder.", "img_in."),
    ("norm_out.linear.", "final_layer.adaLN_modulation.1."),
    ("norm1.linear.", "img_mod.lin."), ("norm1_context.linear.", "txt_mod.lin."),
    ("attn.norm_q.weight", "img_attn.norm.query_norm.scale"), ("attn.norm_k.weight", "img_attn.norm.key_norm.scale"),
    ("attn.norm_added_q.weight", "txt_attn.norm.query_norm.scale"),
    ("attn.norm_added_k.weight", "txt_attn.norm.key_norm.scale"),
    ("attn.to_out.0.", "img_attn.proj."), ("attn.to_add_out.", "txt_attn.proj."),
    ("ff.net.0.proj.", "img_mlp.0."), ("ff.net.2.", "img_mlp.2."),
    ("ff_context.net.0.proj.", "txt_mlp.0."), ("ff_context.net.2.", "txt_mlp.2."),
]  # fmt: skip
FLUX_SINGLE = [
    ("norm.linear.", "modulation.lin."), ("attn.norm_q.weight", "norm.query_norm.scale"),
    ("attn.norm_k.weight", "norm.key_norm.scale"), ("proj_out.", "linear2."),
]  # fmt: skip


def original_flux(tensors):
    packed = {
        "attn.to_q.": ("img_attn.qkv.", ["attn.to_q.", "attn.to_k.", "attn.to_v."]),
        "attn.add_q_proj.": ("txt_attn.qkv.", ["attn.add_q_proj.", "attn.add_k_proj.", "attn.add_v_proj."]),
    }
    packed_single = {"attn.to_q.": ("linear1.", ["attn.to_q.", "attn.to_k.", "attn.to_v.", "proj_mlp."])}
    out = {}
    for name, t in tensors.items():
        block = re.fullmatch(r"(single_)?transformer_blocks\.(\d+)\.(.*)", name)
        single = block and block[1]
        front = block[0][: -len(block[3])] if block else ""
        theirs = f"{'single' if single else 'double'}_blocks.{block[2]}." if block else ""
        rest = block[3] if block else name
        head = rest.removesuffix("weight").removesuffix("bias")
        table = packed_single if single else packed if block else {}
        if head in table:
            target, parts = table[head]
            kind = rest[len(head) :]
            out[theirs + target + kind] = torch.cat([tensors[front + part + kind] for part in parts])
        elif any(head in parts for _, parts in table.values()):
            continue
        elif not block and head == "proj_out.":
            out["final_layer.linear." + rest[len(head) :]] = t
        elif not block and head == "norm_out.linear.":
            scale, shift = t.chunk(2)
            out[renamed(rest, FLUX)] = torch.cat([shift, scale])
        else:
            out[theirs + renamed(rest, FLUX_SINGLE if single else FLUX)] = t
    return out


FORMS = {
    "unet": original_unet, "controlnet": original_controlnet, "vae": original_vae, "clip": dict,
    "open_clip": original_open_clip, "flux": original_flux,
}  # fmt: skip


def original_form(parts, tensors):
    """tensors: by component, then by name; the names are the published ones."""
    out = {}
    for component, part in parts.items():
        out |= {part.prefix + k: v for k, v in FORMS[part.form](tensors[component]).items()}
    return out


# ---------------------------------------------------------------- back, as diffusers' single-file loader does it


def flux_loader(width):
    """diffusers' own function; the width, which it has as a constant, is that of the toy."""
    source = inspect.getsource(loader.convert_flux_transformer_checkpoint_to_diffusers)
    assert source.count("inner_dim = 3072") == 1
    scope = dict(vars(loader))
    exec(source.replace("inner_dim = 3072", f"inner_dim = {width}"), scope)
    return scope["convert_flux_transformer_checkpoint_to_diffusers"]


def loaded_controlnet(checkpoint, config):
    out = loader.convert_controlnet_checkpoint(checkpoint, config)
    if config.get("addition_embed_type") == "text_time":
        # diffusers 0.42.1 has these names in its table for ControlNets and does not use them
        for ours, theirs in loader.DIFFUSERS_TO_LDM_MAPPING["controlnet"]["addition_embed_type"].items():
            out[ours] = checkpoint.get("control_model." + theirs)
    return out


def diffusers_form(parts, original):
    """What diffusers' single-file loader makes of an original, by component and name."""
    out = {}
    for component, part in parts.items():
        config = {"layers_per_block": 2, **part.config}
        if part.form == "unet":
            tensors = loader.convert_ldm_unet_checkpoint(dict(original), config)
        elif part.form == "controlnet":
            tensors = loaded_controlnet(dict(original), config)
        elif part.form == "vae":
            tensors = loader.convert_ldm_vae_checkpoint(dict(original), config)
        elif part.form == "clip":
            tensors = loader.convert_ldm_clip_checkpoint(dict(original))
        elif part.form == "open_clip":
            with torch.device("meta"):
                model = part.build()
            tensors = loader.convert_open_clip_checkpoint(model, dict(original), part.prefix)
        else:
            tensors = flux_loader(config["num_attention_heads"] * config["attention_head_dim"])(dict(original))
        out[component] = tensors
    return out


# ---------------------------------------------------------------- what originals in the wild have beside


def schedule():
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    alphas = torch.cumprod(1 - betas, 0)
    return {name: (alphas if "alpha" in name else betas).float() * (1 + i) for i, name in enumerate(SCHEDULE)}


def ema(original, prefix="model.diffusion_model."):
    """Other values under the names of the moving average: the dots are gone, as is the first part."""
    unet = {k: v for k, v in original.items() if k.startswith(prefix)}
    copies = {"model_ema." + k.removeprefix("model.").replace(".", ""): v * 0.5 for k, v in unet.items()}
    updates = torch.tensor(470000, dtype=torch.int32)
    numbers = {"model_ema.decay": torch.tensor(0.9999), "model_ema.num_updates": updates}
    return copies | numbers


def last_block(original, prefix="cond_stage_model.model."):
    """OpenCLIP's last block, its projection and scale, which Stable Diffusion 2 does not use."""
    before = prefix + "transformer.resblocks.22."
    block = {k.replace("blocks.22.", "blocks.23."): v + 1 for k, v in original.items() if k.startswith(before)}
    width = original[prefix + "positional_embedding"].shape[1]
    return block | {
        prefix + "text_projection": torch.randn(width, width), prefix + "logit_scale": torch.tensor(4.6052)
    }  # fmt: skip


def extras(name, parts, original):
    out = {}
    positions = torch.arange(77).reshape(1, -1)
    for part in parts.values():
        if part.form == "clip":
            out[part.prefix + POSITIONS] = positions
        if part.form == "open_clip":
            out[part.prefix + "logit_scale"] = torch.tensor(4.6052)
    if "unet" in parts:
        out |= schedule() | ema(original)
    if "controlnet" in parts:  # the base model that it was trained on
        base = [k for k in original if k.startswith("control_model.input_blocks.")]
        out |= schedule() | {k.replace("control_model", "model.diffusion_model"): original[k] * 0.5 for k in base}
    if name.startswith("sd2"):
        out |= last_block(original)
    if name.startswith("sdxl"):
        out["denoiser.sigmas"] = torch.linspace(0.03, 14.6, 1000)
    if name == "vae":
        out |= {"model_ema." + k.replace(".", ""): v * 0.5 for k, v in original.items()}
        out |= {"loss.logvar": torch.zeros(()), "loss.discriminator.main.0.weight": torch.randn(8, 3, 4, 4)}
        out["loss.perceptual_loss.lin0.model.1.weight"] = torch.randn(1, 8, 1, 1)
    return out


def elsewhere(parts, original):
    """A network alone as other programs write it: with the prefix of a whole model, or without."""
    if len(parts) > 1:
        return {}
    part = next(iter(parts.values()))
    prefix = {"vae": "first_stage_model.", "flux": "model.diffusion_model."}.get(part.form, "")
    return {prefix + k.removeprefix(part.prefix): v for k, v in original.items()}


POSITIONS = "text_model.embeddings.position_ids"


def with_positions(parts, tensors):
    """A folder from before transformers 4.31, which wrote them with every text encoder."""
    more = {POSITIONS: torch.arange(77).reshape(1, -1)}
    return {c: t | more if parts[c].form in ("clip", "open_clip") else t for c, t in tensors.items()}


OLD_ATTENTION = [("to_q", "query"), ("to_k", "key"), ("to_v", "value"), ("to_out.0", "proj_attn")]


def old_vae(tensors):
    """A VAE's folder from before diffusers 0.15."""
    return {renamed(k, OLD_ATTENTION) if ".attentions." in k else k: v for k, v in tensors.items()}


def old_clip(original):
    """A single file from before transformers 4.0 named its text model."""
    return {k.replace("transformer.text_model.", "transformer."): v for k, v in original.items()}


# ---------------------------------------------------------------- values and comparison


def raw(t):
    return t.detach().cpu().contiguous().reshape(-1).view(torch.uint8)


def crc(t):
    return zlib.crc32(raw(t).numpy())


def differences(found, expected, limit=3):
    """Of two dictionaries of tensors: names, dtypes, shapes and bits; empty where they are the same."""
    out = [f"missing {k}" for k in expected if k not in found]
    out += [f"unexpected {k}" for k in found if k not in expected]
    for k in expected:
        if k not in found:
            continue
        a, b = found[k], expected[k]
        if a is None or a.is_meta:
            out.append(f"{k} has no values")
        elif a.dtype != b.dtype or a.shape != b.shape:
            out.append(f"{k} is {a.dtype} {list(a.shape)}, not {b.dtype} {list(b.shape)}")
        elif not torch.equal(raw(a), raw(b)):
            out.append(f"{k} has other bits")
    return out[:limit] + ([f"and {len(out) - limit} more"] if len(out) > limit else [])


def flat(tensors):
    return {f"{component}/{k}": t for component, part in tensors.items() for k, t in part.items()}


def seed(name):
    return zlib.crc32(name.encode())
