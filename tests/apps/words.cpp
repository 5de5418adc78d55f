#include "tests/apps/desk.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

using haiga_test::content_of;
using haiga_test::desk;
using haiga_test::write;

TEST_CASE("haiga-words tells wrong words from bad input")
{
    desk d;
    CHECK(d.run({HAIGA_WORDS}) == 2);
    CHECK(d.run({HAIGA_WORDS, "encode"}) == 2);
    CHECK(d.run({HAIGA_WORDS, "count", "--help"}) == 0);
    CHECK(d.run({HAIGA_WORDS, "count", "--tokenizer", (d / "none.tiktoken").string()}) == 1);
    CHECK_MESSAGE(d.complained_of("there is no file"), d.said());
    write(d / "r50k_base.tiktoken", "IQ== 0\n");
    write(d / "text", "x");
    auto const ranks = (d / "r50k_base.tiktoken").string();
    CHECK(d.run({HAIGA_WORDS, "count", "--tokenizer", ranks, (d / "text").string()}) == 1);
    CHECK_MESSAGE(d.complained_of("r50k_base.tiktoken: r50k_base has 50256 tokens, the file 1"),
                  d.said());
    write(d / "other.tiktoken", "IQ== 0\n");
    CHECK(d.run({HAIGA_WORDS, "count", "--tokenizer", (d / "other.tiktoken").string()}) == 1);
    CHECK_MESSAGE(d.complained_of("no encoding is called \"other\""), d.said());
}

// the numbers: tiktoken 0.14, cl100k_base
TEST_CASE("haiga-words counts, encodes and decodes")
{
    char const* const data = std::getenv("HAIGA_TEST_DATA");
    if (data == nullptr) {
        MESSAGE("skipped: HAIGA_TEST_DATA is not set");
        return;
    }
    desk d;
    auto const ranks = std::string(data) + "/tokenizers/cl100k_base.tiktoken.gz";
    auto const run = [&](std::vector<std::string> words, std::string const& input) {
        write(d / "in", input);
        words.insert(words.begin(), HAIGA_WORDS);
        words.insert(words.end(), {"--tokenizer", ranks, (d / "in").string()});
        return d.run(std::move(words));
    };
    CHECK(run({"count"}, "Hello world") == 0);
    CHECK(d.said() == "2\n");
    CHECK(run({"encode"}, "Hello world's 1234567") == 0);
    CHECK(d.said() == "9906 1917 596 220 4513 10961 22\n");
    CHECK(run({"encode", "-0"}, std::string("Hello\0\0 world", 13)) == 0);
    CHECK(d.said() == "9906\n\n1917\n");
    CHECK(run({"decode"}, "9906 1917\n") == 0);
    CHECK(d.said() == "Hello world");
    CHECK(run({"encode", "--special", "allowed"}, "<|endoftext|>") == 0);
    CHECK(d.said() == "100257\n");
    CHECK(run({"count", "--special", "forbidden"}, "a<|endoftext|>") == 1);
    CHECK_MESSAGE(d.complained_of("special token \"<|endoftext|>\" is forbidden here (at byte 1)"),
                  d.said());
    CHECK(run({"decode"}, "9906 100256") == 1);
    CHECK_MESSAGE(d.complained_of("token 1: no token has the number 100256"), d.said());
    CHECK(run({"decode"}, "9906 x") == 1);
    CHECK_MESSAGE(d.complained_of("token 1: \"x\" is no number (at byte 5)"), d.said());
}
