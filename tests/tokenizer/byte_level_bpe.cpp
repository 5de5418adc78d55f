#include "haiga/tokenizer/byte_level_bpe.hpp"

#include "tests/tokenizer/toy_ranks.hpp"

#include <doctest/doctest.h>

using namespace haiga;
using namespace haiga::tokenizer;

namespace {

using numbers = std::vector<token_id>;

} // namespace

TEST_CASE("a piece that is a token is that token, others are merged")
{
    auto const t = test::toy_bpe({"th", "the", " the", "cat", "hat"}); // "hat" is made of none
    CHECK(t.encode("the") == numbers{257});
    CHECK(t.encode(" the the") == numbers{258, 258});
    CHECK(t.encode("hat") == numbers{260});
    CHECK(t.encode("hats") == numbers{'h', 'a', 't', 's'});
    CHECK(t.decode(t.encode("the hats \xff")) == "the hats \xff");
    CHECK(t.find("the") == 257);
    CHECK(t.find("xyz") == std::nullopt);
    CHECK(t.size() == 263);
    CHECK(t.token(261).empty()); // between the last rank and the special token
    CHECK(check_ids(t, numbers{1, 261}).error().offset == 1);
}

TEST_CASE("special tokens are text, tokens or an error")
{
    auto const t = test::toy_bpe({"<|", "|>"});
    auto const text = "a<|endoftext|>b";
    CHECK(t.encode(text).size() == 13);
    CHECK(t.encode(text, special_use::literal).value() == t.encode(text));
    CHECK(t.encode(text, special_use::allowed).value() == numbers{'a', 259, 'b'});
    auto const refused = t.encode(text, special_use::forbidden);
    REQUIRE(!refused);
    CHECK(refused.error().offset == 1);
    CHECK(refused.error().message == "special token \"<|endoftext|>\" is forbidden here");
    CHECK(t.decode(numbers{'a', 259}) == "a<|endoftext|>");
    CHECK(t.encode("a<|endoftext", special_use::forbidden));
}

TEST_CASE("each special token has its own rule, and the longest is meant")
{
    auto const t = byte_level_bpe::make({.tokens = test::toy_tokens({}),
                                         .split = split_rule::gpt2,
                                         .specials = {{"<a>", 300}, {"<a><b>", 301}, {"<c>", 302}},
                                         .ids = {}})
                       .value();
    using enum special_use;
    CHECK(t.encode("<a><b><a><c>", std::vector{allowed, allowed, allowed}).value() ==
          numbers{301, 300, 302});
    CHECK(t.encode("<a><b><c>", std::vector{allowed, literal, allowed}).value() ==
          numbers{300, '<', 'b', '>', 302});
    CHECK(t.encode("<a>x<c>", std::vector{allowed, literal, forbidden}).error().offset == 4);
}

TEST_CASE("counting stops at a limit")
{
    auto const t = test::toy_bpe({"ab"});
    std::string text;
    for (int i = 0; i < 1000; ++i) {
        text += "ab ";
    }
    CHECK(t.count(text) == t.encode(text).size());
    auto const all = t.count(text);
    CHECK(t.count_up_to(text, all) == all);
    CHECK(t.count_up_to(text, all - 1) == std::nullopt);
    CHECK(t.count_up_to("", 0) == 0);
    CHECK(t.count_up_to(std::string(1 << 20, 'x'), 10) == std::nullopt); // one piece
}

TEST_CASE("numbers may be others than ranks")
{
    auto tokens = test::toy_tokens({"ab"});
    std::vector<token_id> ids;
    for (token_id id = 0; id < 257; ++id) {
        ids.push_back(1000 - id);
    }
    auto const t = byte_level_bpe::make({tokens, split_rule::gpt2, {{"<s>", 0}}, ids}).value();
    CHECK(t.encode("abc") == numbers{744, 1000 - 'c'});
    CHECK(t.decode(numbers{0, 744}) == "<s>ab");
    CHECK(t.size() == 1001);
    ids[3] = ids[4];
    CHECK(byte_level_bpe::make({tokens, split_rule::gpt2, {}, ids}).error().to_string() ==
          "token number 996 is two tokens'");
    CHECK(byte_level_bpe::make({tokens, split_rule::gpt2, {{"<s>", 7}}, {}}).error().to_string() ==
          "token number 7 is a special token's and another's");
    CHECK(byte_level_bpe::make({tokens, split_rule::gpt2, {{"", 300}}, {}}).error().to_string() ==
          "special token 300 is empty");
}

TEST_CASE("a text of many pieces, cached or not, is cut as each by itself")
{
    auto const t = test::toy_bpe({"ab", "abc", " ab", "ca"}, split_rule::cl100k);
    std::string text;
    numbers expected;
    for (int i = 0; i < 3000; ++i) {
        std::string word = " ";
        for (int j = i % 97; j > 0; j /= 3) {
            word += static_cast<char>('a' + j % 3);
        }
        word += "xyzxyzxyzxyz";
        auto const ids = t.encode(word);
        expected.insert(expected.end(), ids.begin(), ids.end());
        text += word;
    }
    CHECK(t.encode(text) == expected);
    CHECK(t.count(text) == expected.size());
}
