// What docs/modules.md shows of tokens.

#include "haiga/tokenizer/clip_files.hpp"
#include "haiga/tokenizer/clip_window.hpp"

#include <doctest/doctest.h>

using namespace haiga;

namespace {

auto prompt_tokens(std::filesystem::path const& folder, std::string_view prompt)
    -> result<std::vector<tokenizer::token_id>>
{
    HAIGA_TRY(auto const clip, tokenizer::open_clip(folder)); // vocab.json, merges.txt
    return tokenizer::first_window(clip, prompt);             // 77 of them
}

} // namespace

TEST_CASE("tokens of a prompt need a folder with a tokenizer")
{
    CHECK(prompt_tokens("/nowhere", "a cat").error().code == errc::not_found);
}
