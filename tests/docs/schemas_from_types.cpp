// What docs/schemas-from-types.md shows.

#include "haiga/schema/convert.hpp"
#include "haiga/schema/derive.hpp"
#include "haiga/schema/strict.hpp"

#include <doctest/doctest.h>

using namespace haiga;

namespace schemas_from_types_docs {

BOOST_DEFINE_ENUM_CLASS(unit, celsius, fahrenheit)

struct forecast {
    std::string city;
    int days = 1;
    std::optional<unit> in;

    static constexpr schema::note notes[] = {{"", "The weather of the next days"},
                                             {"city", "and country, e.g. Bern, Switzerland"}};
};
BOOST_DESCRIBE_STRUCT(forecast, (), (city, days, in))

TEST_CASE("a struct is a tool's arguments")
{
    boost::json::value const arguments{{"city", "Bern"}, {"days", 3}};
    // clang-format off
    auto const tool = schema::schema_of<forecast>(); // {"type": "object", "description": ...}
    auto const call = schema::read<forecast>(arguments);
    auto const wrong = schema::read<forecast>({{"city", "Bern"}, {"days", "three"}});
    CHECK(wrong.error().message ==
          R"(/days: expected a whole number from -2147483648 to 2147483647, found "three")");
    // clang-format on
    CHECK(call.value().days == 3);
    CHECK(tool.at("description") == "The weather of the next days");

    std::string notes;
    auto const strict = schema::strict_form(tool, schema::vendor::anthropic);
    for (auto const& [pointer, what] : strict->lost) { // /properties/days/minimum ...
        notes += pointer + ": " + what + '\n';
    }
    CHECK(notes == "/properties/days/minimum: moved into the description\n"
                   "/properties/days/maximum: moved into the description\n");
}

} // namespace schemas_from_types_docs
