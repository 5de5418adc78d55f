"""Writes tests/golden/autoencoder.hpp: what diffusers 0.42.1 makes of autoencoders that tests/model
builds again.

Weights are uniform numbers of torch's generator, drawn in the order of names, so that none are stored.
Those before norms are small, so that variances come near the epsilon of 1e-6 and a wrong one is seen;
queries and keys are enlarged until attention is peaked. Numbers are computed in double precision.
"""

import sys

import torch
from diffusers import AutoencoderKL

from golden_header import gradients, header, output, parameter_lists

SD = {
    "block_out_channels": [128, 256, 512, 512],
    "down_block_types": ["DownEncoderBlock2D"] * 4,
    "up_block_types": ["UpDecoderBlock2D"] * 4,
    "layers_per_block": 2,
}
FLUX = SD | {"latent_channels": 16, "use_quant_conv": False, "use_post_quant_conv": False}
TOY = {
    "block_out_channels": [16, 32],
    "down_block_types": ["DownEncoderBlock2D"] * 2,
    "up_block_types": ["UpDecoderBlock2D"] * 2,
    "latent_channels": 3,
    "norm_num_groups": 8,
    "scaling_factor": 0.3,
    "shift_factor": 0.2,
}
SMALL = ("conv_in", "conv1", "conv2", "to_out")
AFTER_NORMS = ("to_q", "to_k", "to_v", "conv_out", "quant_conv")


def draw(model):
    with torch.no_grad():
        for name, p in sorted(model.named_parameters()):
            has = lambda parts: any(part in name for part in parts)
            if p.dim() == 1:
                middle = 1 if "norm" in name and name.endswith("weight") else 0
                width = 0.3 if "norm" in name or has(AFTER_NORMS) else 0.005
                p.uniform_(middle - width, middle + width)
            else:
                gain = 0.02 if has(SMALL) else 2.5 if has(("to_q", "to_k")) else 1.7
                bound = gain / p[0].numel() ** 0.5
                p.uniform_(-bound, bound)
    return model.double()


def toy(name, config, seed):
    model = AutoencoderKL(**config)
    torch.manual_seed(seed)
    model = draw(model)
    picture = torch.randn(2, 3, 16, 12).double().requires_grad_()
    noise = torch.randn(2, 3, 8, 6).double()
    seed_of_gradient = torch.randn(2, 3, 16, 12).double()
    moments = model._encode(picture)
    drawn = model.encode(picture).latent_dist
    z = drawn.mean + drawn.std * noise
    c = model.config
    shift = c.shift_factor or 0
    latents = (z - shift) * c.scaling_factor
    out = model.decode(latents / c.scaling_factor + shift).sample
    out.backward(seed_of_gradient)
    text = output(f"{name}_moments", moments) + output(f"{name}_latents", latents)
    text += output(f"{name}_output", out)
    return text + gradients(f"{name}_gradients", [("picture", picture)] + sorted(model.named_parameters()))


def main():
    with torch.device("meta"):
        models = [("sd", AutoencoderKL(**SD)), ("flux", AutoencoderKL(**FLUX))]
    body = parameter_lists((name, model.named_parameters()) for name, model in models)
    plain = TOY | {"use_quant_conv": False, "use_post_quant_conv": False, "mid_block_add_attention": False,
                   "layers_per_block": 2, "shift_factor": None}
    body += "\n" + toy("toy", TOY, 31) + "\n" + toy("plain", plain, 32)
    with open(sys.argv[1] if len(sys.argv) > 1 else "tests/golden/autoencoder.hpp", "w") as file:
        file.write(header("autoencoder.py", "diffusers 0.42.1 and torch 2.15.0", "autoencoder", body))


main()
