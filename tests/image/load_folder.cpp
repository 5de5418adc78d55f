#include "haiga/image/load_folder.hpp"

#include "haiga/image/encode_png.hpp"
#include "tests/golden/images.hpp"
#include "tests/image/make_jpeg.hpp"
#include "tests/image/pictures.hpp"
#include "tests/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

using namespace haiga;
using haiga_test::temporary_folder;

namespace {

void put(std::filesystem::path const& file, std::span<std::byte const> bytes)
{
    REQUIRE(io::publish_bytes(file, bytes));
}

void put_bad_files(temporary_folder const& folder)
{
    auto const jpeg = haiga_test::make_jpeg(haiga_test::pattern(64, 64));
    put(folder / "cut.jpg", std::span(jpeg).first(jpeg.size() / 2));
    put(folder / "dot.png", *image::encode_png(haiga_test::pattern(1, 1)));
    put(folder / "empty.jpg", {});
    put(folder / "huge.png", std::as_bytes(std::span(golden::images::huge_png)));
    put(folder / "text.jpg", as_bytes("not a photograph"));
}

} // namespace

TEST_CASE("photographs come out sorted, square and of one size, whatever they are called")
{
    temporary_folder const folder;
    auto const wide = haiga_test::gradient(60, 40);
    put(folder / "b.png", haiga_test::make_jpeg(wide));
    put(folder / "a.jpeg", *image::encode_png(wide));
    put(folder / "c", *image::encode_png(haiga_test::gradient(20, 30)));
    put(folder / "a.txt", as_bytes("a caption"));
    put(folder / ".hidden.jpg", as_bytes("a thumbnail"));
    std::filesystem::create_directory(folder / "more");
    auto const set = image::load_folder(folder.path(), {.size = 20});
    REQUIRE(set);
    CHECK(set->failures.empty());
    REQUIRE(set->photos.size() == 3);
    CHECK(set->photos[0].name == "a.jpeg");
    CHECK(set->photos[1].name == "b.png");
    CHECK(set->photos[2].name == "c");
    auto const expected = image::resize(image::square_crop(wide), 20, 20);
    CHECK(set->photos[0].picture == expected);
    CHECK(haiga_test::largest_difference(set->photos[1].picture, expected) <= 3); // JPEG's loss
}

TEST_CASE("bad files are one line each, and the others go on")
{
    temporary_folder const folder;
    put_bad_files(folder);
    put(folder / "good.png", *image::encode_png(haiga_test::gradient(32, 32)));
    auto const set = image::load_folder(folder.path(), {.size = 32});
    REQUIRE(set);
    CHECK(set->photos.size() == 1);
    std::vector<std::string> lines;
    for (auto const& failure : set->failures) {
        lines.push_back(failure.to_string());
    }
    auto const at = [&](char const* name) { return (folder / name).string() + ": "; };
    CHECK(lines ==
          std::vector<std::string>{
              at("cut.jpg") + "truncated JPEG: Premature end of JPEG file",
              at("dot.png") + "the picture is 1x1, too small: each side needs at least 16 pixels",
              at("empty.jpg") + "the file is empty",
              at("huge.png") + "the picture claims 60000x60000 pixels, at most 134217728 are read",
              at("text.jpg") + "not a JPEG, PNG or WebP picture"});
}

TEST_CASE("a folder without a usable photograph is an error")
{
    temporary_folder const folder;
    auto const& path = folder.path();
    auto const message = [&] { return image::load_folder(path, {.size = 32}).error().message; };
    CHECK(message() == path.string() + ": there are no photographs in this folder");
    put(folder / "text.jpg", as_bytes("not a photograph"));
    auto const reason = (folder / "text.jpg").string() + ": not a JPEG, PNG or WebP picture";
    CHECK(message() == path.string() + ": no photograph can be used: " + reason);
    put_bad_files(folder);
    CHECK(message().ends_with("; and 4 more"));
    std::vector<std::string> told;
    CHECK_FALSE(image::load_folder(path, {.size = 32}, image::centre_crop{}, image::lanczos3{},
                                   [&](failure const& f) { told.push_back(f.to_string()); }));
    CHECK(told.size() == 5);
    CHECK(told.back() == reason);
    CHECK(image::load_folder(folder / "lost", {}).error().message ==
          (folder / "lost").string() + ": cannot list: no such file or folder");
    put(folder / "big.jpg", std::vector<std::byte>(100));
    CHECK(image::load_photo(folder / "big.jpg", {.max_file_bytes = 99}).error().code ==
          errc::too_large);
}

TEST_CASE("the DreamBooth paper's photographs")
{
    auto const* const data = std::getenv("HAIGA_TEST_DATA");
    if (data == nullptr) {
        MESSAGE("skipped: HAIGA_TEST_DATA is not set");
        return;
    }
    for (auto const* const subject : {"dog", "cat", "teapot"}) {
        auto const set =
            image::load_folder(std::filesystem::path(data) / "photos" / subject, {.size = 48});
        REQUIRE(set);
        CHECK(set->photos.size() == 5);
        CHECK(set->failures.empty());
    }
}
