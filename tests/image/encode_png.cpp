#include "haiga/image/encode_png.hpp"

#include "haiga/image/decode.hpp"
#include "haiga/io/read_file.hpp"
#include "tests/image/pictures.hpp"
#include "tests/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace haiga;

TEST_CASE("what is written is read back, whatever the channels")
{
    auto const rgb = haiga_test::pattern(7, 5);
    auto const file = image::encode_png(rgb);
    REQUIRE(file);
    CHECK(*image::decode(*file) == rgb);
    CHECK(*image::encode_png(rgb) == *file); // the same bytes again

    auto const grey = haiga_test::pattern(7, 5, 1);
    auto const grey_back = image::decode(*image::encode_png(grey));
    REQUIRE(grey_back);
    CHECK((*grey_back)(3, 2, 0) == grey(3, 2));
    CHECK((*grey_back)(3, 2, 2) == grey(3, 2));

    for (int const channels : {2, 4}) {
        auto const seen = image::decode(*image::encode_png(haiga_test::pattern(7, 5, channels)));
        REQUIRE(seen);
        auto const expected = image::on_white(haiga_test::pattern(7, 5, channels));
        CHECK((*seen)(6, 4, 0) == expected(6, 4, 0));
    }
}

TEST_CASE("notes are kept: ASCII as tEXt, the rest of Unicode as iTXt")
{
    auto const file =
        image::encode_png(haiga_test::pattern(2, 2),
                          {{"parameters", "a dog, Steps: 20"}, {"Title", "Z\xc3\xbcrich"}});
    REQUIRE(file);
    std::string const text(as_text(*file));
    // PNG specification, 11.3.3: key, 0, text; and key, 0, two bytes, language, 0, key, 0, text
    CHECK(text.find(std::string("tEXtparameters\0a dog, Steps: 20", 31)) != std::string::npos);
    CHECK(text.find(std::string("iTXtTitle\0\0\0\0\0Z\xc3\xbcrich", 21)) != std::string::npos);
    CHECK(image::decode(*file));
}

TEST_CASE("a note that PNG cannot hold is refused")
{
    auto const picture = haiga_test::pattern(2, 2);
    for (auto const& key :
         {std::string(), std::string(80, 'k'), std::string(" k"), std::string("k "),
          std::string("a  b"), std::string("a\nb"), std::string("\xc3\xa9")}) {
        CAPTURE(key);
        CHECK(image::encode_png(picture, {{key, ""}}).error().code == errc::invalid);
    }
    CHECK_FALSE(image::encode_png(picture, {{"k", "\xff"}}));
    CHECK_FALSE(image::encode_png(picture, {{"k", std::string(1, '\0')}}));
    CHECK(image::encode_png(picture, {{std::string(79, 'k'), ""}}));
}

TEST_CASE("a picture is saved, or the error names its file")
{
    haiga_test::temporary_folder const folder;
    auto const picture = haiga_test::pattern(4, 4);
    REQUIRE(image::save_png(folder / "a.png", picture));
    CHECK(*image::decode(*io::read_file(folder / "a.png", 10000)) == picture);
    auto const lost = folder / "lost" / "a.png";
    CHECK(image::save_png(lost, picture).error().message ==
          lost.string() + ": cannot create: no such file or folder");
    CHECK(image::save_png(lost, picture, {{"", ""}}).error().message.starts_with(lost.string()));
}
