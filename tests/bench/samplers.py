"""Steps of Diffusers' schedulers, for samplers.cpp: told {class, options, steps} a line, answers with
the microseconds of a step."""
import json
import sys
import time

import diffusers
import torch

diffusers.utils.logging.set_verbosity_error()
torch.set_num_threads(1)
RUNS = 5


def run(told):
    scheduler = getattr(diffusers, told["class"])(**told["options"])
    sample = output = torch.randn(1, 4, 64, 64)
    took = count = 0
    for _ in range(RUNS):
        scheduler.set_timesteps(told["steps"])
        if hasattr(scheduler, "set_begin_index"):
            scheduler.set_begin_index(0)
        current = sample
        for t in scheduler.timesteps:
            if hasattr(scheduler, "scale_model_input"):
                scheduler.scale_model_input(current, t)  # some expect it; not part of the step
            start = time.perf_counter()
            current = scheduler.step(output, t, current).prev_sample
            took += time.perf_counter() - start
            count += 1
    return took / count * 1e6


with torch.no_grad():
    print("=", f"Diffusers {diffusers.__version__}, PyTorch {torch.__version__}", flush=True)
    for line in sys.stdin:
        print("=", run(json.loads(line)), flush=True)
