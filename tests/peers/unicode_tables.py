"""Writes include/haiga/tokenizer/unicode_tables.hpp and html_names.hpp: Unicode 16.0's general
categories, lower case and canonical decompositions, and the names of characters in HTML.

    pip install unicodedata2==16.0.0 && python tests/peers/unicode_tables.py && ./dev format"""
import html.entities
import pathlib

import unicodedata2 as unicode

VERSION = "16.0.0"
assert unicode.unidata_version == VERSION
CATEGORIES = """Cn Cc Cf Cs Co Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No
                Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp""".split()
ALTERNATING = len(CATEGORIES)  # Lu, Ll, Lu, ...
ALL = [chr(c) for c in range(0x110000)]
IDEOGRAPHS = [range(0xF900, 0xFADA), range(0x2F800, 0x2FA1E)]  # compatibility, one for one
folder = pathlib.Path(__file__).parents[2] / "include/haiga/tokenizer"


def category_runs():
    kinds = [CATEGORIES.index(unicode.category(c)) for c in ALL]
    upper, lower = CATEGORIES.index("Lu"), CATEGORIES.index("Ll")
    runs, at = [], 0
    while at < len(kinds):
        end = at + 1
        while kinds[at] == upper and end < len(kinds) and kinds[end] == (upper, lower)[(end - at) % 2]:
            end += 1
        alternating = end - at > 2
        if not alternating:
            end = at + 1
            while end < len(kinds) and kinds[end] == kinds[at]:
                end += 1
        runs.append(at << 5 | (ALTERNATING if alternating else kinds[at]))
        at = end
    return runs


def combining_runs():
    """Where the class changes, above it the new class."""
    found, before = [], 0
    for c in ALL:
        combining = unicode.combining(c)
        if combining != before:
            found.append(ord(c) << 8 | combining)
            before = combining
    return found


def lower_runs():
    """(first, last, stride, difference) of characters that have one of lower case."""
    runs = []
    for c in ALL:
        low = unicode_lower(c)
        if len(low) != 1 or low == c:
            continue
        difference, code = ord(low) - ord(c), ord(c)
        if runs and runs[-1][3] == difference:
            first, last, stride, _ = runs[-1]
            step = code - last
            if step == stride or (first == last and step <= 2):
                runs[-1] = (first, code, step, difference)
                continue
        runs.append((code, code, 1, difference))
    return runs


def unicode_lower(c):
    """unicodedata2 has no case: Python's own of 15.1, and the letters that 16.0 brought."""
    code = ord(c)
    if 0x10D50 <= code <= 0x10D65:  # Garay
        return chr(code + 0x20)
    new = {0xA7CB: 0x264, 0xA7CC: 0xA7CD, 0xA7DA: 0xA7DB, 0xA7DC: 0x19B, 0x1C89: 0x1C8A}
    return chr(new[code]) if code in new else c.lower()


def canonical(c):
    text = unicode.decomposition(c)
    return [int(x, 16) for x in text.split()] if text and text[0] != "<" else []


def table(kind, name, rows):
    return f"inline constexpr {kind} {name}[] = {{{', '.join(rows)}}};\n\n"


def triple(code):
    parts = canonical(chr(code))
    return f"{{{code:#x}, {parts[0]:#x}, {parts[1] if len(parts) > 1 else 0:#x}}}"


def target(code):
    return hex((canonical(chr(code)) or [0])[0])


def narrow(code):
    form = unicode.normalize("NFKC", chr(code))
    return hex(ord(form)) if len(form) == 1 and form != chr(code) else "0"


decomposed = [ord(c) for c in ALL if canonical(c) and not any(ord(c) in r for r in IDEOGRAPHS)]
primary = [c for c in decomposed if unicode.normalize("NFC", chr(c)) == chr(c)]
others = [c for c in decomposed if c not in set(primary)]
folder.joinpath("unicode_tables.hpp").write_text(
    f"""#pragma once
// Written by tests/peers/unicode_tables.py from the Unicode Character Database, {VERSION}.

#include <cstdint>

namespace haiga::tokenizer::unicode {{

/// Where runs of one general category begin: code point << 5 | category; the category after the
/// last stands for upper case, lower case, upper case ...
"""
    + table("std::uint32_t", "category_runs", map(hex, category_runs()))
    + "/// Where the canonical combining class changes: code point << 8 | class.\n"
    + table("std::uint32_t", "combining_runs", map(hex, combining_runs()))
    + """/// Every stride-th character from first to last has its lower case difference away.
struct lower_run {
    char32_t first, last;
    std::uint8_t stride;
    std::int32_t difference;
};
"""
    + table("lower_run", "lower_runs", (f"{{{a:#x}, {b:#x}, {s}, {d}}}" for a, b, s, d in lower_runs()))
    + """/// A character and the one or two (0: none) that it is canonically equivalent to.
struct decomposition {
    char32_t whole, first, second;
};

/// Those that NFC composes.
"""
    + table("decomposition", "compositions", map(triple, primary))
    + "/// Those that it does not.\n"
    + table("decomposition", "decompositions", map(triple, others))
    + f"/// What the compatibility ideographs from U+{IDEOGRAPHS[0][0]:X} on stand for; 0 for themselves.\n"
    + table("char32_t", "ideographs_f900", map(target, IDEOGRAPHS[0]))
    + f"/// The same from U+{IDEOGRAPHS[1][0]:X} on.\n"
    + table("char32_t", "ideographs_2f800", map(target, IDEOGRAPHS[1]))
    + "/// What full-width and half-width forms from U+FF01 on are otherwise; 0 for what has no other.\n"
    + table("char32_t", "wide_forms", map(narrow, range(0xFF01, 0xFFEF)))
    + "} // namespace haiga::tokenizer::unicode\n"
)


def escaped(text):
    out = ""
    for byte in text.encode():
        out += f"\\{byte:03o}" if byte < 0x20 or byte > 0x7E or byte in b'"\\' else chr(byte)
    return out


names = sorted(html.entities.html5.items())
folder.joinpath("html_names.hpp").write_text(
    """#pragma once
// Written by tests/peers/unicode_tables.py: what WHATWG's HTML standard, 13.5, names.

namespace haiga::tokenizer {

/// In the order of their bytes: a name, a space, the characters, a zero. Most names end in a
/// semicolon; those without one are older.
// clang-format off
inline constexpr char html_names[] =
"""
    + "\n".join(f'    "{escaped(name)} {escaped(value)}\\0"' for name, value in names)
    + ";\n// clang-format on\n\n} // namespace haiga::tokenizer\n"
)
