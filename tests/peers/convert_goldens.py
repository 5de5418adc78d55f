"""Writes tests/golden/convert/*.txt: what diffusers makes of toys whose values a formula gives.

Element i of the tensor that Diffusers calls "component/name" is, in float32,
(((crc32(name) + 2654435761 i) mod 2^32) >> 8) / 2^24 - 0.5, of the whole "component/name", which is exact.

A line is "D PREFIX" or "O PREFIX", of Diffusers' form or of the original, "+ FILE", whose lines belong
here too, or "NAME DIMS CRC": a tensor called PREFIX and NAME, which follow each other, its extents with
an x between them, the CRC-32 of its bytes. A later line of a name replaces an earlier one.

Originals are those of diffusers' scripts, where there is one (see convert_models.py), and all are
checked: diffusers' single-file loader makes exactly the folder's tensors of them.
"""

import argparse
import os
import pathlib
import re
import tempfile

import convert_forms as forms
import convert_models as models
import diffusers
import numpy
import torch
import transformers
from safetensors.torch import load_file, save_file

TOYS = {
    "unit": 8, "wide": 8, "text": 8, "vocabulary": 11, "depths": (1, 1, 2), "layers": 2, "head": 16,
    "hint": (8, 8, 16, 16),
}  # fmt: skip
# Each takes in the largest of those before it that it holds all names of.
ORDER = [
    "part_vae", "text_clip", "text_open_clip", "part_unet", "sd1", "sd1_inpainting", "sd2", "sd2_inpainting", "sdxl",
    "sdxl_inpainting", "sdxl_refiner", "vae", "controlnet_sd1", "controlnet_sd2", "controlnet_sdxl", "flux_schnell",
    "flux_dev",
]  # fmt: skip


def values(name, shape):
    n = int(numpy.prod(shape, dtype=numpy.int64))
    mixed = numpy.arange(n, dtype=numpy.uint32) * numpy.uint32(2654435761) + numpy.uint32(forms.seed(name))
    exact = (mixed >> 8).astype(numpy.float64) / 2**24 - 0.5
    return torch.from_numpy(exact.astype(numpy.float32).reshape(shape))


def folder_tensors(parts):
    out = {}
    for component, part in parts.items():
        with torch.device("meta"):
            model = part.build()
        named = forms.published(part, dict(model.named_parameters()))
        out[component] = {k: values(f"{component}/{k}", tuple(p.shape)) for k, p in named.items()}
    return out


def by_script(name, parts, tensors, script):
    """The script reads a folder; it needs no configuration."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        for component, part in parts.items():
            (folder / component).mkdir()
            save_file(tensors[component], folder / component / f"{models.weights_name(part)}.safetensors")
        models.run_script(script, folder, folder / "original.safetensors")
        return load_file(folder / "original.safetensors")


def checked_original(name, parts, tensors, scripts):
    original = forms.original_form(parts, tensors)
    script = models.script_at(scripts, name) if name in models.SCRIPTS else None
    if script:
        made = by_script(name, parts, tensors, script)
        different = forms.differences(made, original)
        print(f"{name}: {script.name}", different or "agrees")
        original = made
    again = forms.flat(forms.diffusers_form(parts, original))
    wrong = forms.differences(again, forms.flat(tensors))
    if wrong:
        raise SystemExit(f"{name}: from_single_file: {wrong}")
    return original


def line(t):
    return f"{'x'.join(map(str, t.shape))} {forms.crc(t):08x}"


WITHIN = re.compile(r"(to_out|net|_layers|_mlp|time_embed|label_emb|hint_block|zero_convs|_modulation|block_out|out)$")


def cut(name):
    """Where a name is parted: behind the number of the innermost block."""
    ends = [m for m in re.finditer(r"\.\d+(?=\.)", name) if not WITHIN.search(name[: m.start()])]
    return ends[-1].end() + 1 if ends else name.rfind("/") + 1


def written(lines):
    out, prefix = [], None
    for key in sorted(lines):
        kind, name = key
        at = cut(name)
        if prefix != (kind, name[:at]):
            prefix = (kind, name[:at])
            out.append(f"{kind} {name[:at]}".rstrip())
        out.append(f"{name[at:]} {lines[key]}")
    return out


def lines_of(tensors, original):
    folder = {("D", k): line(t) for k, t in forms.flat(tensors).items()}
    return folder | {("O", k): line(t) for k, t in original.items()}


def taken_in(lines, earlier):
    """Files that give most of the lines, and what is then left to say."""
    chosen, known = [], {}
    for file, theirs in sorted(earlier.items(), key=lambda item: -len(item[1])):
        if theirs.keys() <= lines.keys() and theirs.keys().isdisjoint(known):
            chosen.append(file)
            known |= theirs
    return chosen, {k: v for k, v in lines.items() if known.get(k) != v}


def parts_of_sd1(lines, *prefixes):
    return {k: v for k, v in lines.items() if k[1].startswith(prefixes)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scripts", default=os.environ.get("HAIGA_DIFFUSERS_SCRIPTS"))
    parser.add_argument("--out", default=pathlib.Path(__file__).parents[1] / "golden/convert", type=pathlib.Path)
    given = parser.parse_args()
    if not given.scripts:
        parser.error("--scripts: the folder with diffusers' scripts, see convert_models.py")
    given.out.mkdir(parents=True, exist_ok=True)
    whole = {}
    for name, parts in forms.architectures(**TOYS).items():
        tensors = folder_tensors(parts)
        whole[name] = lines_of(tensors, checked_original(name, parts, tensors, given.scripts))
    whole["part_vae"] = parts_of_sd1(whole["sd1"], "vae/", "first_stage_model.")
    whole["part_unet"] = parts_of_sd1(whole["sd1"], "unet/", "model.diffusion_model.")
    made_with = f"# Written by tests/peers/convert_goldens.py with diffusers {diffusers.__version__}, "
    made_with += f"transformers {transformers.__version__}; see there."
    size = 0
    for i, name in enumerate(ORDER):
        files, own = taken_in(whole[name], {k: whole[k] for k in ORDER[:i]})
        text = "\n".join([made_with, *(f"+ {file}" for file in files), *written(own)]) + "\n"
        size += len(text)
        (given.out / f"{name}.txt").write_text(text)
    print(size, "bytes")


if __name__ == "__main__":
    main()
