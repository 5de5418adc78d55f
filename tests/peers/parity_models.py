"""The models that parity.py compares: small ones of every architecture, and SD 1.5 at its full size.

Widths that tell a family (the text state's: 768, 1024, 1280, 2048) and CLIP's vocabulary are the real
ones. Weights are uniform, of one generator a network, drawn in the order of names:

- What is added to the residual stream is small, so that variances before norms come near their
  epsilons (1e-5 and 1e-6): a wrong one changes the output by more than the tolerance.
- Queries and keys are large: the largest weight of a query's softmax is 0.2 to 0.9 on average
  (parity.py prints it), so that a wrong scale, mask or number of heads shows.
- Norms are moved and all biases are drawn, so that every parameter matters.
"""

import gzip
import json
import pathlib
import zlib

import diffusers
import torch
import transformers
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

diffusers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()

SMALL = ("conv_in", "conv1", "conv2", "conv_shortcut", "proj_in", "proj_out", "to_out", "ff.net.2", "samplers.0.conv",
         "out_proj", "fc2", "token_embedding", "position_embedding", "time_emb_proj")
POINTED = ("to_q", "to_k", "q_proj", "k_proj")


def sinusoids(timesteps, width, flip_sin_to_cos, downscale_freq_shift, scale):
    """diffusers' get_timestep_embedding in double precision."""
    half = width // 2
    exponent = torch.arange(half, dtype=torch.float64) / (half - downscale_freq_shift)
    angle = scale * timesteps.double()[:, None] * 10000.0 ** -exponent
    parts = [angle.cos(), angle.sin()] if flip_sin_to_cos else [angle.sin(), angle.cos()]
    return torch.cat(parts, dim=-1)


def seeded(name):
    return torch.Generator().manual_seed(zlib.crc32(name.encode()))


def draw(model, generator, stream=0.05, context=1.0):
    """stream: the size of what is added to the residual stream; context: how much larger queries' look
    at a text state is than at numbers of deviation 1. tests/model/unet_variants.cpp does the same."""
    with torch.no_grad():
        for key, p in sorted(model.named_parameters()):
            has = lambda parts: any(part in key for part in parts)
            small = has(SMALL) and key != "conv_in.bias"
            if p.dim() == 1:
                middle = 1 if "norm" in key and key.endswith("weight") else 0
                width = 0.3 if "norm" in key else 0.3 * stream if small else 0.1
                p.uniform_(middle - width, middle + width, generator=generator)
                continue
            gain = 3.0 if has(POINTED) else 1.7
            gain *= stream if small else 1
            gain *= context if "attn2.to_k" in key or "attn2.to_v" in key else 1
            bound = gain if "n_embedding.weight" in key else gain / p[0].numel() ** 0.5
            p.uniform_(-bound, bound, generator=generator)
    return model.eval()


SD_UNET = {"block_out_channels": [16, 32, 32, 32], "layers_per_block": 2, "norm_num_groups": 8,
           "attention_head_dim": 4, "cross_attention_dim": 768, "sample_size": 8}
SD2_UNET = SD_UNET | {"cross_attention_dim": 1024, "attention_head_dim": [2, 4, 4, 8],
                      "use_linear_projection": True, "upcast_attention": True}
SDXL_UNET = {"block_out_channels": [16, 32, 32], "layers_per_block": 2, "norm_num_groups": 8,
             "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
             "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
             "transformer_layers_per_block": [1, 2, 3], "attention_head_dim": [2, 4, 8],
             "cross_attention_dim": 2048, "use_linear_projection": True, "addition_embed_type": "text_time",
             "addition_time_embed_dim": 8, "projection_class_embeddings_input_dim": 1280 + 6 * 8,
             "sample_size": 8}
REFINER_UNET = SDXL_UNET | {
    "block_out_channels": [16, 32, 32, 32], "attention_head_dim": [2, 4, 8, 8],
    "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
    "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
    "transformer_layers_per_block": 2, "cross_attention_dim": 1280,
    "projection_class_embeddings_input_dim": 1280 + 5 * 8}
CLASS_UNET = {"block_out_channels": [16, 32], "layers_per_block": 1, "norm_num_groups": 8,
              "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
              "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"], "attention_head_dim": 4,
              "cross_attention_dim": 24}
VAE = {"block_out_channels": [16, 16, 32, 32], "layers_per_block": 1, "norm_num_groups": 8,
       "down_block_types": ["DownEncoderBlock2D"] * 4, "up_block_types": ["UpDecoderBlock2D"] * 4,
       "latent_channels": 4, "sample_size": 64}
FULL_VAE = VAE | {"block_out_channels": [128, 256, 512, 512], "layers_per_block": 2, "norm_num_groups": 32,
                  "sample_size": 512}
CLIP = {"intermediate_size": 256, "num_hidden_layers": 3, "vocab_size": 49408, "max_position_embeddings": 77,
        "bos_token_id": 0, "eos_token_id": 2, "pad_token_id": 1}
CLIP_L = CLIP | {"hidden_size": 768, "num_attention_heads": 12, "projection_dim": 768,
                 "hidden_act": "quick_gelu"}
CLIP_H = CLIP | {"hidden_size": 1024, "num_attention_heads": 16, "projection_dim": 512, "hidden_act": "gelu"}
CLIP_G = CLIP | {"hidden_size": 1280, "num_attention_heads": 20, "projection_dim": 1280, "hidden_act": "gelu"}

# architecture: UNet, text encoder, second text encoder, prediction, scale of latents
ARCHITECTURES = {
    "sd15": (SD_UNET, CLIP_L, None, "epsilon", 0.18215),
    "sd15_inpainting": (SD_UNET | {"in_channels": 9}, CLIP_L, None, "epsilon", 0.18215),
    "sd21_base": (SD2_UNET, CLIP_H, None, "epsilon", 0.18215),
    "sd21": (SD2_UNET | {"sample_size": 12}, CLIP_H, None, "v_prediction", 0.18215),
    "sdxl": (SDXL_UNET, CLIP_L, CLIP_G, "epsilon", 0.13025),
}
CLASSES = {
    "num_class_embeds": {"num_class_embeds": 10},
    "timestep": {"class_embed_type": "timestep"},
    "identity": {"class_embed_type": "identity"},
    "projection": {"class_embed_type": "projection", "projection_class_embeddings_input_dim": 20},
    "simple_projection": {"class_embed_type": "simple_projection", "projection_class_embeddings_input_dim": 20},
}
FULL_UNET = {"cross_attention_dim": 768, "sample_size": 64}
FULL_CLIP = CLIP_L | {"intermediate_size": 3072, "num_hidden_layers": 12}


def unet(name, config):
    # SDXL's text state is not normalised
    context = 10.0 if config["cross_attention_dim"] in (1280, 2048) else 1.0
    return draw(diffusers.UNet2DConditionModel(**config), seeded(name + "/unet"), context=context)


def text(name, component, config):
    kind = CLIPTextModelWithProjection if config["projection_dim"] == 1280 else CLIPTextModel
    model = kind(CLIPTextConfig(**config))
    return draw(model, seeded(f"{name}/{component}"), stream=0.1)


def vae(name, config, scaling):
    return draw(diffusers.AutoencoderKL(**config, scaling_factor=scaling), seeded(name + "/vae"), stream=0.15)


def make_parts(name):
    """The networks of an architecture by component."""
    if name == "full_sd15":
        yield "unet", unet(name, FULL_UNET)
        yield "vae", vae(name, FULL_VAE, 0.18215)
        yield "text_encoder", text(name, "text_encoder", FULL_CLIP)
        return
    denoiser, first, second, _, scaling = ARCHITECTURES[name]
    yield "unet", unet(name, denoiser)
    yield "vae", vae(name, VAE, scaling)
    yield "text_encoder", text(name, "text_encoder", first)
    if second:
        yield "text_encoder_2", text(name, "text_encoder_2", second)


def write_index(folder, kind, components):
    library = lambda c: "transformers" if c.startswith("text") else "diffusers"
    index = {"_class_name": kind} | {c: [library(c), type(m).__name__] for c, m in components.items()}
    (folder / "model_index.json").write_text(json.dumps(index, indent=2))


def save(folder, components):
    """As Diffusers keeps them, a folder each, and each in one file."""
    for component, model in components.items():
        model.save_pretrained(folder / component, max_shard_size="20GB")
    write_index(folder, "StableDiffusionPipeline", components)


def tokenizer(merges_file, padding):
    """CLIP's: its vocabulary follows from its merges. Source: github.com/openai/CLIP,
    clip/simple_tokenizer.py."""
    bs = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    bytes_ = [chr(b) for b in bs] + [chr(256 + n) for n in range(256 - len(bs))]
    lines = gzip.open(merges_file).read().decode().split("\n")[1 : 49152 - 256 - 2 + 1]
    merges = [tuple(line.split()) for line in lines]
    words = bytes_ + [c + "</w>" for c in bytes_] + ["".join(m) for m in merges]
    words += ["<|startoftext|>", "<|endoftext|>"]
    vocabulary = {word: i for i, word in enumerate(words)}
    return CLIPTokenizer(vocab=vocabulary, merges=merges, pad_token=padding, model_max_length=77)


def save_tokenizer(folder, merges_file, padding):
    """With the two files that every published folder has, which transformers 5 does not write."""
    folder = pathlib.Path(folder)
    made = tokenizer(merges_file, padding)
    made.save_pretrained(folder)
    lines = gzip.open(merges_file).read().decode().split("\n")[1 : 49152 - 256 - 2 + 1]
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(lines) + "\n")
    (folder / "vocab.json").write_text(json.dumps(made.get_vocab(), ensure_ascii=False))
