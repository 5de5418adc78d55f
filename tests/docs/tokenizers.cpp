// What docs/tokenizers.md shows.

#include "haiga/tokenizer/batch.hpp"
#include "haiga/tokenizer/interval_count.hpp"
#include "haiga/tokenizer/stream_decoder.hpp"
#include "haiga/tokenizer/tiktoken.hpp"

#include <doctest/doctest.h>

using namespace haiga;

namespace {

auto tokens_of(std::filesystem::path const& ranks, std::string_view text) -> result<std::size_t>
{
    HAIGA_TRY(auto const t, tokenizer::open_tiktoken(ranks)); // o200k_base.tiktoken
    auto const ids = t.encode(text);
    HAIGA_TRY_VOID(tokenizer::check_ids(t, ids)); // for numbers that came from elsewhere
    return t.decode(ids) == text ? t.count(text) : 0;
}

auto from_a_user(tokenizer::byte_level_bpe const& t, std::string_view text)
{
    return t.encode(text, tokenizer::special_use::forbidden); // a failure says where
}

auto words_that_come(tokenizer::byte_level_bpe const& t, std::span<std::string_view const> pieces)
{
    tokenizer::running_count running(t);
    for (auto const piece : pieces) {
        running.add(piece); // the count so far: that of all of it as one text
    }
    return running.count();
}

auto middle_of(tokenizer::byte_level_bpe const& t, std::string_view text)
{
    tokenizer::interval_count const counts(t, text);
    return counts.count(text.size() / 3, 2 * text.size() / 3); // of that part as a text by itself
}

auto rows_of(tokenizer::byte_level_bpe const& t, std::span<std::string_view const> texts)
{
    auto all = tokenizer::encode_all(t, texts, parallelism::all_cores());
    for (auto& ids : all) {
        tokenizer::truncate(ids, 512);
    }
    return tokenizer::pad(all, {.id = 0, .multiple = 8});
}

auto told_as_it_comes(tokenizer::byte_level_bpe const& t, std::span<tokenizer::token_id const> ids)
{
    tokenizer::stream_decoder decoder(t);
    std::string all;
    for (auto const id : ids) {
        all += decoder.add(id); // ends with a character, never within one
    }
    return all + decoder.finish();
}

/// A token a byte.
auto bytes_alone() -> tokenizer::byte_level_bpe
{
    tokenizer::token_list tokens;
    for (int byte = 0; byte < 256; ++byte) {
        tokens.add(std::string(1, static_cast<char>(byte)));
    }
    return tokenizer::byte_level_bpe::make({std::move(tokens), {}, {{"<end>", 256}}, {}}).value();
}

} // namespace

TEST_CASE("what the page on tokenizers shows")
{
    auto const t = bytes_alone();
    CHECK(tokens_of("/nowhere/o200k_base.tiktoken", "x").error().code == errc::not_found);
    CHECK(from_a_user(t, "a<end>").error().offset == 1);
    std::vector<std::string_view> const pieces = {"some ", "words"};
    CHECK(words_that_come(t, pieces) == 10);
    CHECK(middle_of(t, "123456789") == 3);
    CHECK(rows_of(t, pieces).ids.size() == 16);
    CHECK(told_as_it_comes(t, t.encode("\u732b")) == "\u732b");
}
