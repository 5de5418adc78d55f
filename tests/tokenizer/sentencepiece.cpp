#include "haiga/tokenizer/sentencepiece/sentencepiece.hpp"

#include "tests/golden/sentencepiece.hpp"
#include "tests/laws/tokenizer.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <iterator>
#include <sstream>

using namespace haiga;
using tokenizer::token_id;

namespace sentencepiece_test {
namespace {

auto make(std::string_view bytes) -> result<tokenizer::sentencepiece>
{
    return tokenizer::read_sentencepiece_file(bytes).and_then(
        [](auto const& file) { return tokenizer::sentencepiece::make(file); });
}

auto numbers(std::string_view text) -> std::vector<std::int64_t>
{
    std::istringstream in{std::string(text)};
    return {std::istream_iterator<std::int64_t>(in), {}};
}

template <std::size_t N>
void check_samples(std::string_view model, golden::sentencepiece::sample const (&samples)[N])
{
    auto const t = make(model);
    REQUIRE(t);
    for (auto const& sample : samples) {
        CAPTURE(std::string(sample.text));
        auto const ids = t->encode(sample.text);
        CHECK(std::vector<std::int64_t>(ids.begin(), ids.end()) == numbers(sample.ids));
        CHECK(t->decode(ids) == sample.decoded);
        auto const located = t->encode_located(sample.text);
        CHECK(located.ids == ids);
        std::vector<std::int64_t> offsets;
        for (auto const& span : located.spans) {
            offsets.push_back(static_cast<std::int64_t>(span.begin));
            offsets.push_back(static_cast<std::int64_t>(span.end));
        }
        CHECK(offsets == numbers(sample.offsets));
    }
}

/// A message field of a string, and a whole message of pieces, by hand.
auto field(int number, std::string const& bytes) -> std::string
{
    return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} + bytes;
}

auto piece(std::string const& text, float score, char kind = 1) -> std::string
{
    std::string number(4, '\0');
    std::memcpy(number.data(), &score, 4); // little-endian machines only
    return field(1, field(1, text) + "\x15" + number + "\x18" + kind);
}

auto const unknown = piece("<unk>", 0, 2);

} // namespace

TEST_CASE("sentencepiece: the ids, offsets and texts of its own program")
{
    namespace theirs = golden::sentencepiece;
    check_samples(theirs::unigram_model, theirs::unigram);
    check_samples(theirs::unigram_bytes_model, theirs::unigram_bytes);
    check_samples(theirs::bpe_model, theirs::bpe);
    check_samples(theirs::bpe_bytes_model, theirs::bpe_bytes);
}

TEST_CASE("sentencepiece: the law of tokenizers")
{
    std::string_view const texts[] = {"Hello world.",
                                      "\xff\xfe"
                                      "abc",
                                      " \t ", "\xe6\x97\xa5"};
    check_tokenizer(*make(golden::sentencepiece::bpe_bytes_model), texts);
    check_tokenizer(*make(golden::sentencepiece::unigram_bytes_model), texts);
}

TEST_CASE("sentencepiece: the most probable pieces, the first found where two are as probable")
{
    auto const bare = field(3, std::string("\x18\0\x20\0", 4)); // no mark, spaces stay
    auto const t =
        make(unknown + piece("a", -1) + piece("b", -1) + piece("ab", -3) + piece("aa", -2) + bare);
    REQUIRE(t);
    CHECK(t->encode("ab") == std::vector<token_id>{1, 2}); // -2 beats -3
    CHECK(t->encode("aaa") ==
          std::vector<token_id>{1, 4}); // -3 either way: the last piece begins first
    CHECK(t->encode("a\xce\xb1\xce\xb2"
                    "b") == std::vector<token_id>{1, 0, 2}); // one unknown
    CHECK(t->count("a\xce\xb1\xce\xb2"
                   "b") == 3);
}

TEST_CASE("sentencepiece: one letter a million times takes about as long as a text")
{
    auto const t = make(golden::sentencepiece::bpe_bytes_model);
    auto const u = make(golden::sentencepiece::unigram_model);
    REQUIRE(t);
    REQUIRE(u);
    std::string const letters(1 << 18, 'a'); // squared, it would take minutes
    CHECK(t->decode(t->encode(letters)) == letters);
    CHECK(u->decode(u->encode(letters)) == letters);
}

TEST_CASE("sentencepiece: what is wrong with a file is told, with its place")
{
    auto const told = [](std::string const& bytes) { return make(bytes).error().to_string(); };
    REQUIRE(unknown.size() == 16);
    CHECK(told("") == "no piece is the unknown one");
    CHECK(told(unknown + unknown) == "piece \"<unk>\" occurs twice");
    CHECK(told(unknown + piece("<u>", 0, 2)) == "pieces 0 and 1 are both the unknown one");
    CHECK(told(unknown + piece("a", 0) + piece("a", 1)) == "piece \"a\" occurs twice");
    CHECK(told(unknown + piece("<0x41>", 0, 6)) ==
          "piece \"<0x41>\" is a byte's, in a model without bytes");
    CHECK(told(unknown + piece("<0xZZ>", 0, 6)) == "piece \"<0xZZ>\" names no byte");
    CHECK(told(unknown + field(2, std::string("\x98\x02\x01", 3))) ==
          "byte 0 has no piece, in a model with bytes");
    CHECK(told(unknown + field(2, "\x18\x04")) == "a model of characters, expected unigram or BPE");
    CHECK(told(unknown + field(2, "\x18\x09")) == "model_type 9 (at byte 18)");
    CHECK(told(unknown + "\x0a\x7f") == "field 1 has 127 bytes, 0 are left (at byte 18)");
    CHECK(told(unknown + "\x0a") == "ends inside a number (at byte 17)");
    CHECK(told(unknown + "\x0f") == "field 1 has the wire type 7 (at byte 17)");
    CHECK(
        told(piece("a", std::numeric_limits<float>::infinity())).starts_with("a piece of 1 bytes"));
    CHECK(
        told(unknown + piece("", 0)).starts_with("a piece of 0 bytes with the score 0, expected"));
    auto const map = [&](std::string const& bytes) { return unknown + field(3, field(2, bytes)); };
    CHECK(told(map("abc")) == "character map: 3 bytes, needs 4");
    CHECK(told(map(std::string("\x08\0\0\0abcd", 8))) ==
          "character map: an array of 8 bytes, 4 are left");
    CHECK(told(map(std::string("\x03\0\0\0abcd", 8))) == "character map: an array of 3 bytes");
}

TEST_CASE("sentencepiece: a file that ends anywhere is refused or read, never more than it has")
{
    std::string_view const whole = golden::sentencepiece::bpe_bytes_model;
    for (std::size_t size = 0; size < whole.size(); size += 37) {
        if (auto const t = make(whole.substr(0, size))) {
            CHECK(t->decode(t->encode("the cat")) == "the cat");
        } else {
            CHECK(!t.error().message.empty());
        }
    }
}

TEST_CASE("a trie finds the words that a text begins with")
{
    using tokenizer::prefix_trie;
    prefix_trie const trie({{"a", 1}, {"abc", 2}, {"b\xff", 3}, {"abd", 4}, {"abc", 5}});
    auto const longest = [&](std::string_view text) {
        auto const found = trie.longest_prefix(text);
        return std::pair(found.length, found.value);
    };
    CHECK(longest("abcd") == std::pair(std::size_t{3}, 5U));
    CHECK(longest("abx") == std::pair(std::size_t{1}, 1U));
    CHECK(longest("b\xff\xff") == std::pair(std::size_t{2}, 3U));
    CHECK(longest("b") == std::pair(std::size_t{0}, prefix_trie::no_value));
    CHECK(longest("") == std::pair(std::size_t{0}, prefix_trie::no_value));
    CHECK(prefix_trie().longest_prefix("a").length == 0);
    std::vector<std::string> words; // every text of up to two bytes: all labels in all states
    for (int a = 1; a < 256; ++a) {
        words.push_back(std::string(1, static_cast<char>(a)));
        for (int b = 0; b < 256; b += 3) {
            words.push_back({static_cast<char>(a), static_cast<char>(b)});
        }
    }
    std::vector<prefix_trie::entry> entries;
    for (auto const& word : words) {
        entries.push_back({word, static_cast<std::uint32_t>(entries.size())});
    }
    prefix_trie const full(entries);
    CHECK(std::ranges::all_of(entries, [&](auto const& e) {
        auto const found = full.longest_prefix(e.word);
        return found.length == e.word.size() && found.value == e.value;
    }));
    CHECK(full.longest_prefix("\x01\x01").length == 1);
}

} // namespace sentencepiece_test
