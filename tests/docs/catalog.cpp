// What docs/modules.md shows of the catalogue.

#include "haiga/catalog/fit.hpp"

#include <doctest/doctest.h>

using namespace haiga;

TEST_CASE("docs: what goes with a base model")
{
    auto const base = catalog::find_base_model("sd-1.5");
    auto const fits = catalog::check_size(*base, {768, 768});
    std::string const why = fits.error().message; // names 512 x 512, and sd-2.1 for this size
    CHECK(why.find("512 x 512") != std::string::npos);
    CHECK(why.find("sd-2.1") != std::string::npos);
}
