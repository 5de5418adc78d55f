#include "haiga/schema/pattern.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace haiga;
using schema::pattern;

namespace pattern_tests {

auto found(std::string_view source, std::string_view text) -> bool
{
    auto const compiled = pattern::compile(source);
    CAPTURE(std::string(source.substr(0, 100)));
    REQUIRE(compiled);
    schema::pattern_scratch scratch;
    auto const verdict = compiled->found_in(text, scratch);
    REQUIRE(verdict);
    return *verdict;
}

auto refusal(std::string_view source, schema::pattern_options const& options = {}) -> std::string
{
    auto const compiled = pattern::compile(source, options);
    return compiled ? "taken" : compiled.error().to_string();
}

auto refused_strictly(std::string_view source) -> bool
{
    return !pattern::compile(source, {.how = schema::strictness::strict});
}

} // namespace pattern_tests

using namespace pattern_tests;

TEST_CASE("a pattern is found anywhere in a text")
{
    CHECK(found("b+c", "aabbc"));
    CHECK_FALSE(found("b+c", "aab"));
    CHECK(found("", ""));
    CHECK(found("a*", "b"));
    CHECK(found("x|y|", "z"));
    CHECK_FALSE(found("x|y", "z"));
}

TEST_CASE("anchors hold at the ends of the text only")
{
    CHECK(found("^abc$", "abc"));
    CHECK_FALSE(found("^abc$", "abc\n"));
    CHECK_FALSE(found("^b", "a\nb"));
    CHECK(found("^|x", "y"));
    CHECK(found("$", "abc"));
    CHECK_FALSE(found("a$b|c^d", "a\nb c\nd ab cd"));
}

TEST_CASE("text that stands alone is looked for as text")
{
    CHECK(found("^x-", "x-rate"));
    CHECK_FALSE(found("^x-", "a x-"));
    CHECK(found("-end$", "the-end"));
    CHECK_FALSE(found("-end$", "-ends"));
    CHECK(found("^none$", "none"));
    std::string const needle = "aaaaaaaaaaaaaaaaaaaaaaaaaaaab";
    CHECK(found(needle, std::string(100, 'a') + needle));
    CHECK_FALSE(found(needle, std::string(1000, 'a')));
}

TEST_CASE("classes are ECMA-262's")
{
    CHECK(found("^\\d$", "7"));
    CHECK_FALSE(found("^\\d$", "\u09ea")); // a digit of Unicode
    CHECK(found("^\\w+$", "aZ_9"));
    CHECK_FALSE(found("^\\w$", "\u00e9"));
    CHECK(found("^\\s+$", " \t\n\u00a0\ufeff\u2028\u3000"));
    CHECK_FALSE(found("^\\s$", "\u200b"));
    CHECK(found("^\\S\\D\\W$", "aa-"));
    CHECK(found("^.$", "\U0001f600"));
    CHECK_FALSE(found("^.$", "\n"));
    CHECK_FALSE(found("^.$", "\u2029"));
    CHECK(found("^[^]$", "\n"));
    CHECK_FALSE(found("[]", "a"));
    CHECK(found("^[\\b\\-\\]\\u{1f600}-\\u{1f610}]+$", "\b-]\U0001f605"));
    CHECK(found("^[a-c\\dx-]+$", "b4x-"));
    CHECK_FALSE(found("^[^a-c\\d]$", "4"));
    CHECK(found("^\\x41\\u0042\\u{43}\\cJ\\0\\t\\n\\v\\f\\r$",
                std::string_view("ABC\n\0\t\n\v\f\r", 10)));
    CHECK(found("^\\ud83d\\udc32$", "\U0001f432"));
}

TEST_CASE("properties are those of Unicode 16")
{
    CHECK(found("^\\p{Letter}+\\p{L}\\p{Lu}\\p{gc=Ll}$", "\u00e9aB\u0436"));
    CHECK_FALSE(found("\\P{L}", "abc"));
    CHECK(found("^[\\p{Script=Greek}\\p{sc=Cyrl}]+$", "\u03b1\u0436"));
    CHECK_FALSE(found("^\\p{Script=Greek}$", "\u0342")); // a mark of several scripts
    CHECK(found("^\\p{scx=Grek}$", "\u0342"));
    CHECK(found("^\\p{ASCII}\\p{Any}\\p{Alphabetic}\\p{Emoji}$", "a\u0416b\U0001f600"));
    CHECK(found("^\\p{digit}+$", "4\u09ea"));
    CHECK(found("^\\p{Lu}$", "\U00010d50")); // of 16.0: GARAY CAPITAL LETTER A
    CHECK(refusal("\\p{Klingon}").find("Unicode 16.0 here is called \"Klingon\"") !=
          std::string::npos);
    CHECK(refusal("\\p{letter}") != "taken"); // names are exact
    CHECK(refusal("\\p{Script=}") != "taken");
    CHECK(refusal("\\p{L") != "taken");
}

TEST_CASE("quantifiers count")
{
    CHECK(found("^a{3}$", "aaa"));
    CHECK_FALSE(found("^a{3}$", "aaaa"));
    CHECK(found("^a{2,}$", "aaaa"));
    CHECK_FALSE(found("^a{2,}$", "a"));
    CHECK(found("^(ab){1,3}$", "ababab"));
    CHECK_FALSE(found("^(ab){1,3}$", "abababab"));
    CHECK(found("^(?:a{2}|b){2,3}?c$", "aabaac"));
    CHECK_FALSE(found("^(?:a{2}|b){2,3}?c$", "aabac"));
    CHECK(found("^a{0}b??$", ""));
    CHECK(found("^(?:){1000000}$", ""));
    CHECK(found("^(?:a*)*$", "aaa"));
    CHECK(found("^(a+)+$", std::string(5000, 'a')));
    CHECK_FALSE(found("^(a+)+$", std::string(5000, 'a') + "b"));
}

TEST_CASE("words have boundaries")
{
    CHECK(found("\\bcat\\b", "a cat."));
    CHECK_FALSE(found("\\bcat\\b", "concatenate"));
    CHECK(found("\\Bcat\\B", "concatenate"));
    CHECK(found("^\\b", "a"));
    CHECK_FALSE(found("^\\b", "-a"));
    CHECK_FALSE(found("\\b", ""));
    CHECK(found("x\\b$", "x"));
    CHECK(found("\u00e9\\bx", "\u00e9x")); // no word character before
}

TEST_CASE("what stands ahead and behind is looked at")
{
    CHECK(found("^(?=.*[A-Z])(?=.*\\d).{8,}$", "abcdeF7h"));
    CHECK_FALSE(found("^(?=.*[A-Z])(?=.*\\d).{8,}$", "abcdef7h"));
    CHECK(found("^(?!con$|nul$)[a-z]+$", "console"));
    CHECK_FALSE(found("^(?!con$|nul$)[a-z]+$", "con"));
    CHECK(found("(?<=\\$)\\d+", "cost: $42"));
    CHECK_FALSE(found("(?<=\\$)\\d+", "cost: 42"));
    CHECK(found("(?<!a)b", "ab bb"));
    CHECK_FALSE(found("(?<!a)b", "ab"));
    CHECK(found("(?<=a+)b", "aaab"));
    CHECK(found("(?<=(?<!x)ab)c", "abc"));
    CHECK_FALSE(found("(?<=(?<!x)ab)c", "xabc"));
    CHECK(found("(?=a(?!b))a.", "abac"));
    CHECK(found("(?<=\u00e9)x", "\u00e9x"));
}

TEST_CASE("groups are referred to by number and by name")
{
    CHECK(found("^(a+)b\\1$", "aabaa"));
    CHECK_FALSE(found("^(a+)b\\1$", "aaba"));
    CHECK(found("^(?<q>['\"]).*\\k<q>$", "'it'"));
    CHECK_FALSE(found("^(?<q>['\"]).*\\k<q>$", "'it\""));
    CHECK(found("^\\1(a)$", "a"));             // a group that took no part
    CHECK(found("^(?:(a)|b)*\\1$", "ab"));     // each iteration forgets
    CHECK(found("(?<=\\1(a))b", "aab"));       // what is behind is read backward
    CHECK(found("(?=(a+))a*b\\1", "baaabac")); // ECMA-262, 22.2.2.4, note
    CHECK_FALSE(found("^(?!(a)b)\\1c$", "ac"));
    CHECK(found("^(?!(a)b)a\\1c$", "ac"));
    CHECK(found("^(z)((a+)?(b+)?(c))*\\3?$", "zaacbbbcac"));
}

TEST_CASE("what is no pattern is told with its place")
{
    CHECK(refusal("a(b") == "pattern: a parenthesis is not closed (at byte 1)");
    CHECK(refusal("a)") == "pattern: a parenthesis closes nothing (at byte 1)");
    CHECK(refusal("a[b") == "pattern: a bracket is not closed (at byte 2)");
    CHECK(refusal("*a") == "pattern: nothing to repeat (at byte 0)");
    CHECK(refusal("a{2,1}") == "pattern: counts are out of order (at byte 1)");
    CHECK(refusal("[b-a]") == "pattern: a range is out of order (at byte 1)");
    CHECK(refusal("\\1") == "pattern: there is no group 1 (at byte 0)");
    CHECK(refusal("\xff") == "pattern: no UTF-8 (at byte 0)");
    for (auto const* source :
         {"\\a",    "\\Z",     "\\",       "\\c1",  "\\u{110000}",    "\\u12",   "\\x1",
          "\\01",   "(?i)a",   "(?P<n>x)", "(?#c)", "(?<n>a)(?<n>b)", "(?<1>a)", "(?<>a)",
          "\\k<n>", "\\k",     "a**",      "^*",    "\\b+",           "(?=a)*",  "(?<=a){2}",
          "{1}",    "a{1}{1}", "(?",       "(?<"}) {
        CAPTURE(source);
        CHECK(refusal(source) != "taken");
    }
}

TEST_CASE("what can mean one thing only is taken, but for the strict")
{
    for (auto const* source : {"\\-", "\\@", "\\\"", "\\ ", "a{", "a{,2}", "}", "]", "[\\w-.]"}) {
        CAPTURE(source);
        CHECK(refusal(source) == "taken");
        CHECK(refused_strictly(source));
    }
    CHECK(found("^[\\w-.]+$", "a-b.c"));
    CHECK(found("^a{,2}$", "a{,2}"));
    CHECK_FALSE(refused_strictly("[\\-\\w]\\/\\.\\$"));
}

TEST_CASE("what is too large is refused")
{
    using schema::pattern_limits;
    CHECK(refusal("(?:a{1000}){1000}").find("takes more than 131072 instructions") !=
          std::string::npos);
    CHECK(refusal("a{1000000}") != "taken");
    CHECK(refusal("a{4294967295,99999999999999999999}") != "taken");
    CHECK(refusal(std::string(1 << 20, '(')).find("groups nest deeper than 1000") !=
          std::string::npos);
    CHECK(refusal(std::string((1 << 20) + 1, 'a')) ==
          "pattern: 1048577 bytes, at most 1048576 are read");
    std::string nested = "a";
    for (int i = 0; i < 999; ++i) {
        nested = "(" + nested + ")*";
    }
    CHECK(found("^" + nested + "$", "aaaa"));
}

TEST_CASE("a pattern of a megabyte is judged")
{
    std::string const text(1 << 20, 'a');
    CHECK(found(text, text));
    CHECK_FALSE(found(text, text.substr(1)));
    std::string choices = "^(?:"; // too many for an automaton
    for (int i = 0; i < 10000; ++i) {
        choices += "name" + std::to_string(i) + "|";
    }
    CHECK(found(choices + "x)$", "name7345"));
    CHECK_FALSE(found(choices + "x)$", "name10000"));
}

TEST_CASE("a search that would take too long ends in a failure")
{
    schema::pattern_scratch scratch;
    auto const fails = [&](char const* source, std::string const& text) {
        auto const compiled = pattern::compile(source);
        REQUIRE(compiled);
        auto const verdict = compiled->found_in(text, scratch);
        REQUIRE_FALSE(verdict);
        CHECK(verdict.error().code == errc::too_large);
    };
    fails("^(a|aa)+\\1$", std::string(200, 'a') + "b");
    fails("(.*)\\1x", std::string(20000, 'a'));
}
