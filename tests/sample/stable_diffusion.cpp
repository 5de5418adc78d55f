#include "haiga/sample/stable_diffusion.hpp"

#include "apps/native_program.hpp"
#include "haiga/device/cpu_native.hpp"
#include "haiga/sched/sampler_names.hpp"
#include "tests/golden/pipelines.hpp"
#include "tests/sample/small_pipeline.hpp"
#include "tests/temporary_folder.hpp"

#include <doctest/doctest.h>

namespace {

using namespace haiga;
using haiga_test::small_kind;
using painters = sample::stable_diffusion<device::cpu_native>;

/// A small pipeline, and requests for it.
struct small_studio {
    haiga_test::temporary_folder folder;
    std::optional<sample::pipeline_files> files;
    device::cpu_native b{parallelism{2}};

    explicit small_studio(small_kind kind = small_kind::sd1)
    {
        haiga_test::write_small_pipeline(folder.path(), kind);
        auto opened = sample::open_pipeline(folder.path());
        REQUIRE_MESSAGE(opened, opened.error().to_string());
        files.emplace(*std::move(opened));
    }

    [[nodiscard]] auto request(std::string_view sampler = "") const -> sample::picture_request
    {
        sample::picture_request r;
        r.prompt = "a red dog";
        r.width = r.height = 32;
        r.steps = 6;
        r.seed = 5;
        auto const& file = files->config.scheduler;
        r.scheduler = (sampler.empty() ? sched::read_scheduler_config(file)
                                       : sched::named_scheduler_config(sampler, file))
                          .value();
        return r;
    }

    auto make(sample::picture_request const& r, sample::pipeline_options const& o = {},
              std::optional<std::uint64_t> available = {}) -> result<painters>
    {
        return painters::make(b, *files, r, o, available);
    }

    auto paint(sample::picture_request const& r, sample::pipeline_options const& o = {})
        -> std::vector<image::pixels>
    {
        std::vector<image::pixels> pictures;
        auto painter = make(r, o);
        REQUIRE_MESSAGE(painter, painter.error().to_string());
        auto const done = painter->paint([](auto const&) { return true; },
                                         [&](int, image::pixels const& p) -> result<> {
                                             pictures.push_back(p);
                                             return {};
                                         });
        REQUIRE_MESSAGE(done, done.error().to_string());
        return pictures;
    }

    /// Why a request is refused.
    auto refusal(sample::picture_request const& r) -> std::string
    {
        auto const made = make(r);
        return made ? "" : made.error().to_string();
    }
};

/// One for all tests that leave it as it is.
auto shared_studio() -> small_studio&
{
    static small_studio studio;
    return studio;
}

/// No pixel is off by more than 1 of 255: what rounding makes of differences in the last places.
void check_picture(image::pixels const& picture, std::string_view golden)
{
    auto const digit = [&](std::size_t i) {
        return golden[i] <= '9' ? golden[i] - '0' : golden[i] - 'a' + 10;
    };
    REQUIRE(2 * picture.values.size() == golden.size());
    int furthest = 0;
    for (std::size_t i = 0; i < picture.values.size(); ++i) {
        int const want = 16 * digit(2 * i) + digit(2 * i + 1);
        furthest = std::max(furthest, std::abs(want - picture.values[i]));
    }
    CHECK(furthest <= 1);
}

/// The picture and the mask of tests/peers/pipelines.py.
auto begin_from(sample::picture_request& r, bool masked)
{
    image::pixels picture(32, 32, 3);
    image::pixels mask(32, 32, 3);
    for (int row = 0; row < 32; ++row) {
        for (int column = 0; column < 32; ++column) {
            picture(column, row, 0) = static_cast<std::uint8_t>(8 * column);
            picture(column, row, 1) = static_cast<std::uint8_t>(8 * row);
            picture(column, row, 2) = static_cast<std::uint8_t>(row * column % 256);
            for (int c = 0; c < 3; ++c) {
                mask(column, row, c) = column >= 8 && column < 24 && row >= 4 ? 255 : 0;
            }
        }
    }
    r.init = picture;
    if (masked) {
        r.mask = mask;
    }
}

} // namespace

// Goldens: diffusers 0.42.1, by tests/peers/pipelines.py.

TEST_CASE("the same seed paints Diffusers' picture of a text")
{
    auto& s = shared_studio();
    auto r = s.request();
    r.negative = "blue";
    r.guidance.rescale = 0.5F;
    check_picture(s.paint(r)[0], golden::pipelines::text_to_image);
    r = s.request("euler_a");
    r.negative = "blue";
    r.seed = 6;
    check_picture(s.paint(r)[0], golden::pipelines::ancestral);
}

TEST_CASE("the same seed paints Diffusers' picture of a picture")
{
    auto& s = shared_studio();
    auto r = s.request();
    begin_from(r, false);
    r.strength = 0.7;
    check_picture(s.paint(r)[0], golden::pipelines::image_to_image);
    r = s.request("euler_a");
    begin_from(r, true);
    r.strength = 0.7;
    check_picture(s.paint(r)[0], golden::pipelines::inpainted);
}

TEST_CASE("an inpainting model paints Diffusers' picture under a mask")
{
    small_studio s(small_kind::inpainting);
    auto r = s.request("euler_a");
    begin_from(r, true);
    check_picture(s.paint(r)[0], golden::pipelines::inpainted_by_its_own);
    r.init.reset();
    r.mask.reset();
    CHECK(s.refusal(r).find("wants a picture and a mask") != std::string::npos);
}

TEST_CASE("SDXL paints Diffusers' picture")
{
    small_studio s(small_kind::sdxl);
    auto r = s.request();
    r.guidance.scale = 5;
    check_picture(s.paint(r)[0], golden::pipelines::sdxl);
}

TEST_CASE("each picture of a request is the one of its own seed")
{
    auto& s = shared_studio();
    auto r = s.request("dpmpp_sde");
    r.steps = 3;
    r.count = 2;
    auto const both = s.paint(r);
    r.count = 1;
    r.seed = 6;
    CHECK((both.at(1) == s.paint(r).at(0)));
    CHECK((both.at(0) != both.at(1)));
}

TEST_CASE("prompts are weighted, scheduled and composed")
{
    auto& s = shared_studio();
    auto r = s.request("ddim");
    r.steps = 3;
    auto const of = [&](char const* prompt) {
        r.prompt = prompt;
        return s.paint(r)[0];
    };
    auto const plain = of("a red dog");
    CHECK((of("a red (dog:1.0)") == plain));
    CHECK((of("a red (dog:1.5)") != plain));
    CHECK((of("a red [cat:dog:0]") == plain));
    CHECK((of("a red [dog|dog]") == plain));
    CHECK((of("a red [cat:dog:2]") != plain));
    CHECK((of("a red dog AND a red dog :0") == plain));
    CHECK((of("a red dog AND a cat") != plain));
    CHECK((of("a red dog BREAK a cat") != plain));
}

TEST_CASE("bf16 paints nearly the same picture")
{
    auto& s = shared_studio();
    auto r = s.request("ddim");
    r.guidance.scale = 1; // which else enlarges what rounding did
    auto const exact = s.paint(r)[0];
    auto const rounded = s.paint(r, {.storage = dtype::bf16})[0];
    double sum = 0;
    for (std::size_t i = 0; i < exact.values.size(); ++i) {
        sum += std::abs(exact.values[i] - rounded.values[i]);
    }
    auto const mean = sum / static_cast<double>(exact.values.size());
    CHECK(mean > 0);
    CHECK(mean < 8); // 8 bits of mantissa through some forty layers and six steps
}

TEST_CASE("painting can be cancelled, and previews are made on the way")
{
    auto& s = shared_studio();
    auto r = s.request("ddim");
    r.count = 2;
    auto painter = s.make(r);
    REQUIRE(painter);
    CHECK(painter->evaluations() == 12);
    int made = 0;
    std::vector<image::pixels> previews;
    auto const done = painter->paint(
        [&](sample::painting_step const& step) {
            previews.push_back(painter->decode(step.at.clean).value());
            return step.picture == 0 || step.at.done < 3;
        },
        [&](int, image::pixels const& picture) -> result<> {
            ++made;
            CHECK((picture == previews.back())); // DDIM's last step is what it thought before
            return {};
        });
    REQUIRE(!done);
    CHECK(done.error().code == errc::cancelled);
    CHECK(made == 1);
    CHECK(previews.size() == 9);
}

TEST_CASE("what cannot be painted is told before anything is loaded")
{
    auto& s = shared_studio();
    auto const with = [&](auto const& change) {
        auto r = s.request();
        change(r);
        return s.refusal(r);
    };
    CHECK(with([](auto& r) { r.width = 33; }) ==
          "width 33: expected a multiple of 2 from 2 to 16384");
    CHECK(with([](auto& r) { r.steps = 0; }) == "steps 0: expected 1 to 10000");
    CHECK(with([](auto& r) { r.count = 0; }) == "count 0: expected at least 1");
    CHECK(with([](auto& r) { r.guidance.scale = std::nanf(""); }).starts_with("guidance nan"));
    CHECK(with([](auto& r) { r.clip_skip = 3; }) ==
          "clip skip 3: expected 0 to 2, the text encoder has 2 layers");
    CHECK(with([](auto& r) { r.negative = "a AND b"; }).starts_with("negative prompt: AND"));
    CHECK(with([](auto& r) { r.mask = image::pixels(8, 8, 3); }) ==
          "a mask, but no picture that it masks");
    CHECK(with([](auto& r) {
              r.init = image::pixels(16, 8, 3);
              r.mask = image::pixels(8, 8, 3);
          }) == "the mask is 8x8, the picture that it masks 16x8");
    CHECK(with([](auto& r) {
              r.init = image::pixels(8, 8, 3);
              r.strength = 0.1;
          }) == "strength 0.1 leaves none of 6 steps");
    CHECK(with([](auto& r) { r.prompt = std::string(2 << 20, 'a'); }).starts_with("prompt: "));
    auto const poor = s.make(s.request(), {}, 1000);
    REQUIRE(!poor);
    CHECK(poor.error().code == errc::out_of_memory);
    CHECK(poor.error().to_string().find("MiB of memory, 0 MiB are available") != std::string::npos);
}

TEST_CASE("a model that is not whole, or of another kind, is told by name")
{
    small_studio s;
    auto const& root = s.folder.path();
    auto const why = [&](std::filesystem::path const& model) {
        auto const opened = sample::open_pipeline(model);
        return opened ? "" : opened.error().to_string();
    };
    CHECK(why(root / "vae") ==
          (root / "vae").string() + ": a VAE alone; expected a whole Stable Diffusion");
    CHECK(why(root / "unet") ==
          (root / "unet").string() + ": a UNet alone; expected a whole Stable Diffusion");
    std::filesystem::rename(root / "vae", root / "elsewhere");
    CHECK(why(root) == root.string() + ": has no vae");
    std::filesystem::rename(root / "elsewhere", root / "vae");
    std::filesystem::rename(root / "tokenizer", root / "elsewhere");
    CHECK(why(root).find("has no tokenizer of its own") != std::string::npos);
    CHECK(sample::open_pipeline(root, {.tokenizer = root / "elsewhere"}).has_value());
    haiga_test::write_text_encoder(root, "text_encoder", 1024, 1, false);
    CHECK(why(root).find("the UNet looks at text of 768 channels, the text encoders have 1024") !=
          std::string::npos);
}
