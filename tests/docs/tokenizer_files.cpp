// What docs/tokenizer-json.md shows.

#include "haiga/tokenizer/huggingface/tokenizer_json.hpp"
#include "haiga/tokenizer/sentencepiece/sentencepiece.hpp"

#include <doctest/doctest.h>

#include <iostream>

using namespace haiga;

namespace tokenizer_files {
namespace {

auto tokens_of(std::filesystem::path const& model, std::string_view text)
    -> result<std::vector<tokenizer::token_id>>
{
    HAIGA_TRY(auto const t, tokenizer::open_tokenizer_json(model / "tokenizer.json"));
    return t.encode(text); // nothing is added; added tokens are found where they are written
}

auto whole_of(tokenizer::hugging_face const& t, std::string_view question, std::string_view context)
    -> result<std::vector<tokenizer::token_id>>
{
    HAIGA_TRY(auto const both, t.encode_pair(question, context));
    for (auto const& token : both.tokens) {
        if (token.sequence == 1) { // of the context: bytes of it, whatever normalizers did to it
            std::cout << context.substr(token.source.begin, token.source.end - token.source.begin);
        }
    }
    return both.ids();
}

auto pieces_of(std::filesystem::path const& model, std::string_view text)
    -> result<tokenizer::located_tokens>
{
    HAIGA_TRY(auto const t, tokenizer::open_sentencepiece(model));
    return t.encode_located(text);
}

} // namespace

TEST_CASE("tokenizers are read from files")
{
    CHECK(tokens_of("/nowhere", "a cat").error().code == errc::not_found);
    CHECK(pieces_of("/nowhere", "a cat").error().code == errc::not_found);
    auto const t = tokenizer::read_tokenizer_json(
        R"({"model": {"type": "WordLevel", "unk_token": "?", "vocab": {"?": 0, "a": 1}}})");
    REQUIRE(t);
    CHECK(whole_of(*t, "a", "b") == std::vector<tokenizer::token_id>{1, 0});
}

} // namespace tokenizer_files
