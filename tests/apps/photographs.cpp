#include "haiga/image/encode_png.hpp"
#include "tests/apps/desk.hpp"
#include "tests/golden/images.hpp"
#include "tests/image/make_jpeg.hpp"
#include "tests/image/pictures.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

// Files that are no photographs, among others and alone, seen through haiga-train.

using haiga_test::desk;

namespace {

void put(std::filesystem::path const& file, std::span<std::byte const> bytes)
{
    haiga_test::write(file, {reinterpret_cast<char const*>(bytes.data()), bytes.size()});
}

/// How each begins its line, and what is wrong with it.
auto put_bad_files(std::filesystem::path const& folder) -> std::vector<std::string>
{
    auto const jpeg = haiga_test::make_jpeg(haiga_test::pattern(64, 64));
    put(folder / "cut.jpg", std::span(jpeg).first(jpeg.size() / 2));
    put(folder / "dot.png", *haiga::image::encode_png(haiga_test::pattern(1, 1)));
    put(folder / "empty.jpg", {});
    put(folder / "huge.png", std::as_bytes(std::span(golden::images::huge_png)));
    put(folder / "text.jpg", std::as_bytes(std::span("no picture")));
    put(folder / "two\nlines.jpg", {});
    REQUIRE(::mkfifo((folder / "pipe.jpg").c_str(), 0666) == 0);
    auto const at = [&](char const* name) {
        return "left out: " + (folder / name).string() + ": ";
    };
    return {at("cut.jpg") + "truncated JPEG",
            at("dot.png") + "the picture is 1x1, too small",
            at("empty.jpg") + "the file is empty",
            at("huge.png") + "the picture claims 60000x60000 pixels",
            at("text.jpg") + "not a JPEG, PNG or WebP picture",
            at("two\\nlines.jpg") + "the file is empty",
            at("pipe.jpg") + "not a regular file"};
}

auto lines_of(std::string const& text) -> std::size_t
{
    return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

} // namespace

TEST_CASE("beside a good photograph each bad file is one line, and the good one goes on")
{
    desk d;
    std::filesystem::create_directory(d / "photos");
    auto const bad = put_bad_files(d / "photos");
    put(d / "photos" / "good.jpg", haiga_test::make_jpeg(haiga_test::pattern(64, 64)));
    REQUIRE_MESSAGE(d.make("2", {"--photos", (d / "photos").string()}) == 0, d.said());
    for (auto const& line : bad) {
        CHECK_MESSAGE(d.said(line), line << " in " << d.said());
    }
    CHECK_MESSAGE(d.said(": 1 photographs of 16 pixels"), d.said());
    CHECK_MESSAGE(lines_of(d.said()) == bad.size() + 1, d.said());
    CHECK_MESSAGE(d.train() == 0, d.said());
}

TEST_CASE("bad files alone make no session, and each is told")
{
    desk d;
    std::filesystem::create_directory(d / "photos");
    auto const bad = put_bad_files(d / "photos");
    CHECK(d.make("2", {"--photos", (d / "photos").string()}) == 1);
    for (auto const& line : bad) {
        CHECK_MESSAGE(d.said(line), line << " in " << d.said());
    }
    CHECK_MESSAGE(d.complained_of((d / "photos").string() + ": no photograph can be used"),
                  d.said());
    CHECK_MESSAGE(lines_of(d.said()) == bad.size() + 1, d.said());
    CHECK_FALSE(std::filesystem::exists(d / "session"));
}
