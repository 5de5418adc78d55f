"""Writes tests/golden/patterns.hpp: what Node.js 20 says of patterns with the u flag. Patterns are put
together at random from what has a meaning, well formed or not.

    python tests/peers/patterns.py"""
import json
import pathlib
import random
import subprocess

SOUP = r"""a b c ( (?: (?= (?! (?<= (?<! (?<n> ) ) ) ) | * + ? {2} {1,3} {2, } [ [^ ] - \d \w \s \S \W \D \b \B
\1 \2 \k<n> ^ $ . \u0061 \u{e9} \x62 \cA \0 \- \. \p{L} \P{Lu} \p{Script=Greek} \p{scx=Grek} \p{Foo} é α 😀
\ud83d\ude00 *? +? a-c \] \/ \n \t \p{Alphabetic} \p{Nd} \p{ASCII} (?P<x> (?i) \a \z \_""".split()
ATOMS = r"""a b a b . \w \W [ab] [^a] \d é (a) (b|a) (?:ab|a) (?<n>a|b) [\w-] \p{L} (a*) (?:a|(b)) [a-cé] \s
\1 \2""".split()
ASSERTIONS = r"\b \B ^ $ (?=a) (?!b) (?<=a) (?<!b) (?=(a)) (?<=(b)) (?<=\1(a)) (?<=a.)".split()
COUNTS = ["", "", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,2}?"]
LETTERS = list("ababc-1 éα_A€\n")  # V8 looks for matches between surrogates, too

rng = random.Random(1)
ASK = """for (const line of require('fs').readFileSync(0, 'utf8').trim().split('\\n')) {
    const [pattern, ...texts] = JSON.parse(line);
    try { const r = new RegExp(pattern, 'u'); console.log(texts.map(t => r.test(t) ? 1 : 0).join('')); }
    catch (e) { console.log(''); } }"""


def term():
    return rng.choice(ASSERTIONS) if rng.random() < 0.25 else rng.choice(ATOMS) + rng.choice(COUNTS)


def pattern(depth):
    text = ""
    for _ in range(rng.randint(1, 4)):
        nested = depth > 0 and rng.random() < 0.2
        text += f"({pattern(depth - 1)}){rng.choice(COUNTS)}" if nested else term()
    return text + ("|" + term() if rng.random() < 0.15 else "")


def row():
    soup = rng.random() < 0.4
    source = "".join(rng.choices(SOUP, k=rng.randint(1, 8))) if soup else pattern(2)
    texts = ["".join(rng.choices(LETTERS, k=rng.randint(0, 7))) for _ in range(4)]
    return [source, *texts]


def escaped(text):
    out = ""
    for byte in text.encode():
        out += f"\\{byte:03o}" if byte < 0x20 or byte > 0x7E or byte in b'"\\?' else chr(byte)
    return f'"{out}"'


questions = [row() for _ in range(1500)]
answers = subprocess.run(["node", "-e", ASK], input="\n".join(map(json.dumps, questions)), text=True,
                         capture_output=True, check=True, timeout=60).stdout.split("\n")
rows = [[q[0], a, *q[1:]] for q, a in zip(questions, answers)]
pathlib.Path(__file__).parents[1].joinpath("golden/patterns.hpp").write_text(
    """#pragma once
// Written by tests/peers/patterns.py from Node.js 20.

namespace golden::patterns {

/// verdicts: 1 or 0 a text; nothing where the pattern is refused.
struct row {
    char const* pattern;
    char const* verdicts;
    char const* texts[4];
};

// clang-format off
inline constexpr row rows[] = {
"""
    + "".join(f"    {{{escaped(r[0])}, \"{r[1]}\", {{{', '.join(map(escaped, r[2:]))}}}}},\n" for r in rows)
    + "};\n// clang-format on\n\n} // namespace golden::patterns\n"
)
