"""Writes tests/golden/pipelines.hpp: pictures that diffusers 0.42.1 paints with small models.

The models are those of tests/sample/small_pipeline.hpp: each parameter is drawn by torch's generator
from the checksum of its name, so that none are stored. Usage: pipelines.py > tests/golden/pipelines.hpp
"""

import json
import pathlib
import tempfile
import zlib

import numpy as np
import torch
from diffusers import (
    AutoencoderKL,
    EulerAncestralDiscreteScheduler,
    PNDMScheduler,
    StableDiffusionImg2ImgPipeline,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from PIL import Image
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

PROMPT, NEGATIVE = "a red dog", "blue"
SIZE = 32


def fill(component, model):
    """1 + 0.3 u for scales of norms, 0.1 u for biases, and for the rest the spread that keeps sizes."""
    with torch.no_grad():
        for name, p in model.named_parameters():
            if component.startswith("text") and not name.startswith("text_"):
                name = f"text_model.{name}"  # as in checkpoints; transformers 5 has it no more
            seed = zlib.crc32(f"{component}/{name}".encode())
            u = torch.empty(p.shape).uniform_(-1, 1, generator=torch.Generator().manual_seed(seed))
            if p.ndim > 1:
                p.copy_(u * float(np.float32((5 / p[0].numel()) ** 0.5)))
            elif name.endswith("weight"):
                p.copy_(1 + 0.3 * u)
            else:
                p.copy_(0.1 * u)
    return model.eval()


def tokenizer():
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in printable]
    of_byte = [chr(b) for b in printable] + [chr(256 + i) for i in range(len(others))]
    tokens = of_byte + [c + "</w>" for c in of_byte] + ["ab", "<|startoftext|>", "<|endoftext|>"]
    folder = pathlib.Path(tempfile.mkdtemp())
    (folder / "vocab.json").write_text(json.dumps({t: i for i, t in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\na b\n")
    return CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=77)


def text(component, width, layers, projected):
    config = CLIPTextConfig(
        vocab_size=515, hidden_size=width, intermediate_size=32, projection_dim=width, num_hidden_layers=layers,
        num_attention_heads=width // 64, eos_token_id=514, bos_token_id=513, pad_token_id=514)
    return fill(component, (CLIPTextModelWithProjection if projected else CLIPTextModel)(config))


def unet(channels, context, **more):
    return fill("unet", UNet2DConditionModel(
        sample_size=16, in_channels=channels, block_out_channels=(16, 32), layers_per_block=1, norm_num_groups=8,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), attention_head_dim=4,
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"), cross_attention_dim=context, **more))


def vae():
    return fill("vae", AutoencoderKL(
        block_out_channels=(16, 32), down_block_types=("DownEncoderBlock2D",) * 2, norm_num_groups=8,
        up_block_types=("UpDecoderBlock2D",) * 2, latent_channels=4))


SCHEDULER = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1)


def parts(channels=4):
    return dict(
        vae=vae(), text_encoder=text("text_encoder", 768, 2, False), tokenizer=tokenizer(), unet=unet(channels, 768),
        scheduler=PNDMScheduler(skip_prk_steps=True, **SCHEDULER))


def sdxl_parts():
    return dict(
        vae=vae(), text_encoder=text("text_encoder", 768, 1, False), tokenizer=tokenizer(),
        text_encoder_2=text("text_encoder_2", 1280, 1, True), tokenizer_2=tokenizer(),
        unet=unet(4, 2048, addition_embed_type="text_time", addition_time_embed_dim=8,
                  projection_class_embeddings_input_dim=1328),
        scheduler=PNDMScheduler(skip_prk_steps=True, **SCHEDULER))


def begun():
    ramp = np.arange(SIZE)
    picture = np.stack([ramp[None, :] * 8 + 0 * ramp[:, None], ramp[:, None] * 8 + 0 * ramp[None, :],
                        (ramp[None, :] * ramp[:, None]) % 256], axis=-1)
    mask = ((ramp[None, :] >= 8) & (ramp[None, :] < 24) & (ramp[:, None] >= 4)).astype(np.uint8) * 255
    return Image.fromarray(picture.astype(np.uint8)), Image.fromarray(mask)


def paint(pipeline, scheduler=None, seed=5, **how):
    pipeline.set_progress_bar_config(disable=True)
    if scheduler:
        pipeline.scheduler = scheduler.from_config(pipeline.scheduler.config)
    generator = torch.Generator().manual_seed(seed)
    return pipeline(PROMPT, num_inference_steps=6, generator=generator, output_type="np", **how).images[0]


def show(name, picture):
    values = (picture * 255).round().astype(int).flatten().tolist()
    assert np.std(values) > 30, f"{name} is all but grey"
    rows = ["".join(f"{v:02x}" for v in values[i : i + 48]) for i in range(0, len(values), 48)]
    print(f"inline constexpr std::string_view {name} =")
    print("\n".join(f'    "{row}"' for row in rows) + ";\n")


def main():
    size = dict(height=SIZE, width=SIZE)
    whole = dict(size, negative_prompt=NEGATIVE)
    picture, mask = begun()
    off = dict(safety_checker=None, feature_extractor=None, requires_safety_checker=False)
    print("#pragma once\n\n// Written by tests/peers/pipelines.py: what diffusers 0.42.1 paints with models of\n"
          "// tests/sample/small_pipeline.hpp; 32 x 32 pixels of three bytes, from the top.\n\n"
          "#include <string_view>\n\nnamespace golden::pipelines {\n")
    sd = parts()
    show("text_to_image", paint(StableDiffusionPipeline(**sd, **off), **whole, guidance_rescale=0.5))
    show("ancestral", paint(StableDiffusionPipeline(**sd, **off), EulerAncestralDiscreteScheduler, 6, **whole))
    show("image_to_image", paint(StableDiffusionImg2ImgPipeline(**sd, **off), image=picture, strength=0.7))
    show("inpainted", paint(StableDiffusionInpaintPipeline(**sd, **off), EulerAncestralDiscreteScheduler,
                            image=picture, mask_image=mask, strength=0.7, **size))
    show("inpainted_by_its_own", paint(StableDiffusionInpaintPipeline(**parts(9), **off),
                                       EulerAncestralDiscreteScheduler, image=picture, mask_image=mask, **size))
    show("sdxl", paint(StableDiffusionXLPipeline(**sdxl_parts(), add_watermarker=False), **size))
    print("} // namespace golden::pipelines")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
