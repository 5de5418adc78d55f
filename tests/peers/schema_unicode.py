"""Writes what patterns and host names of schemas need of Unicode 16.0:
include/haiga/schema/pattern/unicode_tables.hpp and include/haiga/schema/formats/idna_tables.hpp.

    pip install regex==2024.11.6 unicodedata2==16.0.0 fonttools==4.55.0 idna==3.10
    python tests/peers/schema_unicode.py && ./dev format

Properties come from the regex package, categories from unicodedata2, names of scripts from
fonttools. What names are valid is computed by the rules of RFC 5892, and compared with idna."""
import pathlib

import idna.idnadata
import regex
import unicodedata2 as unicode
from fontTools.unicodedata import Scripts

VERSION = "16.0.0"
assert unicode.unidata_version == VERSION
COUNT = 0x110000
ALL = [chr(c) for c in range(COUNT)]
TEXT = "".join(ALL)
folder = pathlib.Path(__file__).parents[2] / "include/haiga/schema"

# ECMA-262, table 68, and the values of General_Category: names, the short one first.
CATEGORIES = """L:Letter LC:Cased_Letter Lu:Uppercase_Letter Ll:Lowercase_Letter Lt:Titlecase_Letter
Lm:Modifier_Letter Lo:Other_Letter M:Mark:Combining_Mark Mn:Nonspacing_Mark Mc:Spacing_Mark
Me:Enclosing_Mark N:Number Nd:Decimal_Number:digit Nl:Letter_Number No:Other_Number
P:Punctuation:punct Pc:Connector_Punctuation Pd:Dash_Punctuation Ps:Open_Punctuation
Pe:Close_Punctuation Pi:Initial_Punctuation Pf:Final_Punctuation Po:Other_Punctuation S:Symbol
Sm:Math_Symbol Sc:Currency_Symbol Sk:Modifier_Symbol So:Other_Symbol Z:Separator
Zs:Space_Separator Zl:Line_Separator Zp:Paragraph_Separator C:Other Cc:Control:cntrl Cf:Format
Cs:Surrogate Co:Private_Use Cn:Unassigned"""
# ECMA-262, table 67, but for ASCII and Any, and Changes_When_NFKC_Casefolded, of which the package
# has no data.
BINARY = """ASCII_Hex_Digit:AHex Alphabetic:Alpha Bidi_Control:Bidi_C Bidi_Mirrored:Bidi_M
Case_Ignorable:CI Cased Changes_When_Casefolded:CWCF Changes_When_Casemapped:CWCM
Changes_When_Lowercased:CWL Changes_When_Titlecased:CWT Changes_When_Uppercased:CWU Dash
Default_Ignorable_Code_Point:DI Deprecated:Dep Diacritic:Dia Emoji Emoji_Component:EComp
Emoji_Modifier:EMod Emoji_Modifier_Base:EBase Emoji_Presentation:EPres
Extended_Pictographic:ExtPict Extender:Ext Grapheme_Base:Gr_Base Grapheme_Extend:Gr_Ext
Hex_Digit:Hex IDS_Binary_Operator:IDSB IDS_Trinary_Operator:IDST ID_Continue:IDC ID_Start:IDS
Ideographic:Ideo Join_Control:Join_C Logical_Order_Exception:LOE Lowercase:Lower Math
Noncharacter_Code_Point:NChar Pattern_Syntax:Pat_Syn Pattern_White_Space:Pat_WS
Quotation_Mark:QMark Radical Regional_Indicator:RI Sentence_Terminal:STerm Soft_Dotted:SD
Terminal_Punctuation:Term Unified_Ideograph:UIdeo Uppercase:Upper Variation_Selector:VS
White_Space:space XID_Continue:XIDC XID_Start:XIDS"""


def runs(members):
    """[first, behind the last] of runs of code points in an ordered list."""
    found = []
    for c in members:
        if found and found[-1][1] == c:
            found[-1][1] = c + 1
        else:
            found.append([c, c + 1])
    return found


def of_property(name):
    return [list(m.span()) for m in regex.finditer(rf"\p{{{name}}}+", TEXT)]


def of_category(name):
    wanted = {"LC": ("Lu", "Ll", "Lt")}.get(name, (name,))
    return runs(i for i, c in enumerate(ALL) if unicode.category(c).startswith(wanted))


def script_names():
    for short, name in Scripts.NAMES.items():
        if short not in ("Zzzz", "Hrkt") and of_property(f"Script={name}"):
            extra = {"Copt": ["Qaac"], "Zinh": ["Qaai"]}.get(short, [])
            yield name, [short, name] + extra


class tables:
    def __init__(self):
        self.lengths, self.rows, self.known = [], {}, {}

    def add(self, kind, names, members):
        flat, at = [], 0
        for first, end in members:
            flat += [first - at, end - first]
            at = end
        place = self.known.setdefault(tuple(flat), len(self.lengths))
        if place == len(self.lengths):
            self.lengths += flat
        for name in names:
            self.rows.setdefault(kind, []).append((name, place, len(flat)))

    def written(self):
        yield """#pragma once
// Written by tests/peers/schema_unicode.py.

#include <cstdint>
#include <string_view>

namespace haiga::schema::regex::unicode {

"""
        yield f'inline constexpr std::string_view version = "{VERSION[:-2]}";\n\n'
        yield "/// By turns how many code points are not in a set, and how many are.\n// clang-format off\n"
        yield "inline constexpr std::uint32_t lengths[] = {\n"
        line = ""
        for n in self.lengths:
            line += f"{n},"
            if len(line) > 90:
                yield line + "\n"
                line = ""
        yield line + "};\n\n"
        yield """/// A name that ECMA-262 allows, and where the lengths of its set begin.
struct property {
    std::string_view name;
    std::uint32_t first, count;
};

"""
        for kind, rows in self.rows.items():
            yield f"inline constexpr property {kind}[] = {{\n"
            for row in sorted(rows):
                yield '    {"%s", %d, %d},\n' % row
            yield "};\n\n"
        yield "// clang-format on\n\n} // namespace haiga::schema::regex::unicode\n"


def write_properties():
    t = tables()
    for line in CATEGORIES.split():
        t.add("categories", line.split(":"), of_category(line.split(":")[0]))
    for line in BINARY.split():
        names = line.split(":")
        t.add("binary_properties", names, binary(names[0]))
    t.add("binary_properties", ["Assigned"], runs(
        i for i, c in enumerate(ALL) if unicode.category(c) != "Cn"))
    for name, names in script_names():
        t.add("scripts", names, of_property(f"Script={name}"))
        t.add("script_extensions", names, of_property(f"Script_Extensions={name}"))
    (folder / "pattern/unicode_tables.hpp").write_text("".join(t.written()))


def binary(name):
    if name == "Bidi_Mirrored":
        return runs(i for i, c in enumerate(ALL) if unicode.mirrored(c))
    return of_property(name)


# RFC 5892, 2.6: the exceptions.
PVALID = [0xDF, 0x3C2, 0x6FD, 0x6FE, 0xF0B, 0x3007]
DISALLOWED = [0x640, 0x7FA, 0x302E, 0x302F, *range(0x3031, 0x3036), 0x303B]
CONTEXT = [0xB7, 0x375, 0x5F3, 0x5F4, 0x30FB, *range(0x660, 0x66A), *range(0x6F0, 0x6FA), 0x200C, 0x200D]
BLOCKS = [range(0x20D0, 0x2100), range(0x1D100, 0x1D200), range(0x1D200, 0x1D250)]


def casefold(text):
    """Python's own of 14.0, and the letters that 16.0 brought."""
    new = {0x1C89: 0x1C8A, 0xA7CB: 0x264, 0xA7CC: 0xA7CD, 0xA7DA: 0xA7DB, 0xA7DC: 0x19B}
    new |= {c: c + 0x20 for c in range(0x10D50, 0x10D66)}
    return "".join(chr(new[ord(c)]) if ord(c) in new else c.casefold() for c in text)


def is_stable(c):
    return unicode.normalize("NFKC", casefold(unicode.normalize("NFKC", c))) == c


def valid_characters():
    ignorable = set()
    for name in ("Default_Ignorable_Code_Point", "White_Space", "Noncharacter_Code_Point",
                 "Hangul_Syllable_Type=L", "Hangul_Syllable_Type=V", "Hangul_Syllable_Type=T"):
        for first, end in of_property(name):
            ignorable.update(range(first, end))
    for c in range(COUNT):
        if c in DISALLOWED or c in CONTEXT:
            continue
        if c in PVALID or (c < 0x80 and (chr(c).isdigit() or chr(c).islower() or c == 0x2D)):
            yield c
        elif (unicode.category(chr(c)) in ("Ll", "Lu", "Lo", "Nd", "Lm", "Mn", "Mc")
              and c not in ignorable and not any(c in b for b in BLOCKS) and is_stable(chr(c))):
            yield c


def compare_with_idna(valid):
    """idna 3.10 knows Unicode 15.1: on what that has, the two must agree."""
    theirs = set()
    for packed in idna.idnadata.codepoint_classes["PVALID"]:
        theirs.update(range(packed >> 32, packed & 0xFFFFFFFF))
    only_here, only_there = set(valid) - theirs, theirs - set(valid)
    assert not only_there, sorted(map(hex, only_there))[:20]
    print(len(only_here), "characters are valid that idna does not know:",
          " ".join(f"{a:x}-{b - 1:x}" for a, b in runs(sorted(only_here))))


def ranges(name, comment, members):
    rows = ", ".join(f"{{{a:#x}, {b - 1:#x}}}" for a, b in runs(sorted(members)))
    return f"/// {comment}\ninline constexpr range {name}[] = {{{rows}}};\n\n"


def write_idna():
    valid = list(valid_characters())
    compare_with_idna(valid)
    used = valid + CONTEXT + list(range(ord("A"), ord("Z") + 1))
    used.sort()

    def where(test):
        return [c for c in used if test(chr(c))]

    def joining(*types):
        found = set()
        for t in types:
            for first, end in of_property(f"Joining_Type={t}"):
                found.update(range(first, end))
        return [c for c in range(COUNT) if c in found]

    def bidi(*classes):
        return where(lambda c: unicode.bidirectional(c) in classes)

    scripts = regex.compile(r"\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Han}")
    pairs = []
    for c in ALL:
        parts = unicode.decomposition(c).split()
        if len(parts) == 2 and parts[0][0] != "<" and unicode.normalize("NFC", c) == c:
            first, second = (int(p, 16) for p in parts)
            if first in set_of_valid(valid) and second in set_of_valid(valid):
                pairs.append((first, second))
    text = f"""#pragma once
// Written by tests/peers/schema_unicode.py from Unicode {VERSION} by the rules of RFC 5892.

#include <cstdint>

namespace haiga::schema::formats::idna {{

/// Characters from first to last.
struct range {{
    char32_t first, last;
}};

"""
    text += ranges("valid", "PVALID: RFC 5892, 3.", valid)
    text += ranges("marks", "Combining marks, with which no label begins.",
                   where(lambda c: unicode.category(c)[0] == "M"))
    text += ranges("viramas", "Canonical combining class 9.", where(lambda c: unicode.combining(c) == 9))
    text += ranges("greek", "Script Greek.", where(lambda c: regex.match(r"\p{Script=Greek}", c)))
    text += ranges("hebrew", "Script Hebrew.", where(lambda c: regex.match(r"\p{Script=Hebrew}", c)))
    text += ranges("kana_or_han", "Scripts Hiragana, Katakana and Han.", where(scripts.match))
    text += ranges("joins_left", "Joining types L and D.", joining("L", "D"))
    text += ranges("joins_right", "Joining types R and D.", joining("R", "D"))
    text += ranges("joins_through", "Joining type T.", joining("T"))
    text += ranges("bidi_r", "Bidirectional classes R and AL.", bidi("R", "AL"))
    text += ranges("bidi_an", "Class AN.", bidi("AN"))
    text += ranges("bidi_en", "Class EN.", bidi("EN"))
    text += ranges("bidi_neutral", "Classes ES, CS, ET, ON and BN.", bidi("ES", "CS", "ET", "ON", "BN"))
    text += ranges("bidi_nsm", "Class NSM.", bidi("NSM"))
    text += "/// Where the canonical combining class changes: code point << 8 | class.\n"
    text += "inline constexpr std::uint32_t combining[] = {"
    before, rows = 0, []
    for c in range(COUNT):
        if (now := unicode.combining(chr(c))) != before:
            rows.append(hex(c << 8 | now))
            before = now
    text += ", ".join(rows) + "};\n\n"
    text += "/// Valid characters that NFC puts together; Hangul aside.\nstruct pair {\n    char32_t first, second;\n};\n\n"
    text += "inline constexpr pair composed[] = {"
    text += ", ".join(f"{{{a:#x}, {b:#x}}}" for a, b in sorted(pairs)) + "};\n\n"
    text += "} // namespace haiga::schema::formats::idna\n"
    (folder / "formats/idna_tables.hpp").write_text(text)


VALID_CACHE = {}


def set_of_valid(valid):
    return VALID_CACHE.setdefault(id(valid), set(valid))


if __name__ == "__main__":
    write_properties()
    write_idna()
