// What docs/convert-checkpoints.md and docs/modules.md show of checkpoints and the catalogue.

#include "haiga/catalog/fit.hpp"
#include "haiga/checkpoint/convert_lora.hpp"
#include "tests/temporary_folder.hpp"

#include <doctest/doctest.h>

using namespace haiga;

namespace {

auto halve(std::filesystem::path const& folder, std::filesystem::path const& file) -> result<>
{
    checkpoint::conversion wanted;
    wanted.input = folder;
    wanted.output = file;
    wanted.values.type = dtype::f16;
    HAIGA_TRY(auto const report,
              checkpoint::convert(wanted, [](auto, auto) { return result<>(); }));
    return {};
}

} // namespace

TEST_CASE("docs: a conversion says what is missing")
{
    haiga_test::temporary_folder const here;
    std::filesystem::create_directory(here / "model");
    auto const done = halve(here / "model", here / "model.safetensors");
    REQUIRE_FALSE(done);
    CHECK(done.error().message.find("no weights in it") != std::string::npos);
}

TEST_CASE("docs: what goes with a base model")
{
    auto const base = catalog::find_base_model("sd-1.5");
    auto const fits = catalog::check_size(*base, {768, 768});
    std::string const why = fits.error().message; // names 512 x 512, and sd-2.1 for this size
    CHECK(why.find("512 x 512") != std::string::npos);
    CHECK(why.find("sd-2.1") != std::string::npos);
}
