#include "haiga/io/gzip.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace haiga;

namespace {

auto unpacked(std::string_view file, std::size_t max_bytes = 2000) -> std::string
{
    auto const bytes = io::gunzip(as_bytes(file), max_bytes);
    return bytes ? std::string(as_text(*bytes)) : bytes.error().to_string();
}

using namespace std::string_literals;
// Written by zlib 1.2.13, of "hello, hello, hello" and of 200 squares.
std::string const stored = "\037\213\010\000\000\000\000\000\000\003\001\023\000\354\377hello, he"
                           "llo, hello\237\241\312\011\023\000\000\000"s;
std::string const fixed =
    "\037\213\010\000\000\000\000\000\000\003\313H\315\311\311\327Q\310@\242\000\237\241\312"
    "\011\023\000\000\000"s;
std::string const dynamic =
    "\037\213\010\000\000\000\000\000\000\003%\223\331\001\004!\010C[\261\0049\004\351"
    "\277\261yq~vX\345\010I\334\313V\256YV\313\317\212Z9\253r]"
    "[\266\3672\347\233\311-\031C\0129~\370\336Y\341I>\325\344e\362\275"
    "\271\216\317:]\253\310+\276\315\377\346\374r\077\344M\251/\205\266\351`F"
    "+SOs\232[hJj\334\321\334\022\200\022\222\006\221\335\024\006\020\372\026"
    "\012\023b\337\263<v.\317m \243\302KQ\353\354\352v\310\013U\004\375"
    "\005\032\344A\277H:\207fD3-.sc@\220\033,)T\031\340\313"
    "\004i\026\230\263\265\255\3268\233}\216i\341\320\306\334\254\243\235O+\032\316"
    "jsK\225\301&\025u\250\255\246K]\372\365>\042\207\212f\346\352\303\334"
    "n\020\364\200\345\212\372\353\340\273)-\012\314\367\202~\264\007\031D\240\204M"
    "\266\234\273\237V\042k\373\213s\213\340\042\003\232I6S\235\231\207\342\024\217"
    "V\242\324\256\330\365_\351\020\347~D\277\267\224\360y\242<}\042\317\023H"
    "\252\305H\300\264z\336P-(\025\337+\351\250\3437 \302\036'v\256\342"
    "z\347\025\312\251\227_\242\322\372\365\351T\317~\375{4\353\276\271\210\256\370"
    "\341\231-l\363p\3163\307\010\077;\263\213o\355\345\273e\020\373\035\022\262"
    "\210\211\007W1v\021\077\376\333\304\305\233\207\351<\362\371\250\225\237\2576C"
    "}R\314\343\030\365\077\322\003\357\253\366H%G]\316K\3329\300\311\177\212"
    "z\037\275\220\226\316\316\0262\242\324\347\315\250v\344\011\237\003\017\020\014'\230"
    "\263eQq\025{\024\233\134\005zr\302\3455l+\243\272\034\030azy"
    "!_F\320\032+k.\022\215by8N\310\316\3479\273\244/\226\177~"
    "\277\262~\277W\320\245\007q\337\333\340\201*\326\213A\336\375\236\002\374|2"
    "\257\316\217\036\004\000\000"s;

} // namespace

TEST_CASE("stored, fixed and dynamic blocks")
{
    CHECK(unpacked(stored) == "hello, hello, hello");
    CHECK(unpacked(fixed) == "hello, hello, hello");
    std::string counted;
    for (int i = 0; i < 200; ++i) {
        counted += std::to_string(i * i) + " ";
    }
    CHECK(unpacked(dynamic) == counted);
}

TEST_CASE("headers with names, comments and extra fields are skipped")
{
    auto const body = fixed.substr(10);
    auto const header = "\x1f\x8b\x08"s;
    CHECK(unpacked(header + "\x08\0\0\0\0\0\3"s + "name\0"s + body) == "hello, hello, hello");
    CHECK(unpacked(header + "\x1e\0\0\0\0\0\3"s + "\2\0xy"s + "name\0"s + "comment\0"s + "cc" +
                   body) == "hello, hello, hello");
    CHECK(unpacked(header + "\xe0\0\0\0\0\0\3"s + body) == "gzip: there is no whole header");
}

TEST_CASE("what is not gzip, damaged, cut off or too large is refused")
{
    CHECK(unpacked("") == "gzip: there is no whole header");
    CHECK(unpacked("PK and at least sixteen more bytes") == "gzip: there is no whole header");
    CHECK(unpacked(dynamic, 100) == "deflate: more than 100 bytes");
    CHECK(unpacked(fixed + "x") == "gzip: 1 bytes behind the end");
    CHECK(io::is_gzip(as_bytes(fixed)));
    CHECK_FALSE(io::is_gzip(as_bytes("PK")));
    for (auto const& whole : {stored, fixed, dynamic}) {
        auto const expected = unpacked(whole);
        for (std::size_t size = 0; size < whole.size(); ++size) {
            CHECK_FALSE(io::gunzip(as_bytes(whole.substr(0, size)), 2000));
        }
        for (std::size_t at = 10; at < whole.size(); ++at) {
            for (int bit = 0; bit < 8; ++bit) {
                auto damaged = whole;
                damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
                // the last bits before the checksum may be padding, which no one reads
                auto const read = io::gunzip(as_bytes(damaged), 2000);
                CHECK((!read || as_text(*read) == expected));
            }
        }
    }
}
