#include "haiga/image/svg_text.hpp"

#include <doctest/doctest.h>

using namespace haiga::image;

TEST_CASE("what XML gives a meaning to is escaped, the rest stays")
{
    CHECK(escape_xml("a < b & c > \"d\" 'e'") ==
          "a &lt; b &amp; c &gt; &quot;d&quot; &apos;e&apos;");
    CHECK(escape_xml("俳画 \xc3\xa9\t") == "俳画 \xc3\xa9\t");
    CHECK(escape_xml("").empty());
}

TEST_CASE("what XML cannot hold becomes U+FFFD: controls, noncharacters, bytes that are no UTF-8")
{
    using namespace std::string_view_literals;
    CHECK(escape_xml("a\0b\x1b"sv) == "a\xef\xbf\xbd"
                                      "b\xef\xbf\xbd");
    CHECK(escape_xml("\xef\xbf\xbf") == "\xef\xbf\xbd");
    CHECK(escape_xml("\xff\xc3") == "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST_CASE("a coordinate has two decimals at most, and no sign when it is 0")
{
    CHECK(svg_number(1) == "1");
    CHECK(svg_number(0.125) == "0.13");
    CHECK(svg_number(-0.001) == "0");
    CHECK(svg_number(-12.5) == "-12.5");
}
