#include "haiga/tokenizer/tiktoken.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

using namespace haiga;
using namespace haiga::tokenizer;

namespace {

auto why_no_ranks(std::string_view text) -> std::string
{
    return read_rank_file(text).error().to_string();
}

} // namespace

TEST_CASE("a rank file has a token in base64 and its rank a line")
{
    auto const tokens = read_rank_file("IQ== 0\nYWI= 1\nYWJj 4\r\n").value();
    REQUIRE(tokens.size() == 5);
    CHECK(tokens[0] == "!");
    CHECK(tokens[1] == "ab");
    CHECK(tokens[2].empty()); // left out
    CHECK(tokens[4] == "abc");
}

TEST_CASE("what is wrong with a rank file is told with its line and byte")
{
    CHECK(why_no_ranks("") == "ranks: there is no line");
    CHECK(why_no_ranks("IQ== 0\nIg==\n") == "ranks: line 2: expected a token in base64, a space "
                                            "and its rank, found \"Ig==\" (at byte 7)");
    CHECK(why_no_ranks("IQ=! 0\n") == "ranks: line 1: \"IQ=!\" is not base64 (at byte 0)");
    CHECK(why_no_ranks("IR== 0\n") == "ranks: line 1: \"IR==\" is not base64 (at byte 0)");
    CHECK(why_no_ranks("IQ= 0\n") == "ranks: line 1: \"IQ=\" is not base64 (at byte 0)");
    CHECK(why_no_ranks(" 0\n") == "ranks: line 1: \"\" is not base64 (at byte 0)");
    CHECK(why_no_ranks("==== 0\n") == "ranks: line 1: \"====\" is not base64 (at byte 0)");
    CHECK(why_no_ranks("IQ== x\n") == "ranks: line 1: \"x\" is no rank (at byte 0)");
    CHECK(why_no_ranks("IQ== -1\n") == "ranks: line 1: \"-1\" is no rank (at byte 0)");
    CHECK(why_no_ranks("IQ== 99999999999999999999\n") ==
          "ranks: line 1: \"99999999999999999999\" is no rank (at byte 0)");
    CHECK(why_no_ranks("IQ== 1000000\n") ==
          "ranks: line 1: rank 1000000, at most 1000000 are read (at byte 0)");
    CHECK(why_no_ranks("IQ== 3\nIg== 3\n") ==
          "ranks: line 2: rank 3 behind 3; ranks ascend (at byte 7)");
}

TEST_CASE("encodings are found by name, and a file must have what they have")
{
    CHECK(tiktoken_named("o200k_base").value().size == 200019);
    CHECK(
        tiktoken_named("o300k").error().to_string() ==
        "no encoding is called \"o300k\"; there are r50k_base, p50k_base, p50k_edit, cl100k_base, "
        "o200k_base");
    CHECK(make_tiktoken(tiktoken_named("r50k_base").value(), "IQ== 0\n").error().to_string() ==
          "r50k_base has 50256 tokens, the file 1");
    CHECK(open_tiktoken("/nowhere/cl100k_base.tiktoken").error().code == errc::not_found);
    CHECK(open_tiktoken("/nowhere/some.tiktoken")
              .error()
              .message.starts_with("no encoding is called"));
}
