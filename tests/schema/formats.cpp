#include "haiga/schema/formats.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace haiga;
using schema::dialect;

namespace formats_tests {

auto is(std::string_view format, std::string_view text) -> bool
{
    auto const check = schema::find_format(format, dialect::draft2020_12);
    REQUIRE((check != nullptr));
    return check(text);
}

} // namespace formats_tests

using formats_tests::is;

TEST_CASE("formats are known by dialect")
{
    CHECK((schema::find_format("uuid", dialect::draft7) == nullptr));
    CHECK((schema::find_format("duration", dialect::draft7) == nullptr));
    CHECK((schema::find_format("uuid", dialect::draft2019_09) != nullptr));
    CHECK((schema::find_format("date", dialect::draft7) != nullptr));
    CHECK((schema::find_format("colour", dialect::draft2020_12) == nullptr));
}

TEST_CASE("a leap second ends a day of UTC")
{
    CHECK(is("time", "23:59:60Z"));
    CHECK(is("time", "01:29:60+01:30"));
    CHECK_FALSE(is("time", "23:59:60+01:00"));
    CHECK_FALSE(is("date-time", "2023-02-29T00:00:00Z"));
}

TEST_CASE("names in other letters are valid by the rules of IDNA 2008")
{
    CHECK(is("idn-hostname", "b\u00fccher.example"));
    CHECK(is("hostname", "xn--bcher-kva.example")); // RFC 3492's scheme; as registered
    CHECK(is("hostname", "XN--BCHER-KVA.example"));
    CHECK_FALSE(is("hostname", "xn--bcher-kv.example"));
    CHECK_FALSE(is("idn-hostname", "B\u00dccher")); // upper case is not valid in a U-label
    CHECK_FALSE(is("idn-hostname", "u\u0308ber"));  // not in form C
    CHECK(is("idn-hostname", "\u00fcber"));
    CHECK_FALSE(is("idn-hostname", "\u2603.example")); // a symbol
    CHECK_FALSE(is("idn-hostname", "\u05d0a"));
    CHECK(is("idn-hostname", "\u05d01"));
    CHECK_FALSE(is("idn-hostname", "1.\u05d0"));
    CHECK_FALSE(is("idn-hostname", std::string(1 << 20, 'a')));
}

TEST_CASE("punycode of the samples of RFC 3492, 7.1")
{
    using namespace schema::formats;
    struct sample {
        std::u32string_view characters;
        std::string_view text;
    };
    for (auto const& [characters, text] :
         {sample{U"\u0644\u064a\u0647\u0645\u0627\u0628\u062a\u0643\u0644\u0645\u0648\u0634\u0639"
                 U"\u0631\u0628\u064a\u061f",
                 "egbpdaj6bu4bxfgehfvwxn"},
          sample{U"\u4ed6\u4eec\u4e3a\u4ec0\u4e48\u4e0d\u8bf4\u4e2d\u6587",
                 "ihqwcrb4cv8a8dqg056pqjye"},
          sample{U"-> $1.00 <-", "-> $1.00 <--"}}) {
        CAPTURE(std::string(text));
        punycode::encoded encoded;
        REQUIRE(punycode::encode(characters, encoded));
        CHECK(encoded.view() == text);
        label_characters decoded;
        REQUIRE(punycode::decode(text, decoded));
        CHECK(std::u32string_view(decoded.view().data(), decoded.size) == characters);
    }
    label_characters decoded;
    CHECK_FALSE(punycode::decode("99999999999999", decoded)); // overflows
    CHECK_FALSE(punycode::decode(std::string(1 << 20, 'a'), decoded));
}

TEST_CASE("a mail address may quote and may name an address")
{
    CHECK(is("email", "\"a \\\" b\"@example.com"));
    CHECK_FALSE(is("email", "\"a\" b@example.com"));
    CHECK(is("email", "a@[IPv6:::1]"));
    CHECK_FALSE(is("email", "a@[IPv6:1]"));
    CHECK_FALSE(is("email", std::string(65, 'a') + "@example.com"));
    CHECK(is("idn-email", "\u00fc@b\u00fccher.example"));
    CHECK_FALSE(is("email", "\u00fc@example.com"));
}

TEST_CASE("the first segment of a reference has no colon")
{
    CHECK_FALSE(is("uri-reference", "1:b"));
    CHECK(is("uri-reference", "./1:b"));
    CHECK(is("uri", "urn:a:b"));
    CHECK_FALSE(is("uri", "http://a b"));
    CHECK_FALSE(is("uri", "http://a@b@c/"));
    CHECK(is("iri", "http://\u00fc/?\U000f0000"));
    CHECK_FALSE(is("iri", "http://\u00fc/\U000f0000")); // private use is for queries
    CHECK_FALSE(is("uri-template", "{a"));
    CHECK(is("uri-template", "{/id*}{?fields,token:12}"));
}

TEST_CASE("formats are checked at compile time as well")
{
    static_assert(schema::formats::is_ipv6("::ffff:192.168.0.1"));
    static_assert(!schema::formats::is_ipv6("1::2::3"));
    static_assert(schema::formats::is_uuid("2eb8aa08-aa98-11ea-b4aa-73b441d16380"));
    static_assert(schema::formats::is_idn_host_name("b\u00fccher.example"));
    CHECK(schema::formats::is_duration("P1Y2M3DT4H5M6S"));
}
