"""Loads what load.cpp loads, with Diffusers: told lines, answers in lines that begin with "= ".

load.py FOLDER THREADS. Each line is "folder" (that one) or a single file's name; the answer is the
milliseconds of loading, and those of reading every weight once behind it: from_pretrained leaves
weights in a mapped file that nobody has read yet.
"""
import gc
import sys
import time

import diffusers
import torch
import transformers

diffusers.utils.logging.set_verbosity_error()
diffusers.utils.logging.disable_progress_bar()
transformers.utils.logging.set_verbosity_error()

ABSENT = {
    "tokenizer": None,
    "safety_checker": None,
    "feature_extractor": None,
    "image_encoder": None,
    "requires_safety_checker": False,
    "torch_dtype": torch.float32,
}


def say(*words):
    print("=", *words, flush=True)


def load(folder, what):
    kind = diffusers.StableDiffusionPipeline
    if what == "folder":
        return kind.from_pretrained(folder, local_files_only=True, **ABSENT)
    return kind.from_single_file(what, config=folder, local_files_only=True, **ABSENT)


def main():
    folder = sys.argv[1]
    torch.set_num_threads(int(sys.argv[2]))
    say(f"PyTorch {torch.__version__}, Diffusers {diffusers.__version__}, "
        f"transformers {transformers.__version__}")
    for line in sys.stdin:
        gc.collect()
        start = time.perf_counter()
        pipeline = load(folder, line.strip())
        loaded = time.perf_counter()
        parts = [pipeline.unet, pipeline.text_encoder, pipeline.vae]
        for part in parts:
            for parameter in part.parameters():
                parameter.detach().view(torch.int32).max()
        read = time.perf_counter()
        say((loaded - start) * 1e3, (read - loaded) * 1e3)
        del pipeline, parts, part, parameter


main()
