#include "haiga/tokenizer/split_rule.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace haiga::tokenizer;

namespace {

using pieces = std::vector<std::string>;

template <class Split>
auto cut_by(std::string_view text) -> pieces
{
    pieces all;
    auto const* at = text.data();
    auto const* const end = at + text.size();
    while (at != end) {
        auto const* const next = Split::piece(character_classes::get(), at, end);
        all.emplace_back(at, next);
        at = next;
    }
    return all;
}

} // namespace

// What the patterns say, read by hand; tests/peers/token_ids.py compares much more with tiktoken.
TEST_CASE("GPT-2 cuts words with the space before them")
{
    auto const cut = cut_by<split_gpt2>;
    CHECK(cut("Hello world's 12345 ...") == pieces{"Hello", " world", "'s", " 12345", " ..."});
    CHECK(cut("a  b") == pieces{"a", " ", " b"});
    CHECK(cut("a \n b") == pieces{"a", " \n", " b"});
    CHECK(cut("a\n\n") == pieces{"a", "\n\n"});
    CHECK(cut("DON'T don't") == pieces{"DON", "'", "T", " don", "'t"});
    CHECK(cut("it''s") == pieces{"it", "''", "s"});
    CHECK(cut("\tx") == pieces{"\t", "x"});
    CHECK(cut("\u3000\u3000x") == pieces{"\u3000", "\u3000", "x"});
    CHECK(cut("caf\u00e9s \u732b\u304c1") == pieces{"caf\u00e9s", " \u732b\u304c", "1"});
    CHECK(cut("e\u0301") == pieces{"e", "\u0301"}); // a mark is no letter
}

TEST_CASE("cl100k cuts numbers by threes and lets one character before a word")
{
    auto const cut = cut_by<split_cl100k<>>;
    CHECK(cut("Hello world's 1234567") == pieces{"Hello", " world", "'s", " ", "123", "456", "7"});
    CHECK(cut("(foo) \"bar\"") == pieces{"(foo", ")", " \"", "bar", "\""});
    CHECK(cut("a\tb\nc") == pieces{"a", "\tb", "\n", "c"});
    CHECK(cut("DON'T we'LL x'\u017f") == pieces{"DON", "'T", " we", "'LL", " x", "'\u017f"});
    CHECK(cut("'ve 'vex") == pieces{"'ve", " '", "vex"});
    CHECK(cut("x  \n  y") == pieces{"x", "  \n", " ", " y"});
    CHECK(cut("end.\r\n\r\nNext") == pieces{"end", ".\r\n\r\n", "Next"});
    CHECK(cut(" \n  ") == pieces{" \n  "});
    CHECK(cut("\u0301x") == pieces{"\u0301x"});
    CHECK(cut_by<split_cl100k<3, false>>(" \n  ") == pieces{" \n", "  "});
    CHECK(cut_by<split_cl100k<1, false>>("a12") == pieces{"a", "1", "2"});
}

TEST_CASE("o200k cuts words where lower case turns to upper")
{
    auto const cut = cut_by<split_o200k>;
    CHECK(cut("helloWorld HTTPServer") == pieces{"hello", "World", " HTTPServer"});
    CHECK(cut("don't DON'T 's") == pieces{"don't", " DON'T", " '", "s"});
    CHECK(cut("a/b//\n/c") == pieces{"a", "/b", "//\n/", "c"});
    CHECK(cut("ABC\u732bDEF") == pieces{"ABC\u732b", "DEF"}); // a letter without case ends it
    CHECK(cut("\u0301A") == pieces{"\u0301", "A"});           // a mark is not before a capital
    CHECK(cut("\u0301a \u0301") == pieces{"\u0301a", " \u0301"});
    CHECK(cut("!\u0301!") == pieces{"!\u0301", "!"});
    CHECK(cut("x\n\n  y \n") == pieces{"x", "\n\n", " ", " y", " \n"});
    CHECK(cut(" \n  ") == pieces{" \n", "  "});
    CHECK(cut("12345") == pieces{"123", "45"});
}

TEST_CASE("bytes that are no UTF-8 are cut like U+FFFD, each by itself")
{
    for (std::string_view const broken :
         {"\xff", "\xc3", "\xe7\x8c", "\xed\xa0\x80", "\xf5\x80\x80\x80"}) {
        CAPTURE(std::string(broken));
        auto const text = "a" + std::string(broken) + "1";
        CHECK(cut_by<split_gpt2>(text) == pieces{"a", std::string(broken), "1"});
    }
    CHECK(cut_by<split_gpt2>("a\xf0\x9f\x98") == pieces{"a", "\xf0\x9f\x98"});
}

TEST_CASE("pieces are never empty and make up the text, and classes are those of Unicode 16.0")
{
    auto const& classes = character_classes::get();
    using namespace char_class;
    CHECK(classes.of('a') == (letter | lower));
    CHECK(classes.of('Z') == (letter | upper));
    CHECK(classes.of('\r') == (space | newline));
    CHECK(classes.of(0x85) == space);
    CHECK(classes.of(0x4e00) == (letter | upper | lower));
    CHECK(classes.of(0x301) == (mark | upper | lower));
    CHECK(classes.of(0xbd) == number);
    CHECK(classes.of(0x105c0) == (letter | upper | lower)); // Todhri, new in 16.0
    CHECK(classes.of(0xe0100) == (mark | upper | lower));   // above what is listed
    CHECK(classes.of(0x10ffff) == 0);
    for (char32_t c = 0; c < 0x40000; ++c) {
        auto const kind = category_of(c);
        REQUIRE(((classes.of(c) & letter) != 0) == is_letter(kind));
        REQUIRE(((classes.of(c) & number) != 0) == is_number(kind));
        REQUIRE(((classes.of(c) & space) != 0) == is_white_space(c));
    }
}
