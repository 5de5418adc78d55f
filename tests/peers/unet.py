"""Writes tests/golden/unet.hpp: what diffusers 0.42.1 makes of UNets that tests/model builds again.

The weights are those of torch.manual_seed, drawn by the constructors, so that none are stored; norms
are then moved and queries and keys enlarged, so that every parameter matters and attention is
peaked: its largest weight is 0.2 to 0.7 on average. Enlarged by 6 instead of 3, torch's own fp32
gradients are off by 2e-3. Numbers are computed in double precision, sinusoids too.
"""

import sys

import diffusers.models.embeddings as embeddings
import torch
from diffusers import UNet2DConditionModel

from golden_header import gradients, header, output, parameter_lists
from parity_models import sinusoids

SD15 = {"cross_attention_dim": 768}
SD21 = {"cross_attention_dim": 1024, "attention_head_dim": [5, 10, 20, 20], "use_linear_projection": True}
SDXL = {
    "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
    "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
    "block_out_channels": [320, 640, 1280],
    "transformer_layers_per_block": [1, 2, 10],
    "attention_head_dim": [5, 10, 20],
    "cross_attention_dim": 2048,
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}
TOY_SD = {
    "block_out_channels": [32, 64],
    "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
    "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
    "layers_per_block": 1,
    "norm_num_groups": 8,
    "attention_head_dim": 4,
    "cross_attention_dim": 24,
}
TOY_XL = {
    "in_channels": 3,
    "out_channels": 5,
    "block_out_channels": [32, 64],
    "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"],
    "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"],
    "mid_block_type": "UNetMidBlock2D",
    "layers_per_block": [1, 2],
    "transformer_layers_per_block": [1, 2],
    "only_cross_attention": [False, True],
    "norm_num_groups": 16,
    "attention_head_dim": [2, 8],
    "cross_attention_dim": 24,
    "use_linear_projection": True,
    "flip_sin_to_cos": False,
    "freq_shift": 1,
    "conv_out_kernel": 1,
    "num_class_embeds": 10,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 8,
    "projection_class_embeddings_input_dim": 68,
}


embeddings.get_timestep_embedding = sinusoids


def perturb(model):
    with torch.no_grad():
        for name, p in sorted(model.named_parameters()):
            if "norm" in name:
                p += torch.empty_like(p).uniform_(-0.3, 0.3)
            elif "to_q" in name or "to_k" in name:
                p *= 3


def toy(name, config, seed):
    torch.manual_seed(seed)
    model = UNet2DConditionModel(**config)
    perturb(model)
    sample = torch.randn(2, model.config.in_channels, 16, 16)
    context = torch.randn(2, 7, 24)
    seen = {"timestep": torch.tensor([3, 801])}
    if model.config.num_class_embeds:
        seen["class_labels"] = torch.tensor([7, 2])
    if model.config.addition_embed_type:
        ids = torch.tensor([[512.0, 512, 0, 16, 512, 512], [640, 480, 8, 0, 512, 512]])
        seen["added_cond_kwargs"] = {"text_embeds": torch.randn(2, 20).double(), "time_ids": ids}
    seed_of_gradient = torch.randn(2, model.config.out_channels, 16, 16)
    model = model.double()
    sample, context = sample.double().requires_grad_(), context.double().requires_grad_()
    out = model(sample, encoder_hidden_states=context, **seen).sample
    out.backward(seed_of_gradient.double())
    given = [("sample", sample), ("encoder_hidden_states", context)]
    parameters = given + sorted(model.named_parameters())
    return output(f"{name}_output", out) + gradients(f"{name}_gradients", parameters)


def main():
    with torch.device("meta"):
        models = {n: UNet2DConditionModel(**c) for n, c in
                  [("sd_1_5", SD15), ("sd_2_1", SD21), ("sdxl_base", SDXL), ("toy_sd", TOY_SD), ("toy_xl", TOY_XL)]}
    body = parameter_lists((name, model.named_parameters()) for name, model in models.items())
    body += "\n" + toy("toy_sd", TOY_SD, 11) + "\n" + toy("toy_xl", TOY_XL, 12)
    with open(sys.argv[1] if len(sys.argv) > 1 else "tests/golden/unet.hpp", "w") as file:
        file.write(header("unet.py", "diffusers 0.42.1 and torch 2.15.0", "unet", body))


main()
