"""Writes include/haiga/tokenizer/normalize/compatibility_tables.hpp and
include/haiga/tokenizer/pretokenize/property_tables.hpp: Unicode 16.0's compatibility decompositions,
word characters, scripts and what breaks grapheme clusters.

    pip install unicodedata2==16.0.0 regex && python tests/peers/unicode_properties.py && ./dev format"""
import pathlib

import regex
import unicodedata2 as unicode

VERSION = "16.0.0"
assert unicode.unidata_version == VERSION
ALL = [chr(c) for c in range(0x110000)]
ASSIGNED = [c for c in ALL if unicode.category(c) != "Cn"]
assigned = {ord(c) for c in ASSIGNED}
EVERY = "".join(ALL)
folder = pathlib.Path(__file__).parents[2] / "include/haiga/tokenizer"


def having(pattern):
    """The code points of 16.0 that have a property; regex may know a newer version."""
    return everything_having(pattern) & assigned


def everything_having(pattern):
    return {code for found in regex.finditer(pattern + "+", EVERY) for code in range(*found.span())}


def runs(value_of):
    """Where a value changes: (code point, value)."""
    found, before = [], 0
    for code in range(0x110000):
        value = value_of(code)
        if value != before:
            found.append((code, value))
            before = value
    return found


def table(kind, name, rows):
    return f"inline constexpr {kind} {name}[] = {{{', '.join(rows)}}};\n\n"


# Compatibility: what NFKD makes of a character where NFD makes something else of it.
texts, rows = "", []
for c in ASSIGNED:
    whole = unicode.normalize("NFKD", c)
    if whole != unicode.normalize("NFD", c):
        texts += whole if whole not in texts else ""
        rows.append((ord(c), texts.index(whole), len(whole)))
folder.joinpath("normalize/compatibility_tables.hpp").write_text(
    f"""#pragma once
// Written by tests/peers/unicode_properties.py from the Unicode Character Database, {VERSION}.

#include <cstdint>

namespace haiga::tokenizer::unicode {{

/// A character and where its compatibility decomposition stands, whole and in canonical order.
struct compatibility {{
    char32_t whole;
    std::uint16_t at;
    std::uint8_t length;
}};

"""
    + table("compatibility", "compatibilities", (f"{{{c:#x}, {a}, {n}}}" for c, a, n in rows))
    + table("char32_t", "compatibility_texts", (hex(ord(c)) for c in texts))
    + "} // namespace haiga::tokenizer::unicode\n"
)

WORD = having(r"[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]")

# The scripts by number: 0 for what is in none, 1 for Han and what goes with it.
names = [
    "Han", "Common", "Inherited", "Latin", "Greek", "Cyrillic", "Armenian", "Hebrew", "Arabic", "Syriac",
    "Thaana", "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya", "Tamil", "Telugu", "Kannada",
    "Malayalam", "Sinhala", "Thai", "Lao", "Tibetan", "Myanmar", "Georgian", "Hangul", "Ethiopic",
    "Cherokee", "Canadian_Aboriginal", "Ogham", "Runic", "Khmer", "Mongolian", "Hiragana", "Katakana",
    "Bopomofo", "Yi", "Old_Italic", "Gothic", "Deseret", "Tagalog", "Hanunoo", "Buhid", "Tagbanwa",
    "Limbu", "Tai_Le", "Linear_B", "Ugaritic", "Shavian", "Osmanya", "Cypriot", "Braille", "Buginese",
    "Coptic", "New_Tai_Lue", "Glagolitic", "Tifinagh", "Syloti_Nagri", "Old_Persian", "Kharoshthi",
    "Balinese", "Cuneiform", "Phoenician", "Phags_Pa", "Nko", "Sundanese", "Lepcha", "Ol_Chiki", "Vai",
    "Saurashtra", "Kayah_Li", "Rejang", "Lycian", "Carian", "Lydian", "Cham", "Tai_Tham", "Tai_Viet",
    "Avestan", "Egyptian_Hieroglyphs", "Samaritan", "Lisu", "Bamum", "Javanese", "Meetei_Mayek",
    "Imperial_Aramaic", "Old_South_Arabian", "Inscriptional_Parthian", "Inscriptional_Pahlavi",
    "Old_Turkic", "Kaithi", "Batak", "Brahmi", "Mandaic", "Chakma", "Meroitic_Cursive",
    "Meroitic_Hieroglyphs", "Miao", "Sharada", "Sora_Sompeng", "Takri", "Caucasian_Albanian", "Bassa_Vah",
    "Duployan", "Elbasan", "Grantha", "Pahawh_Hmong", "Khojki", "Linear_A", "Mahajani", "Manichaean",
    "Mende_Kikakui", "Modi", "Mro", "Old_North_Arabian", "Nabataean", "Palmyrene", "Pau_Cin_Hau",
    "Old_Permic", "Psalter_Pahlavi", "Siddham", "Khudawadi", "Tirhuta", "Warang_Citi", "Ahom",
    "Anatolian_Hieroglyphs", "Hatran", "Multani", "Old_Hungarian", "SignWriting", "Adlam", "Bhaiksuki",
    "Marchen", "Newa", "Osage", "Tangut", "Masaram_Gondi", "Nushu", "Soyombo", "Zanabazar_Square",
    "Dogra", "Gunjala_Gondi", "Makasar", "Medefaidrin", "Hanifi_Rohingya", "Sogdian", "Old_Sogdian",
    "Elymaic", "Nandinagari", "Nyiakeng_Puachue_Hmong", "Wancho", "Chorasmian", "Dives_Akuru",
    "Khitan_Small_Script", "Yezidi", "Cypro_Minoan", "Old_Uyghur", "Tangsa", "Toto", "Vithkuqi", "Kawi",
    "Nag_Mundari", "Garay", "Gurung_Khema", "Kirat_Rai", "Ol_Onal", "Sunuwar", "Todhri", "Tulu_Tigalari",
]
script_of = {}
for number, name in enumerate(names, 1):
    for code in having(rf"\p{{Script={name}}}"):
        script_of[code] = number
missing = [hex(ord(c)) for c in ASSIGNED if ord(c) not in script_of and unicode.category(c) not in ("Co", "Cs")]
assert not missing, missing[:20]

GCB = ["Other", "Control", "Extend", "ZWJ", "Regional_Indicator", "Prepend", "SpacingMark", "L", "V", "T"]
kind_of = {0x0D: 10, 0x0A: 11}
for number, name in enumerate(GCB[1:], 1):
    for code in having(rf"\p{{Grapheme_Cluster_Break={name}}}"):
        kind_of[code] = number
for code in having(r"\p{Extended_Pictographic}"):
    kind_of.setdefault(code, 12)
linkers, consonants = having(r"\p{InCB=Linker}"), having(r"\p{InCB=Consonant}")
extenders = having(r"\p{InCB=Extend}")
unassigned = everything_having(r"\p{GCB=Control}") - assigned
pictures = everything_having(r"\p{Extended_Pictographic}") - assigned


def cluster(code):
    kind = 1 if code in unassigned else 12 if code in pictures else kind_of.get(code, 0)
    indic = 1 if code in consonants else 2 if code in linkers else 3 if code in extenders else 0
    return kind | indic << 4


folder.joinpath("pretokenize/property_tables.hpp").write_text(
    f"""#pragma once
// Written by tests/peers/unicode_properties.py from the Unicode Character Database, {VERSION}.

#include <cstdint>

namespace haiga::tokenizer::unicode {{

/// Where runs of word characters begin and end: code point << 1 | whether they are some.
"""
    + table("std::uint32_t", "word_runs", (hex(c << 1 | v) for c, v in [(0, 0)] + runs(lambda c: int(c in WORD))))
    + "/// Where runs of a script begin: code point << 8 | a number of the script; 0 none, 1 Han,\n"
    + f"/// 2 Common, {names.index('Hiragana') + 1} Hiragana, {names.index('Katakana') + 1} Katakana.\n"
    + table("std::uint32_t", "script_runs", (hex(c << 8 | v) for c, v in [(0, 0)] + runs(lambda c: script_of.get(c, 0))))
    + """/// Where runs of Grapheme_Cluster_Break begin: code point << 6 | Indic_Conjunct_Break (1 consonant,
/// 2 linker, 3 extend) << 4 | 0 other, 1 control, 2 extend, 3 ZWJ, 4 regional indicator, 5 prepend,
/// 6 spacing mark, 7 L, 8 V, 9 T, 10 CR, 11 LF, 12 extended pictographic. Hangul's syllables are not
/// among them.
"""
    + table("std::uint32_t", "cluster_runs", (hex(c << 6 | v) for c, v in [(0, 0)] + runs(cluster)))
    + "} // namespace haiga::tokenizer::unicode\n"
)
