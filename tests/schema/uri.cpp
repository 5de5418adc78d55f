#include "haiga/schema/uri.hpp"

#include <doctest/doctest.h>

#include <utility>

using namespace haiga;

TEST_CASE("references are resolved as RFC 3986 says")
{
    // RFC 3986, 5.4.1 and 5.4.2, without "http:g", which it leaves open.
    std::pair<std::string_view, std::string_view> const examples[] = {
        {"g:h", "g:h"},
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q#s"},
        {"g#s", "http://a/b/c/g#s"},
        {"g?y#s", "http://a/b/c/g?y#s"},
        {";x", "http://a/b/c/;x"},
        {"g;x", "http://a/b/c/g;x"},
        {"g;x?y#s", "http://a/b/c/g;x?y#s"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"./", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../", "http://a/"},
        {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"},
        {"../../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {".g", "http://a/b/c/.g"},
        {"g..", "http://a/b/c/g.."},
        {"..g", "http://a/b/c/..g"},
        {"./../g", "http://a/b/g"},
        {"./g/.", "http://a/b/c/g/"},
        {"g/./h", "http://a/b/c/g/h"},
        {"g/../h", "http://a/b/c/h"},
        {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
        {"g;x=1/../y", "http://a/b/c/y"},
        {"g?y/./x", "http://a/b/c/g?y/./x"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
        {"g#s/./x", "http://a/b/c/g#s/./x"},
        {"g#s/../x", "http://a/b/c/g#s/../x"},
    };
    for (auto const& [reference, wanted] : examples) {
        CAPTURE(std::string(reference));
        CHECK(schema::resolve_uri("http://a/b/c/d;p?q", reference) == wanted);
    }
}

TEST_CASE("what has no path in segments keeps it")
{
    CHECK(schema::resolve_uri("urn:uuid:1", "#a") == "urn:uuid:1#a");
    CHECK(schema::resolve_uri("http://a", "b") == "http://a/b");
    CHECK(schema::resolve_uri("", "b/../c") == "c");
    CHECK(schema::resolve_uri("http://a/b", "urn:x:y") == "urn:x:y");
}

TEST_CASE("percent signs are decoded where they are followed by two digits")
{
    CHECK(schema::percent_decoded("a%25b%2F%zz%4") == "a%b/%zz%4");
}
