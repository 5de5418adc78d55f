"""PyTorch's side of a bench: told lines, answers in lines that begin with "= ".

A script says what it computes as a Step and calls main(Step). Its words are then WORK [MODE]; WORK is
JSON and has {dtype, threads, compile} beside what the Step itself reads. Without MODE: tries every mode,
names those that run here, keeps the fastest, then runs as often as each line says and answers with the
milliseconds of one. With MODE: answers with the peak memory of three runs above what was held before
them, without what a step keeps; in MiB.
"""
import contextlib
import ctypes
import gc
import json
import sys
import time

import diffusers
import torch
import transformers

for library in diffusers, transformers:
    library.utils.logging.set_verbosity_error()


def say(*words):
    print("=", *words, flush=True)


class Step:
    """One piece of work in one mode. A script defines make(): it sets self.model, and gives a function
    of no arguments that computes, and which of its parts is to be compiled."""
    layouts = "contiguous", "channels_last"
    kept = 0  # buffers as large as the parameters that the first run leaves: gradients, moments
    kept_again = 0  # those that every run makes anew

    def __init__(self, work, mode):
        self.work = work
        precision, self.runner, layout = mode.split()
        torch.manual_seed(0)
        self.dtype = torch.bfloat16 if precision == "pure" else torch.float32
        self.format = torch.channels_last if layout == "channels_last" else torch.contiguous_format
        self.context = ((lambda: torch.autocast("cpu", torch.bfloat16)) if precision == "autocast"
                        else contextlib.nullcontext)
        self.make()

    def placed(self, model):
        return model.to(self.dtype).to(memory_format=self.format)

    def picture(self, batch, channels, size):
        drawn = torch.randn(batch, channels, size, size, dtype=self.dtype)
        return drawn.to(memory_format=self.format)

    def maybe_compiled(self, call):
        return torch.compile(call) if self.runner == "compiled" else call

    def run(self, count):
        start = time.perf_counter()
        for _ in range(count):
            self()
        return (time.perf_counter() - start) / count * 1e3


class ModelStep(Step):
    """Forward; and backward from a gradient of the output, where the work says so. make() sets
    self.model, self.call and self.inputs."""

    def __init__(self, work, mode):
        super().__init__(work, mode)
        self.kept = self.kept_again = int(work["backward"])
        self.model.requires_grad_(work["backward"])
        self.call = self.maybe_compiled(self.call)
        self.seed = None

    def __call__(self):
        if not self.work["backward"]:
            with torch.no_grad(), self.context():
                self.call(*self.inputs)
            return
        with self.context():
            found = self.call(*self.inputs)
        if self.seed is None:
            self.seed = torch.randn_like(found)
        found.backward(self.seed)
        self.model.zero_grad(set_to_none=True)


def modes(step, precisions, runner):
    return [f"{precision} {runner} {layout}" for precision in precisions for layout in step.layouts]


def try_modes(make, work, modes, kept=None):
    """Milliseconds by mode, and the fastest of kept and these: milliseconds, mode, step."""
    times = {}
    for mode in modes:
        try:
            step = make(work, mode)
            first = step.run(1)  # compiles, and loads what it needs
            again = 3 if first < 3000 else 1
            took = min(step.run(1) for _ in range(again))
            if again == 1 and took < 1000:
                took = min(took, step.run(1), step.run(1))
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


def fastest(make, work):
    precisions = ["f32"] if work["dtype"] == "F32" else ["autocast", "pure"]
    times, kept = try_modes(make, work, modes(make, precisions, "eager"))
    if work["compile"]:
        some = worth_compiling(precisions, times)
        kept = try_modes(make, work, modes(make, some, "compiled"), kept)[1]
    say("best", kept[1])
    return kept[2]


def status(key):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(key)) / 1024


def peak_memory(make, work, mode):
    if "compiled" not in mode:
        make(make.small(work), mode).run(1)  # loads libraries
    step = make(work, mode)
    parameters = sum(p.numel() * p.element_size() for p in step.model.parameters()) / 2**20
    kept = step.kept
    if "compiled" in mode:
        step.run(1)  # what the compiler itself takes is not held against the peer
        kept = step.kept_again
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    before = status("VmRSS")
    step.run(3)
    return status("VmHWM") - before - kept * parameters


def main(make):
    work = json.loads(sys.argv[1])
    torch.set_num_threads(work["threads"])
    if len(sys.argv) > 2:
        return say(peak_memory(make, work, sys.argv[2]))
    say(f"PyTorch {torch.__version__}, Diffusers {diffusers.__version__}")
    step = fastest(make, work)
    for line in sys.stdin:
        took = step.run(int(line))
        time.sleep(0.02)  # until OpenMP's threads have gone to sleep
        say(took)
