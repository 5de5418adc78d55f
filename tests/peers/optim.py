"""Writes tests/golden/optim.hpp: torch's AdamW, diffusers' moving average and learning rates."""
import pathlib

import diffusers
import torch
from diffusers.optimization import get_scheduler
from diffusers.training_utils import EMAModel


def array(kind, name, values):
    text = ", ".join(float(x).hex() + ("F" if kind == "float" else "") for x in values)
    return f"inline constexpr {kind} {name}[] = {{{text}}};\n"


N, STEPS = 21, 12
generator = torch.Generator().manual_seed(11)
start = torch.randn(N, generator=generator)
gradients = torch.randn(STEPS, N, generator=generator)
gradients[:, 5] = 0
gradients[:, 6] *= 1e-6
gradients[:, 7] *= 1e4

# elements 8 to 14 have no weight decay, elements 15 on a third of the learning rate
parts = [torch.nn.Parameter(start[a:b].clone()) for a, b in ((0, 8), (8, 15), (15, N))]
optimizer = torch.optim.AdamW([
    dict(params=[parts[0]], lr=3e-3), dict(params=[parts[1]], lr=3e-3, weight_decay=0.0),
    dict(params=[parts[2]], lr=1e-3)], betas=(0.9, 0.99), eps=1e-8, weight_decay=0.1)
ema = EMAModel(parts, decay=0.75)
norms = []
for gradient in gradients:
    for part, g in zip(parts, gradient.split([8, 7, N - 15])):
        part.grad = g.clone()
    norms.append(torch.nn.utils.clip_grad_norm_(parts, 5.0))
    optimizer.step()
    ema.step(parts)

out = f"""#pragma once
// Written by tests/peers/optim.py with torch {torch.__version__.split('+')[0]} and diffusers {diffusers.__version__}.

namespace golden::optim {{

"""
out += array("float", "adamw_start", start)
out += array("float", "adamw_gradients", gradients.flatten())
out += array("float", "adamw_end", torch.cat([p.detach() for p in parts]))
out += array("float", "adamw_first", torch.cat([optimizer.state[p]["exp_avg"] for p in parts]))
out += array("float", "adamw_second", torch.cat([optimizer.state[p]["exp_avg_sq"] for p in parts]))
out += array("float", "ema_end", torch.cat(ema.shadow_params))
out += array("float", "norms", norms)

model = EMAModel([torch.zeros(1)], decay=0.995, update_after_step=3)
power = EMAModel([torch.zeros(1)], use_ema_warmup=True, min_decay=0.2, inv_gamma=2.0, power=0.75)
out += array("double", "ema_decays", [model.get_decay(n) for n in range(1, 13)])
out += array("double", "ema_decay_late", [model.get_decay(100_000)])
out += array("double", "ema_power_decays", [power.get_decay(n) for n in range(1, 13)])

for name in ("constant", "constant_with_warmup", "linear", "cosine", "polynomial"):
    sgd = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=2e-4)
    schedule = get_scheduler(name, sgd, num_warmup_steps=4, num_training_steps=15)
    rates = []
    for _ in range(18):
        rates.append(schedule.get_last_lr()[0])
        sgd.step()
        schedule.step()
    out += array("double", name, rates)

out += "\n} // namespace golden::optim\n"
pathlib.Path(__file__).parents[1].joinpath("golden/optim.hpp").write_text(out)
