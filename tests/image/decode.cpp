#include "haiga/image/decode.hpp"

#include "tests/golden/images.hpp"
#include "tests/image/pictures.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

using namespace haiga;
using haiga_test::largest_difference;

namespace {

auto find(std::string_view name) -> std::span<std::byte const>
{
    for (auto const& sample : golden::images::samples) {
        if (sample.name == name) {
            return std::as_bytes(sample.file);
        }
    }
    throw std::invalid_argument(std::string(name));
}

} // namespace

TEST_CASE("every kind of file gives what Pillow, or the PNG specification, makes of it")
{
    for (auto const& sample : golden::images::samples) {
        CAPTURE(sample.name);
        auto const picture = image::decode(std::as_bytes(sample.file));
        REQUIRE_MESSAGE(picture, picture.error().message);
        auto const expected = haiga_test::picture_of(sample.width, sample.height, 3, sample.rgb);
        REQUIRE(picture->same_size(expected));
        // JPEG may differ by 1: decoders are free in how they round (ITU-T T.81, annex A.3.3)
        CHECK(largest_difference(*picture, expected) <= sample.tolerance);
    }
}

TEST_CASE("a truncated picture is an error, wherever it ends")
{
    for (auto const& sample : golden::images::samples) {
        auto const file = std::as_bytes(sample.file);
        for (std::size_t length = 0; length < file.size(); ++length) {
            CAPTURE(sample.name);
            CAPTURE(length);
            auto const picture = image::decode(file.first(length));
            REQUIRE_FALSE(picture);
            CHECK(picture.error().message.find('\n') == std::string::npos);
        }
    }
    auto const half = [&](std::string_view name) {
        auto const file = find(name);
        return image::decode(file.first(file.size() / 2 + file.size() / 4)).error();
    };
    for (auto const* const name : {"png_rgb_8", "jpeg_rgb", "jpeg_progressive", "webp_lossless"}) {
        CAPTURE(name);
        CHECK(half(name).code == errc::truncated);
        CHECK(half(name).message.starts_with("truncated "));
    }
}

TEST_CASE("what is no picture is told by its content")
{
    CHECK(image::decode(as_bytes("a holiday")).error().message ==
          "not a JPEG, PNG or WebP picture");
    CHECK(image::decode(as_bytes("GIF89a....")).error().code == errc::unsupported);
    CHECK(image::decode({}).error().message == "the file is empty");
    CHECK_FALSE(image::decode(as_bytes("\xff\xd8\xff and then text")));
    CHECK_FALSE(image::decode(as_bytes("\x89PNG\r\n\x1a\n and then text")));
    CHECK_FALSE(image::decode(as_bytes("RIFF\x10\x20\x30\x10WEBP and then text")));
}

TEST_CASE("sizes are checked before memory is asked for")
{
    auto const huge = image::decode(std::as_bytes(std::span(golden::images::huge_png)));
    REQUIRE_FALSE(huge);
    CHECK(huge.error().code == errc::too_large);
    CHECK(huge.error().message ==
          "the picture claims 60000x60000 pixels, at most 134217728 are read");
    for (auto const* const name : {"png_rgb_8", "jpeg_rgb", "webp_lossy"}) {
        CAPTURE(name);
        CHECK(image::decode(find(name), {.max_pixels = 14}).error().code == errc::too_large);
        auto const small = image::decode(find(name), {.min_side = 9}).error();
        CHECK(small.code == errc::unsupported);
        CHECK(small.message.ends_with("too small: each side needs at least 9 pixels"));
        CHECK(image::decode(find(name), {.max_pixels = 88, .min_side = 3}));
    }
}

TEST_CASE("a flipped bit gives a picture or an error")
{
    for (auto const* const name : {"png_palette_alpha", "jpeg_progressive", "webp_alpha"}) {
        auto const whole = find(name);
        auto const original = image::decode(whole);
        REQUIRE(original);
        std::vector<std::byte> file(whole.begin(), whole.end());
        for (std::size_t i = 0; i < file.size() * 8; ++i) {
            auto const bit = static_cast<std::byte>(1U << (i % 8));
            file[i / 8] ^= bit;
            auto const picture = image::decode(file, {.max_pixels = 10'000});
            CHECK((!picture ||
                   picture->values.size() == 3 * static_cast<std::size_t>(picture->width) *
                                                 static_cast<std::size_t>(picture->height)));
            file[i / 8] ^= bit;
        }
    }
}
