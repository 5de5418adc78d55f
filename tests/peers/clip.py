"""Writes tests/golden/clip.hpp: what transformers' CLIPTokenizer, and OpenAI's program with ftfy, make
of texts; and checksums of what they make of many more, which tests/tokenizer/clip_texts.hpp writes too.

    python tests/peers/clip.py bpe_simple_vocab_16e6.txt.gz"""
import gzip
import html
import json
import pathlib
import sys
import tempfile
import zlib

import ftfy
import regex
import tokenizers
import transformers

TEXTS = [
    "",
    " \t\n",
    "a photo of a cat",
    "A Photo of a CAT, sitting on the mat.",
    "portrait of a woman, (masterpiece:1.2), 8k uhd, f/1.8, 35mm",
    "don't, I'm, we've, they're, he'd, she'll, it's, y'all, DON'T, 'S 's 'twas",
    "rock'n'roll ''s '''re it''s 'ſ",
    "in 1984 there were 3.14159 or 1,000,000 of 42",
    "½ ¾ Ⅳ ⅷ ①②③ ٣٤ १२३ 𝟘𝟙",
    "supercalifragilisticexpialidocious antidisestablishmentarianism",
    "hello!!! what?! (really...) [yes] {no} <br/> #art @artist $5 100% a&b c_d e-f \\ ^ ~ `x`",
    "naïve café Ångström Übergröße façade œuvre Čapek Łódź",
    "cafe\u0301 A\u030angstro\u0308m q\u0323\u0307 q\u0307\u0323 \u1e0b\u0323 \u0344",
    "\u212b \u2126 \u212a \uf900 \ufb1d \U0002f800 \u0958 \u2adc",
    "ΟΔΥΣΣΕΥΣ Ὀδυσσεύς ΑΣ ΑΣ. Σ ς σ",
    "İstanbul DİYARBAKIR ısı Iı",
    "ẞ ß ǅ ǆ Ǆ Ω ﬁ ﬀ ĳ ŉ",
    "Москва Привет, мир! ЁЖ",
    "猫が座っている、写真。カタカナ ﾊﾝｶｸ ＦＵＬＬｗｉｄｔｈ",
    "고양이 사진 \u1100\u1161\u11a8 \uac00\u11a8 각",
    "صورة قطة على الحصيرة",
    "תמונה של חתול שָׁלוֹם",
    "नमस्ते दुनिया กำลัง ခင်ဗျား",
    "😀 😺🐱 👍🏽 👩‍👩‍👧‍👦 🇩🇪 ❤️ ✨ cat😺cat",
    "𝓕𝓪𝓷𝓬𝔂 𝕋𝕖𝕩𝕥 Ｆｕｌｌ",
    "zero\u200bwidth soft\u00adhyphen nbsp\u00a0here ideographic\u3000space nel\u0085end ls\u2028ps\u2029",
    "control \x00 \x01\x02 \x07bell \x1b[31mred\x1b[0m \x7f \x1c\x1d\x1e\x1f",
    "\ufeffbom \ufffd \ufffe \U0010ffff \ue000",
    "&lt;b&gt; &amp; &amp;amp; &quot;x&quot; &#39;s &#x27;t &copy; &nbsp;x &eacute;t&eacute; &Eacute;",
    "&notit; &notin; &amp &ampx &AMP; &EACUTE; &#0; &#128; &#xD800; &#1114112; &#1; &#; &#x; &",
    "a < b &amp;lt; c &amp;amp;amp; &hellip; &mdash;",
    "“quoted” ‘single’ it’s – — … ‹›«»",
    "<|startoftext|>a<|endoftext|>b <|endoftext|",
    "<|STARTOFTEXT|>!! x<|EndOfText|>y",
    "</w> a</w> </w",
    "e\u0301" * 3 + "\u0301" * 5,
    "x" * 100,
    "ab" * 60,
    "!" * 50 + "?" * 50,
    "the " * 100,
    "Zalgo\u0300\u0316\u0301\u0317 t\u0336e\u0336x\u0336t\u0336",
]
# Joined by chance to the texts behind the checksums.
SNIPPETS = """a photo of cat the DOG Painting trending on artstation, 8k masterpiece !! ? . - _ ( ) : 1.2 [ ] {
 } 's 'T 've 'LL ' '' 2024 7 ½ Ⅳ naïve CAFÉ é ß İ ſ Σ ς ΟΔΟΣ Привет 猫 写真 カ ﾊ 한국 각 قطة שלום नमस्ते กำ 😀 👍🏽 🇩🇪 \u200d \u0301
 \u0323 \u0308 \u0345 \u3099 \u1161 \u11a8 \uac00 \u00a0 \u0085 \u3000 \x00 \x1f <| |> <|endoftext|> </w> &amp; &lt; # @ ~ \\
 \u212b \uf900 \ufb1d Ǆ ǅ 𝓕 \U0001f9d1\u200d\U0001f3a8""".replace("\n", "").split(" ")
BLOCKS, BLOCK = 40, 50


def generated():
    """xorshift64*, as in tests/tokenizer/clip_texts.hpp."""
    state = 2026

    def below(n):
        nonlocal state
        state ^= state >> 12
        state = state ^ state << 25 & (1 << 64) - 1
        state ^= state >> 27
        return (state * 0x2545F4914F6CDD1D >> 33) % (1 << 31) % n

    for _ in range(BLOCKS * BLOCK):
        text = ""
        for _ in range(1 + below(16)):
            text += SNIPPETS[below(len(SNIPPETS))] + (" " if below(2) == 0 else "")
        yield text


def folder_of(merges_file, padding, folder):
    bs = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    cs = [chr(b) for b in bs] + [chr(256 + n) for n in range(256 - len(bs))]
    merges = gzip.open(merges_file).read().decode().split("\n")[1 : 49152 - 256 - 2 + 1]
    words = cs + [c + "</w>" for c in cs] + [m.replace(" ", "") for m in merges]
    words += ["<|startoftext|>", "<|endoftext|>"]
    folder = pathlib.Path(folder)
    folder.joinpath("vocab.json").write_text(json.dumps({w: i for i, w in enumerate(words)}))
    folder.joinpath("merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
    folder.joinpath("tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "CLIPTokenizer", "pad_token": padding, "model_max_length": 77})
    )
    return folder


PIECES = regex.compile(
    r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+",
    regex.IGNORECASE,
)


def openai(text, folder):
    """What clip/simple_tokenizer.py of openai/CLIP does to a text; tokenizers merges."""
    text = html.unescape(html.unescape(ftfy.fix_text(text))).strip()
    text = regex.sub(r"\s+", " ", text).strip().lower()
    byte_level = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    ids = []
    for piece in PIECES.findall(text):
        if piece in ("<|startoftext|>", "<|endoftext|>"):
            ids.append(49406 if "start" in piece else 49407)
            continue
        (word, _), = byte_level.pre_tokenize_str(piece)
        ids += [token.id for token in folder.tokenize(word)]
    return ids


def quoted(text):
    """Octal escapes of three digits end by themselves."""
    return "".join(
        chr(b) if 0x20 <= b < 0x7F and chr(b) not in '"\\?' else f"\\{b:03o}" for b in text.encode()
    )


def sample(text, ids):
    return f'    {{"{quoted(text)}"sv,\n     "{" ".join(map(str, ids))}"}},\n'


def checksums(all_ids):
    sums = []
    for first in range(0, len(all_ids), BLOCK):
        lines = "".join(" ".join(map(str, ids)) + "\n" for ids in all_ids[first : first + BLOCK])
        sums.append(f"{zlib.crc32(lines.encode()):#x}")
    return ", ".join(sums)


with tempfile.TemporaryDirectory() as here:
    folder = folder_of(sys.argv[1], "<|endoftext|>", here)
    hugging_face = transformers.CLIPTokenizer.from_pretrained(folder)
    model = tokenizers.models.BPE.from_file(
        str(folder / "vocab.json"), str(folder / "merges.txt"), end_of_word_suffix="</w>"
    )


def of_transformers(text):
    return hugging_face(text).input_ids[1:-1]


many = list(generated())
out = f"""#pragma once
// Written by tests/peers/clip.py with transformers {transformers.__version__}, tokenizers {tokenizers.__version__},
// ftfy {ftfy.__version__} and regex {regex.__version__}.

#include <cstdint>
#include <string_view>

namespace golden::clip {{

using namespace std::string_view_literals;

struct sample {{
    std::string_view text, ids;
}};

// clang-format off
inline constexpr sample hugging_face[] = {{
{"".join(sample(t, of_transformers(t)) for t in TEXTS)}}};

/// Where OpenAI's program makes something else of the same texts.
inline constexpr sample openai[] = {{
{"".join(sample(t, openai(t, model)) for t in TEXTS if openai(t, model) != of_transformers(t))}}};

inline constexpr std::string_view snippets[] = {{
    {", ".join(f'"{quoted(s)}"sv' for s in SNIPPETS)}}};

/// CRC-32 of the ids, a line a text, of each {BLOCK} texts that clip_texts.hpp makes of the snippets.
inline constexpr std::uint32_t hugging_face_sums[] = {{{checksums([of_transformers(t) for t in many])}}};
// clang-format on

}} // namespace golden::clip
"""
pathlib.Path(__file__).parents[1].joinpath("golden/clip.hpp").write_text(out)
