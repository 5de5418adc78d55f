#include "haiga/tokenizer/tiktoken.hpp"

#include "haiga/json/get.hpp"
#include "haiga/json/parse.hpp"
#include "haiga/tokenizer/byte_level.hpp"
#include "tests/golden/tiktoken.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <map>

using namespace haiga;
using namespace haiga::tokenizer;

namespace detail_of = haiga::tokenizer::detail;

namespace {

auto tokenizers_data() -> std::optional<std::filesystem::path>
{
    char const* const folder = std::getenv("HAIGA_TEST_DATA");
    if (folder == nullptr) {
        MESSAGE("skipped: HAIGA_TEST_DATA is not set");
        return std::nullopt;
    }
    return std::filesystem::path(folder) / "tokenizers";
}

/// A published encoding, where there is test data.
auto published_ranks(std::string const& name) -> std::optional<byte_level_bpe>
{
    auto const folder = tokenizers_data();
    return folder ? std::optional(open_tiktoken(*folder / (name + ".tiktoken.gz")).value())
                  : std::nullopt;
}

/// r50k_base from gpt2_tokenizer.json: the same tokens, written as characters.
auto gpt2_ranks() -> std::optional<byte_level_bpe>
{
    auto const folder = tokenizers_data();
    if (!folder) {
        return std::nullopt;
    }
    auto const file = io::read_file(*folder / "gpt2_tokenizer.json", 1U << 24U).value();
    auto const document = json::parse(as_text(file)).value();
    std::map<std::size_t, std::string> by_id;
    for (auto const& [token, id] : document.at("model").at("vocab").as_object()) {
        by_id.emplace(id.to_number<std::size_t>(), bytes_of(token));
    }
    token_list tokens;
    for (auto const& [id, token] : by_id) {
        if (id < 50256) { // <|endoftext|>
            tokens.add(token);
        }
    }
    auto const encoding = tiktoken_named("r50k_base").value();
    return byte_level_bpe::make({std::move(tokens), encoding.split, encoding.specials, {}}).value();
}

auto in_words(std::vector<token_id> const& ids) -> std::string
{
    std::string line;
    for (auto const id : ids) {
        line.append(line.empty() ? "" : " ").append(std::to_string(id));
    }
    return line;
}

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

TEST_CASE("published encodings give the numbers of tiktoken")
{
    for (auto const& name : {"cl100k_base", "o200k_base"}) {
        auto const t = published_ranks(name);
        if (!t) {
            continue;
        }
        CAPTURE(name);
        auto const& samples = name == std::string_view("o200k_base")
                                  ? golden::tiktoken::o200k_base
                                  : golden::tiktoken::cl100k_base;
        for (auto const& [text, ids] : samples) {
            CAPTURE(std::string(text));
            CHECK(in_words(t->encode(text)) == ids);
            CHECK(t->count(text) == t->encode(text).size());
            CHECK(t->decode(t->encode(text)) == text);
        }
        for (auto const& special : t->special_tokens()) {
            CHECK(t->encode(special.text, special_use::allowed).value() == std::vector{special.id});
        }
        CHECK(detail_of::is_known_to_be_ordered(t->bpe().table().tokens()));
        CHECK(t->bpe().is_ordered_by_definition());
    }
}

TEST_CASE("the rank file of GPT-2's own vocabulary gives the numbers of r50k_base")
{
    auto const t = gpt2_ranks();
    if (!t) {
        return;
    }
    for (auto const& [text, ids] : golden::tiktoken::r50k_base) {
        CAPTURE(std::string(text));
        CHECK(in_words(t->encode(text)) == ids);
    }
    CHECK(detail_of::is_known_to_be_ordered(t->bpe().table().tokens()));
    CHECK(t->bpe().is_ordered_by_definition());
}

TEST_CASE("the time of a megabyte of one kind of text is about that of prose")
{
    auto const t = published_ranks("o200k_base");
    if (!t) {
        return;
    }
    // Quadratic ones would take hours, and the test would not end; ./dev bench tokenize has
    // figures.
    std::string zwj, marks = "a", random;
    std::uint64_t state = 1;
    while (random.size() < 1U << 20U) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        random += static_cast<char>(state >> 56U);
        zwj += zwj.size() < 1U << 20U ? "\U0001f468\u200d" : "";
        marks += marks.size() < 1U << 20U ? "\u0301" : "";
    }
    for (auto const& text :
         {std::string(1 << 20, 'a'), std::string(1 << 20, ' '), zwj, marks, random}) {
        auto const ids = t->encode(text);
        CHECK(t->decode(ids) == text);
        CHECK(ids.size() <= text.size());
    }
}
