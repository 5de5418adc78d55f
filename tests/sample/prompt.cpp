#include "haiga/sample/prompt.hpp"

#include "tests/clip_merges_file.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <optional>

using namespace haiga;

namespace {

/// "3: a | 10: a b": where each range ends, and what it says.
auto scheduled(std::string_view prompt, int steps = 10) -> std::string
{
    std::string text;
    int next = 0;
    auto const ranges = sample::schedule_prompt(prompt, steps).value();
    for (auto const& range : ranges) {
        CHECK(range.first == next);
        next = range.last;
        text += concat(text.empty() ? "" : " / ", range.last, ": ", range.text);
    }
    CHECK(next == steps);
    return text;
}

/// "a {1.1|important} word": what is not 1 with its weight.
auto weighted(std::string_view prompt) -> std::string
{
    std::string text;
    for (auto const& part : sample::read_weights(prompt)) {
        text += part.breaks        ? "{BREAK}"
                : part.weight == 1 ? part.text
                                   : concat('{', part.weight, '|', part.text, '}');
    }
    return text;
}

/// 256 bytes, the same ending a word, no merges: a letter is its distance to '!', + 256 at the end
/// of its word.
auto letters(std::string_view padding = tokenizer::clip_end) -> tokenizer::clip
{
    return tokenizer::clip::make(tokenizer::read_clip_merges("note\n", 0).value(),
                                 {.padding = padding})
        .value();
}

auto repeated(std::string_view text, int count) -> std::string
{
    std::string all;
    for (int i = 0; i < count; ++i) {
        all += text;
    }
    return all;
}

constexpr tokenizer::token_id x = 'x' - '!' + 256, y = 'y' - '!' + 256, comma = ',' - '!' + 256;

} // namespace

// The web UI's own examples, modules/prompt_parser.py, where one step more or less does not matter.
TEST_CASE("a prompt changes with the steps")
{
    CHECK(scheduled("test") == "10: test");
    CHECK(scheduled("") == "10: ");
    CHECK(scheduled("a [b:3]") == "3: a  / 10: a b");
    CHECK(scheduled("a [b: 3]") == "3: a  / 10: a b");
    CHECK(scheduled("a [[[b]]:2]") == "2: a  / 10: a [[b]]");
    CHECK(scheduled("[(a:2):3]") == "3:  / 10: (a:2)");
    CHECK(scheduled("a [b : c : 1] d") == "1: a b  d / 10: a  c  d");
    CHECK(scheduled("a[b:[c:d:2]:1]e") == "1: abe / 2: ace / 10: ade");
    CHECK(scheduled("a [b:.5] c") == "5: a  c / 10: a b c");
    CHECK(scheduled("a [b::3] c") == "3: a b c / 10: a  c");
    CHECK(scheduled("[fe|]male", 3) == "1: female / 2: male / 3: female");
    CHECK(scheduled("[fe|||]male", 5) == "1: female / 4: male / 5: female");
    CHECK(scheduled("[a|(b:1.1)]", 3) == "1: a / 2: (b:1.1) / 3: a");
    CHECK(
        scheduled("fantasy landscape with a [mountain:lake:0.25] and [an oak:a christmas tree:0.75]"
                  "[ in foreground::0.6][ in background:0.25] [shoddy:masterful:0.5]",
                  100) ==
        "25: fantasy landscape with a mountain and an oak in foreground shoddy / "
        "50: fantasy landscape with a lake and an oak in foreground in background shoddy / "
        "60: fantasy landscape with a lake and an oak in foreground in background masterful / "
        "75: fantasy landscape with a lake and an oak in background masterful / "
        "100: fantasy landscape with a lake and a christmas tree in background masterful");
}

TEST_CASE("steps are whole numbers, parts of all steps have a point")
{
    CHECK(scheduled("[a:b:1]") == "1: a / 10: b");
    CHECK(scheduled("[a:b:1.0]") == "10: a");
    CHECK(scheduled("[a:b:0.19]") == "1: a / 10: b");
    CHECK(scheduled("[a:b:0]") == "10: b");
    CHECK(scheduled("[a:b:-3]") == "10: b");
    CHECK(scheduled("[a:b:+3]") == "3: a / 10: b");
    CHECK(scheduled("[a:b:99]") == "10: a");
    CHECK(scheduled("[a:b:99999999999999999999]") == "10: a");
    CHECK(scheduled("[a:b: .5 ]") == "5: a / 10: b");
    for (auto const* const text : {"[a:b:x]", "[a:b:]", "[a:b:1e3]", "[a:b:nan]", "[a:b:1.2.3]",
                                   "[a:b:1-2]", "[a:b:c:1]", "[a|b:1]", "[a:b|c:1]", "[a]", "[]"}) {
        CHECK(scheduled(text) == concat("10: ", text));
    }
}

TEST_CASE("brackets nest, and alternate within what is scheduled")
{
    CHECK(scheduled("[[a|b]:c:2]", 4) == "1: a / 2: b / 4: c");
    CHECK(scheduled("[a|[b:c:2]]", 4) == "1: a / 2: b / 3: a / 4: c");
    CHECK(scheduled("[a:[b:c:3]:1]x[d::2]", 4) == "1: axd / 2: bxd / 3: bx / 4: cx");
    CHECK(scheduled("([a:b:1]:1.2)", 2) == "1: (a:1.2) / 2: (b:1.2)");
    CHECK(scheduled("[(a|b):c:1]", 2) == "1: (a|b) / 2: c"); // the bar belongs to the round ones
}

TEST_CASE("brackets that do not match are text")
{
    CHECK(scheduled("a [unbalanced") == "10: a [unbalanced");
    CHECK(scheduled("((a][:b:c [d:3]") == "3: ((a][:b:c  / 10: ((a][:b:c d");
    CHECK(scheduled("a] b) [c:d:2]") == "2: a] b) c / 10: a] b) d");
    CHECK(scheduled("[a (b:c:3]") == "10: [a (b:c:3]");
    CHECK(scheduled("\\[a:b:2\\]") == "10: \\[a:b:2\\]");
    CHECK(scheduled("[a\\:b:2]") == "2:  / 10: a\\:b");
    CHECK(scheduled("\\") == "10: \\");
}

TEST_CASE("long prompts are read, longer ones refused")
{
    auto const words = repeated("[word:other:5] ", 10'000);
    auto const ranges = sample::schedule_prompt(words, 20).value();
    REQUIRE(ranges.size() == 2);
    CHECK(ranges[1].text == repeated("other ", 10'000));
    auto const nested = repeated("[a:", 50'000) + repeated(":1]", 50'000);
    CHECK(sample::schedule_prompt(nested, 2).value().size() == 2);
    auto const open = repeated("([", 50'000);
    CHECK(scheduled(open) == "10: " + open);
    CHECK(sample::schedule_prompt(std::string(sample::max_prompt_bytes + 1, 'a'), 1)
              .error()
              .to_string() == "prompt: 1048577 bytes, at most 1048576 are read");
    auto const changing = "[a|b]" + std::string(sample::max_prompt_bytes - 5, 'c');
    CHECK(sample::schedule_prompt(changing, 60));
    CHECK(sample::schedule_prompt(changing, 65).error().code == errc::too_large);
}

// The web UI's own examples, modules/prompt_parser.py
TEST_CASE("brackets weigh")
{
    CHECK(weighted("normal text") == "normal text");
    CHECK(weighted("an (important) word") == "an {1.1|important} word");
    CHECK(weighted("(unbalanced") == "{1.1|unbalanced}");
    CHECK(weighted("\\(literal\\]") == "(literal]");
    CHECK(weighted("(unnecessary)(parens)") == "{1.1|unnecessaryparens}");
    CHECK(weighted("a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).") ==
          "a {1.573|house}{1.1| }on{1.1| a }{0.55|hill}{1.1|, sun, }{1.4641|sky}{1.1|.}");
    CHECK(weighted("[less]") == "{0.909091|less}");
    CHECK(weighted("(a [b) c]") == "{1.1|a }b{0.909091| c}"); // round and square count apart
}

TEST_CASE("weights are numbers; what is none is text")
{
    CHECK(weighted("(a:0)") == "{0|a}");
    CHECK(weighted("(a:-1)(b)") == "{-1|a}{1.1|b}");
    CHECK(weighted("((a:-1):-2)") == "{2|a}");
    CHECK(weighted("((a:0)b:3)") == "{0|a}{3|b}");
    CHECK(weighted("(a: +1.5 )") == "{1.5|a}");
    CHECK(weighted("(a:.5)") == "{0.5|a}");
    CHECK(weighted("(a:1.2.3)") == "{1.1|a:1.2.3}");
    CHECK(weighted("(a:b)") == "{1.1|a:b}");
    CHECK(weighted("(a:inf)") == "{1.1|a:inf}");
    CHECK(weighted("a:1.2)") == "a:1.2)");
    CHECK(weighted("(a:1e3)") == "{1.1|a:1e3}");
    CHECK(weighted("(a:999999999)") == "{1e+06|a}");
    CHECK(weighted(")]") == ")]");
    CHECK(weighted("") == "");
    CHECK(weighted("a\\b \\\\ \\") == "ab \\ ");
    auto const deep =
        sample::read_weights(repeated("(", 20'000) + "a" + repeated(")", 20'000) + "b");
    REQUIRE(deep.size() == 2);
    CHECK(deep[0].weight == static_cast<float>(sample::max_weight));
    CHECK(deep[1].weight == 1);
}

TEST_CASE("BREAK is a word by itself")
{
    CHECK(weighted("a BREAK b") == "a{BREAK}b");
    CHECK(weighted("a BREAK BREAKb cBREAK break") == "a{BREAK}BREAKb cBREAK break");
    CHECK(weighted("(a BREAK b:1.2)") == "{1.2|a}{BREAK}{1.2|b}");
    CHECK(weighted("BREAK") == "{BREAK}");
    CHECK(weighted("\u732bBREAK \u2014BREAK") == "\u732bBREAK \u2014{BREAK}");
}

TEST_CASE("a chunk is 75 tokens with their weights, between start and end")
{
    auto const t = letters("!");
    auto const one = sample::chunks_of(t, sample::read_weights("x (y:1.5)"));
    REQUIRE(one.size() == 1);
    REQUIRE(one[0].tokens.size() == 77);
    REQUIRE(one[0].weights.size() == 77);
    using ids = std::vector<tokenizer::token_id>;
    CHECK(ids(one[0].tokens.begin(), one[0].tokens.begin() + 5) ==
          ids{t.start(), x, y, t.end(), 0});
    CHECK(one[0].tokens[76] == 0);
    CHECK(std::vector(one[0].weights.begin(), one[0].weights.begin() + 4) ==
          std::vector{1.0F, 1.0F, 1.5F, 1.0F});
    CHECK(sample::chunks_of(t, {}).size() == 1);
    CHECK(sample::chunks_of(t, sample::read_weights(repeated("x ", 75))).size() == 1);
    auto const two = sample::chunks_of(t, sample::read_weights(repeated("x ", 75) + "(y)"));
    REQUIRE(two.size() == 2);
    CHECK(two[0].tokens[76] == t.end());
    CHECK(two[1].tokens[1] == y);
    CHECK(two[1].weights[1] == 1.1F);
    auto const broken = sample::chunks_of(t, sample::read_weights("x BREAK y BREAK"));
    REQUIRE(broken.size() == 2);
    CHECK(broken[1].tokens[1] == y);
    CHECK(sample::chunks_of(t, sample::read_weights("BREAK BREAK x")).size() == 3);
}

// modules/sd_hijack_clip.py: with 20 tokens or fewer behind the comma, those go to the next chunk
TEST_CASE("a phrase is not cut where a comma is near")
{
    auto const t = letters();
    auto const near = repeated("x ", 60) + ", " + repeated("y ", 20);
    auto const moved = sample::chunks_of(t, sample::read_weights(near));
    REQUIRE(moved.size() == 2);
    CHECK(moved[0].tokens[61] == comma);
    CHECK(moved[0].tokens[62] == t.end());
    CHECK(moved[1].tokens[1] == y);
    CHECK(moved[1].tokens[20] == y);
    CHECK(moved[1].tokens[21] == t.end());
    auto const cut = sample::chunks_of(t, sample::read_weights(near), {.comma_backtrack = 0});
    CHECK(cut[0].tokens[75] == y);
    auto const far = repeated("x ", 50) + ", " + repeated("y ", 30);
    CHECK(sample::chunks_of(t, sample::read_weights(far))[0].tokens[75] == y);
}

TEST_CASE("from a prompt and a number of steps to chunks")
{
    auto const t = letters();
    auto const plain = sample::read_prompt(t, "x [x:(y:2):3]", 10).value();
    REQUIRE(plain.size() == 1);
    CHECK(plain[0].weight == 1);
    REQUIRE(plain[0].ranges.size() == 2);
    CHECK(plain[0].ranges[0].last == 3);
    CHECK(plain[0].ranges[1].first == 3);
    CHECK(plain[0].ranges[1].last == 10);
    CHECK(plain[0].ranges[0].chunks[0].tokens[2] == x);
    CHECK(plain[0].ranges[1].chunks[0].tokens[2] == y);
    CHECK(plain[0].ranges[1].chunks[0].weights[2] == 2);

    auto const both = sample::read_prompt(t, "x AND y :0.5 AND BAND [x:y:1]", 2).value();
    REQUIRE(both.size() == 3);
    CHECK(both[1].weight == 0.5F);
    CHECK(both[1].ranges[0].chunks[0].tokens[1] == y);
    CHECK(both[1].ranges[0].chunks[0].tokens[2] == t.end());
    CHECK(both[2].weight == 1);
    CHECK(both[2].ranges.size() == 2);
    CHECK(sample::read_prompt(t, "x at 16:9", 1).value()[0].weight == 1);
    CHECK(sample::read_prompt(t, "", 1).value().size() == 1);
    CHECK_FALSE(sample::read_prompt(t, std::string(sample::max_prompt_bytes + 1, 'a'), 1));
}

TEST_CASE("more chunks than anyone means are refused")
{
    auto const read = sample::read_prompt(letters(), repeated("BREAK ", 70'000), 1);
    CHECK(read.error().to_string() == "prompt: more than 65536 chunks");
}

TEST_CASE("a prompt of ten thousand words is read with the published tokenizer")
{
    auto const merges = test::clip_merges_file();
    if (!merges) {
        return;
    }
    auto const t = tokenizer::clip::make(tokenizer::read_clip_merges(*merges).value()).value();
    auto const read = sample::read_prompt(t, repeated("(photo:1.2) ", 10'000), 20).value();
    CHECK(read[0].ranges[0].chunks.size() == 134); // 10,000 / 75, rounded up
}
