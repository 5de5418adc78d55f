"""Writes tests/golden/safetensors_file.hpp: a file that Hugging Face's own writer made."""
import pathlib

import numpy as np
import safetensors
from safetensors.numpy import save

tensors = {
    "b.weight": np.arange(6, dtype=np.float32).reshape(2, 3) - 2.5,
    "a.bias": np.array([1.0, -0.5, 65504.0], dtype=np.float16),
    "steps": np.array([1 << 40, -7], dtype=np.int64),
    "mask": np.array([True, False, True]),
    "scalar": np.array(3.25, dtype=np.float64),
    "none": np.zeros((0, 4), dtype=np.float32),
}
file = save(tensors, {"format": "pt"})
out = f"""#pragma once
// Written by tests/peers/safetensors_file.py with safetensors {safetensors.__version__}.

namespace golden {{

inline constexpr unsigned char safetensors_file[] = {{{', '.join(str(b) for b in file)}}};

}} // namespace golden
"""
pathlib.Path(__file__).parents[1].joinpath("golden/safetensors_file.hpp").write_text(out)
print(file[:600])
