"""Writes tests/golden/torch_generator.hpp: numbers of torch's CPU generator."""
import pathlib

import torch

generator = torch.Generator().manual_seed(2026)


def values(tensor):
    return ", ".join(x.hex() + "F" if isinstance(x, float) else str(x) for x in tensor.tolist())


def array(kind, name, tensor):
    return f"inline constexpr {kind} {name}[] = {{{values(tensor)}}};\n"


out = f"""#pragma once
// Written by tests/peers/torch_generator.py with torch {torch.__version__.split('+')[0]}, one
// generator with seed 2026, asked in this order. Normals: capability {torch.backends.cpu.get_cpu_capability()}.

#include <cstdint>

namespace golden::torch_generator {{

"""
out += array("float", "rand_5", torch.rand(5, generator=generator))
out += array("float", "uniform_9", torch.empty(9).uniform_(-0.3, 0.7, generator=generator))
out += array("float", "randn_7", torch.randn(7, generator=generator))
out += array("float", "randn_16", torch.randn(16, generator=generator))
out += array("float", "randn_37", torch.randn(37, generator=generator))
out += array("float", "randn_3_with_spare", torch.randn(3, generator=generator))
out += array("std::int64_t", "randint_8", torch.randint(-3, 1000, (8,), generator=generator))
out += array("std::int64_t", "randint_wide_8", torch.randint(-5, 1 << 40, (8,), generator=generator))
out += array("std::int64_t", "randperm_20", torch.randperm(20, generator=generator))
torch.rand(1000, generator=generator)
out += array("float", "rand_2_later", torch.rand(2, generator=generator))
out += "\n} // namespace golden::torch_generator\n"
pathlib.Path(__file__).parents[1].joinpath("golden/torch_generator.hpp").write_text(out)
