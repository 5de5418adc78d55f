"""Writes tests/golden/torch_files.hpp: files that PyTorch itself saved, in both of its forms."""
import collections
import io
import pathlib

import torch

base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
tensors = collections.OrderedDict(
    [
        ("whole", base),
        ("turned", base.t()),  # strides 1, 6
        ("corner", base[1:3, 2:5]),  # an offset into a shared storage
        ("again", base),
        ("parameter", torch.nn.Parameter(torch.tensor([0.5, -1.5]))),
        ("scalar", torch.tensor(3.25, dtype=torch.float64)),
        ("none", torch.zeros(0, 3)),
    ]
)
for name in "float16 bfloat16 int64 int32 int16 int8 uint8 bool".split():
    tensors[name] = torch.tensor([0, 1, 100], dtype=getattr(torch, name))
flat = {k: v for k, v in tensors.items()}
flat["float8_e4m3fn"] = torch.tensor([0.0, 1.0, -448.0]).to(torch.float8_e4m3fn)
flat["float8_e5m2"] = torch.tensor([0.0, 1.0, -2.0]).to(torch.float8_e5m2)


def saved(value, zip_form):
    out = io.BytesIO()
    torch.save(value, out, _use_new_zipfile_serialization=zip_form)
    return out.getvalue()


class Shell:
    def __reduce__(self):
        import os

        return os.system, ("echo haiga",)


files = {
    "zip": saved(flat, True),
    "zip_state_dict": saved({"state_dict": tensors, "epoch": 3, "global_step": 500}, True),
    "legacy": saved({"state_dict": tensors, "epoch": 3}, False),
    "hostile": saved({"weight": base, "x": Shell()}, True),
}
arrays = "\n".join(
    f"inline constexpr unsigned char torch_{name}[] = {{{', '.join(str(b) for b in data)}}};\n"
    for name, data in files.items()
)
out = f"""#pragma once
// Written by tests/peers/torch_files.py with PyTorch {torch.__version__}.
// clang-format off

namespace golden {{

{arrays}
}} // namespace golden
"""
pathlib.Path(__file__).parents[1].joinpath("golden/torch_files.hpp").write_text(out)
print({name: len(data) for name, data in files.items()})
