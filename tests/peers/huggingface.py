"""Trains tokenizers of every kind that tokenizers 0.23 knows, and sentencepiece models; compares what
haiga-words makes of texts with them, and writes tests/golden/hugging_face.hpp.

    python tests/peers/huggingface.py compare build/release/apps/haiga-words [--megabytes 200] [--models FILE...] FOLDER...
    python tests/peers/huggingface.py goldens some_text.txt

FOLDERs: texts of any kind, also .gz and .mo; what is no UTF-8 is read byte by byte as U+FFFD. Of
characters that are newer than Unicode 9.0 tokenizers' normalizers and punctuation know nothing
(their tables are of 9.0 and 8.0, of scripts of 10.0): texts with such are left out of their comparison."""
import argparse
import base64
import codecs
import gettext
import gzip
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import unicodedata

import sentencepiece
import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

codecs.register_error("each", lambda error: ("\ufffd", error.start + 1))
OLD = unicodedata.ucd_3_2_0
CONTRACTION, TAIL = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)", r"\s*[\r\n]+|\s+(?!\S)|\s+"
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
PATTERNS = {
    "llama3": rf"{CONTRACTION}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{TAIL}",
    "qwen2": rf"{CONTRACTION}|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{TAIL}",
    "o200k": rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+{CONTRACTION}?|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*{CONTRACTION}?"
             rf"|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{TAIL}",
}
PRE = {
    "bert": pre_tokenizers.BertPreTokenizer(), "delimiter": pre_tokenizers.CharDelimiterSplit("e"),
    "whitespace": pre_tokenizers.Whitespace(), "whitespace_split": pre_tokenizers.WhitespaceSplit(),
    "digits": pre_tokenizers.Digits(), "single_digits": pre_tokenizers.Digits(individual_digits=True),
    "scripts": pre_tokenizers.UnicodeScripts(), "fixed": pre_tokenizers.FixedLength(7),
    "metaspace": pre_tokenizers.Metaspace(), "metaspace_first": pre_tokenizers.Metaspace(prepend_scheme="first"),
    "metaspace_never": pre_tokenizers.Metaspace(prepend_scheme="never", split=False),
    "gpt2": pre_tokenizers.ByteLevel(add_prefix_space=True),
    "byte_level": pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    "split_inverted": pre_tokenizers.Split(Regex(r"\p{L}+"), "removed", invert=True),
    "split_threes": pre_tokenizers.Split(Regex(r"\p{N}{1,3}"), "isolated"),
    "split_ideographs": pre_tokenizers.Split(Regex("[一-龥぀-ゟ゠-ヿ]+"), "isolated"),
    "sequence": pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation("contiguous")]),
    **{f"punctuation_{b}": pre_tokenizers.Punctuation(b) for b in ("isolated", "removed", "merged_with_next", "merged_with_previous")},
    **{f"split_{b}": pre_tokenizers.Split(" ", b) for b in ("isolated", "merged_with_next", "merged_with_previous", "contiguous")},
    **{name: pre_tokenizers.Split(Regex(pattern), "isolated") for name, pattern in PATTERNS.items()},
}
NORMAL = {
    "strip": normalizers.Strip(), "left_strip": normalizers.Strip(right=False), "accents": normalizers.StripAccents(),
    "nfc": normalizers.NFC(), "nfd": normalizers.NFD(), "nfkc": normalizers.NFKC(), "nfkd": normalizers.NFKD(),
    "lower": normalizers.Lowercase(), "nmt": normalizers.Nmt(), "replace": normalizers.Replace("e", "§§"),
    "replace_run": normalizers.Replace(Regex(r"\s+"), ""), "prepend": normalizers.Prepend("ab"),
    "byte_level": normalizers.ByteLevel(), "bert": normalizers.BertNormalizer(),
    "bert_plain": normalizers.BertNormalizer(clean_text=False, lowercase=False, strip_accents=True),
    "sequence": normalizers.Sequence([normalizers.NFKC(), normalizers.Strip(), normalizers.Replace(Regex(" {2,}"), " ")]),
}


def unknown_only():
    """A model whose tokens are the pieces as they stand."""
    return Tokenizer(models.Unigram([("<unk>", 0.0)], 0))


def component_files():
    for name, part in PRE.items():
        t = unknown_only()
        t.pre_tokenizer = part
        yield "pre_" + name, json.loads(t.to_str())
    for name, part in NORMAL.items():
        t = unknown_only()
        t.normalizer = part
        t.pre_tokenizer = pre_tokenizers.FixedLength(3)
        t.add_tokens([AddedToken("Été", normalized=True), AddedToken(" x", normalized=False, lstrip=True, rstrip=True)])
        yield "normal_" + name, json.loads(t.to_str())


def llama_decoder():
    return {"type": "Sequence", "decoders": [
        {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
        {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}


def trained_files(lines, size, alphabet):
    def train(t, trainer, **options):
        t.train_from_iterator(lines, trainer(vocab_size=options.pop("size", size), show_progress=False, **options))
        return t

    bytes_256 = [f"<0x{b:02X}>" for b in range(256)]
    t = Tokenizer(models.BPE())
    t.pre_tokenizer, t.decoder = pre_tokenizers.ByteLevel(add_prefix_space=True), decoders.ByteLevel()
    train(t, trainers.BpeTrainer, size=size + 256, special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    t.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    t.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True), AddedToken("<x>", rstrip=True, single_word=True)])
    t.add_tokens([AddedToken("hello world", normalized=True), AddedToken("foo", single_word=True)])
    yield "roberta", json.loads(t.to_str())
    whole = json.loads(t.to_str())
    whole["model"]["ignore_merges"], whole["pre_tokenizer"] = True, {"type": "Sequence", "pretokenizers": [
        {"type": "Split", "pattern": {"Regex": PATTERNS["llama3"]}, "behavior": "Isolated", "invert": False},
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}]}
    whole["post_processor"] = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    yield "llama3", whole
    t = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    t.normalizer, t.pre_tokenizer, t.decoder = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer(), decoders.WordPiece()
    train(t, trainers.WordPieceTrainer, special_tokens=["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"], limit_alphabet=alphabet)
    t.post_processor = processors.BertProcessing(("[SEP]", 2), ("[CLS]", 1))
    yield "bert", json.loads(t.to_str())
    for strategy, direction, stride in (("longest_first", "right", 2), ("longest_first", "left", 0), ("only_first", "right", 1)):
        t.enable_truncation(9, stride=stride, strategy=strategy, direction=direction)
        t.enable_padding(length=12 if stride else None, pad_to_multiple_of=4, pad_id=3, direction=direction)
        yield f"bert_{strategy}_{direction}", json.loads(t.to_str())
    t = Tokenizer(models.Unigram())
    t.normalizer, t.pre_tokenizer, t.decoder = normalizers.NFKC(), pre_tokenizers.Metaspace(), decoders.Metaspace()
    train(t, trainers.UnigramTrainer, special_tokens=["<unk>", "<s>", "</s>"], unk_token="<unk>")
    t.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B:1 </s>:1", special_tokens=[("<s>", 1), ("</s>", 2)])
    yield "unigram", json.loads(t.to_str())
    whole = json.loads(t.to_str())
    whole["model"]["vocab"] += [[name, -20.0] for name in bytes_256]
    whole["model"]["byte_fallback"], whole["pre_tokenizer"], whole["decoder"] = True, None, llama_decoder()
    whole["normalizer"] = {"type": "Sequence", "normalizers": [
        {"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}
    whole["added_tokens"] += [dict(id=0, content="<tool>", single_word=False, lstrip=False, rstrip=True, normalized=True, special=False)]
    yield "unigram_bytes", whole
    t = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    t.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    train(t, trainers.BpeTrainer, size=size + 256, special_tokens=["<unk>", "<s>", "</s>"] + bytes_256, limit_alphabet=alphabet)
    whole = json.loads(t.to_str())
    whole["decoder"] = llama_decoder()
    yield "llama", json.loads(json.dumps(whole))
    whole["model"]["byte_fallback"] = False
    yield "fused", json.loads(json.dumps(whole))
    whole["model"]["fuse_unk"] = False
    yield "unfused", json.loads(json.dumps(whole))
    whole["model"]["unk_token"] = None
    yield "left_out", whole
    t = Tokenizer(models.BPE(unk_token="[UNK]", end_of_word_suffix="</w>"))
    t.normalizer, t.pre_tokenizer, t.decoder = normalizers.Lowercase(), pre_tokenizers.WhitespaceSplit(), decoders.BPEDecoder()
    train(t, trainers.BpeTrainer, special_tokens=["[UNK]"], end_of_word_suffix="</w>", limit_alphabet=alphabet)
    yield "suffix", json.loads(t.to_str())
    t = Tokenizer(models.BPE(unk_token="[UNK]", continuing_subword_prefix="##"))
    t.normalizer, t.pre_tokenizer, t.decoder = normalizers.NFD(), pre_tokenizers.Whitespace(), decoders.WordPiece(cleanup=False)
    train(t, trainers.BpeTrainer, special_tokens=["[UNK]"], continuing_subword_prefix="##", limit_alphabet=alphabet)
    yield "prefix", json.loads(t.to_str())
    t = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    t.pre_tokenizer, t.decoder = pre_tokenizers.WhitespaceSplit(), decoders.CTC("<pad>", "|", True)
    train(t, trainers.WordLevelTrainer, special_tokens=["[UNK]", "<pad>"])
    yield "words", json.loads(t.to_str())


def sentencepiece_models(lines, folder):
    text = folder / "train.txt"
    text.write_text("\n".join(lines))
    base = dict(input=text, character_coverage=0.99, minloglevel=2, max_sentence_length=20000)
    for name, options in {
        "uni": dict(vocab_size=3000), "uni_suffix": dict(vocab_size=2000, treat_whitespace_as_suffix=True),
        "uni_bytes": dict(vocab_size=3000, byte_fallback=True, user_defined_symbols=["foo bar", "é"], normalization_rule_name="nmt_nfkc_cf"),
        "uni_free": dict(vocab_size=2000, add_dummy_prefix=False, remove_extra_whitespaces=False, split_by_whitespace=False),
        "bpe": dict(model_type="bpe", vocab_size=2000),
        "bpe_bytes": dict(model_type="bpe", vocab_size=4000, byte_fallback=True, normalization_rule_name="identity", split_digits=True,
                          remove_extra_whitespaces=False, allow_whitespace_only_pieces=True, user_defined_symbols=["the cat", "▁▁▁x"]),
    }.items():
        sentencepiece.SentencePieceTrainer.train(model_prefix=folder / name, **base, **options)
        yield folder / f"{name}.model"


# ---------------------------------------------------------------- texts

POOLS = [range(32, 127), range(0xA0, 0x250), range(0x300, 0x370), range(0x370, 0x530), range(0x590, 0x700), range(0x900, 0xE00),
         range(0xE00, 0x1200), range(0x1E00, 0x2800), range(0x3000, 0x3200), range(0x4E00, 0x5000), range(0xAC00, 0xB000),
         range(0xF900, 0xFB50), range(0xFF00, 0xFFF0), range(0x1F300, 0x1F600), range(0, 32), [0x20, 9, 10, 13, 0x3000, 0x2581, 0xA0],
         [0x200D, 0xFE0F, 0x1F468, 0x1F469]]


def files_of(folders):
    for folder in folders:
        for path in sorted(pathlib.Path(folder).rglob("*")):
            try:
                if path.suffix == ".mo":
                    yield "\n".join(map(str, gettext.GNUTranslations(path.open("rb"))._catalog.values())).encode()
                elif path.is_file():
                    yield gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes()
            except (OSError, EOFError, UnicodeDecodeError, ValueError):
                continue


def texts_of(args, rng):
    """Real texts, the same with bytes changed, and texts of any characters."""
    left = args.megabytes * 1_000_000
    for data in files_of(args.folders):
        for at in range(0, len(data), 20_000):
            part = bytearray(data[at : at + 20_000])
            if rng.random() < 0.05:
                for _ in range(rng.randrange(1, 20)):
                    part[rng.randrange(len(part))] = rng.randrange(256)
            yield bytes(part).replace(b"\0", b" ")
            left -= len(part)
            if left < 0:
                return
        if rng.random() < 0.5:
            yield "".join(chr(rng.choice(p)) for p in rng.choices(POOLS, k=60) for _ in range(rng.randrange(1, 8))).encode().replace(b"\0", b"")


def is_common(text):
    """Whether all characters mean the same in Unicode 3.2 and now: older than any table of a peer."""
    return all(OLD.category(c) == unicodedata.category(c) for c in text)


def through(program, job, model, texts):
    run = [program, job, "--tokenizer", model] + (["-0"] if job == "encode" else [])
    return subprocess.run(run, input=b"\0".join(texts), stdout=subprocess.PIPE, check=True).stdout


def compare(args):
    rng = random.Random(args.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        lines = [line[:300] for data in files_of(args.folders[:1]) for line in data.decode("utf8", "ignore").split("\n") if line.strip()]
        lines = rng.sample(lines, min(len(lines), 20_000))
        files = list(map(pathlib.Path, args.models)) + list(sentencepiece_models(lines, folder))
        for name, whole in [*component_files(), *trained_files(lines, 3000, 300)]:
            whole.pop("truncation"), whole.pop("padding")
            files.append(folder / f"{name}.json")
            files[-1].write_text(json.dumps(whole))
        texts = list(texts_of(args, rng))
        common = [t for t in texts if is_common(t.decode("utf8", "each"))]
        for file in files:
            is_json = file.suffix == ".json"
            mine = common if is_json else texts
            if is_json:
                peer = Tokenizer.from_file(str(file))
                wanted = [peer.encode(t.decode("utf8", "each"), add_special_tokens=False).ids for t in mine]
            else:
                peer = sentencepiece.SentencePieceProcessor(model_file=str(file))
                wanted = [peer.encode(t) for t in mine]
            rows = through(args.program, "encode", file, mine).decode().split("\n")
            wrong = [i for i, ids in enumerate(wanted) if rows[i].split() != list(map(str, ids))]
            print(f"{file.name}: {len(mine)} texts, {sum(map(len, mine))} bytes, {sum(map(len, wanted))} tokens, {len(wrong)} differ", flush=True)
            if wrong:
                print("   ", ascii(mine[wrong[0]][:200]))


# ---------------------------------------------------------------- goldens

TEXTS = [
    "", " ", "Hello, y'all! How are you ?", "  two  spaces, a\ttab\r\n\r\nlines", "naïve café Été e\u0301 \u1e9b\u0323", "don't DON'T I'll x1y22z333 4444",
    "日本語のテキスト カタカナ", "<mask> a <mask>foo foo <x>  b hello world", "ﬁne ½ Ｆｕｌｌ ㌔ \u0344", "😀👍", "\ufffd x  \u2028y\u0000z\u007f", "<tool>  call",
]


LEFT_OUT = ["fused", "unfused"]  # but for a word the same as others


def literal(text):
    return '"' + "".join(chr(b) if 0x20 <= b < 0x7F and b not in b'"\\?' else f"\\{b:03o}" for b in text.encode()) + '"sv'


def row(text, first, encoding, decoded):
    """Ids, bytes of the text, and tokens of an encoding and of its overflows."""
    at = [[0], [0]]
    for which, source in enumerate((first, text)):
        for c in source:
            at[which].append(at[which][-1] + len(c.encode()))
    pair = first is not text
    ids, spans, words = [], [], []
    for e in [encoding, *encoding.overflowing]:
        for i, (a, b), special, kind, sequence, attended, token in zip(e.ids, e.offsets, e.special_tokens_mask, e.type_ids, e.sequence_ids, e.attention_mask, e.tokens):
            which = at[1 if pair and sequence == 1 else 0]
            ids.append(i)
            spans += [0, 0] if special else [which[a], which[b]]
            words.append(f"{token}\x1f{kind}{special}{attended}")
        words.append("\x1e")
    numbers = lambda values: '"' + " ".join(map(str, values)) + '"'
    return f"    {{{literal(first)}, {literal(text) if pair else literal('')}, {str(pair).lower()},\n     {numbers(ids)},\n     {numbers(spans)},\n     {literal(chr(0x1d).join(words))},\n     {literal(decoded)}}},\n"


def goldens(args):
    lines = pathlib.Path(args.text).read_text().split("\n")
    body, names = "", []
    for name, whole in [*component_files(), *trained_files(lines, 90, 50)]:
        if name in LEFT_OUT:
            continue
        text = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
        t = Tokenizer.from_str(text)
        rows = ""
        for i, one in enumerate(TEXTS):
            e = t.encode(one)
            rows += row(one, one, e, t.decode(e.ids, skip_special_tokens=False))
            if i and not name.startswith(("pre_", "normal_")) and i % 3 == 0:
                try:
                    e = t.encode(TEXTS[i - 1], one)
                except BaseException:  # a text that is too short to be cut: an error, or Rust stops
                    continue
                rows += row(one, TEXTS[i - 1], e, t.decode(e.ids, skip_special_tokens=False))
        chunks = "\n    ".join(literal(text[i : i + 400])[:-2] for i in range(0, len(text), 400))
        body += f"inline constexpr std::string_view {name}_json =\n    {chunks}sv;\ninline constexpr sample {name}[] = {{\n{rows}}};\n\n"
        names.append(name)
    body += "inline constexpr file files[] = {\n" + "".join(f'    {{"{n}", {n}_json, {n}}},\n' for n in names) + "};\n"
    pathlib.Path(__file__).parents[1].joinpath("golden/hugging_face.hpp").write_text(f"""#pragma once
// Written by tests/peers/huggingface.py with tokenizers {tokenizers.__version__}.

#include <span>
#include <string_view>

namespace golden::hugging_face {{

using namespace std::string_view_literals;

/// A text, or a pair; ids; begin and end in bytes of the text each is from; every token's text and,
/// behind U+001F, its type, whether it is special and whether attended to, between U+001D, with
/// U+001E behind each overflow; and what the ids decode to.
struct sample {{
    std::string_view text, second;
    bool is_pair;
    std::string_view ids, offsets, tokens, decoded;
}};

struct file {{
    std::string_view name, json;
    std::span<sample const> samples;
}};

// clang-format off
{body}// clang-format on

}} // namespace golden::hugging_face
""")


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
jobs = parser.add_subparsers(required=True)
job = jobs.add_parser("compare")
job.add_argument("program")
job.add_argument("folders", nargs="+")
job.add_argument("--models", nargs="*", default=[])
job.add_argument("--megabytes", type=int, default=200)
job.add_argument("--seed", type=int, default=2026)
job.set_defaults(run=compare)
job = jobs.add_parser("goldens")
job.add_argument("text")
job.set_defaults(run=goldens)
arguments = parser.parse_args()
arguments.run(arguments)
