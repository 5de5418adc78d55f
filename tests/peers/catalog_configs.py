"""Lets diffusers and transformers build every model, on no memory, from the folders that
test_catalog writes, and compares the numbers of their parameters with those of the published files.

    HAIGA_CATALOG_OUT=DIR test_catalog && python tests/peers/catalog_configs.py DIR [MERGES.txt.gz]

With CLIP's bpe_simple_vocab_16e6.txt.gz it also compares tokenizers: those of each folder with one
that is made here as OpenAI's own code makes it."""
import gzip
import inspect
import json
import pathlib
import sys

import diffusers
import torch
import transformers

# Of the published weights. All of the refiner's at two bytes each are sd_xl_refiner_1.0.safetensors
# (6,075,981,930 bytes) but for 301,204 bytes of its header.
CLIP_L, CLIP_H, CLIP_G = 123_060_480, 340_387_840, 694_659_840
SD1, SD2, XL = 859_520_964, 865_910_724, 2_567_463_684
MASK = 5 * 320 * 9  # of conv_in
EXPECTED = {
    "sd-1.5": {"unet": SD1, "vae": 83_653_863, "text_encoder": CLIP_L, "controlnet": 361_279_120},
    "sd-1.5-inpainting": {"unet": SD1 + MASK, "vae": 83_653_863, "text_encoder": CLIP_L},
    "sd-2.1-base": {"unet": SD2, "vae": 83_653_863, "text_encoder": CLIP_H},
    "sd-2.1": {"unet": SD2, "vae": 83_653_863, "text_encoder": CLIP_H},
    "sd-2-inpainting": {"unet": SD2 + MASK, "text_encoder": CLIP_H},
    "sdxl": {"unet": XL, "vae": 83_653_863, "text_encoder": CLIP_L, "text_encoder_2": CLIP_G},
    "sdxl-inpainting": {"unet": XL + MASK, "text_encoder": CLIP_L, "text_encoder_2": CLIP_G},
    "sdxl-refiner": {"unet": 2_259_526_660, "vae": 83_653_863, "text_encoder_2": CLIP_G},
    "flux-dev": {"transformer": 11_901_408_320, "text_encoder": CLIP_L},
    "flux-schnell": {"transformer": 11_891_178_560, "text_encoder": CLIP_L},
}
wrong = 0


def check(what, found, expected):
    global wrong
    fine = found == expected or expected is None
    wrong += not fine
    print(f"{'      ' if fine else 'WRONG '}{what}: {found}" + ("" if fine else f", expected {expected}"))


def unknown_keys(make, config):
    taken = inspect.signature(make.__init__).parameters
    return [key for key in config if not key.startswith("_") and key not in taken]


def build(folder, name):
    path = folder / name / "config.json"
    config = json.loads(path.read_text())
    with torch.device("meta"):
        if "_class_name" in config:
            make = getattr(diffusers, config["_class_name"])
            check(f"{name}: unknown keys", unknown_keys(make, config), [])
            return make.from_config(config)
        make = getattr(transformers, config["architectures"][0])
        return make(make.config_class.from_json_file(path))


def heads(model):
    return {(m.heads, m.inner_dim // m.heads) for n, m in model.named_modules() if n.endswith("attn1")}


def models(folder):
    for part in sorted(path.parent.name for path in folder.glob("*/config.json")):
        model = build(folder, part)
        count = sum(p.numel() for p in model.parameters())
        check(f"{part}: parameters", count, EXPECTED[folder.name].get(part))
        if part == "unet":
            print(f"      unet: (heads, channels of one) {sorted(heads(model))}")


def scheduler(folder):
    config = json.loads((folder / "scheduler/scheduler_config.json").read_text())
    made = getattr(diffusers, config["_class_name"]).from_pretrained(folder / "scheduler")
    check("scheduler", {k: made.config[k] for k in config if not k.startswith("_") and k in made.config},
          {k: v for k, v in config.items() if not k.startswith("_")})
    if "use_dynamic_shifting" in config:
        made.set_timesteps(4, mu=0.8 if config["use_dynamic_shifting"] else None)
    else:
        made.set_timesteps(4)
    print(f"      scheduler: {made.timesteps.tolist()}")


def index(folder):
    parts = json.loads((folder / "model_index.json").read_text())
    pipeline = getattr(diffusers, parts["_class_name"])
    check("model_index: unknown keys", unknown_keys(pipeline, parts), [])
    optional = set(pipeline._optional_components)
    needed = {k for k, p in inspect.signature(pipeline.__init__).parameters.items()
              if k != "self" and p.default is inspect.Parameter.empty}
    check("model_index: missing", sorted(needed - set(parts) - optional), [])
    for name, part in parts.items():
        if isinstance(part, list) and part[0] is not None:
            check(f"model_index: {name}", hasattr(sys.modules[part[0]], part[1]), True)


def openai_tokens(merges_file):
    """clip/simple_tokenizer.py of openai/CLIP, as far as it numbers tokens."""
    bs = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    cs = [chr(b) for b in bs] + [chr(256 + n) for n in range(256 - len(bs))]
    lines = gzip.open(merges_file).read().decode("utf-8").split("\n")
    merges = [tuple(line.split()) for line in lines[1:49152 - 256 - 2 + 1]]
    words = cs + [c + "</w>" for c in cs] + ["".join(m) for m in merges]
    return {w: i for i, w in enumerate([*words, "<|startoftext|>", "<|endoftext|>"])}, merges


def tokenizers(folder, tokens):
    for place in sorted(folder.glob("tokenizer*")):
        made = transformers.CLIPTokenizer.from_pretrained(place)
        check(f"{place.name}: vocabulary", made.get_vocab() == tokens, True)
        prompt = made("A photo of a cat, naïve 猫!", padding="max_length", truncation=True).input_ids
        check(f"{place.name}: length", len(prompt), 77)
        check(f"{place.name}: start", prompt[:6], [49406, 320, 1125, 539, 320, 2368])
        padding = 0 if "2" in place.name or folder.name.startswith("sd-2") else 49407
        check(f"{place.name}: padding", (prompt[-1], made.pad_token_id), (padding, padding))
        check(f"{place.name}: longest", made.model_max_length, 77)


root = pathlib.Path(sys.argv[1])
tokens = None
if len(sys.argv) > 2:
    tokens, _ = openai_tokens(sys.argv[2])
for folder in sorted(root.iterdir()):
    print(folder.name)
    models(folder)
    scheduler(folder)
    index(folder)
    if tokens:
        tokenizers(folder, tokens)
sys.exit(f"{wrong} wrong" if wrong else 0)
