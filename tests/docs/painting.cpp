// What docs/modules.md, docs/paint-your-photographs.md and docs/paint-with-stable-diffusion.md show
// of training and sampling.

#include "haiga/train/painting.hpp"
#include "haiga/device/cpu_native.hpp"
#include "haiga/image/load_folder.hpp"
#include "haiga/model/autoencoder_config_json.hpp"
#include "haiga/sample/latent_decoder.hpp"
#include "haiga/sample/load_part.hpp"
#include "haiga/sample/paint.hpp"
#include "haiga/sample/stable_diffusion.hpp"
#include "haiga/sched/sampler_names.hpp"
#include "haiga/train/demo_recipe.hpp"
#include "haiga/train/resume.hpp"

#include "apps/native_program.hpp" // so that what takes long is not compiled again
#include "tests/sample/small_pipeline.hpp"
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

auto decoded(std::filesystem::path const& file, std::span<float const> latents, std::int64_t height,
             std::int64_t width) -> result<std::vector<float>>
{
    HAIGA_TRY(auto const source, checkpoint::open_model(file));
    HAIGA_TRY(auto const json, sample::part_config(source, "vae"));
    HAIGA_TRY(auto const config, model::read_autoencoder_config(json));
    sample::part_choice const decoder_alone{.component = "vae",
                                            .without = {"encoder.", "quant_conv."}};
    sample::decoder_graph const traced(config, 1, 1); // parameters are the same for all sizes
    HAIGA_TRY(auto const parameters, sample::load_part(source, decoder_alone, traced.graph));
    device::cpu_native backend;
    HAIGA_TRY(auto decoder, sample::latent_decoder<device::cpu_native>::make(
                                backend, config, height, width, parameters));
    std::vector<float> picture(latents.size() / 4 * 64 * 3);
    HAIGA_TRY_VOID(decoder.decode(latents, picture));
    return picture;
}

} // namespace

namespace {

auto paint_text(std::filesystem::path const& model, std::string prompt) -> result<image::pixels>
{
    HAIGA_TRY(auto const files, sample::open_pipeline(model));
    sample::picture_request request;
    request.prompt = std::move(prompt);
    request.width = request.height = files.config.native_size();
    HAIGA_TRY(request.scheduler, sched::named_scheduler_config("euler_a", files.config.scheduler));
    device::cpu_native backend;
    HAIGA_TRY(auto painter,
              sample::stable_diffusion<device::cpu_native>::make(
                  backend, files, request, {}, io::available_memory("/proc/meminfo")));
    image::pixels picture;
    HAIGA_TRY_VOID(painter.paint([](sample::painting_step const&) { return true; },
                                 [&](int, image::pixels const& made) -> result<> {
                                     picture = made;
                                     return {};
                                 }));
    return picture;
}

} // namespace

TEST_CASE("docs: a text is painted")
{
    haiga_test::temporary_folder folder;
    haiga_test::write_small_pipeline(folder.path(), haiga_test::small_kind::sd1);
    auto const picture = paint_text(folder.path(), "a red dog");
    REQUIRE_MESSAGE(picture, picture.error().to_string());
    CHECK(picture->width == 32);
    auto const none = paint_text(folder / "vae", "a red dog");
    REQUIRE(!none);
    CHECK(none.error().to_string().find("a VAE alone") != std::string::npos);
}

TEST_CASE("docs: training and painting say what is missing")
{
    haiga_test::temporary_folder const folder;
    auto const trained = train_on(folder / "none", folder / "session");
    REQUIRE(!trained);
    CHECK(trained.error().to_string().find("none") != std::string::npos);
    auto const painted = paint_with(folder / "none.safetensors");
    REQUIRE(!painted);
    CHECK(painted.error().to_string().find("none.safetensors") != std::string::npos);
    auto const picture = decoded(folder / "none.safetensors", {}, 8, 8);
    REQUIRE(!picture);
    CHECK(picture.error().to_string().find("none.safetensors") != std::string::npos);
}
