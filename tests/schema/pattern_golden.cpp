#include "haiga/schema/pattern.hpp"
#include "tests/golden/patterns.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace haiga;

TEST_CASE("patterns mean what they mean to Node.js")
{
    schema::pattern_scratch scratch;
    int refused = 0;
    int found = 0;
    for (auto const& row : golden::patterns::rows) {
        CAPTURE(row.pattern);
        auto const compiled = schema::pattern::compile(row.pattern, {schema::strictness::strict});
        std::string verdicts;
        for (auto const* text : row.texts) {
            if (compiled) {
                verdicts += *compiled->found_in(text, scratch) ? '1' : '0';
            }
        }
        CHECK(verdicts == row.verdicts);
        refused += compiled ? 0 : 1;
        found += verdicts.find('1') != std::string::npos ? 1 : 0;
    }
    CHECK(refused > 300); // of 1500
    CHECK(found > 400);
}
