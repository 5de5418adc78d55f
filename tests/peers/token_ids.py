"""Compares the numbers that haiga-words gives with tiktoken's, on files and on generated texts; and
writes tests/golden/tiktoken.hpp.

    python tests/peers/token_ids.py compare build/release/apps/haiga-words RANKS [--megabytes 200] [FOLDER...]
    python tests/peers/token_ids.py goldens RANKS

RANKS: a folder with cl100k_base.tiktoken.gz, o200k_base.tiktoken.gz, and gpt2_tokenizer.json, from
which r50k_base is made. FOLDERs: texts of any kind; bytes that are no UTF-8 are read as U+FFFD."""
import argparse
import base64
import gzip
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import numpy
import tiktoken
from tiktoken_ext import openai_public

NAMES = ["r50k_base", "cl100k_base", "o200k_base"]


def rank_file(folder, name):
    """The bytes of a rank file; r50k's from the byte-level vocabulary of GPT-2."""
    if name != "r50k_base":
        return gzip.open(folder / f"{name}.tiktoken.gz").read()
    vocabulary = json.loads((folder / "gpt2_tokenizer.json").read_text())["model"]["vocab"]
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [b for b in range(256) if b not in printable]
    byte_of = {chr(b): b for b in printable} | {chr(256 + i): b for i, b in enumerate(others)}
    lines = {
        i: base64.b64encode(bytes(byte_of[c] for c in token)) + b" %d\n" % i
        for token, i in vocabulary.items()
        if token != "<|endoftext|>"
    }
    return b"".join(lines[i] for i in sorted(lines))


def encoding(ranks, name):
    """tiktoken's own constructor, reading ranks instead of the net."""
    parsed = {base64.b64decode(token): int(rank) for token, rank in map(bytes.split, ranks.splitlines())}
    openai_public.load_tiktoken_bpe = lambda *args, **kwargs: parsed
    return tiktoken.Encoding(**getattr(openai_public, name)())


# ---------------------------------------------------------------- texts

PARTS = """a A the The THE don't DON'T it's 's 'S 'll 'LL 've 'VE 're 'd 'm 't '' ' "x" camelCase HTTPServer iOS x1y2
 1 12 123 1234 12345 ½ Ⅳ ٣٤ १२३ 𝟘 é É ñ Ñ ß ẞ ſ 'ſ K Å İ ı ǅ ʰ ª º e\u0301 \u0301 \u0301A \u0301a \u20dd ा ි
 猫 写真 カタカナ 한국어 각 \u1100\u1161 สวัสดี नमस्ते שלום مرحبا Привет ΟΔΥΣΣΕΥΣ 😀 👍🏽 👩\u200d👩\u200d👧 🇩🇪 ❤️ \u200d \ufe0f
 ! !! ... -- /* */ // \\ /n #include <p> </p> {} [] () $x @y _z a_b __init__ \u00a0 \u3000 \u0085 \u2028 \u202f \u00ad \ufeff
 \ufffd \ue000 \U0010ffff \U000e0100 <|endoftext|> <| |> \x1c \x1f \x7f \x01""".split(" ")
SPACES = [" ", " ", " ", "  ", "   ", "\n", "\n\n", "\r\n", "\t", " \n", "\n ", "\n  \n", "\r", " " * 20, "\v", "\u3000", "\u00a0 "]


def generated(rng, bytes_wanted):
    """Texts of all kinds of pieces, of any characters, and of few repeated ones."""
    made = 0
    while made < bytes_wanted:
        kind = rng.randrange(6)
        if kind < 3:
            text = "".join(rng.choice(PARTS) + (rng.choice(SPACES) if rng.random() < 0.5 else "") for _ in range(rng.randrange(1, 200)))
        elif kind == 3:
            block = rng.choice([0x250, 0x530, 0x3000, 0xAC00, 0x10000, 0x20000, 0x110000])
            text = "".join(chr(c) for c in (rng.randrange(1, block) for _ in range(rng.randrange(1, 300))) if not 0xD800 <= c < 0xE000)
        elif kind == 4:
            text = rng.choice(PARTS + SPACES) * rng.randrange(1, 300) + rng.choice(PARTS)
        else:
            few = rng.sample(PARTS + SPACES, 4)
            text = "".join(rng.choice(few) for _ in range(rng.randrange(1, 400)))
        made += len(text.encode())
        yield text


def fuzzed(rng, data):
    """A piece of a file with some bytes changed, moved or lost."""
    data = bytearray(data)
    for _ in range(1 + len(data) // 200):
        at = rng.randrange(len(data))
        if rng.random() < 0.5:
            data[at] = rng.randrange(256)
        elif rng.random() < 0.5:
            del data[at]
        else:
            data[at:at] = data[rng.randrange(len(data)) :][: rng.randrange(8)]
    return bytes(data)


def of_files(rng, folders, bytes_wanted):
    files = sorted(f for folder in folders for f in pathlib.Path(folder).rglob("*") if f.is_file() and not f.is_symlink())
    rng.shuffle(files)
    read = 0
    for file in files:
        data = file.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        if b"\0" in data[:4096] or not data:
            continue  # no text
        for at in range(0, len(data), 1 << 20):
            part = data[at : at + (1 << 20)]
            yield part
            read += len(part)
            if rng.random() < 0.1:
                yield fuzzed(rng, part[: 1 << 16])
        if read >= bytes_wanted:
            return


def documents(seed, folders, bytes_wanted):
    rng = random.Random(seed)
    for data in of_files(rng, folders, bytes_wanted):
        yield data.decode(errors="replace").replace("\0", " ")
    yield from generated(rng, bytes_wanted // 10)


# ---------------------------------------------------------------- comparing


def ours(program, ranks, texts):
    run = subprocess.run(
        [program, "encode", "-0", "--tokenizer", ranks], input="\0".join(texts).encode(), stdout=subprocess.PIPE, check=True
    )
    return [numpy.fromstring(line, dtype=numpy.int64, sep=" ") if line else numpy.empty(0, int) for line in run.stdout.decode().split("\n")[:-1]]


def differing_characters(program, ranks, peer):
    """Characters whose class is another's there, each alone and among others."""
    found = []
    for first in range(1, 0x110000, 0x4000):
        points = [c for c in range(first, min(first + 0x4000, 0x110000)) if not 0xD800 <= c < 0xE000]
        texts = [f"a{chr(c)}a A{chr(c)}{chr(c)}1 {chr(c)}!{chr(c)}\n {chr(c)}" for c in points]
        if not texts:
            continue
        for c, text, ids in zip(points, texts, ours(program, ranks, texts)):
            if ids.tolist() != peer.encode_ordinary(text):
                found.append(c)
    return found


def as_ranges(points):
    ranges = []
    for c in points:
        if ranges and ranges[-1][1] == c - 1:
            ranges[-1][1] = c
        else:
            ranges.append([c, c])
    return ", ".join(f"U+{a:04X}" + (f"-{b:04X}" if b != a else "") for a, b in ranges)


def compare(args):
    failed = False
    for name in args.only or NAMES:
        ranks = rank_file(args.ranks, name)
        peer = encoding(ranks, name)
        with tempfile.TemporaryDirectory() as here:
            file = str(pathlib.Path(here) / f"{name}.tiktoken")
            pathlib.Path(file).write_bytes(ranks)
            unlike = differing_characters(args.program, file, peer)
            print(f"{name}: characters that differ from tiktoken {tiktoken.__version__}: {as_ranges(unlike) or 'none'}", flush=True)
            replaced = str.maketrans({c: "\ufffd" for c in unlike})
            count = texts = size = ids = different = 0
            batch = []

            def check():
                nonlocal texts, size, ids, different
                got = ours(args.program, file, batch)
                assert len(got) == len(batch)
                for text, mine, theirs in zip(batch, got, peer.encode_ordinary_batch(batch, num_threads=1)):
                    texts, size, ids = texts + 1, size + len(text.encode()), ids + len(theirs)
                    if mine.tolist() != theirs:
                        different += 1
                        shortest(args.program, file, peer, text)
                batch.clear()

            for text in documents(args.seed, args.folders, args.megabytes * 1_000_000):
                batch.append(text.translate(replaced) if unlike else text)
                count += len(text)
                if count > 4_000_000:
                    check()
                    count = 0
            check()
            print(f"{name}: {size / 1e6:.1f} MB, {texts} texts, {ids} tokens, {different} texts differ", flush=True)
            failed |= different != 0
    sys.exit(1 if failed else 0)


def shortest(program, file, peer, text):
    """Prints a short part of a text that differs too."""
    changed = True
    while changed and len(text) > 1:
        changed = False
        half = len(text) // 2
        for part in (text[:half], text[half:], text[1:], text[:-1]):
            if ours(program, file, [part])[0].tolist() != peer.encode_ordinary(part):
                text, changed = part, True
                break
    print("  differs:", ascii(text[:200]), ours(program, file, [text])[0].tolist()[:20], peer.encode_ordinary(text)[:20])


# ---------------------------------------------------------------- goldens

TEXTS = [
    "", " ", "\n", "  \n  ", "hello world", "Hello, world! It's 2026; don't panic.", "HELLO WE'LL x'S 'ſ",
    "for (int i = 0; i < 12345678; ++i) {\n\t\treturn a[i] // b;\n}\n\n\n", "camelCaseHTTPServer_v2 iPhone", "a/b//c\n/d\r\n\r\n ",
    "naïve café Ångström e\u0301a\u0301 \u0301A", "Привет, мир! ΟΔΥΣΣΕΥΣ", "猫が座っている、写真。 한국어 문장입니다.", "नमस्ते दुनिया สวัสดีชาวโลก",
    "צל مرحبا بالعالم", "😀 👍🏽 👩\u200d👩\u200d👧\u200d👦 🇩🇪 ❤️", "½ Ⅳ ٣٤٥٦ १२३४", "\u00a0\u3000\u2028x", "<|endoftext|>", "x" * 100, " " * 100, "\t" * 30 + "x",
    "antidisestablishmentarianism supercalifragilisticexpialidocious", "\U0010ffff\ue000\ufffd\U000e0100",
]


def quoted(text):
    return "".join(chr(b) if 0x20 <= b < 0x7F and chr(b) not in '"\\?' else f"\\{b:03o}" for b in text.encode())


def goldens(args):
    body = ""
    for name in NAMES:
        peer = encoding(rank_file(args.ranks, name), name)
        rows = "".join(f'    {{"{quoted(t)}"sv,\n     "{" ".join(map(str, peer.encode_ordinary(t)))}"}},\n' for t in TEXTS)
        body += f"inline constexpr sample {name}[] = {{\n{rows}}};\n\n"
    pathlib.Path(__file__).parents[1].joinpath("golden/tiktoken.hpp").write_text(f"""#pragma once
// Written by tests/peers/token_ids.py with tiktoken {tiktoken.__version__}.

#include <string_view>

namespace golden::tiktoken {{

using namespace std::string_view_literals;

/// A text and its numbers, special tokens being text.
struct sample {{
    std::string_view text, ids;
}};

// clang-format off
{body}// clang-format on

}} // namespace golden::tiktoken
""")


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
jobs = parser.add_subparsers(required=True)
job = jobs.add_parser("compare")
job.add_argument("program")
job.add_argument("ranks", type=pathlib.Path)
job.add_argument("folders", nargs="*")
job.add_argument("--megabytes", type=int, default=200)
job.add_argument("--seed", type=int, default=2026)
job.add_argument("--only", nargs="*", choices=NAMES)
job.set_defaults(run=compare)
job = jobs.add_parser("goldens")
job.add_argument("ranks", type=pathlib.Path)
job.set_defaults(run=goldens)
arguments = parser.parse_args()
arguments.run(arguments)
