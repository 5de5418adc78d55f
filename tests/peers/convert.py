"""haiga-convert against diffusers: every form of every architecture, both ways, bit for bit.

convert.py HAIGA_CONVERT [--scripts FOLDER] [--work FOLDER] [--full] [ARCHITECTURE...]: one line a case;
fails if any differs. Toys are made by convert_models.py, which tells what --scripts are; the work folder
holds one architecture at a time. --full does Stable Diffusion 1.5 at its full size too, in float32 and
float16, which needs 13 GB there and 10 GB of memory, and Flux at its true width. Where a script and
from_single_file disagree, from_single_file is believed and the case is listed at the end.
"""

import argparse
import gc
import os
import pathlib
import shutil
import subprocess
import sys
import time

import convert_compare as peers
import convert_forms as forms
import convert_models as models
import torch

DTYPES = {"f16": torch.float16, "bf16": torch.bfloat16, "f32": torch.float32}


def cast(tensors, dtype):
    return {k: t.to(dtype) if t.is_floating_point() else t for k, t in tensors.items()}


class Cases:
    """Runs haiga-convert and counts what differs."""

    def __init__(self, program):
        self.program, self.run, self.failed = program, 0, []

    def converted(self, source, output, *options):
        """What haiga-convert says when it fails; nothing when it succeeds."""
        shutil.rmtree(output) if output.is_dir() else output.unlink(missing_ok=True)
        done = subprocess.run([self.program, source, output, *options], capture_output=True, text=True)
        if done.returncode == 0:
            return []
        return [f"status {done.returncode}: {(done.stderr or done.stdout).strip()[-400:]}"]

    def tell(self, label, wrong):
        self.run += 1
        print(f"{'FAIL' if wrong else 'ok  '} {label}{''.join(f'{chr(10)}       {w}' for w in wrong)}", flush=True)
        if wrong:
            self.failed.append(label)

    def case(self, label, source, output, *options, checks):
        wrong = self.converted(source, output, *options)
        for check in [] if wrong else checks:
            try:
                wrong += check(output)
            except Exception as error:  # noqa: BLE001: a loader may refuse in any way
                wrong.append(f"{type(error).__name__}: {error}"[:500])
        self.tell(label, wrong)
        return not wrong


def holds(expected, spare=()):
    """The same tensors and no others, but for those that the source had too: as far as the form has places."""

    def check(output):
        found = dict(peers.Tensors(output).items())
        return forms.differences({k: t for k, t in found.items() if k in expected or k not in spare}, expected)

    return check


def loads(source, expected, dtype=torch.float32):
    return lambda output: peers.load(output, source, expected, dtype)


def loads_as_pipeline(source, expected, dtype=torch.float32):
    return lambda output: peers.load_pipeline(output, source, expected, dtype)


class Model:
    """A toy in all its forms, and what haiga-convert should make of it."""

    def __init__(self, name, parts, work, scripts):
        self.name, self.parts, self.work = name, parts, work
        tensors, self.original, self.disagreements = models.make(name, parts, work, scripts)
        self.tensors = tensors
        self.folder = forms.flat(tensors)
        if name not in models.PIPELINES:  # a network alone has its weights in the folder itself
            self.folder = next(iter(tensors.values()))

    def checks(self, kind, dtype=torch.float32, spare=(), whole=False):
        """whole: by the pipeline's loader too."""
        source = self.work / "folder"
        folder = cast(self.folder, dtype)
        expected = folder if kind == "folder" else cast(self.original, dtype)
        checks = [holds(expected, spare), loads(source, folder, dtype)]
        if whole and self.name in models.PIPELINES:
            checks.append(loads_as_pipeline(source, folder, dtype))
        return checks


def by_diffusers_itself(cases, model):
    """What convert_models.py wrote is what diffusers reads, so that the forms are those of the wild."""
    for form in ("flat", "bin", "sharded", "sharded_bin", "old", "positions", "fp16", "sharded_fp16", "original.ckpt",
                 "bare.ckpt", "wild.ckpt", "original_fp16.safetensors"):  # fmt: skip
        source, half = model.work / form, "fp16" in form
        if not source.exists():
            continue
        dtype = torch.float16 if half else torch.float32
        try:
            wrong = peers.load(source, model.work / "folder", cast(model.folder, dtype), dtype)
        except Exception as error:  # noqa: BLE001: a loader may refuse in any way
            wrong = [f"{type(error).__name__}: {error}"[:500]]
        cases.tell(f"{model.name}: diffusers loads {form}", wrong)


OUTPUTS = {"safetensors": "out.safetensors", "ckpt": "out.ckpt", "folder": "out"}


def from_folders(cases, model):
    work = model.work
    positions = {f"{c}/{forms.POSITIONS}" for c in model.parts} | {forms.POSITIONS}
    for form in ("folder", "flat", "bin", "sharded", "sharded_bin", "old", "positions", "fp16", "sharded_fp16"):
        if not (work / form).exists():
            continue
        dtype = torch.float16 if "fp16" in form else torch.float32
        kinds = ("safetensors", "ckpt", "folder") if form == "folder" else ("safetensors", "folder")
        for kind in kinds:
            checks = model.checks(kind, dtype, positions, whole=form == "folder")
            cases.case(f"{model.name}: {form}/ -> {kind}", work / form, work / OUTPUTS[kind], checks=checks)
    for option, dtype in DTYPES.items():
        for kind in ("safetensors", "folder"):
            label = f"{model.name}: folder/ -> {kind} --dtype {option}"
            checks = model.checks(kind, dtype)
            cases.case(label, work / "folder", work / OUTPUTS[kind], "--dtype", option, checks=checks)


def from_originals(cases, model):
    work = model.work
    for file in ("original.safetensors", "original.ckpt", "bare.ckpt", "wild.ckpt", "wild.safetensors", "old_clip.ckpt",
                 "original_fp16.safetensors", "elsewhere.safetensors"):  # fmt: skip
        if not (work / file).exists():
            continue
        dtype = torch.float16 if "fp16" in file else torch.float32
        spare = peers.Tensors(work / file).keys()
        # what is under a prefix of its own may stay there
        for kind in ("folder",) if file.startswith("elsewhere") else ("folder", "safetensors", "ckpt"):
            checks = model.checks(kind, dtype, spare, whole=file == "original.ckpt")
            cases.case(f"{model.name}: {file} -> {kind}", work / file, work / OUTPUTS[kind], checks=checks)
    for option, dtype in DTYPES.items():
        label = f"{model.name}: original.ckpt -> folder --dtype {option}"
        checks = model.checks("folder", dtype)
        cases.case(label, work / "original.ckpt", work / "out", "--dtype", option, checks=checks)


def from_averages(cases, model):
    """--ema takes the copies, as from_single_file does with extract_ema."""
    if "unet" not in model.parts or not (model.work / "wild.ckpt").exists():
        return
    front = "model.diffusion_model."
    original = {k: t * 0.5 if k.startswith(front) else t for k, t in model.original.items()}
    wild = dict(peers.Tensors(model.work / "wild.ckpt").items())
    taken = forms.loader.convert_ldm_unet_checkpoint(wild, {"layers_per_block": 2, **model.parts["unet"].config}, True)
    halves = {k.removeprefix("unet/"): t * 0.5 for k, t in model.folder.items() if k.startswith("unet/")}
    wrong = forms.differences(taken, halves)
    folder = {k: t * 0.5 if k.startswith("unet/") else t for k, t in model.folder.items()}
    cases.tell(f"{model.name}: from_single_file's extract_ema takes the same", wrong)
    for kind, expected in (("folder", folder), ("safetensors", original)):
        label = f"{model.name}: wild.ckpt -> {kind} --ema"
        checks = [holds(expected, wild.keys() - original.keys())]
        cases.case(label, model.work / "wild.ckpt", model.work / OUTPUTS[kind], "--ema", checks=checks)


def round_trip(cases, model):
    at = model.work / "folder"
    for step, kind in enumerate(("ckpt", "folder", "safetensors", "folder")):
        output = model.work / f"trip{step}{'' if kind == 'folder' else '.' + kind}"
        if not cases.case(f"{model.name}: round trip {step + 1} -> {kind}", at, output, checks=model.checks(kind)):
            return
        at = output


def same_by_haiga(cases, model):
    """haiga-convert --verify A B says so of two forms of a model, and not of another model."""
    done = [
        subprocess.run([cases.program, "--verify", model.work / a, model.work / b], capture_output=True, text=True)
        for a, b in (("folder", "original.ckpt"), ("folder", "original_fp16.safetensors"))
    ]
    wrong = [] if done[0].returncode == 0 else [f"the same model: {done[0].stderr.strip()[-300:]}"]
    wrong += ["halved: no difference found"] if done[1].returncode == 0 else []
    cases.tell(f"{model.name}: --verify", wrong)


def toys(cases, names, work, scripts):
    known, told = forms.architectures(), []
    for name in names or known:
        start = time.monotonic()
        model = Model(name, known[name], work / name, scripts)
        told += model.disagreements
        for matrix in (by_diffusers_itself, from_folders, from_originals, from_averages, round_trip, same_by_haiga):
            matrix(cases, model)
        print(f"     {name} took {time.monotonic() - start:.0f} s", flush=True)
        shutil.rmtree(work / name)
    return told


# ---------------------------------------------------------------- full size


SD15_UNET = 859_520_964


def full_parts():
    vae = forms.vae_config(128) | {"block_out_channels": [128, 256, 512, 512]}
    text = forms.text_config(768, 12, 49408, projection=768)
    return {
        "unet": forms.unet_part({"sample_size": 64, "cross_attention_dim": 768}),
        "vae": forms.Part(forms.diffusers.AutoencoderKL, vae, "first_stage_model.", "vae"),
        "text_encoder": forms.Part(forms.CLIPTextModel, text, "cond_stage_model.transformer.", "clip"),
    }


def write_full(folder, parts, dtype):
    """One network in memory at a time; returns the checksum of every tensor by component and name."""
    known = {}
    for component, part in parts.items():
        torch.set_default_dtype(dtype)
        with torch.device("meta"):
            model = part.build()
        torch.set_default_dtype(torch.float32)
        model = models.randomise(model.to_empty(device="cpu"), f"full/{component}")
        if component == "unet":
            assert sum(p.numel() for p in model.parameters()) == SD15_UNET
        (folder / component).mkdir(parents=True)
        tensors = forms.published(part, {k: p.detach() for k, p in model.named_parameters()})
        known |= {f"{component}/{k}": (t.dtype, tuple(t.shape), forms.crc(t)) for k, t in tensors.items()}
        models.write_weights(folder / component, part, tensors)
        del model, tensors
        gc.collect()
    write_full_configs(folder, parts)
    return known


def write_full_configs(folder, parts):
    with torch.device("meta"):
        made = {c: p.build() for c, p in parts.items()}
    for c, model in made.items():
        config = model.config
        config.architectures = ["CLIPTextModel"] if c == "text_encoder" else None
        config.save_pretrained(folder / c) if c == "text_encoder" else model.save_config(folder / c)
    models.scheduler("sd1").save_pretrained(folder / "scheduler")
    models.tokenizer(49408).save_pretrained(folder / "tokenizer")
    index = {
        "_class_name": "StableDiffusionPipeline", "_diffusers_version": forms.diffusers.__version__,
        "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"],
        "text_encoder": ["transformers", "CLIPTextModel"], "tokenizer": ["transformers", "CLIPTokenizer"],
        "scheduler": ["diffusers", "PNDMScheduler"], "safety_checker": [None, None],
        "feature_extractor": [None, None], "requires_safety_checker": False,
    }  # fmt: skip
    (folder / "model_index.json").write_text(models.json.dumps(index, indent=2))


def checksums(path):
    return {k: (t.dtype, tuple(t.shape), forms.crc(t)) for k, t in peers.Tensors(path).items()}


def differing(found, expected):
    wrong = [f"{k}: {found.get(k)}, not {v}" for k, v in expected.items() if found.get(k) != v]
    return (wrong + [f"unexpected {k}" for k in found if k not in expected])[:3]


def loaded_checksums(written, source, dtype):
    found = {}
    for component, part in peers.parts_of(source).items():
        if written.is_dir():
            model = peers.from_folder(written / component, dtype, peers.class_of(part))
        else:
            model = peers.from_file(written, source, component, part, dtype)
        state = peers.state_of(model).items()
        found |= {component + k: (t.dtype, tuple(t.shape), forms.crc(t)) for k, t in state}
        del model, state
        gc.collect()
    return found


def full(cases, work, scripts, dtype):
    label, parts, folder = f"full SD 1.5 {dtype}", full_parts(), work / "full"
    shutil.rmtree(folder, ignore_errors=True)
    known = write_full(folder, parts, dtype)
    file, back = work / "full.safetensors", work / "full_again"
    script = models.script_at(scripts, "sd1")
    start = time.monotonic()
    models.run_script(script, folder, file)
    print(f"     {label}: diffusers' script took {time.monotonic() - start:.1f} s", flush=True)
    original = checksums(file)
    file.unlink()
    start = time.monotonic()

    def compare(output):
        print(f"     {label}: haiga-convert took {time.monotonic() - start:.1f} s", flush=True)
        return differing(checksums(output), original)

    def compare_loaded(output):
        return differing(loaded_checksums(output, folder, dtype), known)

    cases.case(f"{label}: folder/ -> safetensors", folder, file, checks=[compare, compare_loaded])
    start = time.monotonic()
    cases.case(
        f"{label}: safetensors -> folder", file, back,
        checks=[lambda output: differing(checksums(output), known), compare_loaded],
    )  # fmt: skip
    shutil.rmtree(back, ignore_errors=True)
    file.unlink(missing_ok=True)
    file = work / "full.ckpt"
    start = time.monotonic()
    cases.case(f"{label}: folder/ -> ckpt", folder, file, checks=[compare, compare_loaded])
    file.unlink(missing_ok=True)
    shutil.rmtree(folder)


def full_flux(cases, work):
    """One block of each kind at the width that diffusers' loader has as a constant, so that it is unchanged."""
    config = forms.flux_config(24, 128, 4096, 768, True)
    parts = {"transformer": forms.Part(forms.diffusers.FluxTransformer2DModel, config, "", "flux")}
    folder, file = work / "flux", work / "flux.safetensors"
    shutil.rmtree(folder, ignore_errors=True)
    model = models.randomise(parts["transformer"].build().to(torch.bfloat16), "flux")
    model.save_pretrained(folder)
    known = {k: (t.dtype, tuple(t.shape), forms.crc(t)) for k, t in model.state_dict().items()}
    del model
    gc.collect()

    def compare_loaded(output):
        return differing(loaded_checksums(output, folder, torch.bfloat16), known)

    cases.case("Flux at its true width: folder/ -> safetensors", folder, file, checks=[compare_loaded])
    cases.case(
        "Flux at its true width: safetensors -> folder", file, work / "flux_again",
        checks=[lambda output: differing(checksums(output), known), compare_loaded],
    )  # fmt: skip
    for path in (folder, work / "flux_again"):
        shutil.rmtree(path, ignore_errors=True)
    file.unlink(missing_ok=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("architectures", nargs="*", help="all of them")
    parser.add_argument("--scripts", default=os.environ.get("HAIGA_DIFFUSERS_SCRIPTS"))
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path("build/peers/convert"))
    parser.add_argument("--full", action="store_true")
    given = parser.parse_intermixed_args()
    if not given.scripts:
        parser.error("--scripts: the folder with diffusers' scripts, see convert_models.py")
    given.work.mkdir(parents=True, exist_ok=True)
    cases = Cases(given.program.resolve())
    told = toys(cases, given.architectures, given.work, given.scripts)
    if given.full:
        full_flux(cases, given.work)
        for dtype in (torch.float32, torch.float16):
            full(cases, given.work, given.scripts, dtype)
    print(f"\n{cases.run} cases, {len(cases.failed)} failed", *cases.failed, sep="\n  ")
    print("\nWhere diffusers' script and from_single_file disagree:", *told, sep="\n  ")
    sys.exit(bool(cases.failed))


if __name__ == "__main__":
    main()
