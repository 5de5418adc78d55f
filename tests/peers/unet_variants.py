"""Writes tests/golden/unet_variants.hpp: what diffusers 0.42.1 makes of small UNets of the kinds that
tests/golden/unet.hpp has not: 9 channels for inpainting, linear projections with heads a level (SD 2),
time ids and pooled text beside attention in the middle (SDXL), and every way to tell a class.

Weights are those of parity_models.draw: attention is peaked, and variances before norms come near the
epsilons. Numbers are computed in double precision, sinusoids too.
"""

import pathlib

import diffusers.models.embeddings as embeddings
import torch
from diffusers import UNet2DConditionModel

from golden_header import gradients, header, output
from parity_models import draw, sinusoids

TWO = {"block_out_channels": [16, 32], "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
       "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"], "layers_per_block": 1, "norm_num_groups": 8,
       "attention_head_dim": 4, "cross_attention_dim": 24}
ONE = TWO | {"block_out_channels": [16], "down_block_types": ["DownBlock2D"], "up_block_types": ["UpBlock2D"]}
VARIANTS = {
    "inpainting": TWO | {"in_channels": 9},
    "sd2": TWO | {"use_linear_projection": True, "attention_head_dim": [2, 8], "upcast_attention": True},
    "sdxl": TWO | {"use_linear_projection": True, "attention_head_dim": [2, 4],
                   "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"],
                   "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"],
                   "transformer_layers_per_block": [1, 2], "addition_embed_type": "text_time",
                   "addition_time_embed_dim": 6, "projection_class_embeddings_input_dim": 56},
    "class_timestep": ONE | {"class_embed_type": "timestep"},
    "class_identity": ONE | {"class_embed_type": "identity"},
    "class_projection": ONE | {"class_embed_type": "projection", "projection_class_embeddings_input_dim": 12},
    "class_simple": ONE | {"class_embed_type": "simple_projection",
                           "projection_class_embeddings_input_dim": 12},
}
embeddings.get_timestep_embedding = sinusoids


def labels_of(config, g):
    kind = config.class_embed_type
    if kind == "timestep":
        return torch.tensor([40.0, 7.0]).double()
    width = 4 * config.block_out_channels[0] if kind == "identity" else 12
    return torch.randn(2, width, generator=g).double().requires_grad_()


def variant(name, config, seed):
    g = torch.Generator().manual_seed(seed)
    model = draw(UNet2DConditionModel(**config), g)
    c = model.config
    size = 7 if name == "inpainting" else 8  # an odd size is halved and comes back
    sample = torch.randn(2, c.in_channels, size, size, generator=g).double().requires_grad_()
    context = torch.randn(2, 5, 24, generator=g).double().requires_grad_()
    given = [("sample", sample), ("encoder_hidden_states", context)]
    seen = {}
    if c.addition_embed_type:
        ids = torch.tensor([[512.0, 512, 0, 16, 512, 512], [640, 480, 8, 0, 512, 512]])
        text = torch.randn(2, 20, generator=g).double().requires_grad_()
        seen["added_cond_kwargs"] = {"text_embeds": text, "time_ids": ids}
        given.append(("text_embeds", text))
    if c.class_embed_type:
        seen["class_labels"] = labels_of(c, g)
        given += [("class_labels", seen["class_labels"])] * (c.class_embed_type != "timestep")
    seed_of_gradient = torch.randn(2, c.out_channels, size, size, generator=g).double()
    model = model.double()
    out = model(sample, torch.tensor([3, 801]), encoder_hidden_states=context, **seen).sample
    out.backward(seed_of_gradient)
    return output(f"{name}_output", out) + gradients(
        f"{name}_gradients", given + sorted(model.named_parameters()))


body = "\n".join(variant(name, config, 41 + i) for i, (name, config) in enumerate(VARIANTS.items()))
pathlib.Path(__file__).parents[1].joinpath("golden/unet_variants.hpp").write_text(
    header("unet_variants.py", "diffusers 0.42.1 and torch 2.15.0", "unet_variants", body))
