#include "haiga/base/utf8.hpp"

#include <doctest/doctest.h>

#include <string>

using haiga::find_invalid_utf8;

TEST_CASE("well-formed UTF-8 passes")
{
    CHECK_FALSE(find_invalid_utf8(""));
    CHECK_FALSE(find_invalid_utf8("plain"));
    // the first and last code point of each length, and the neighbours of the surrogates
    CHECK_FALSE(find_invalid_utf8(
        "\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xef\xbf\xbf \xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"));
    CHECK_FALSE(find_invalid_utf8("\xed\x9f\xbf \xee\x80\x80"));
}

TEST_CASE("ill-formed sequences are found where they start")
{
    // The Unicode Standard, table 3-7: what the table leaves out
    for (auto const* const bad :
         {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc3", "\xe0\x80\x80", "\xe0\x9f\xbf",
          "\xed\xa0\x80", "\xed\xbf\xbf", "\xe1\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
          "\xf5\x80\x80\x80", "\xff", "\xe1\x80\x41", "\xc3\x28"}) {
        CAPTURE(bad);
        CHECK(find_invalid_utf8(bad) == 0);
        CHECK(find_invalid_utf8(std::string("a\xc3\xa9") + bad) == 3);
    }
}
