#include "haiga/tokenizer/byte_level.hpp"
#include "haiga/tokenizer/category.hpp"
#include "haiga/tokenizer/lower_case.hpp"
#include "haiga/tokenizer/nfc.hpp"

#include <doctest/doctest.h>

using namespace haiga::tokenizer;

namespace {

static_assert(category_of(0) == category::Cc);
static_assert(category_of('A') == category::Lu && category_of('a') == category::Ll);
static_assert(category_of(0x100) == category::Lu && category_of(0x101) == category::Ll);
static_assert(category_of(0x1c5) == category::Lt && category_of(0x2b0) == category::Lm);
static_assert(category_of(0x301) == category::Mn && category_of(0x4e00) == category::Lo);
static_assert(category_of(0xbd) == category::No && category_of(0x2163) == category::Nl);
static_assert(category_of(0xd800) == category::Cs && category_of(0xe000) == category::Co);
static_assert(category_of(0x105c0) == category::Lo); // Todhri, which Unicode 16.0 brought
static_assert(category_of(0x323b0) == category::Cn); // which 17.0 will
static_assert(category_of(0x10ffff) == category::Cn);

static_assert(to_lower('A') == 'a' && to_lower('a') == 'a' && to_lower('[') == '[');
static_assert(to_lower(0xc9) == 0xe9 && to_lower(0xd7) == 0xd7);
static_assert(to_lower(0x100) == 0x101 && to_lower(0x101) == 0x101);
static_assert(to_lower(0x1e9e) == 0xdf && to_lower(0x212a) == 'k' &&
              to_lower(0x10ffff) == 0x10ffff);
static_assert(to_lower(0x10400) == 0x10428);

} // namespace

TEST_CASE("lower case of a text")
{
    CHECK(lower_case("ABC xyz \u00c9\u0421 \u0130") == "abc xyz \u00e9\u0441 i\u0307");
    CHECK(lower_case("\u03a3\u03a3") == "\u03c3\u03c3"); // no sigma is final
    CHECK(lower_case("a\xff") == "a\ufffd");
}

// Unicode 16.0, NormalizationTest.txt: columns 1 and 2, one line of each part or kind
TEST_CASE("normalization form C")
{
    for (auto const& [text, expected] : {
             std::pair("plain \u00e9 text", "plain \u00e9 text"),
             std::pair("e\u0301", "\u00e9"),
             std::pair("\u1e0a\u0323", "\u1e0c\u0307"),
             std::pair("D\u0307\u0323", "\u1e0c\u0307"),
             std::pair("\u212b", "\u00c5"),
             std::pair("\u0344", "\u0308\u0301"), // excluded from composition
             std::pair("\u0958", "\u0915\u093c"), // the same, by script
             std::pair("\uac00\u11a8", "\uac01"), // Hangul
             std::pair("\u1100\u1161\u11a8", "\uac01"),
             std::pair("\u1100\uac00\u11a8", "\u1100\uac01"),
             std::pair("\u0b47\u0b3e", "\u0b4b"), // two that do not combine by class
             std::pair("\u0b47\u0300\u0b3e", "\u0b47\u0300\u0b3e"),
             std::pair("a\u0315\u0300\u05ae\u0062", "\u00e0\u05ae\u0315b"),
             std::pair("\uf900", "\u8c48"),
             std::pair("\U0002f800", "\u4e3d"),
             std::pair("\U0001d15e", "\U0001d157\U0001d165"),
             std::pair("\u0301a", "\u0301a"), // nothing to compose with
             std::pair("a\xcc"
                       "b",
                       "a\ufffdb"),
         }) {
        CAPTURE(text);
        CHECK(nfc(text) == expected);
        CHECK(nfc(nfc(text)) == nfc(text));
    }
}

// openai/gpt-2: the printable bytes, then U+0100 for 0, U+0120 for a space, U+0143 for 0xad
TEST_CASE("bytes are written as characters and read again")
{
    constexpr auto characters = byte_characters();
    static_assert(characters['!'] == '!' && characters[0] == 0x100 && characters[' '] == 0x120 &&
                  characters[0xad] == 0x143 && characters[0xff] == 0xff);
    CHECK(byte_level(" a\u00e9") == "\u0120a\u00c3\u00a9");
    std::string all;
    for (int byte = 0; byte < 256; ++byte) {
        all += static_cast<char>(byte);
    }
    CHECK(bytes_of(byte_level(all)) == all);
    CHECK(bytes_of("\u732b") == "\u732b");
}
