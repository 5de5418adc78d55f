"""Encodes one text, once, as bench_tokenize does, with a peer: tokenize_peers.py PEER RANKS NAME TEXT THREADS
answers "= MB/s tokens load-ms MiB"."""
import base64
import os
import pathlib
import sys
import time

name = sys.argv[1]
if name != "versions":
    os.environ["RAYON_NUM_THREADS"] = sys.argv[5]

import tiktoken
import tokenizers
from tiktoken_ext import openai_public


def parsed(ranks):
    lines = pathlib.Path(ranks).read_bytes().splitlines()
    return {base64.b64decode(token): int(rank) for token, rank in map(bytes.split, lines)}


def of_tiktoken(ranks, encoding, threads):
    openai_public.load_tiktoken_bpe = lambda *args, **kwargs: parsed(ranks)
    peer = tiktoken.Encoding(**getattr(openai_public, encoding)())
    return lambda texts: peer.encode_ordinary_batch(texts, num_threads=threads)


def of_tokenizers(ranks, encoding, threads):
    """The same ranks as a tokenizer.json, which is kept: finding the merges takes long."""
    kept = pathlib.Path(ranks).with_suffix(".json")
    if not kept.exists():
        from transformers.convert_slow_tokenizer import TikTokenConverter

        openai_public.load_tiktoken_bpe = lambda *args, **kwargs: parsed(ranks)
        pattern = getattr(openai_public, encoding)()["pat_str"]
        TikTokenConverter(vocab_file=ranks, pattern=pattern).converted().save(str(kept))
    peer = tokenizers.Tokenizer.from_file(str(kept))
    return lambda texts: [e.ids for e in peer.encode_batch_fast(texts, add_special_tokens=False)]


def documents(data):
    """Of 16 KB and what is left of a line."""
    texts, at = [], 0
    while at < len(data):
        end = data.find(b"\n", min(at + 16384, len(data)))
        end = len(data) if end < 0 else end + 1
        texts.append(data[at:end].decode())
        at = end
    return texts


def resident():
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def main():
    if name == "versions":
        print("= tiktoken", tiktoken.__version__ + ", tokenizers", tokenizers.__version__, flush=True)
        return
    ranks, encoding, text, threads = sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5])
    before, start = resident(), time.perf_counter()
    encode = {"tiktoken": of_tiktoken, "tokenizers": of_tokenizers}[name](ranks, encoding, threads)
    load, memory = time.perf_counter() - start, resident() - before
    data = pathlib.Path(text).read_bytes()
    texts = documents(data)
    start = time.perf_counter()
    ids = encode(texts)
    took = time.perf_counter() - start
    print("=", len(data) / 1e6 / took, sum(map(len, ids)), load * 1e3, memory, flush=True)


main()
