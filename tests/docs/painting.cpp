// What docs/modules.md and docs/paint-your-photographs.md show of training and sampling.

#include "haiga/train/painting.hpp"
#include "haiga/device/cpu_native.hpp"
#include "haiga/image/load_folder.hpp"
#include "haiga/sample/paint.hpp"
#include "haiga/train/demo_recipe.hpp"
#include "haiga/train/resume.hpp"

#include "apps/native_program.hpp" // so that what takes long is not compiled again
#include "tests/temporary_folder.hpp"

#include <doctest/doctest.h>

using namespace haiga;

namespace {

auto train_on(std::filesystem::path const& photographs, std::filesystem::path const& folder)
    -> result<>
{
    HAIGA_TRY(auto const set, image::load_folder(photographs, {.size = 48}));
    std::vector<image::pixels> photos;
    for (auto const& photo : set.photos) {
        photos.push_back(photo.picture);
    }
    auto const recipe = train::demo_recipe(std::ssize(photos), 48);
    HAIGA_TRY(auto session, train::session<>::create(folder, recipe, photos));
    device::cpu_native backend;
    HAIGA_TRY(auto trainer, train::resume(backend, session));
    HAIGA_TRY_VOID(train::run_to_end(backend, session, trainer, [](train::step_report const&) {}));
    return train::save_painting(folder / "painting.safetensors", recipe, trainer.average());
}

auto paint_with(std::filesystem::path const& file) -> result<std::vector<image::pixels>>
{
    HAIGA_TRY(auto const painting, train::load_painting(file));
    HAIGA_TRY(auto const scheduler, train::demo_scheduler(painting.recipe));
    device::cpu_native backend;
    HAIGA_TRY(auto painter, sample::painter<device::cpu_native>::make(
                                backend, painting.recipe.model, painting.parameters, 16));
    return painter.paint(scheduler, /* seed */ 0, /* first */ 0, [](int) {});
}

} // namespace

TEST_CASE("docs: training and painting say what is missing")
{
    haiga_test::temporary_folder const folder;
    auto const trained = train_on(folder / "none", folder / "session");
    REQUIRE(!trained);
    CHECK(trained.error().to_string().find("none") != std::string::npos);
    auto const painted = paint_with(folder / "none.safetensors");
    REQUIRE(!painted);
    CHECK(painted.error().to_string().find("none.safetensors") != std::string::npos);
}
