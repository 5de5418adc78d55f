"""Makes a small randomly initialised model of each architecture in every form it occurs in.

convert_models.py OUT [--scripts FOLDER] [ARCHITECTURE...]: OUT/ARCHITECTURE/ gets the Diffusers folder
(folder: the names of published files; flat: those that transformers writes since 5.6; bin, sharded,
sharded_bin, fp16, sharded_fp16; old: from before diffusers 0.15; positions: before transformers 4.31)
and the original: original.safetensors, original_fp16.safetensors, original.ckpt, bare.ckpt (no
state_dict), wild.ckpt and wild.safetensors (with all that checkpoints have beside the model),
old_clip.ckpt (no text_model), elsewhere.safetensors (a network alone under the prefix of a whole model,
or without one).

FOLDER holds convert_diffusers_to_original_stable_diffusion.py and convert_diffusers_to_original_sdxl.py
of github.com/huggingface/diffusers, scripts/, which are in no package; without it the originals are made
by the inverse of from_single_file alone (see convert_forms.py). HAIGA_DIFFUSERS_SCRIPTS names it too.
"""

import argparse
import contextlib
import io
import json
import os
import pathlib
import runpy
import shutil
import sys

import convert_forms as forms
import diffusers
import torch
from safetensors.torch import load_file, save_file
from transformers import CLIPTextConfig, CLIPTokenizer

SCRIPTS = {
    "sd1": "convert_diffusers_to_original_stable_diffusion.py",
    "sd1_inpainting": "convert_diffusers_to_original_stable_diffusion.py",
    "sd2": "convert_diffusers_to_original_stable_diffusion.py",
    "sd2_inpainting": "convert_diffusers_to_original_stable_diffusion.py",
    "sdxl": "convert_diffusers_to_original_sdxl.py",
    "sdxl_inpainting": "convert_diffusers_to_original_sdxl.py",
}
PIPELINES = {
    "sd1": diffusers.StableDiffusionPipeline,
    "sd1_inpainting": diffusers.StableDiffusionInpaintPipeline,
    "sd2": diffusers.StableDiffusionPipeline,
    "sd2_inpainting": diffusers.StableDiffusionInpaintPipeline,
    "sdxl": diffusers.StableDiffusionXLPipeline,
    "sdxl_inpainting": diffusers.StableDiffusionXLInpaintPipeline,
    "sdxl_refiner": diffusers.StableDiffusionXLImg2ImgPipeline,
}
# negative zero, numbers below float32's and float16's normal ones, ties of rounding to float16, a large one
SPECIAL = [-0.0, 1e-41, 6e-8, 2049.0, 2051.0, 65503.0, -1e-3, 1 / 3]


def script_at(folder, name):
    if not folder:
        return None
    path = pathlib.Path(folder) / SCRIPTS[name]
    if not path.exists():
        sys.exit(f"{path} is missing: it is scripts/{path.name} of github.com/huggingface/diffusers")
    return path


def run_script(script, folder, output, half=False):
    """As its own main program, in this process: importing torch takes longer than converting a toy."""
    arguments = [str(script), "--model_path", str(folder), "--checkpoint_path", str(output)]
    arguments += ["--use_safetensors"] * (output.suffix == ".safetensors") + ["--half"] * half
    before, sys.argv = sys.argv, arguments
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            runpy.run_path(str(script), run_name="__main__")
    finally:
        sys.argv = before


# ---------------------------------------------------------------- the folder


def randomise(model, name):
    """Every tensor gets values of its own: constructors make all norms alike."""
    generator = torch.Generator().manual_seed(forms.seed(name))
    with torch.no_grad():
        for key, p in model.named_parameters():
            p.copy_(torch.randn(p.shape, generator=generator) * 0.1)
            if key.endswith(("conv_in.bias", "final_layer_norm.bias", "x_embedder.bias")):
                p[: len(SPECIAL)] = torch.tensor(SPECIAL)
    return model.eval()


def tokenizer(vocabulary):
    words = ["<|startoftext|>", "!", "<|endoftext|>"] + [f"word{i}</w>" for i in range(vocabulary - 3)]
    return CLIPTokenizer(vocab={word: i for i, word in enumerate(words)}, merges=[], model_max_length=77)


def scheduler(name):
    known = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1}
    if name.startswith("sdxl"):
        return diffusers.EulerDiscreteScheduler(**known)
    if name == "sd2":
        return diffusers.DDIMScheduler(**known, prediction_type="v_prediction", clip_sample=False)
    return diffusers.PNDMScheduler(**known, skip_prk_steps=True)


def pipeline(name, models, vocabulary=300):
    kind = PIPELINES[name]
    given = dict(models) | {"scheduler": scheduler(name)}
    for part in [k for k in models if k.startswith("text_encoder")]:
        given[part.replace("text_encoder", "tokenizer")] = tokenizer(vocabulary)
    if name.startswith("sdxl"):
        missing = {"text_encoder", "tokenizer"} if name == "sdxl_refiner" else set()
        return kind(**given, **{k: None for k in missing})
    return kind(**given, safety_checker=None, feature_extractor=None, requires_safety_checker=False)


def weights_name(part):
    return "model" if part.form in ("clip", "open_clip") else "diffusion_pytorch_model"


def part_folder(folder, name, component):
    return folder / component if name in PIPELINES else folder


def copy_without_weights(source, target):
    ignored = shutil.ignore_patterns("*.safetensors", "*.bin", "*.index*.json")
    shutil.copytree(source, target, ignore=ignored)


def shards(tensors, most):
    """In order, as many tensors a file as stay below so many bytes, which is how both libraries do it."""
    out, size = [{}], 0
    for k, t in tensors.items():
        n = t.numel() * t.element_size()
        if out[-1] and size + n > most:
            out.append({})
            size = 0
        out[-1][k] = t
        size += n
    return out


def write_weights(folder, part, tensors, torch_file=False, variant="", most=None):
    """Under the names that diffusers and transformers give to weights, variants and shards."""
    stem = weights_name(part)
    if torch_file and stem == "model":
        stem = "pytorch_model"
    ending = ".bin" if torch_file else ".safetensors"

    def write(path, some):
        some = {k: t.contiguous() for k, t in some.items()}
        torch.save(some, path) if torch_file else save_file(some, path, {"format": "pt"})

    stem += variant and f".{variant}"
    if most is None:
        return write(folder / (stem + ending), tensors)
    parts = shards(tensors, most)
    names = [f"{stem}-{i + 1:05}-of-{len(parts):05}{ending}" for i in range(len(parts))]
    for file, some in zip(names, parts):
        write(folder / file, some)
    total = sum(t.numel() * t.element_size() for t in tensors.values())
    where = {k: file for file, some in zip(names, parts) for k in some}
    index = weights_name(part) if not torch_file else stem.removesuffix(variant and f".{variant}")
    index += f"{ending}.index" + (variant and f".{variant}") + ".json"
    listed = {"metadata": {"total_size": total}, "weight_map": dict(sorted(where.items()))}
    (folder / index).write_text(json.dumps(listed, indent=2))


def write_folder(name, parts, tensors, configs, folder, **how):
    """A folder like configs, with these tensors."""
    copy_without_weights(configs, folder)
    for component, part in parts.items():
        write_weights(part_folder(folder, name, component), part, tensors[component], **how)


def read_folder(name, parts, folder):
    return {
        c: load_file(part_folder(folder, name, c) / f"{weights_name(p)}.safetensors") for c, p in parts.items()
    }


def save_models(name, parts, folder):
    models = {c: randomise(p.build(), f"{name}/{c}") for c, p in parts.items()}
    if name in PIPELINES:
        vocabulary = min([p.config.get("vocab_size", 300) for p in parts.values()])
        pipeline(name, models, vocabulary).save_pretrained(folder)
    else:
        next(iter(models.values())).save_pretrained(folder)


# ---------------------------------------------------------------- all forms


def halved(tensors):
    return {k: v.half() if v.is_floating_point() else v for k, v in tensors.items()}


def make_folders(name, parts, tensors, out):
    half = {c: halved(t) for c, t in tensors.items()}
    flat, source = out / "flat", out / "folder"
    write_folder(name, parts, tensors, flat, source)
    write_folder(name, parts, tensors, source, out / "bin", torch_file=True)
    write_folder(name, parts, tensors, source, out / "sharded", most=400_000)
    write_folder(name, parts, tensors, source, out / "sharded_bin", most=400_000, torch_file=True)
    write_folder(name, parts, half, source, out / "fp16", variant="fp16")
    write_folder(name, parts, half, source, out / "sharded_fp16", variant="fp16", most=300_000)
    if any(p.form in ("clip", "open_clip") for p in parts.values()):
        write_folder(name, parts, forms.with_positions(parts, tensors), source, out / "positions")
    if "vae" in parts:
        write_folder(name, parts, tensors | {"vae": forms.old_vae(tensors["vae"])}, source, out / "old")


def make_originals(name, parts, original, out):
    save_file(original, out / "original.safetensors")
    save_file(halved(original), out / "original_fp16.safetensors")
    torch.save({"state_dict": original, "global_step": 470000, "epoch": 7}, out / "original.ckpt")
    torch.save(original, out / "bare.ckpt")
    more = forms.extras(name, parts, original)
    if more:
        torch.save({"state_dict": original | more, "global_step": 470000}, out / "wild.ckpt")
        save_file(original | more, out / "wild.safetensors")
    alone = forms.elsewhere(parts, original)
    if alone:
        save_file(alone, out / "elsewhere.safetensors")
    if any(p.form == "clip" for p in parts.values()):
        torch.save({"state_dict": forms.old_clip(original)}, out / "old_clip.ckpt")


def make(name, parts, out, scripts=None):
    """Returns the folder's tensors, those of the original, and where diffusers' programs disagree."""
    out = pathlib.Path(out)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    save_models(name, parts, out / "flat")
    written = read_folder(name, parts, out / "flat")
    tensors = {c: forms.published(p, written[c]) for c, p in parts.items()}
    make_folders(name, parts, tensors, out)
    original = forms.original_form(parts, tensors)
    found = []
    again = forms.diffusers_form(parts, original)
    for c in parts:
        wrong = forms.differences(again[c], tensors[c])
        found += [f"{name}: from_single_file makes of the original: {c}/{d}" for d in wrong]
    if found:
        sys.exit("\n".join(found))
    make_originals(name, parts, original, out)
    if name == "controlnet_sdxl":  # see loaded_controlnet
        made = forms.loader.convert_controlnet_checkpoint(dict(original), parts["controlnet"].config)
        wrong = forms.differences(made, tensors["controlnet"])
        found += [f"{name}: from_single_file, which knows no SDXL ControlNet of this form: {d}" for d in wrong]
    if scripts and name in SCRIPTS:
        for form in ("folder", "flat", "old", "positions"):
            found += disagreements(name, original, out / form, script_at(scripts, name), out / "script.safetensors")
    return tensors, original, found


def disagreements(name, original, folder, script, output):
    about = f"{name}: {script.name} on {folder.name}/"
    try:
        run_script(script, folder, output)
        return [f"{about}: {d}" for d in forms.differences(load_file(output), original)]
    except Exception as error:  # noqa: BLE001: whatever stops it is what there is to tell
        return [f"{about}: {type(error).__name__}: {error}"]
    finally:
        output.unlink(missing_ok=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("architectures", nargs="*")
    parser.add_argument("--scripts", default=os.environ.get("HAIGA_DIFFUSERS_SCRIPTS"))
    given = parser.parse_intermixed_args()
    known = forms.architectures()
    for name in given.architectures or known:
        tensors, original, found = make(name, known[name], pathlib.Path(given.out) / name, given.scripts)
        print(f"{name}: {sum(len(t) for t in tensors.values())} tensors in the folder, {len(original)} in the original")
        print("".join(f"  {line}\n" for line in found), end="")


if __name__ == "__main__":
    main()
