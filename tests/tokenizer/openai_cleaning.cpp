#include "haiga/tokenizer/openai_cleaning.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace haiga::tokenizer;

// Python 3.13, html.unescape
TEST_CASE("HTML's references")
{
    for (auto const& [text, expected] : {
             std::pair("&lt;b&gt; &amp; &quot;", "<b> & \""),
             std::pair("&#39;&#x27;&#X27;&#39", "''''"),
             std::pair("&notit; &notin; &not", "\u00acit; \u2209 \u00ac"),
             std::pair("&ampx &AMP &AMPx", "&x & &x"),
             std::pair("&eacute;&Eacute;&EACUTE;", "\u00e9\u00c9&EACUTE;"),
             std::pair("&NewLine;|&Tab;|&nbsp;", "\n|\t|\u00a0"),
             std::pair("&fjlig;", "fj"),
             std::pair("&#0;&#128;&#xd800;&#1114112;&#99999999999;",
                       "\ufffd\u20ac\ufffd\ufffd\ufffd"),
             std::pair("a&#1;b&#xfffe;c", "abc"),
             std::pair("&; &# &#x; &#; & &nosuch;", "&; &# &#x; &#; & &nosuch;"),
             std::pair("&amp;lt;", "&lt;"),
             std::pair("", ""),
         }) {
        CAPTURE(text);
        CHECK(html_unescape(text) == expected);
    }
}

// ftfy 6.3.1 and str.lower of Python 3.13
TEST_CASE("what OpenAI's program makes of a text")
{
    for (auto const& [text, expected] : {
             std::pair("It\u2019s \u201cFINE\u201d", "it's \"fine\""),
             std::pair("\ufb01ne \u0149", "fine 'n"),
             std::pair("\uff21\uff11 \uff76", "a1 \u30ab"),
             std::pair("a\x01"
                       "b\x1b[31mred",
                       "abred"),
             std::pair("&amp;amp;lt;", "<"),
             std::pair("P&EACUTE;REZ", "p\u00e9rez"),
             std::pair("\u039f\u03a3 \u03a3 \u039f\u03a3\u0391 \u039f\u03a3.",
                       "\u03bf\u03c2 \u03c3 \u03bf\u03c3\u03b1 \u03bf\u03c2."),
         }) {
        CAPTURE(text);
        CHECK(openai_cleaned(text) == expected);
    }
    std::string nested = "&";
    for (int i = 0; i < 20'000; ++i) {
        nested += "amp;";
    }
    CHECK(openai_cleaned(nested).size() == 1 + 4 * (20'000 - 10)); // eight passes, then two
}
