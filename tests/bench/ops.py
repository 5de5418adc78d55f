"""The ops of ops.cpp in PyTorch: told lines, answers in lines that begin with "= ".

ops.py THREADS compile|eager. "case DTYPE OP SIZE..." tries the op's modes and keeps the one whose
forward and backward pass together are fastest; a number runs it as often and answers with the
milliseconds of one forward and one backward pass. The backward pass gives the gradients of all
operands.
"""
import itertools
import sys
import time

import torch
from torch.nn import functional as F

LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


def say(*words):
    print("=", *words, flush=True)


class Maker:
    """Draws operands; modes(): all the ways in which PyTorch can be asked for this op."""
    fuses = False  # what torch.compile can make one loop of; the others are one call in any case
    normalizes = False  # then weights may stay in f32 beside bf16 activations, as ours do
    layouts = ("contiguous",)

    def modes(self, dtype):
        mixed = dtype is torch.bfloat16 and self.normalizes
        return [layout + weights for layout, weights
                in itertools.product(self.layouts, ["", ", f32 weights"] if mixed else [""])]

    def make(self, dtype, mode):
        self.layout = mode.split(", ")[0]
        self.dtype = dtype
        self.weight_type = torch.float32 if "f32 weights" in mode else dtype
        return self.operands()

    def drawn(self, *dims):
        return torch.randn(dims, dtype=self.dtype).requires_grad_()

    def weight(self, *dims):
        return torch.randn(dims, dtype=self.weight_type).requires_grad_()

    def picture(self, *dims, type=None):
        made = torch.randn(dims, dtype=type or self.dtype)
        return made.to(memory_format=LAYOUTS[self.layout]).requires_grad_()


class GroupNorm(Maker):
    fuses = normalizes = True
    layouts = tuple(LAYOUTS)

    def __init__(self, batch, side, channels, groups):
        self.dims, self.groups = (batch, channels, side, side), groups

    def operands(self):
        return self.picture(*self.dims), self.weight(self.dims[1]), self.weight(self.dims[1])

    def call(self, x, gamma, beta):
        return F.silu(F.group_norm(x, self.groups, gamma, beta))


class Geglu(Maker):
    fuses = True

    def __init__(self, batch, side, channels):
        self.dims = batch, side, side, 2 * channels

    def operands(self):
        return self.drawn(*self.dims),

    def call(self, x):
        a, gate = x.chunk(2, dim=-1)
        return a * F.gelu(gate)


class LayerNorm(Maker):
    fuses = normalizes = True

    def __init__(self, rows, width):
        self.rows, self.width = rows, width

    def operands(self):
        return self.drawn(self.rows, self.width), self.weight(self.width), self.weight(self.width)

    def call(self, x, gamma, beta):
        return F.layer_norm(x, (self.width,), gamma, beta)


class Attention(Maker):
    layouts = "tokens outside", "heads outside"

    def __init__(self, batch, tokens, heads, width):
        self.batch, self.tokens, self.heads, self.width = batch, tokens, heads, width

    def operands(self):
        outside = self.layout == "heads outside"
        dims = ((self.batch, self.heads, self.tokens, self.width) if outside
                else (self.batch, self.tokens, self.heads * self.width))
        return tuple(self.drawn(*dims) for _ in range(3))

    def call(self, *qkv):
        if self.layout == "heads outside":
            return F.scaled_dot_product_attention(*qkv)
        split = (x.unflatten(-1, (self.heads, self.width)).transpose(1, 2) for x in qkv)
        return F.scaled_dot_product_attention(*split).transpose(1, 2).flatten(2)


class Conv2d(Maker):
    layouts = tuple(LAYOUTS)

    def __init__(self, batch, side, channels):
        self.batch, self.side, self.channels = batch, side, channels

    def operands(self):
        n = self.channels
        return (self.picture(self.batch, n, self.side, self.side),
                self.picture(n, n, 3, 3, type=self.weight_type), self.weight(n))

    def call(self, x, weight, bias):
        return F.conv2d(x, weight, bias, padding=1)


class Linear(Maker):
    def __init__(self, rows, width):
        self.rows, self.width = rows, width

    def operands(self):
        n = self.width
        return self.drawn(self.rows, n), self.weight(n, n), self.weight(n)

    def call(self, x, weight, bias):
        return F.linear(x, weight, bias)


class Passes:
    """One op in one mode."""

    def __init__(self, maker, dtype, mode):
        torch.manual_seed(0)
        self.operands = maker.make(dtype, mode)
        self.call = maker.call
        if mode.endswith("compiled"):
            torch._dynamo.reset()
            self.call = torch.compile(maker.call, dynamic=False)
        self.seed = torch.randn_like(self.call(*self.operands))

    def run(self, count):
        forward = backward = 0
        for _ in range(count):
            start = time.perf_counter()
            y = self.call(*self.operands)
            between = time.perf_counter()
            gradients = torch.autograd.grad(y, self.operands, self.seed)
            end = time.perf_counter()
            forward += between - start
            backward += end - between
            del y, gradients
        return forward / count * 1e3, backward / count * 1e3


class AdamW:
    def __init__(self, count):
        parameter = torch.zeros(count, requires_grad=True)
        parameter.grad = torch.randn(count)
        self.optimizer = torch.optim.AdamW([parameter], lr=1e-4, fused=True)

    def run(self, count):
        start = time.perf_counter()
        for _ in range(count):
            self.optimizer.step()
        return (time.perf_counter() - start) / count * 1e3, 0


MAKERS = {"group_norm": GroupNorm, "geglu": Geglu, "layer_norm": LayerNorm, "attention": Attention,
          "conv2d": Conv2d, "linear": Linear}


def fastest_of(maker, dtype, modes, best=None):
    """The faster of best and what these modes give: milliseconds, mode, passes."""
    for mode in modes:
        try:
            tried = Passes(maker, dtype, mode)
            first = sum(tried.run(1))  # compiles, and loads what it needs
            again = 5 if first < 1000 or mode.endswith("compiled") else 1
            took = min(sum(tried.run(1)) for _ in range(again))
        except Exception as error:  # a mode that cannot run here is not the best one
            say("mode", mode, "failed:", str(error).splitlines()[0])
            continue
        say("mode", mode, f"{took:.3f} ms")
        if best is None or took < best[0]:
            best = took, mode, tried
    return best


def prepare(dtype, op, *sizes, compile):
    sizes = [int(size) for size in sizes]
    if op == "adamw":
        say("best fused")
        return AdamW(*sizes)
    dtype = torch.bfloat16 if dtype == "bf16" else torch.float32
    maker = MAKERS[op](*sizes)
    best = fastest_of(maker, dtype, maker.modes(dtype))
    if best and compile and maker.fuses:
        best = fastest_of(maker, dtype, [best[1] + ", compiled"], best)
    if best is None:
        return say("none")
    say("best", best[1] if best[1].endswith("compiled") else best[1] + ", eager")
    return best[2]


def main():
    torch.set_num_threads(int(sys.argv[1]))
    compile = sys.argv[2] == "compile"
    say("PyTorch", torch.__version__, "with torch.compile where loops can be fused, in the layout "
        "that is faster without" if compile else "without torch.compile")
    passes = None
    for line in sys.stdin:
        if line.startswith("case "):
            passes = prepare(*line.split()[1:], compile=compile)
            continue
        took = passes.run(int(line))
        time.sleep(0.02)  # until OpenMP's threads have gone to sleep
        say(*took)


main()
