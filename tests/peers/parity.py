"""Compares our networks with those of diffusers and transformers, on small models of every
architecture and on SD 1.5 at its full size: ./dev parity parts [--only TEXT]

    parity.py PROGRAM      PROGRAM is build/release/tests/parity_parts

A row a network: the worst relative error (norms of the whole) of its outputs and of the gradients of
its inputs and parameters, against torch in fp32. Beside it, where a copy in double fits, how far both
are from that; and the mean over queries of the largest weight of a softmax. A row more in bf16.
"""

import argparse
import gc
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import parity_models as models
import parity_torch
import torch
from safetensors import safe_open
from safetensors.torch import save_file

OUTPUT_TOLERANCE, GRADIENT_TOLERANCE = 2e-5, 1e-4
# numbers between ops have 8 bits; what moves peaked attention, as a norm before it, loses most
BF16_TOLERANCES = 0.05, 0.4
# 49407 ends a text; the highest id is not the last where padding follows
IDS = [[49406, 320, 1125, 539, 320, 2368, 49407] + [49407] * 70, [49406, 1125, 49407] + [0] * 74]

# ---------------------------------------------------------------- inputs


def normal(generator, *shape, scale=1.0):
    return torch.randn(*shape, generator=generator) * scale


def unet_inputs(config, g, size, batch=2, tokens=13):
    # SDXL's text state is not normalised: see parity_models
    scale = 0.1 if config["cross_attention_dim"] in (1280, 2048) else 1.0
    x = {"sample": normal(g, batch, config["in_channels"], *size),
         "timesteps": torch.tensor([261.0, 3.0])[:batch],
         "encoder_hidden_states": normal(g, batch, tokens, config["cross_attention_dim"], scale=scale),
         "d_output": normal(g, batch, config["out_channels"], *size)}
    if config["addition_embed_type"]:
        ids = [[512.0, 768, 0, 16, 512, 512], [640, 480, 8, 0, 1024, 512]]
        count = 5 if config["cross_attention_dim"] == 1280 else 6
        x["time_ids"] = torch.tensor(ids)[:batch, :count].contiguous()
        x["text_embeds"] = normal(g, batch, 1280)
    kind = config["class_embed_type"]
    width = 4 * config["block_out_channels"][0]
    if config["num_class_embeds"]:
        x["class_labels"] = torch.tensor([7, 2])
    elif kind:
        x["class_labels"] = {"timestep": torch.tensor([40.0, 7.0]), "identity": normal(g, batch, width)}.get(
            kind, normal(g, batch, config["projection_class_embeddings_input_dim"] or 1))
    return x


def inputs_of(name, component, model):
    g = torch.Generator().manual_seed(7)
    full = name.startswith("full")
    c = model.config
    if component == "unet":
        odd = name == "sd21"  # sizes that are halved to a pixel more and come back
        return unet_inputs(c, g, (64, 64), 1, 77) if full else unet_inputs(c, g, (13, 23) if odd else (16, 24))
    if component == "vae":
        batch, side = (1, 256) if full else (2, 32)
        moments = (batch, 8, side // 8, side // 8 + 1)
        picture = (batch, 3, side, side + 8)
        return {"picture": normal(g, *picture, scale=0.5), "noise": normal(g, batch, 4, *moments[2:]),
                "d_output": normal(g, *picture), "d_moments": normal(g, *moments)}
    x = {"input_ids": torch.tensor(IDS), "d_penultimate": normal(g, 2, 77, c.hidden_size)}
    if component == "text_encoder_2":
        return x | {"d_text_embeds": normal(g, 2, c.projection_dim)}
    return x | {"d_last_hidden_state": normal(g, 2, 77, c.hidden_size)}


# ---------------------------------------------------------------- comparison


def yardstick(key, found):
    """A bias of keys moves all scores of a query alike: its gradient is 0 but for rounding, which is
    that of its weights' gradient."""
    is_bias = key.endswith(("to_k.bias", "k_proj.bias"))
    return found[key[: -len("bias")] + "weight"] if is_bias else found[key]


def worst(want, got, names):
    errors = {}
    for name in names:
        a = got(name).double()
        if name not in want:
            errors[name] = a.norm().item()  # nothing reached it
            continue
        b = want[name].double()
        errors[name] = ((a - b).norm() / yardstick(name, want).double().norm()).item()
    name = max(errors, key=errors.get)
    return errors[name], name


def save(tensors, file):
    save_file({k: v.contiguous() for k, v in tensors.items()}, file)
    return file


class stored:
    """Tensors of a file, which are read when they are asked for."""

    def __init__(self, file):
        self.file = safe_open(file, "pt")
        self.names = set(self.file.keys())

    def __iter__(self):
        return iter(self.names)

    def __contains__(self, name):
        return name in self.names

    def __getitem__(self, name):
        return self.file.get_tensor(name)


class table:
    def __init__(self):
        self.failed = 0
        self.line("network", "outputs", "gradients", "worst gradient", "theirs to double", "ours to double", "peak", "")

    def line(self, *cells):
        print("| {:34} | {:8} | {:9} | {:60} | {:16} | {:16} | {:5} | {:4} |".format(*cells), flush=True)

    def row(self, case, errors, tolerances, theirs="", ours="", peak=""):
        outputs, gradients, name = errors
        good = outputs <= tolerances[0] and gradients <= tolerances[1]  # a NaN is not
        self.failed += not good
        name = name.removeprefix("gradient/")
        verdict = "ok" if good else "FAIL"
        self.line(case, f"{outputs:.1e}", f"{gradients:.1e}", name[-60:], theirs, ours, peak, verdict)


def run_ours(program, folder, component, work, *more):
    command = [program, folder, component, work / "inputs.safetensors", work / "outputs.safetensors", *more]
    environment = os.environ | {"OMP_WAIT_POLICY": "passive"}
    subprocess.run([str(c) for c in command], check=True, env=environment)
    return stored(work / "outputs.safetensors")


def errors_of(want, ours):
    outputs = [k for k in ours if not k.startswith(("d_", "gradient/")) and k in want]
    gradients = [k for k in ours if k.startswith(("d_", "gradient/"))]
    missing = set(want) - set(ours)
    assert not missing, missing
    return worst(want, ours.__getitem__, outputs)[0], *worst(want, ours.__getitem__, gradients)


def compare(out, program, case, folder, component, model, inputs, full=False):
    parity_torch.peaks.clear()
    want = parity_torch.run(model, component, inputs)
    peak = parity_torch.mean_peak()
    exact = {} if full else parity_torch.run(model, component, inputs, torch.float64)
    del model
    gc.collect()
    work = folder / "work"
    work.mkdir(exist_ok=True)
    save(inputs, work / "inputs.safetensors")
    if full:
        want = stored(save(want, work / "theirs.safetensors"))
        gc.collect()
    ours = run_ours(program, folder, component, work)
    errors = errors_of(want, ours)
    to_double = ["{:.1e}, {:.1e}".format(*errors_of(exact, x)) for x in (want, ours)] if exact else ["", ""]
    out.row(case, errors, (OUTPUT_TOLERANCE, GRADIENT_TOLERANCE), *to_double, peak)
    if not full:
        ours = run_ours(program, folder, component, work, "bf16")
        out.row(case + ", bf16", errors_of(exact, ours), BF16_TOLERANCES)
    shutil.rmtree(work)


def architecture(out, program, name, folder):
    components = dict(models.make_parts(name))
    models.save(folder, components)
    for component in list(components):
        inputs = inputs_of(name, component, components[component])
        compare(out, program, f"{name} {component}", folder, component, components.pop(component), inputs,
                name.startswith("full"))


def lone_unet(out, program, name, config, folder):
    """Without an index: no file of a model has such UNets, so no key map knows them."""
    model = models.unet(name, config)
    model.save_pretrained(folder / "unet")
    compare(out, program, f"{name} unet", folder, "unet", model, inputs_of(name, "unet", model))


def cases():
    for name in models.ARCHITECTURES:
        yield name, lambda *a, n=name: architecture(*a[:2], n, a[2])
    yield "sdxl_refiner", lambda *a: lone_unet(*a[:2], "sdxl_refiner", models.REFINER_UNET, a[2])
    for kind, config in models.CLASSES.items():
        yield f"class {kind}", lambda *a, k=kind, c=config: lone_unet(
            *a[:2], f"class {k}", models.CLASS_UNET | c, a[2])
    yield "full_sd15", lambda *a: architecture(*a[:2], "full_sd15", a[2])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--only", default="", help="cases whose name has this in it")
    arguments = parser.parse_args()
    out = table()
    for name, run in cases():
        if arguments.only not in name:
            continue
        start = time.time()
        with tempfile.TemporaryDirectory() as folder:
            run(out, arguments.program.resolve(), pathlib.Path(folder))
        print(f"{name}: {time.time() - start:.0f} s", file=sys.stderr)
    sys.exit(1 if out.failed else 0)


if __name__ == "__main__":
    main()
