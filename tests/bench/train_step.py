"""The step of train_step.cpp in PyTorch: told lines, answers in lines that begin with "= ".

train_step.py WORK [MODE]; WORK is JSON: {config, batch, size, tokens, dtype, threads, compile}.
Without MODE: tries every mode, names those that run here, keeps the fastest, then runs as many steps
as each line says and answers with the milliseconds of one. With MODE: answers with the peak memory of three steps above
what was held before them, without gradients and moments; in MiB.
"""
import contextlib
import ctypes
import gc
import json
import sys
import time

import diffusers
import torch
from torch.nn import functional as F


diffusers.utils.logging.set_verbosity_error()


def say(*words):
    print("=", *words, flush=True)


def modes(precisions, runner):
    return [f"{precision} {runner} {layout}" for precision in precisions
            for layout in ("contiguous", "channels_last")]


class Step:
    def __init__(self, work, mode):
        precision, runner, layout = mode.split()
        torch.manual_seed(0)
        config, batch, size = work["config"], work["batch"], work["size"]
        dtype = torch.bfloat16 if precision == "pure" else torch.float32
        format = torch.channels_last if layout == "channels_last" else torch.contiguous_format

        def picture(channels):
            return torch.randn(batch, channels, size, size, dtype=dtype).to(memory_format=format)

        self.model = diffusers.UNet2DConditionModel(**config).to(dtype).to(memory_format=format)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=1e-4, fused=True)
        self.sample = picture(config["in_channels"])
        self.target = picture(config["out_channels"])
        self.times = torch.arange(batch) * 100
        self.text = torch.randn(batch, work["tokens"], config["cross_attention_dim"], dtype=dtype)
        self.call = torch.compile(self.model) if runner == "compiled" else self.model
        self.context = ((lambda: torch.autocast("cpu", torch.bfloat16)) if precision == "autocast"
                        else contextlib.nullcontext)

    def __call__(self):
        with self.context():
            found = self.call(self.sample, self.times, self.text, return_dict=False)[0]
            loss = F.mse_loss(found.float(), self.target.float())
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)

    def run(self, count):
        start = time.perf_counter()
        for _ in range(count):
            self()
        return (time.perf_counter() - start) / count * 1e3


def try_modes(work, modes, kept=None):
    """Milliseconds by mode, and the fastest of kept and these: milliseconds, mode, step."""
    times = {}
    for mode in modes:
        try:
            step = Step(work, mode)
            first = step.run(1)  # compiles, and loads what it needs
            again = 3 if first < 3000 or "compiled" in mode else 1
            took = min(step.run(1) for _ in range(again))
        except Exception as error:  # a mode that cannot run here is not the best one
            say("mode", mode, "failed:", str(error).splitlines()[0])
            continue
        say("mode", mode, f"{took:.1f} ms")
        say("ran", mode)
        times[mode] = took
        if kept is None or took < kept[0]:
            kept = took, mode, step
        del step
        gc.collect()
    return times, kept


def worth_compiling(precisions, times):
    """A compilation takes minutes, and does not make up for a precision without instructions."""
    eager = {p: min(t for mode, t in times.items() if mode.startswith(p)) for p in precisions
             if any(mode.startswith(p) for mode in times)}
    least = min(eager.values())
    for precision, took in eager.items():
        if took > 4 * least:
            say("mode", precision, f"compiled left out: eager it takes {took / least:.1f} times "
                "what the other precision does")
    return [p for p, took in eager.items() if took <= 4 * least]


def fastest(work):
    precisions = ["f32"] if work["dtype"] == "F32" else ["autocast", "pure"]
    times, kept = try_modes(work, modes(precisions, "eager"))
    if work["compile"]:
        some = worth_compiling(precisions, times)
        kept = try_modes(work, modes(some, "compiled"), kept)[1]
    say("best", kept[1])
    return kept[2]


def status(key):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(key)) / 1024


def peak_memory(work, mode):
    small = {"block_out_channels": [32, 64], "cross_attention_dim": 32, "layers_per_block": 1,
             "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"], "norm_num_groups": 8,
             "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"]}
    small = {**work["config"], **small, "attention_head_dim": 4}
    if "compiled" not in mode:
        Step({**work, "config": small, "batch": 1, "size": 8}, mode).run(1)  # loads libraries
    step = Step(work, mode)
    parameters = sum(p.numel() * p.element_size() for p in step.model.parameters()) / 2**20
    later = 3  # gradients and two moments, which the first step allocates
    if "compiled" in mode:
        step.run(1)  # what the compiler itself takes is not held against the peer
        later = 1
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    before = status("VmRSS")
    step.run(3)
    return status("VmHWM") - before - later * parameters


def main():
    work = json.loads(sys.argv[1])
    torch.set_num_threads(work["threads"])
    if len(sys.argv) > 2:
        return say(peak_memory(work, sys.argv[2]))
    say(f"PyTorch {torch.__version__}, Diffusers {diffusers.__version__}")
    step = fastest(work)
    for line in sys.stdin:
        took = step.run(int(line))
        time.sleep(0.02)  # until OpenMP's threads have gone to sleep
        say(took)


main()
