#include "haiga/tokenizer/interval_count.hpp"

#include "haiga/tokenizer/batch.hpp"
#include "haiga/tokenizer/stream_decoder.hpp"
#include "tests/tokenizer/toy_ranks.hpp"

#include <doctest/doctest.h>

using namespace haiga;
using namespace haiga::tokenizer;

namespace {

struct snippets {
    std::uint64_t state = 7;
    auto below(std::size_t n) -> std::size_t
    {
        state ^= state << 13U;
        state ^= state >> 7U;
        state ^= state << 17U;
        return (state >> 11U) % n;
    }

    /// What is cut in ways that depend on what follows.
    auto text(std::size_t parts) -> std::string
    {
        constexpr std::string_view all[] = {
            "a",      "the",     "ABC",    "Word",   " ",      "  ",      "\n",   "\r\n",
            " \n ",   "'",       "'s",     "'re",    "12",     "3456",    ".",    "!?",
            "/",      "\u732b",  "\u0301", "\u00e9", "\u3000", "\xff",    "\xe7", "\U0001f600",
            "\u01c5", "'\u017f", "\t",     "x/\n/",  "   ",    "\xf0\x9f"};
        std::string made;
        for (std::size_t i = 0; i < parts; ++i) {
            made += all[below(std::size(all))];
        }
        return made;
    }
};

} // namespace

TEST_CASE("the count of a text that grows is that of the whole, wherever it is cut")
{
    snippets random;
    for (auto const split : test::all_splits) {
        auto const t = test::toy_bpe({"th", "the", " t", "  ", "\n\n", "ab", "AB", "12"}, split);
        for (int round = 0; round < 40; ++round) {
            auto const text = random.text(60);
            running_count running(t);
            for (std::size_t at = 0; at < text.size();) {
                auto const more = 1 + random.below(round % 2 == 0 ? 1 : 9);
                auto const end = std::min(at + more, text.size());
                CAPTURE(text.substr(0, end));
                REQUIRE(running.add(std::string_view(text).substr(at, end - at)) ==
                        t.count(std::string_view(text).substr(0, end)));
                at = end;
            }
            CHECK(running.count() == t.count(text));
        }
    }
}

TEST_CASE("the count of any part of a text is that of the part by itself")
{
    snippets random;
    for (auto const split : test::all_splits) {
        auto const t = test::toy_bpe({"th", "the", " t", "  ", "\n\n", "ab", "AB", "12"}, split);
        for (int round = 0; round < 10; ++round) {
            auto const text = random.text(120) + std::string(40, '7') + random.text(60);
            interval_count const counts(t, text);
            for (int i = 0; i < 200; ++i) {
                auto const begin = random.below(text.size() + 1);
                auto const end = begin + random.below(text.size() + 1 - begin);
                CAPTURE(text.substr(begin, end - begin));
                REQUIRE(counts.count(begin, end) == t.count(text.substr(begin, end - begin)));
            }
            CHECK(counts.count(0, text.size()) == t.count(text));
        }
    }
}

TEST_CASE("tokens are located in the text")
{
    auto const t = test::toy_bpe({"ab", "\xe7\x8c"});
    auto const [ids, spans] = t.encode_located("xab\u732b");
    CHECK(ids == std::vector<token_id>{'x', 256, 257, 0xab});
    CHECK(spans == std::vector<token_span>{{0, 1}, {1, 3}, {3, 5}, {5, 6}});
}

TEST_CASE("a stream of tokens decodes to whole characters")
{
    auto const t = test::toy_bpe({"\x8c\xab!"});
    stream_decoder decoder(t);
    CHECK(decoder.add('a') == "a");
    CHECK(decoder.add(0xe7).empty());
    CHECK(decoder.add(256) == "\u732b!");
    CHECK(decoder.add(0xff) == "\xff"); // begins no character
    CHECK(decoder.add(0xed).empty());
    CHECK(decoder.add(0xa0) == "\xed\xa0"); // a surrogate is no character
    CHECK(decoder.add(0xe0).empty());
    CHECK(decoder.add(0x80) == "\xe0\x80"); // nor what is longer than it need be
    CHECK(decoder.add(0xf0).empty());
    CHECK(decoder.add(0x9f).empty());
    CHECK(decoder.add(0x98).empty());
    CHECK(decoder.add('b') == "\xf0\x9f\x98"
                              "b");
    CHECK(decoder.add(0xf4).empty());
    CHECK(decoder.finish() == "\xf4");
    CHECK(decoder.finish().empty());
}

TEST_CASE("a stream's texts make up the whole, whatever the tokens")
{
    snippets random;
    auto const t = test::toy_bpe({"\xe7\x8c", "\x80\x80"});
    for (int round = 0; round < 50; ++round) {
        std::vector<token_id> ids;
        for (int i = 0; i < 50; ++i) {
            ids.push_back(static_cast<token_id>(random.below(258)));
        }
        stream_decoder decoder(t);
        std::string all;
        for (auto const id : ids) {
            all += decoder.add(id);
        }
        CHECK(all + decoder.finish() == t.decode(ids));
    }
}

TEST_CASE("texts are encoded by any number of threads, cut off and filled up")
{
    auto const t = test::toy_bpe({"ab"});
    std::vector<std::string> const texts = {"abc", "", "ab ab ab", "x"};
    std::vector<std::string_view> const views(texts.begin(), texts.end());
    for (int const threads : {1, 2, 5}) {
        auto const all = encode_all(t, views, {threads});
        REQUIRE(all.size() == 4);
        CHECK(all[0] == std::vector<token_id>{256, 'c'});
        CHECK(all[1].empty());
        CHECK(all[2] == std::vector<token_id>{256, ' ', 256, ' ', 256});
        CHECK(count_all(t, views, {threads}) == std::vector<std::size_t>{2, 0, 5, 1});
    }
    auto all = encode_all(t, views, {1});
    truncate(all[2], 3);
    CHECK(all[2] == std::vector<token_id>{256, ' ', 256});
    truncate(all[0], 1, side::left);
    CHECK(all[0] == std::vector<token_id>{'c'});
    auto const rows = pad(all, {.id = 9, .multiple = 2});
    CHECK(rows.length == 4);
    CHECK(rows.ids ==
          std::vector<token_id>{'c', 9, 9, 9, 9, 9, 9, 9, 256, ' ', 256, 9, 'x', 9, 9, 9});
    CHECK(rows.mask == std::vector<std::uint8_t>{1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 1, 0, 0, 0});
    auto const left = pad(std::span(all).last(1), {.id = 9, .at = side::left, .least = 2});
    CHECK(left.ids == std::vector<token_id>{9, 'x'});
    CHECK(left.mask == std::vector<std::uint8_t>{0, 1});
}
