"""Are two checkpoints the same model, to the bit; does diffusers load what haiga-convert wrote.

convert_compare.py compare A B: safetensors, torch files, folders, shards; names, dtypes, shapes, bits.
convert_compare.py load WRITTEN SOURCE: diffusers loads WRITTEN, a folder by from_pretrained and a file by
from_single_file with SOURCE's configuration; every parameter equals that of the folder SOURCE.
"""

import json
import pathlib
import sys

import convert_forms as forms
import diffusers
import torch
import transformers
from diffusers.loaders import single_file_utils as loader
from safetensors import safe_open

diffusers.utils.logging.set_verbosity_error()
diffusers.utils.logging.disable_progress_bar()
transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
INDICES = ("*.safetensors.index.json", "*.safetensors.index.*.json", "*.bin.index.json")


class Tensors:
    """Names and tensors of a checkpoint in any form; a tensor is read when it is asked for."""

    def __init__(self, path):
        path = pathlib.Path(path)
        self.at = {}
        if path.is_dir():
            self._add_folder(path, "")
            for part in sorted(p for p in path.iterdir() if p.is_dir()):
                self._add_folder(part, part.name + "/")
        else:
            self._add_file(path, "")
        if not self.at:
            raise FileNotFoundError(f"{path}: no tensors")

    def _add_folder(self, folder, component):
        index = [i for pattern in INDICES for i in folder.glob(pattern)]
        if index:
            listed = json.loads(index[0].read_text())["weight_map"]
            files = sorted({folder / f for f in listed.values()})
        else:
            files = sorted(folder.glob("*.safetensors")) or sorted(folder.glob("*.bin"))
        for file in files:
            self._add_file(file, component)

    def _add_file(self, path, component):
        if path.suffix == ".safetensors":
            file = safe_open(path, "pt")
            names, get = file.keys(), file.get_tensor
        else:
            state = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
            while "state_dict" in state:
                state = state["state_dict"]
            names, get = state.keys(), state.__getitem__
        for name in names:
            if component + name in self.at:
                raise ValueError(f"{path}: {component}{name} occurs twice")
            self.at[component + name] = (get, name)

    def keys(self):
        return self.at.keys()

    def __iter__(self):
        return iter(self.at)

    def __contains__(self, name):
        return name in self.at

    def __len__(self):
        return len(self.at)

    def __getitem__(self, name):
        get, its_own = self.at[name]
        return get(its_own)

    def items(self):
        return ((name, self[name]) for name in self.at)


def compare(a, b):
    return forms.differences(Tensors(a), Tensors(b))


# ---------------------------------------------------------------- diffusers' loaders


def class_of(folder):
    """Which class a configuration is of, and whose."""
    config = json.loads((folder / "config.json").read_text())
    if "_class_name" in config:
        return getattr(diffusers, config["_class_name"])
    return getattr(transformers, config["architectures"][0])


def parts_of(folder):
    """The folders of networks; of a network alone, its own."""
    folder = pathlib.Path(folder)
    if (folder / "config.json").exists():
        return {"": folder}
    return {p.name + "/": p for p in sorted(folder.iterdir()) if (p / "config.json").exists()}


def variant_of(folder):
    names = [p.name for p in folder.iterdir()]
    return "fp16" if any(".fp16" in n for n in names) else None


def from_folder(part, dtype, kind):
    given = {"local_files_only": True, "variant": variant_of(part)}
    if not list(part.glob("*.safetensors*")):
        given["use_safetensors"] = False
    return kind.from_pretrained(part, **given, dtype=dtype)


def from_file(path, source, component, part, dtype):
    """A network by its class' from_single_file; text encoders by the function that pipelines call."""
    kind = class_of(part)
    given = {"config": str(source), "subfolder": component.rstrip("/"), "local_files_only": True}
    if issubclass(kind, transformers.PreTrainedModel):
        checkpoint = loader.load_single_file_checkpoint(str(path))
        return loader.create_diffusers_clip_model_from_ldm(kind, checkpoint, torch_dtype=dtype, **given)
    if kind is diffusers.ControlNetModel:
        return controlnet_from_file(path, part, dtype)
    if kind is diffusers.FluxTransformer2DModel:
        return flux_from_file(path, part, dtype)
    return kind.from_single_file(str(path), dtype=dtype, **given)


def controlnet_from_file(path, part, dtype):
    config = diffusers.ControlNetModel.load_config(part)
    if config.get("addition_embed_type") != "text_time":
        return diffusers.ControlNetModel.from_single_file(str(path), config=str(part), dtype=dtype)
    tensors = forms.loaded_controlnet(loader.load_single_file_checkpoint(str(path)), config)
    model = diffusers.ControlNetModel.from_config(config).to(dtype)
    model.load_state_dict(tensors)
    return model


def flux_from_file(path, part, dtype):
    config = diffusers.FluxTransformer2DModel.load_config(part)
    width = config["num_attention_heads"] * config["attention_head_dim"]
    if width == 3072:
        return diffusers.FluxTransformer2DModel.from_single_file(str(path), config=str(part), dtype=dtype)
    model = diffusers.FluxTransformer2DModel.from_config(config).to(dtype)
    model.load_state_dict(forms.flux_loader(width)(loader.load_single_file_checkpoint(str(path))))
    return model


def state_of(model):
    """Under the published names, which transformers' own since 5.6 are not."""
    state = model.state_dict()
    if isinstance(model, transformers.CLIPTextModel):
        return {k if k.startswith("text_model.") else "text_model." + k: v for k, v in state.items()}
    return state


def load(written, source, expected=None, dtype=torch.float32):
    """expected: tensors by component and name; otherwise those of source."""
    written, source = pathlib.Path(written), pathlib.Path(source)
    expected = expected or dict(Tensors(source).items())
    found = {}
    for component, part in parts_of(source).items():
        if written.is_dir():
            model = from_folder(written / component, dtype, class_of(part))
        else:
            model = from_file(written, source, component, part, dtype)
        found |= {component + k: v for k, v in state_of(model).items()}
    return forms.differences(found, expected)


def load_pipeline(written, source, expected, dtype=torch.float32):
    """The whole pipeline, as its users load it."""
    source = pathlib.Path(source)
    kind = getattr(diffusers, json.loads((source / "model_index.json").read_text())["_class_name"])
    given = {"dtype": dtype, "local_files_only": True}
    if pathlib.Path(written).is_dir():
        pipe = diffusers.DiffusionPipeline.from_pretrained(written, **given)
    else:
        pipe = kind.from_single_file(str(written), config=str(source), **given)
    found = {}
    for component in parts_of(source):
        model = getattr(pipe, component.rstrip("/"))
        found |= {component + k: v for k, v in state_of(model).items()}
    return forms.differences(found, expected)


def main():
    commands = {"compare": compare, "load": load}
    if len(sys.argv) != 4 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    found = commands[sys.argv[1]](sys.argv[2], sys.argv[3])
    print("\n".join(found) or "the same")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
