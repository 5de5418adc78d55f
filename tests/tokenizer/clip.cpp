#include "haiga/tokenizer/clip.hpp"

#include "haiga/tokenizer/clip_files.hpp"
#include "haiga/tokenizer/clip_window.hpp"
#include "tests/clip_merges_file.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/tokenizer/clip_texts.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>

using namespace haiga;
using tokenizer::clip_cleaning;

namespace {

/// Bytes 0 to 255 in CLIP's order, the same ending a word, then these merges, the start, the end.
auto toy(std::string_view merges, std::size_t count, tokenizer::clip_options const& o = {})
{
    return tokenizer::clip::make(tokenizer::read_clip_merges(merges, count).value(), o).value();
}

/// The published one, where there is test data.
auto published(tokenizer::clip_options const& o = {}) -> std::optional<tokenizer::clip>
{
    auto const text = test::clip_merges_file();
    return text ? std::optional(
                      tokenizer::clip::make(tokenizer::read_clip_merges(*text).value(), o).value())
                : std::nullopt;
}

using clip_ids = std::vector<tokenizer::token_id>;

} // namespace

TEST_CASE("words are cut into bytes and merged by rank, the last byte ending the word")
{
    auto const t = toy("note\nt h\nth e</w>\na b\nab ab\nab c</w>\n", 5);
    // '!' is byte 0 of CLIP's order, so a letter is its distance to '!'; + 256 where it ends a word
    CHECK(t.encode("the") == clip_ids{513});
    CHECK(t.encode("The THE tHe") == clip_ids{513, 513, 513});
    CHECK(t.encode("th") == clip_ids{'t' - '!', 'h' - '!' + 256});
    CHECK(t.encode("abababc") == clip_ids{515, 516});
    CHECK(t.encode("a,b") == clip_ids{'a' - '!' + 256, ',' - '!' + 256, 'b' - '!' + 256});
    CHECK(t.encode("").empty());
    CHECK(t.encode(" \t\n\u3000").empty());
    CHECK(t.start() == 517);
    CHECK(t.end() == 518);
    CHECK(t.decode(t.encode("the ab!")) == "the ab ! ");
}

TEST_CASE("a word of 256 KiB takes about as long as so many words")
{
    auto const t = toy("note\na a\naa aa\naaaa aaaa\n", 3);
    std::string const word(1 << 18, 'a');
    auto const whole = t.encode(word);    // quadratic, it would take minutes
    CHECK(whole.size() == (1 << 15) + 3); // the last eight: 4 + 2 + 1, and one that ends the word
    std::string const broken = "a" + std::string(1 << 16, '\xcc'); // not UTF-8: U+FFFD each
    CHECK(t.encode(broken).size() == 1 + 3 * (1 << 16));
}

TEST_CASE("short and long words merge alike")
{
    // 33 bytes are merged in a heap, 32 by looking at all pairs
    auto const t = toy("note\na b\nab a\nb a\naba b\nb b\nba ba\n", 6);
    for (std::size_t length : {std::size_t{31}, std::size_t{32}, std::size_t{33}}) {
        auto const word = std::string("abbabaabbbaabababbabababaabbbabbaab").substr(0, length);
        auto const long_word = word + "!" + word; // pieces of their own: the same ids twice
        auto once = t.encode(word);
        auto expected = once;
        expected.push_back(256);
        expected.insert(expected.end(), once.begin(), once.end());
        CHECK(t.encode(long_word) == expected);
    }
}

TEST_CASE("tokens that are missing are named")
{
    auto parts = tokenizer::read_clip_merges("note\na b\n", 1).value();
    CHECK(tokenizer::clip::make(parts, {.padding = "<pad>"}).error().to_string() ==
          "CLIP's vocabulary has no \"<pad>\"");
    parts.merges.emplace_back("x", "y");
    CHECK(tokenizer::clip::make(parts).error().to_string() == "CLIP's vocabulary has no \"xy\"");
    parts.merges.clear();
    parts.tokens.pop_back();
    CHECK(tokenizer::clip::make(parts).error().to_string() ==
          "CLIP's vocabulary has no \"<|endoftext|>\"");
}

TEST_CASE("a window is the start, at most 75 tokens, the end, and padding")
{
    auto const t = toy("note\na b\n", 1, {.padding = "!"});
    CHECK(tokenizer::clip_window == 77);
    auto const one = tokenizer::first_window(t, "x");
    REQUIRE(one.size() == 77);
    CHECK(one[0] == t.start());
    CHECK(one[1] == 'x' - '!' + 256);
    CHECK(one[2] == t.end());
    CHECK(one[3] == 0);
    CHECK(one[76] == 0);
    std::string text;
    for (int i = 0; i < 76; ++i) {
        text += "x ";
    }
    auto const cut = tokenizer::first_window(t, text);
    REQUIRE(cut.size() == 77);
    CHECK(cut[75] == 'x' - '!' + 256);
    CHECK(cut[76] == t.end());
    auto const both = tokenizer::all_windows(t, text);
    REQUIRE(both.size() == 154);
    CHECK(std::equal(cut.begin(), cut.end(), both.begin()));
    CHECK(std::equal(one.begin(), one.end(), both.begin() + 77));
    CHECK(tokenizer::all_windows(t, "").size() == 77);
}

TEST_CASE("a folder of vocab.json and merges.txt is opened with its padding")
{
    haiga_test::temporary_folder const folder;
    auto const write = [&](char const* name, std::string_view text) {
        std::ofstream(folder / name, std::ios::binary) << text;
    };
    CHECK(tokenizer::open_clip(folder.path()).error().code == errc::not_found);
    auto const parts = tokenizer::read_clip_merges("note\na b\n", 1).value();
    boost::json::object vocabulary;
    for (auto const& token : parts.tokens) {
        vocabulary.emplace(token, vocabulary.size());
    }
    write("vocab.json", boost::json::serialize(vocabulary));
    write("merges.txt", "#version: 0.2\na b\n");
    auto const plain = tokenizer::open_clip(folder.path());
    REQUIRE(plain);
    CHECK(plain->encode("ab!") == toy("note\na b\n", 1).encode("ab!"));
    CHECK(plain->padding() == plain->end());
    write("special_tokens_map.json", R"({"pad_token": "!"})");
    CHECK(tokenizer::open_clip(folder.path())->padding() == 0);
    write("special_tokens_map.json", R"({"pad_token": {"content": "!", "lstrip": false}})");
    CHECK(tokenizer::open_clip(folder.path())->padding() == 0);
    write("special_tokens_map.json", R"({"pad_token": 1})");
    CHECK(tokenizer::open_clip(folder.path()).error().to_string() ==
          "special_tokens_map.json: \"pad_token\": expected a string");
    write("merges.txt", "a b\nc\n");
    CHECK(tokenizer::open_clip(folder.path()).error().to_string() ==
          "vocab.json, merges.txt: line 2 of CLIP's merges is \"c\", expected two words");
    write("vocab.json", R"({"a": 0, "b": 0})");
    CHECK(tokenizer::open_clip(folder.path()).error().to_string() ==
          "vocab.json, merges.txt: token \"b\" of 2 has a number that is none, too large or "
          "another's");
}

TEST_CASE("the published tokenizer gives the same ids as transformers")
{
    auto const t = published();
    if (!t) {
        return;
    }
    for (auto const& [text, expected] : golden::clip::hugging_face) {
        CAPTURE(std::string(text));
        CHECK(test::joined(t->encode(text)) == expected);
    }
    test::clip_texts texts;
    for (int block = 0; auto const expected : golden::clip::hugging_face_sums) {
        CAPTURE(block++);
        CHECK(test::checksum_of(*t, texts) == expected);
    }
}

TEST_CASE("the other cleaning gives the same ids as OpenAI's program")
{
    auto const t = published({.cleaning = clip_cleaning::openai});
    if (!t) {
        return;
    }
    for (auto const& [text, expected] : golden::clip::hugging_face) {
        auto const* const differs =
            std::ranges::find(golden::clip::openai, text, &golden::clip::sample::text);
        CAPTURE(std::string(text));
        CHECK(test::joined(t->encode(text)) ==
              (differs != std::end(golden::clip::openai) ? differs->ids : expected));
    }
}

// transformers 5.23 with "!" as pad_token, as Stable Diffusion 2's files and XL's second have it
TEST_CASE("where \"!\" is the padding, it is so in a text too")
{
    auto const t = published({.padding = "!"});
    if (!t) {
        return;
    }
    CHECK(t->encode("hello!") == clip_ids{3306, 0});
    CHECK(t->encode("a cat!!! !") == clip_ids{320, 2368, 0, 0, 0, 0});
    CHECK(t->encode("x!y") == clip_ids{343, 0, 344});
    CHECK(published()->encode("a cat!!! !") == clip_ids{320, 2368, 995, 256});
}

TEST_CASE("what decodes is what was encoded, in lower case and single spaces")
{
    auto const t = published();
    if (!t) {
        return;
    }
    CHECK(t->decode(t->encode("A photo of 2 Cats,  猫!")) == "a photo of 2 cats , 猫 ! ");
    CHECK(t->decode(clip_ids{t->start(), 320, t->end()}) == "<|startoftext|>a <|endoftext|>");
}
