// Three engines run the same patterns: they must agree on every text.

#include "haiga/schema/pattern.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>

using namespace haiga;
namespace regex = schema::regex;

namespace pattern_engines {

/// Patterns of few characters with all that has a meaning, so that they match now and then.
class writer {
public:
    explicit writer(unsigned seed) : random_(seed) {}

    auto pattern() -> std::string
    {
        std::string text;
        alternatives(text, 3);
        return text;
    }

    auto text() -> std::string
    {
        static constexpr std::string_view letters[] = {"a", "b", "a",      "b",
                                                       "-", "1", "\u00e9", "\n"};
        std::string made;
        for (auto n = below(12); n > 0; --n) {
            made += letters[below(std::size(letters))];
        }
        return made;
    }

    auto below(std::size_t n) -> std::size_t { return random_() % n; }

private:
    void alternatives(std::string& text, int depth)
    {
        for (auto n = 1 + below(2) * below(2); n > 0; --n) {
            for (auto terms = 1 + below(3); terms > 0; --terms) {
                term(text, depth);
            }
            text += n > 1 ? "|" : "";
        }
    }

    void term(std::string& text, int depth)
    {
        static constexpr std::string_view atoms[] = {"a",      "b",   ".",      "\\w", "[^a]",
                                                     "\u00e9", "\\W", "[a-b1]", "a"};
        static constexpr std::string_view assertions[] = {"^", "$", "\\b", "\\B"};
        static constexpr std::string_view groups[] = {"(", "(?:", "(?=", "(?!", "(?<=", "(?<!"};
        auto const kind = below(10);
        if (kind == 0) {
            text += assertions[below(std::size(assertions))];
            return;
        }
        if (kind < 7 || depth == 0) {
            text += atoms[below(std::size(atoms))];
        } else {
            auto const group = below(std::size(groups));
            text += groups[group];
            alternatives(text, depth - 1);
            text += ')';
            if (group > 1) {
                return;
            }
        }
        static constexpr std::string_view counts[] = {"",  "",   "",    "",      "*",      "+",
                                                      "?", "*?", "{2}", "{1,3}", "{0,2}?", "{2,}"};
        text += counts[below(std::size(counts))];
    }

    std::mt19937 random_;
};

} // namespace pattern_engines

TEST_CASE("automata, threads and backtracking agree")
{
    pattern_engines::writer writer(1);
    schema::pattern_limits const limits;
    schema::pattern_scratch scratch;
    int found_any = 0;
    int automata = 0;
    for (int i = 0; i < 4000; ++i) {
        auto const source = writer.pattern();
        CAPTURE(source);
        auto const tree = regex::parse(source, schema::strictness::strict, limits);
        REQUIRE(tree);
        auto const emit = [&](regex::engine how) {
            return regex::emitter(*tree, how, limits.max_instructions).run();
        };
        auto const threads = emit(regex::engine::threads);
        auto const backtracking = emit(regex::engine::backtracking);
        REQUIRE(threads);
        REQUIRE(backtracking);
        auto const states = regex::determinize(*threads, limits);
        automata += states ? 1 : 0;
        for (int n = 0; n < 10; ++n) {
            auto const text = writer.text();
            CAPTURE(text);
            auto const found = regex::thread_search(*threads, text, limits, scratch).found();
            auto const back = regex::backtrack_search(*backtracking, text, limits, scratch).found();
            REQUIRE(found);
            if (back) { // nested counts may take more steps than it has
                CHECK(*found == *back);
            }
            if (states) {
                CHECK(states->found_in(text) == *found);
                auto const half = text.size() / 2;
                auto at = states->start();
                auto const cut = half + (half < text.size() && text[half] == '\xa9' ? 1U : 0U);
                at = states->read(at, std::string_view(text).substr(0, cut));
                CHECK((at != regex::automaton::never || !*found));
                CHECK((at != regex::automaton::always || *found));
            }
            found_any += *found ? 1 : 0;
        }
    }
    CHECK(found_any > 8000);
    CHECK(found_any < 32000);
    CHECK(automata > 1000);
}
