#include "haiga/catalog/fit_size.hpp"

#include "tests/catalog/texts.hpp"

using namespace haiga;
using namespace haiga::catalog;
using test::base;
using test::refusal;

TEST_CASE("a size that a model was not trained on is refused, with what would work")
{
    auto const told = [](std::string_view id, std::int64_t width, std::int64_t height) {
        return refusal(check_size(base(id), {width, height}));
    };
    CHECK(told("sd-1.5", 768, 768) ==
          "sd-1.5 at 768 x 768: trained at 512 x 512, it repeats its subject above 393216 pixels; "
          "512 x 512 works, or sd-2.1 at this size");
    CHECK(
        told("sd-1.5", 1024, 1024) ==
        "sd-1.5 at 1024 x 1024: trained at 512 x 512, it repeats its subject above 393216 pixels; "
        "512 x 512 works, or sdxl at this size");
    CHECK(told("sdxl", 512, 512) ==
          "sdxl at 512 x 512: trained at 1024 x 1024, it loses its subject below 524288 pixels; "
          "1024 x 1024 works, or sd-1.5 at this size");
    CHECK(told("sd-2.1", 512, 512) ==
          "sd-2.1 at 512 x 512: trained at 768 x 768, it loses its subject below 294912 pixels; "
          "768 x 768 works, or sd-1.5 at this size");
    CHECK(told("sd-1.5-inpainting", 768, 768).ends_with("or sdxl-inpainting at this size"));
    CHECK(told("sdxl-refiner", 512, 512).ends_with("pixels; 1024 x 1024 works"));
    CHECK(told("flux-dev", 2048, 2048) ==
          "flux-dev at 2048 x 2048: trained at 1024 x 1024, it repeats its subject above 2097152 "
          "pixels; 1024 x 1024 works");
    CHECK(told("sd-1.5", 1024, 768).find("; 576 x 448 works, or sd-2.1 at") != std::string::npos);
}

TEST_CASE("sides that do not divide are refused with the nearest that do")
{
    auto const told = [](std::string_view id, std::int64_t width, std::int64_t height) {
        return refusal(check_size(base(id), {width, height}));
    };
    CHECK(told("sd-1.5", 500, 512) ==
          "sd-1.5 at 500 x 512: both sides must be multiples of 8; 504 x 512 works");
    CHECK(told("sdxl", 1024, 1027) ==
          "sdxl at 1024 x 1027: both sides must be multiples of 8; 1024 x 1024 works");
    CHECK(told("flux-schnell", 1000, 1000) ==
          "flux-schnell at 1000 x 1000: both sides must be multiples of 16; 1008 x 1008 works, or "
          "sdxl at this size");
    CHECK(told("sd-1.5", 832, 384) == "sd-1.5 at 832 x 384: one side is more than 2 times the "
                                      "other; 704 x 384 works, or flux-dev at this size");
}

TEST_CASE("numbers that are no size of a picture")
{
    for (auto const side : {std::int64_t{0}, std::int64_t{-8}, std::int64_t{1} << 40}) {
        auto const refused = check_size(base("sd-1.5"), {side, 512});
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == errc::invalid);
        CHECK_FALSE(check_size(base("sd-1.5"), {512, side}));
    }
}

TEST_CASE("usual sizes are accepted")
{
    CHECK(check_size(base("sd-1.5"), {512, 512}));
    CHECK(check_size(base("sd-1.5"), {512, 768})); // portraits
    CHECK(check_size(base("sd-1.5"), {640, 448}));
    CHECK(check_size(base("sd-2.1"), {768, 768}));
    CHECK(check_size(base("sd-2.1-base"), {512, 512}));
    CHECK(check_size(base("flux-schnell"), {512, 512}));
    // The ends of SDXL's list of shapes: Podell et al. 2023, appendix I.
    CHECK(check_size(base("sdxl"), {512, 2048}));
    CHECK(check_size(base("sdxl"), {1984, 512}));
    CHECK(check_size(base("sdxl"), {832, 1216}));
}

TEST_CASE("the nearest size always works, and one that works is its own")
{
    for (auto const& model : base_models()) {
        for (std::int64_t width = 8; width <= 4096; width += 104) {
            for (std::int64_t height = 8; height <= 4096; height += 88) {
                picture_size const wanted{width, height};
                auto const near = nearest_size(model.sizes, wanted);
                CHECK(check_size(model, near));
                if (check_size(model, wanted)) {
                    CHECK(near == wanted);
                }
            }
        }
    }
}
