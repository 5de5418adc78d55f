#include "haiga/catalog/clip_tokenizer_text.hpp"

#include "tests/catalog/texts.hpp"
#include "tests/clip_merges_file.hpp"

using namespace haiga;
using namespace haiga::catalog;

namespace {

constexpr std::string_view three_merges = "\"a note\ni n\nt h\nth e</w>\nnot used\n";

} // namespace

TEST_CASE("tokens are numbered: bytes, bytes that end a word, merges, start, end")
{
    auto const files = clip_tokenizer_files(three_merges, 3);
    REQUIRE(files);
    CHECK(files->merges == "#version: 0.2\ni n\nt h\nth e</w>\n");
    auto const vocabulary = test::object_of(files->vocabulary);
    CHECK(vocabulary.size() == 2 * 256 + 3 + 2);
    std::int64_t next = 0;
    for (auto const& [token, id] : vocabulary) {
        CHECK(id == next++);
    }
    CHECK(vocabulary.at("!") == 0);
    CHECK(vocabulary.at("~") == 93);
    CHECK(vocabulary.at("\u00a1") == 94);
    CHECK(vocabulary.at("\u00ae") == 106);
    CHECK(vocabulary.at("\u00ff") == 187);
    CHECK(vocabulary.at("\u0100") == 188); // byte 0
    CHECK(vocabulary.at("\u0120") == 220); // a space
    CHECK(vocabulary.at("\u0143") == 255); // byte 0xad
    CHECK(vocabulary.at("!</w>") == 256);
    CHECK(vocabulary.at("in") == 512);
    CHECK(vocabulary.at("the</w>") == 514);
    CHECK(vocabulary.at("<|startoftext|>") == 515);
    CHECK(vocabulary.at("<|endoftext|>") == 516);
}

TEST_CASE("what is not a list of merges is refused")
{
    CHECK(test::refusal(clip_tokenizer_files(three_merges, 5)) == "CLIP has 5 merges, found 4");
    CHECK(test::refusal(clip_tokenizer_files("", 1)) == "CLIP has 1 merges, found 0");
    for (auto const* const line : {"one", " two", "one ", "one two three", "", " "}) {
        CHECK(test::refusal(clip_tokenizer_files(concat("note\n", line, "\n"), 1)) ==
              concat("line 2 of CLIP's merges is \"", line, "\", expected two words"));
    }
    CHECK(test::refusal(clip_tokenizer_files("note\na \xff\n", 1)) ==
          "CLIP's merges are not UTF-8 (at byte 7)");
    CHECK(test::refusal(clip_tokenizer_files("note\na b\na b\n", 2)) ==
          "CLIP's merges give 1 tokens twice");
}

TEST_CASE("the published merges give the published vocabulary")
{
    auto const text = test::clip_merges_file();
    if (!text) {
        return;
    }
    auto const files = clip_tokenizer_files(*text);
    REQUIRE(files);
    auto const vocabulary = test::object_of(files->vocabulary);
    // ids in vocab.json of openai/clip-vit-large-patch14 on the hub
    CHECK(vocabulary.size() == 49'408);
    CHECK(vocabulary.at("the</w>") == 518);
    CHECK(vocabulary.at("a</w>") == 320);
    CHECK(vocabulary.at("photo</w>") == 1125);
    CHECK(vocabulary.at("of</w>") == 539);
    CHECK(vocabulary.at("cat</w>") == 2368);
    CHECK(vocabulary.at("<|startoftext|>") == 49'406);
    CHECK(vocabulary.at("<|endoftext|>") == 49'407);
}

// special_tokens_map.json of the repositories in base_models.hpp
TEST_CASE("short prompts are filled up with the end, or with OpenCLIP's 0")
{
    using enum tokenizer_place;
    CHECK(clip_padding(family::sd1, tokenizer) == "<|endoftext|>");
    CHECK(clip_padding(family::sd2, tokenizer) == "!");
    CHECK(clip_padding(family::sdxl, tokenizer) == "<|endoftext|>");
    CHECK(clip_padding(family::sdxl, tokenizer_2) == "!");
    CHECK(clip_padding(family::sdxl_refiner, tokenizer_2) == "!");
    test::check_holds(tokenizer_config_text("!"), R"({"add_prefix_space": false,
        "bos_token": "<|startoftext|>", "do_lower_case": true, "eos_token": "<|endoftext|>",
        "errors": "replace", "model_max_length": 77, "pad_token": "!",
        "tokenizer_class": "CLIPTokenizer", "unk_token": "<|endoftext|>"})");
    test::check_holds(special_tokens_map_text(clip_end), R"({"bos_token": "<|startoftext|>",
        "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>",
        "unk_token": "<|endoftext|>"})");
}
