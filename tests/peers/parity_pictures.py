"""Compares haiga-paint's pictures with those of diffusers' pipelines, for small models of every
architecture and every scheduler: 20 steps, 64 x 64 pixels, guidance 7.5, the same seed.

    parity_pictures.py PAINT [--only TEXT] [--clip FOLDER]

PAINT is build/release/apps/haiga-paint; FOLDER holds CLIP's merges, bpe_simple_vocab_16e6.txt.gz. A row
a picture: the largest difference of a pixel, in units of 1/255, of ours (bytes) from theirs (floats),
so that 0.5 is rounding; and for some, to show that a picture would tell, how far theirs moves with a
step less, or with another prompt. The networks' outputs are scaled until pictures vary.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

import diffusers
import numpy
import parity_models as models
import torch
from PIL import Image
from safetensors.torch import save_file

warnings.filterwarnings("ignore")

PROMPT, NEGATIVE, OTHER = "a painting of a cat on a mat", "blurry, grey", "two ships at sea"
torch.set_num_threads(1)  # which is faster for such small networks
SEED, SIZE, STEPS, GUIDANCE = 1234, 64, 20, 7.5
TOLERANCE = 1.0
BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1,
         "clip_sample": False, "set_alpha_to_one": False, "skip_prk_steps": True}
MULTISTEP, SINGLE = "DPMSolverMultistepScheduler", "DPMSolverSinglestepScheduler"
SCHEDULERS = [
    ("DDPMScheduler", {}), ("DDIMScheduler", {}), ("PNDMScheduler", {}), ("LMSDiscreteScheduler", {}),
    ("EulerDiscreteScheduler", {}), ("EulerDiscreteScheduler", {"use_karras_sigmas": True}),
    ("EulerAncestralDiscreteScheduler", {}), ("HeunDiscreteScheduler", {}), ("KDPM2DiscreteScheduler", {}),
    ("KDPM2AncestralDiscreteScheduler", {}), (MULTISTEP, {}), (MULTISTEP, {"use_karras_sigmas": True}),
    (MULTISTEP, {"solver_order": 3}), (MULTISTEP, {"algorithm_type": "sde-dpmsolver++"}), (SINGLE, {}),
    (SINGLE, {"algorithm_type": "sde-dpmsolver++"}), ("DPMSolverSDEScheduler", {}),
    ("DPMSolverSDEScheduler", {"use_karras_sigmas": True}), ("DEISMultistepScheduler", {}),
    ("UniPCMultistepScheduler", {}), ("LCMScheduler", {}), ("TCDScheduler", {}), ("EDMEulerScheduler", {}),
    ("EDMDPMSolverMultistepScheduler", {}), ("SASolverScheduler", {}),
    ("FlowMatchEulerDiscreteScheduler", {}), ("FlowMatchHeunDiscreteScheduler", {}),
]
PIPELINES = {"sd15": diffusers.StableDiffusionPipeline, "sd21_base": diffusers.StableDiffusionPipeline,
             "sd21": diffusers.StableDiffusionPipeline, "sdxl": diffusers.StableDiffusionXLPipeline,
             "sd15_inpainting": diffusers.StableDiffusionInpaintPipeline}


# ---------------------------------------------------------------- models


def scale_to(layer, deviation, out):
    with torch.no_grad():
        for p in layer.parameters():
            p *= deviation / out.std()


def calibrate(parts):
    """A prediction that leaves most of the sample, and a picture of all brightnesses."""
    unet, vae, c = parts["unet"], parts["vae"], parts["unet"].config
    g = torch.Generator().manual_seed(3)
    draw = lambda *shape: torch.randn(*shape, generator=g)
    told = {}
    if c.addition_embed_type:
        told = {"added_cond_kwargs": {"text_embeds": draw(2, 1280), "time_ids": torch.full((2, 6), 64.0)}}
    with torch.no_grad():
        context = draw(2, 77, c.cross_attention_dim) * (0.1 if told else 1)
        out = unet(draw(2, c.in_channels, 8, 8), 500, context, **told).sample
        scale_to(unet.conv_out, 0.3, out)
        scale_to(vae.decoder.conv_out, 0.4, vae.decode(5 * draw(2, 4, 8, 8)).sample)


def scheduler_of(name, options, prediction):
    kind = getattr(diffusers, name)
    known = BETAS | {"prediction_type": prediction}
    return kind(**{k: v for k, v in known.items() if k in kind._get_init_keys(kind)} | options)


def make_pipeline(name, folder, merges):
    """Writes the folder, and gives the pipeline that diffusers has of it."""
    parts = dict(models.make_parts(name))
    calibrate(parts)
    prediction = models.ARCHITECTURES[name][3]
    padding = "!" if name.startswith("sd21") else "<|endoftext|>"
    parts["tokenizer"] = models.tokenizer(merges, padding)
    parts["scheduler"] = scheduler_of("PNDMScheduler", {}, prediction)
    more = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    if name == "sdxl":
        parts["tokenizer_2"] = models.tokenizer(merges, "!")
        more = {"add_watermarker": False}
    pipe = PIPELINES[name](**parts, **more)
    pipe.set_progress_bar_config(disable=True)
    pipe.save_pretrained(folder)
    models.save_tokenizer(folder / "tokenizer", merges, padding)
    if name == "sdxl":
        models.save_tokenizer(folder / "tokenizer_2", merges, "!")
    return pipe


def kohya_lora(pipe, file, scale):
    """Of queries and feed-forwards, in the names of kohya's scripts. The UNet's is loaded by diffusers;
    the text encoder's is added here: diffusers 0.42 does not find transformers 5's names."""
    g = torch.Generator().manual_seed(5)
    tensors = {}
    for front, model in (("lora_unet_", pipe.unet), ("lora_te_text_model_", pipe.text_encoder)):
        for key, p in model.named_parameters():
            if key.endswith(("to_q.weight", "ff.net.2.weight", "q_proj.weight", "fc1.weight")):
                name = front + key.removesuffix(".weight").replace(".", "_")
                down = torch.randn(4, p.shape[1], generator=g) * 0.3
                up = torch.randn(p.shape[0], 4, generator=g) * p.detach().std()
                tensors |= {f"{name}.lora_down.weight": down, f"{name}.lora_up.weight": up,
                            f"{name}.alpha": torch.tensor(2.0)}
                if model is pipe.text_encoder:
                    p.data += scale * 2.0 / 4 * up @ down
    save_file(tensors, file)
    pipe.load_lora_weights({k: v for k, v in tensors.items() if k.startswith("lora_unet")})
    pipe.fuse_lora(components=["unet"], lora_scale=scale)


def draw_images(folder):
    """A smooth picture, and a mask of its right half with soft edges cut at the middle."""
    y, x = numpy.mgrid[0:SIZE, 0:SIZE] / SIZE
    picture = numpy.stack([x, y, 0.5 + 0.5 * numpy.sin(9 * x * y)], axis=-1)
    Image.fromarray((255 * picture).astype("uint8")).save(folder / "init.png")
    Image.fromarray((255 * (x > 0.4)).astype("uint8")).save(folder / "mask.png")
    return Image.open(folder / "init.png"), Image.open(folder / "mask.png")


# ---------------------------------------------------------------- pictures


def theirs(pipe, prompt=PROMPT, steps=STEPS, **options):
    told = {"negative_prompt": NEGATIVE, "guidance_scale": GUIDANCE, "height": SIZE, "width": SIZE} | options
    if "image" in told and "mask_image" not in told:  # these pipelines take the size of the picture
        del told["height"], told["width"]
    if hasattr(pipe.scheduler, "noise_sampler_seed"):
        pipe.scheduler.noise_sampler_seed = SEED
        pipe.scheduler.noise_sampler = None
    generator = torch.Generator("cpu").manual_seed(SEED)
    out = pipe(prompt, num_inference_steps=steps, generator=generator, output_type="np", **told)
    return 255 * out.images[0].astype("float64")


def ours(program, folder, *more, size=(SIZE, SIZE), guidance=GUIDANCE, negative=NEGATIVE):
    out = folder / "ours.png"
    out.unlink(missing_ok=True)
    command = [program, "--model", folder, PROMPT, "-o", out, "--steps", STEPS, "--cfg", guidance, "--seed",
               SEED, "--size", f"{size[0]}x{size[1]}", *more]
    if negative:
        command += ["--negative", negative]
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True,
                          env=os.environ | {"OMP_WAIT_POLICY": "passive"})
    if done.returncode:
        return None, (done.stderr or done.stdout).strip().split("\n")[-1]
    return numpy.asarray(Image.open(out).convert("RGB")).astype("float64"), ""


class table:
    def __init__(self):
        self.failed = 0
        self.line("picture", "worst", "step less", "other text", "spread", "")

    def line(self, *cells):
        print("| {:66} | {:>7} | {:>9} | {:>10} | {:>6} | {} |".format(*cells), flush=True)

    def row(self, case, pipe, program, folder, *more, options=None, telling=False, **told):
        options, moved = options or {}, []
        try:
            want = theirs(pipe, **options)
            if telling:
                moved = [numpy.abs(want - theirs(pipe, **options, steps=STEPS - 1)).max(),
                         numpy.abs(want - theirs(pipe, **options, prompt=OTHER)).max()]
        except (AttributeError, ValueError, TypeError, RuntimeError) as error:
            self.line(case, "", "", "", "", "not in diffusers: " + str(error).split("\n")[0][:70])
            return
        got, error = ours(program, folder, *more, **told)
        worst = numpy.inf if got is None or got.shape != want.shape else numpy.abs(got - want).max()
        good = worst <= TOLERANCE and min(moved, default=numpy.inf) > 2 * TOLERANCE
        self.failed += not good
        self.line(case, f"{worst:.2f}", *([f"{m:.1f}" for m in moved] or ["", ""]), f"{want.std():.0f}",
                  "ok" if good else "FAIL " + error)


def all_schedulers(out, program, name, pipe, folder, merges):
    for kind, options in SCHEDULERS:
        pipe.scheduler = scheduler_of(kind, options, models.ARCHITECTURES[name][3])
        pipe.scheduler.save_pretrained(folder / "scheduler")
        told = ", ".join(f"{k}={v}" for k, v in options.items())
        more, images = (), {}
        if kind == "TCDScheduler":
            images = {"eta": 0.3}  # the scheduler's own; pipelines that are not told take 0
        if name == "sd15_inpainting":
            init, mask = draw_images(folder)
            more = ("--init", folder / "init.png", "--mask", folder / "mask.png", "--strength", "1")
            images |= {"image": init, "mask_image": mask}
        out.row(f"{name} {kind} {told}", pipe, program, folder, *more, options=images, telling=name == "sd15")


def other_jobs(out, program, name, pipe, folder, merges):
    """By the names of samplers; pictures and masks to begin from; LoRA; without guidance."""
    prediction = models.ARCHITECTURES[name][3]
    use = lambda kind, **options: scheduler_of(kind, options, prediction)
    pipe.scheduler = use("EulerDiscreteScheduler")
    pipe.scheduler.save_pretrained(folder / "scheduler")
    row = lambda case, *a, using=None, **k: out.row(f"{name} {case}", using or pipe, program, folder, *a, **k)
    row("another negative prompt", "--negative", OTHER, options={"negative_prompt": OTHER}, negative="", telling=True)
    row("no negative prompt", options={"negative_prompt": None}, negative="")
    row("no guidance", options={"guidance_scale": 1.0}, guidance=1)
    row("guidance rescaled by 0.7", "--cfg-rescale", 0.7, options={"guidance_rescale": 0.7})
    # diffusers 0.42 looks for what transformers 5.6 took away
    pipe.text_encoder.__dict__["text_model"] = pipe.text_encoder
    row("one layer of the text encoder left out", "--clip-skip", 1, options={"clip_skip": 1, "guidance_scale": 1.0},
        guidance=1)
    del pipe.text_encoder.__dict__["text_model"]
    row("72 wide, 104 high", options={"height": 104, "width": 72}, size=(72, 104))
    xl = "XL" if name == "sdxl" else ""
    init, mask = draw_images(folder)
    begin = ("--init", folder / "init.png", "--strength")
    shared = pipe.components | ({"add_watermarker": False} if xl else {"requires_safety_checker": False})
    kinds = [getattr(diffusers, f"StableDiffusion{xl}{job}Pipeline") for job in ("Img2Img", "Inpaint")]
    to_image, inpaint = (kind(**shared) for kind in kinds)
    for other in (to_image, inpaint):
        other.set_progress_bar_config(disable=True)
    row("image to image, 0.6", *begin, 0.6, using=to_image, options={"image": init, "strength": 0.6})
    for strength in (1.0, 0.7):
        row(f"inpainting, {strength}", *begin, strength, "--mask", folder / "mask.png", using=inpaint,
            options={"image": init, "mask_image": mask, "strength": strength})
    pipe.scheduler = use(MULTISTEP, use_karras_sigmas=True)
    row("--sampler dpmpp_2m --schedule karras", "--sampler", "dpmpp_2m", "--schedule", "karras")
    pipe.scheduler = use("EulerAncestralDiscreteScheduler")
    row("--sampler euler_a", "--sampler", "euler_a")
    if not xl:
        pipe.scheduler = use("EulerDiscreteScheduler")
        kohya_lora(pipe, folder / "lora.safetensors", 0.8)
        row("LoRA, 0.8", "--lora", f"{folder / 'lora.safetensors'}:0.8")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--only", default="", help="an architecture: " + ", ".join(models.ARCHITECTURES))
    parser.add_argument("--clip", default=f"{os.environ.get('HAIGA_TEST_DATA', '.')}/clip")
    arguments = parser.parse_args()
    merges = pathlib.Path(arguments.clip, "bpe_simple_vocab_16e6.txt.gz")
    out = table()
    for name in models.ARCHITECTURES:
        if arguments.only not in ("", name):
            continue
        with tempfile.TemporaryDirectory() as here:
            folder = pathlib.Path(here)
            pipe = make_pipeline(name, folder, merges)
            told = (out, arguments.program.resolve(), name, pipe, folder, merges)
            all_schedulers(*told)
            if name != "sd15_inpainting":
                other_jobs(*told)
    sys.exit(1 if out.failed else 0)


if __name__ == "__main__":
    main()
