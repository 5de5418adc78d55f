"""Writes tests/golden/sentencepiece.hpp: small models that sentencepiece trains, and what it makes
of texts with them.

    python tests/peers/sentencepiece_models.py some_text.txt   # any text to train on
"""
import pathlib
import sys
import tempfile

import sentencepiece

TEXTS = [
    "", " ", "  \t\n ", "Hello world.", "  two  spaces   here ", "new\nline\tand tab", "naïve café e\u0301",
    "ﬁne ½ Ｆｕｌｌ ㌔", "日本語のテキスト", "\u2581marks\u2581\u2581inside", "the cat the catfoo the cat",
    "<s> <unk> </s> <ctl> <0x41>", "12345 67.89", "a" * 40, "?" * 7, "\x00\x01x\x7f", "😀👩\u200d👧 🇩🇪",
    "\ufffd\ufeff\u200b", "A!B?C", "one\u3000two\u00a0three",
]
RULES = ["9\t20", "A\t20", "3000\t20", "A0\t20", "200B\t", "1\t", "FB01\t66 69", "65 301\tE9", "BD\t31 2044 32"]
MODELS = {
    "unigram": dict(model_type="unigram", vocab_size=200),
    "unigram_bytes": dict(
        model_type="unigram", vocab_size=420, byte_fallback=True, treat_whitespace_as_suffix=True,
        user_defined_symbols=["the cat", "12"], control_symbols=["<ctl>"]),
    "bpe": dict(model_type="bpe", vocab_size=260, remove_extra_whitespaces=False, add_dummy_prefix=False),
    "bpe_bytes": dict(
        model_type="bpe", vocab_size=480, byte_fallback=True, user_defined_symbols=["the cat", "\u2581\u2581\u2581"],
        control_symbols=["<ctl>"], allow_whitespace_only_pieces=True),
}


def escaped(data):
    return "".join(chr(b) if 0x20 <= b < 0x7F and b not in b'"\\?' else f"\\{b:03o}" for b in data)


def literal(data, width=90):
    text, rows = escaped(data), []
    while text:
        end = min(width, len(text))
        while end < len(text) and "\\" in text[end - 3 : end] and end > width - 4:
            end -= 1
        rows.append(f'"{text[:end]}"')
        text = text[end:]
    return "\n     ".join(rows) or '""'


def numbers(values):
    return '"' + " ".join(map(str, values)) + '"'


body = ""
with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    folder.joinpath("rules.tsv").write_text("\n".join(RULES) + "\n")
    for name, options in MODELS.items():
        sentencepiece.SentencePieceTrainer.train(
            input=sys.argv[1], model_prefix=folder / name, normalization_rule_tsv=folder / "rules.tsv",
            character_coverage=0.98, minloglevel=2, num_threads=1, **options)
        proto = folder.joinpath(name + ".model").read_bytes()
        model = sentencepiece.SentencePieceProcessor(model_proto=proto)
        body += f"inline constexpr std::string_view {name}_model =\n    {literal(proto)}sv;\n\n"
        body += f"inline constexpr sample {name}[] = {{\n"
        for text in TEXTS:
            pieces = model.encode(text, return_type="proto").pieces
            ids = [p.id for p in pieces]
            assert ids == model.encode(text)
            offsets = [v for p in pieces for v in (p.begin, p.end)]
            body += f"    {{{literal(text.encode())}sv,\n     {numbers(ids)},\n     {numbers(offsets)},\n"
            body += f"     {literal(model.decode(ids).encode())}sv}},\n"
        body += "};\n\n"

pathlib.Path(__file__).parents[1].joinpath("golden/sentencepiece.hpp").write_text(
    f"""#pragma once
// Written by tests/peers/sentencepiece_models.py with sentencepiece {sentencepiece.__version__}.

#include <string_view>

namespace golden::sentencepiece {{

using namespace std::string_view_literals;

/// A text, its ids, the begin and end of each in bytes of the text, and what they decode to.
struct sample {{
    std::string_view text, ids, offsets, decoded;
}};

// clang-format off
{body}// clang-format on

}} // namespace golden::sentencepiece
""")
