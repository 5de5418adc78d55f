// haiga-paint with a Stable Diffusion, as its user meets it; tests/sample says what is painted.

#include "tests/apps/desk.hpp"
#include "tests/sample/small_pipeline.hpp"

#include <doctest/doctest.h>

using namespace haiga_test;

namespace {

/// A small model, and haiga-paint with it.
struct easel : desk {
    easel() { write_small_pipeline(*this / "model", small_kind::sd1); }

    auto with(std::vector<std::string> more) -> int
    {
        std::vector<std::string> words{HAIGA_PAINT, "--model", (*this / "model").string(),
                                       "a red dog", "--steps", "3"};
        for (auto const& [option, value] :
             {std::pair<std::string, std::string>{"--size", "32x32"}, {"-o", *this / "out.png"}}) {
            if (std::ranges::find(more, option) == more.end()) {
                words.insert(words.end(), {option, value});
            }
        }
        words.insert(words.end(), more.begin(), more.end());
        return run(std::move(words));
    }
    /// One line that says so, status 1, and no picture.
    void check_refused(std::vector<std::string> more, std::string const& why)
    {
        CHECK(with(std::move(more)) == 1);
        CHECK_MESSAGE(complained_of(why), said());
        CHECK_FALSE(std::filesystem::exists(*this / "out.png"));
    }
};

} // namespace

TEST_CASE("a picture says how it was painted")
{
    easel e;
    REQUIRE_MESSAGE(e.with({"--sampler", "dpmpp_2m", "--schedule", "karras", "--seed", "7",
                            "--negative", "blue"}) == 0,
                    e.said());
    REQUIRE(e.run({HAIGA_PAINT, "--info", (e / "out.png").string()}) == 0);
    CHECK_MESSAGE(e.said("a red dog\nNegative prompt: blue\nSteps: 3, Sampler: DPM++ 2M, "
                         "Schedule type: Karras, CFG scale: 7.5, Seed: 7, Size: 32x32, "),
                  e.said());
}

TEST_CASE("several pictures are named by their seeds, and previews go when they are done")
{
    easel e;
    REQUIRE_MESSAGE(e.with({"--count", "2", "--seed", "7", "--preview-every", "1"}) == 0, e.said());
    CHECK(std::filesystem::exists(e / "out-7.png"));
    CHECK(std::filesystem::exists(e / "out-8.png"));
    CHECK_FALSE(std::filesystem::exists(e / "out.png"));
    CHECK_FALSE(std::filesystem::exists(e / "out.preview.png"));
    CHECK((content_of(e / "out-7.png") != content_of(e / "out-8.png")));
}

TEST_CASE("what cannot be painted is one line, and nothing is written")
{
    easel e;
    write(e / "text.png", "no picture");
    e.check_refused({"--sampler", "eulr_a"}, "nearest is \"euler_a\"");
    e.check_refused({"--schedule", "karas"}, "there are normal, karras");
    e.check_refused({"--size", "33x32"}, "width 33: expected a multiple of 2");
    e.check_refused({"--size", "large"}, "expected WxH");
    e.check_refused({"--init", (e / "text.png").string()}, "not a JPEG, PNG or WebP picture");
    e.check_refused({"--lora", (e / "none.safetensors").string()}, "none.safetensors");
    e.check_refused({"--lora", (e / "text.png").string()}, "text.png");
    e.check_refused({"--size", "16384x16384"}, "pixels are too many for this model");
    CHECK(e.with({"-o", (e / "no" / "out.png").string()}) == 1);
    CHECK_MESSAGE(e.complained_of("out.png: cannot create"), e.said());
    CHECK(e.run({HAIGA_PAINT, "--info", (e / "text.png").string()}) == 1);
    CHECK_MESSAGE(e.complained_of("text.png: not a PNG file"), e.said());
    CHECK(e.run({HAIGA_PAINT, "--model", (e / "model").string(), "-o", (e / "a.png").string()}) ==
          1);
    CHECK_MESSAGE(e.complained_of("a Stable Diffusion wants a prompt"), e.said());
}

TEST_CASE("weights that are no numbers are told by name")
{
    easel e;
    auto const file = e / "model" / "unet" / "diffusion_pytorch_model.safetensors";
    auto weights = content_of(file);
    weights.replace(weights.size() - 4, 4, "\xff\xff\xff\x7f"); // NaN
    write(file, weights);
    e.check_refused({}, "diffusion_pytorch_model.safetensors: ");
    CHECK_MESSAGE(e.said("up_blocks"), e.said());
}
