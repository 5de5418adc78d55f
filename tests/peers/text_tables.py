"""Writes include/haiga/context/text_tables.hpp: what texts that nobody has counted for Claude look
like to the tokenizer of Claude 2, whose ranks are public.

Run on a Debian system with translations of its programs (/usr/share/locale): other programs give
slightly other tables, and want the weights fitted again (tests/bench/claude_counts.cpp). And with the
folder HAIGA_TEST_DATA, which has claude2.json (Anthropic's ranks) and botchan.txt (of sentencepiece)."""
import base64
import collections
import gettext
import json
import math
import os
import pathlib
import unicodedata

import regex

DATA = pathlib.Path(os.environ["HAIGA_TEST_DATA"], "tokenizers")
LOCALES = pathlib.Path("/usr/share/locale")
LATIN = "de fr es it pt nl sv pl cs hu tr fi id ro nb da ca hr et lt eu".split()
LETTERS = "`abcdefghijklmnopqrstuvwxyz"  # ` stands for both ends of a word

# first, last, east Asian?, languages that it is counted in; of the others a byte is 0.6 tokens
SCRIPTS = [
    ("Greek", 0x370, 0x3FF, False, ["el"]),
    ("Cyrillic", 0x400, 0x52F, False, ["ru", "uk", "bg", "sr", "be"]),
    ("Armenian", 0x530, 0x58F, False, ["hy"]),
    ("Hebrew", 0x590, 0x5FF, False, ["he"]),
    ("Arabic", 0x600, 0x77F, False, ["ar", "fa"]),
    ("Devanagari", 0x900, 0x97F, False, ["hi", "mr"]),
    ("Bengali", 0x980, 0x9FF, False, ["bn"]),
    ("Gurmukhi", 0xA00, 0xA7F, False, ["pa"]),
    ("Tamil", 0xB80, 0xBFF, False, ["ta"]),
    ("Thai", 0xE00, 0xE7F, False, ["th"]),
    ("Georgian", 0x10A0, 0x10FF, False, ["ka"]),
    ("Hangul", 0x1100, 0x11FF, True, ["ko"]),
    ("Kana", 0x3040, 0x30FF, True, ["ja"]),
    ("Han", 0x3400, 0x9FFF, True, ["zh_CN", "zh_TW", "ja"]),
    ("Hangul", 0xAC00, 0xD7AF, True, ["ko"]),
    ("Han", 0xF900, 0xFAFF, True, []),
    ("Han", 0x20000, 0x323AF, True, []),
]


def ranks():
    words = json.loads((DATA / "claude2.json").read_text())["bpe_ranks"].split()
    return {base64.b64decode(word): i for i, word in enumerate(words[2:])}


def tokens(piece, ranks):
    parts = [bytes([b]) for b in piece.encode()]
    while len(parts) > 1:
        found = [(ranks[a + b], i) for i, (a, b) in enumerate(zip(parts, parts[1:])) if a + b in ranks]
        if not found:
            break
        i = min(found)[1]
        parts[i : i + 2] = [parts[i] + parts[i + 1]]
    return len(parts)


def translations(language, limit, originals=False):
    texts = {}
    folder = LOCALES / language / "LC_MESSAGES"
    for file in sorted(folder.glob("*.mo"), key=lambda f: f.stat().st_size, reverse=True)[:10]:
        with open(file, "rb") as f:
            catalog = gettext.GNUTranslations(f)._catalog
        for i, (original, text) in enumerate(catalog.items()):
            if i % 4 == 0 and isinstance(original, str) and original and text != original:
                texts[original if originals else text] = None
                limit -= len(text)
                if limit < 0:
                    return "\n".join(texts)
    return "\n".join(texts)


def pair_shares(text):
    pairs = collections.Counter()
    for word in regex.findall(r"\p{Latin}+", text):
        letters = "".join(c for c in unicodedata.normalize("NFD", word.lower()) if "a" <= c <= "z")
        word = "`" + letters + "`"
        pairs.update(a + b for a, b in zip(word, word[1:]))
    return {pair: n / pairs.total() for pair, n in pairs.items()}


def mean_shares(texts):
    shares = collections.Counter()
    for text in texts:
        for pair, share in pair_shares(text).items():
            shares[pair] += share / len(texts)
    return shares


def conditional(shares, first, second, floor=2e-5):
    whole = sum(shares[first + b] for b in LETTERS)
    return (shares[first + second] + floor) / (whole + len(LETTERS) * floor)


def letter_pairs():
    """Logarithm of how much likelier a pair is in another language than in English, in eighths."""
    other = mean_shares([translations(language, 20_000) for language in LATIN])
    english = mean_shares([translations("de", 150_000, True),
                           (DATA / "botchan.txt").read_text(errors="replace")])
    rows = []
    for a in LETTERS:
        eighths = [round(8 * math.log(conditional(other, a, b) / conditional(english, a, b)))
                   for b in LETTERS]
        rows.append("".join(chr(79 + max(-30, min(30, e))) for e in eighths))
    return rows


def script_rates():
    table, memo, merges = [], {}, ranks()
    texts = {}
    for name, first, last, east_asian, languages in SCRIPTS:
        run = regex.compile(f" ?[{chr(first)}-{chr(last)}]+")
        counted = letters = 0
        for language in languages:
            if language not in texts:
                texts[language] = unicodedata.normalize("NFC", translations(language, 25_000))
            for word in run.findall(texts[language]):
                if word not in memo:
                    memo[word] = tokens(word, merges)
                counted += memo[word]
                letters += len(word.strip())
        same = [row for row in table if row[3] == name]
        rate = counted / letters if letters > 500 else same[0][2] if same else 0.6 * 3
        table.append((first, last, rate, name, east_asian))
    return table


def main():
    rows = "\n".join(f'    R"({row})"' for row in letter_pairs())
    scripts = "\n".join(
        f"    {{{first:#x}, {last:#x}, {rate:.2f}, {str(east).lower()}}}, // {name}"
        for first, last, rate, name, east in script_rates())
    pathlib.Path(__file__).parents[2].joinpath("include/haiga/context/text_tables.hpp").write_text(f"""\
#pragma once
// Written by tests/peers/text_tables.py; see there.

#include <string_view>

namespace haiga::context::detail {{

/// How much likelier a pair of letters is in a word of twenty-one other languages than in an English
/// one: the logarithm, in eighths, above 'O'. Row: the first letter, of the end of a word and a to z.
inline constexpr std::string_view letter_pairs =
{rows};

/// Tokens a letter in Claude 2's vocabulary, on translations of Debian's programs.
struct script {{
    char32_t first;
    char32_t last;
    double tokens;
    bool east_asian;
}};
inline constexpr script scripts[] = {{
{scripts}
}};

}} // namespace haiga::context::detail
""")


if __name__ == "__main__":
    main()
