#include "haiga/tokenizer/byte_bpe.hpp"

#include "tests/tokenizer/toy_ranks.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace haiga;
using namespace haiga::tokenizer;

namespace {

/// The definition, word for word: joins the first neighbours of the lowest rank, until there are
/// none.
auto merged_by_definition(std::map<std::string, std::uint32_t, std::less<>> const& ranks,
                          std::string_view piece) -> std::vector<std::string>
{
    std::vector<std::string> parts;
    for (char const c : piece) {
        parts.emplace_back(1, c);
    }
    while (true) {
        auto lowest = no_rank;
        std::size_t best = 0;
        for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
            auto const found = ranks.find(parts[i] + parts[i + 1]);
            if (found != ranks.end() && found->second < lowest) {
                lowest = found->second;
                best = i;
            }
        }
        if (lowest == no_rank) {
            return parts;
        }
        parts[best] += parts[best + 1];
        parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(best) + 1);
    }
}

auto merged(byte_bpe const& bpe, std::string_view piece) -> std::vector<std::string>
{
    std::vector<std::uint32_t> ranks(piece.size());
    std::optional<byte_bpe::scratch> scratch;
    auto const count = bpe.merge(piece, piece.data() + piece.size(), ranks.data(), scratch);
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < count; ++i) {
        parts.emplace_back(bpe.table().tokens()[ranks[i]]);
    }
    return parts;
}

struct random_numbers {
    std::uint64_t state;
    auto below(std::size_t n) -> std::size_t
    {
        state ^= state << 13U;
        state ^= state >> 7U;
        state ^= state << 17U;
        return (state >> 11U) % n;
    }
};

/// Bytes and then tokens of few letters: joined from two of those before, so that they are ordered,
/// or by chance.
auto random_tokens(random_numbers& random, bool joined) -> token_list
{
    auto tokens = test::toy_tokens({});
    std::map<std::string, int, std::less<>> seen;
    for (int i = 0; i < 40; ++i) {
        std::string token;
        if (joined) {
            auto const one = [&] {
                auto const n = tokens.size() - 256 + 3;
                auto const which = random.below(n);
                return which < 3 ? std::string(1, "abc"[which])
                                 : std::string(tokens[256 + which - 3]);
            };
            token = one();
            token += one();
        } else {
            auto const length = 2 + random.below(5);
            for (std::size_t j = 0; j < length; ++j) {
                token += "abc"[random.below(3)];
            }
        }
        if (token.size() <= 40 && seen.emplace(token, i).second) {
            tokens.add(token);
        }
    }
    return tokens;
}

} // namespace

TEST_CASE("neighbours of the lowest rank are joined first, from left to right")
{
    auto const bpe = byte_bpe::make(test::toy_tokens({"ab", "bc", "abc", "cd"})).value();
    CHECK(merged(bpe, "abcd") == std::vector<std::string>{"abc", "d"});
    CHECK(merged(bpe, "bcd") == std::vector<std::string>{"bc", "d"});
    CHECK(merged(bpe, "xcdx") == std::vector<std::string>{"x", "cd", "x"});
    CHECK(bpe.is_ordered());
    CHECK(bpe.halves(258).left == 256);
    CHECK(bpe.halves(258).right == 'c');
}

TEST_CASE("a token that is made of one of higher rank is found out, and merged by definition")
{
    // "abcd" has a lower rank than "cd", without which it is not made
    auto const bpe = byte_bpe::make(test::toy_tokens({"ab", "abcd", "cd"})).value();
    CHECK(!bpe.is_ordered());
    auto const long_piece = std::string(40, 'x') + "abcd";
    CHECK(merged(bpe, long_piece).back() == "abcd");
    // one that is never made is no matter: "bcd" and "abcd" need "bc" or "cd"
    CHECK(byte_bpe::make(test::toy_tokens({"ab", "abcd"})).value().is_ordered());
}

TEST_CASE("short and long pieces of any tokens merge by definition")
{
    random_numbers random{2026};
    int ordered = 0;
    for (int round = 0; round < 60; ++round) {
        auto tokens = random_tokens(random, round % 2 == 0);
        std::map<std::string, std::uint32_t, std::less<>> ranks;
        for (std::uint32_t rank = 256; rank < tokens.size(); ++rank) {
            ranks.emplace(tokens[rank], rank);
        }
        auto const bpe = byte_bpe::make(std::move(tokens)).value();
        ordered += bpe.is_ordered() ? 1 : 0;
        for (int text = 0; text < 40; ++text) {
            std::string piece;
            auto const length = 1 + random.below(text % 2 == 0 ? 12 : 120);
            auto const letters = 1 + random.below(3);
            for (std::size_t i = 0; i < length; ++i) {
                piece += "abc"[random.below(letters)];
            }
            CAPTURE(piece);
            REQUIRE(merged(bpe, piece) == merged_by_definition(ranks, piece));
        }
    }
    CHECK(ordered > 10); // of both kinds there are some
    CHECK(ordered < 50);
}

TEST_CASE("a piece of a megabyte is merged at once")
{
    auto const bpe = byte_bpe::make(test::toy_tokens({"aa", "aaaa", "aaaaaaaa"})).value();
    CHECK(merged(bpe, std::string(1 << 20, 'a')).size() == 1 << 17); // quadratic: hours
}

TEST_CASE("vocabularies that cannot be are refused")
{
    auto const why = [](token_list tokens) {
        return byte_bpe::make(std::move(tokens)).error().to_string();
    };
    token_list few;
    few.add("a");
    CHECK(why(few) == "no token is the byte 0");
    CHECK(why(test::toy_tokens({"ab", "x", "ab"})) == "tokens 120 and 257 are the same: \"x\"");
    std::string const longer(50, 'y');
    CHECK(why(test::toy_tokens({"ab", longer, longer})) ==
          "tokens 257 and 258 are the same: \"" + longer + '"');
}
