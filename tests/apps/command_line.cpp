#include "haiga/base/bytes.hpp"
#include "haiga/image/encode_png.hpp"
#include "tests/apps/desk.hpp"
#include "tests/image/pictures.hpp"

#include <doctest/doctest.h>

// What the shipped programs say and leave behind: one line about bad input, nothing lost.

using haiga_test::content_of;
using haiga_test::desk;
using haiga_test::write;

TEST_CASE("photographs that are none make no session")
{
    desk d;
    auto const photos = d / "photos";
    auto const make = [&] {
        return d.run({HAIGA_TRAIN, "new", (d / "session").string(), "--photos", photos.string()});
    };
    CHECK(make() == 1);
    CHECK_MESSAGE(d.complained_of(photos.string()), d.said());
    std::filesystem::create_directory(photos);
    CHECK(make() == 1);
    CHECK_MESSAGE(d.complained_of(photos.string()), d.said());
    write(photos / "words.jpg", "no picture at all");
    CHECK(make() == 1);
    CHECK_MESSAGE(d.said().find("words.jpg") != std::string::npos, d.said());
    CHECK_FALSE(std::filesystem::exists(d / "session"));
}

TEST_CASE("a session is not made twice, and is not run where there is none")
{
    desk d;
    CHECK(d.train() == 1);
    CHECK_MESSAGE(d.complained_of((d / "session" / "recipe.json").string()), d.said());
    REQUIRE_MESSAGE(d.make() == 0, d.said());
    CHECK(d.make() == 1);
    CHECK_MESSAGE(d.complained_of("holds a recipe.json already"), d.said());
}

TEST_CASE("a damaged state is told, and is not overwritten")
{
    desk d;
    REQUIRE(d.make() == 0);
    REQUIRE_MESSAGE(d.train() == 0, d.said());
    auto const file = d / "session" / "state.safetensors";
    auto damaged = content_of(file);
    damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 16);
    write(file, damaged);
    std::filesystem::remove(d / "painting.safetensors");
    CHECK(d.train() == 1);
    CHECK_MESSAGE(d.complained_of(file.string() + ": the bytes of "), d.said());
    CHECK((content_of(file) == damaged));
    CHECK_FALSE(std::filesystem::exists(d / "painting.safetensors"));
    CHECK(d.run({HAIGA_TRAIN, "status", (d / "session").string()}) == 1);
}

TEST_CASE("another number of threads is refused, naming both")
{
    desk d;
    REQUIRE(d.make() == 0);
    REQUIRE_MESSAGE(d.train("2") == 0, d.said());
    CHECK(d.train("1") == 1);
    CHECK_MESSAGE(
        d.complained_of((d / "session").string() + ": the session ran with threads 2, this is 1"),
        d.said());
    CHECK_MESSAGE(d.complained_of("--allow-other"), d.said());
    REQUIRE_MESSAGE(d.train("1", {"--allow-other"}) == 0, d.said());
    CHECK_MESSAGE(d.said("the session ran with threads 2, this is 1, from step 3 on"), d.said());
}

TEST_CASE("options that cannot be are refused by name")
{
    desk d;
    auto const refused = [&](std::vector<std::string> words, std::string const& name) {
        CHECK(d.run(std::move(words)) > 0);
        CHECK_MESSAGE(d.said(name), d.said());
        CHECK_FALSE(d.said("terminate"));
    };
    auto const session = (d / "session").string();
    refused({HAIGA_TRAIN, "new", session}, "--photos");
    refused({HAIGA_TRAIN, "new", session, "--draw", "--photos", session}, "--photos");
    refused({HAIGA_TRAIN, "new", "", "--draw"}, "SESSION");
    refused({HAIGA_TRAIN, "new", session, "--photos", ""}, "--photos");
    for (auto const* const threads : {"-5", "257", "2000000000", "9999999999999999999"}) {
        refused({HAIGA_TRAIN, "new", session, "--draw", "--threads", threads}, "--threads");
        refused({HAIGA_PAINT, "--model", "m", "--threads", threads}, "--threads");
    }
    for (auto const* const count : {"0", "4097"}) {
        refused({HAIGA_TRAIN, "score", session, "--model", "m", "--count", count}, "--count");
        refused({HAIGA_PAINT, "--model", "m", "--count", count}, "--count");
    }
    for (auto const* const rate : {"1e39", "1e-50"}) {
        CHECK(d.make("3", {"--draw", "--rate", rate}) == 1);
        CHECK_MESSAGE(d.complained_of("\"learning_rate\" is out of range"), d.said());
    }
    CHECK_FALSE(std::filesystem::exists(session));
}

TEST_CASE("what nothing else catches is one line too")
{
    desk d;
    auto const in_30_mb = [&](std::string const& words) {
        return d.run(
            {"/bin/sh", "-c",
             "cd " + (d / "").string() + " && ulimit -v 30000 && exec " + HAIGA_TRAIN + words});
    };
    if (in_30_mb(" --help") != 0) {
        MESSAGE("not run: the program does not start in so little memory");
        return;
    }
    // pictures of 2048 pixels a side, made small afterwards
    CHECK(in_30_mb(" new session --draw --size 512 --threads 1") == 1);
    CHECK_MESSAGE(d.complained_of("out of memory"), d.said());
}

TEST_CASE("a recipe that was changed after a save is told, and nothing is overwritten")
{
    desk d;
    REQUIRE(d.make() == 0);
    REQUIRE_MESSAGE(d.train() == 0, d.said());
    auto const file = d / "session" / "recipe.json";
    auto const whole = content_of(file);
    auto changed = whole;
    auto const digit = changed.find("0.0015");
    REQUIRE(digit != std::string::npos);
    changed[digit + 5] = '6';
    write(file, changed);
    CHECK(d.train() == 1);
    CHECK_MESSAGE(d.complained_of(file.string() + ": is not the recipe that "), d.said());
    write(file, whole);
    CHECK_MESSAGE(d.train() == 0, d.said());
}

TEST_CASE("a sheet that cannot be written leaves no session: the command can be given again")
{
    desk d;
    auto const sheet = d / "lost" / "sheet.png";
    CHECK(d.make("3", {"--draw", "--sheet", sheet.string()}) == 1);
    CHECK_MESSAGE(d.complained_of(sheet.string()), d.said());
    CHECK_FALSE(std::filesystem::exists(d / "session"));
    CHECK(d.make("3", {"--draw", "--sheet", (d / "sheet.png").string()}) == 0);
    auto const made = content_of(d / "sheet.png");
    CHECK(d.make("3", {"--draw", "--sheet", (d / "sheet.png").string()}, "24") == 1);
    CHECK((content_of(d / "sheet.png") == made)); // that of the session that is there
}

TEST_CASE("a chart that cannot be written does not cost the painting")
{
    desk d;
    REQUIRE(d.make() == 0);
    auto const chart = d / "lost" / "loss.svg";
    CHECK(d.train("2", {"--chart", chart.string()}) == 1);
    CHECK_MESSAGE(d.complained_of(chart.string()), d.said());
    CHECK(d.paint("painting.safetensors", "a.png") == 0);
    REQUIRE(d.train("2", {"--chart", (d / "loss.svg").string()}) == 0);
    CHECK(content_of(d / "loss.svg").starts_with("<svg"));
}

TEST_CASE("a training that no machine has the memory for is told before it begins")
{
    desk d; // 256 pixels and a batch of 4096: more than half a TiB
    auto const photo = haiga::image::encode_png(haiga_test::pattern(256, 256));
    REQUIRE(photo);
    std::filesystem::create_directory(d / "photos");
    haiga_test::write(d / "photos" / "one.png", std::string(haiga::as_text(*photo)));
    REQUIRE(d.run({HAIGA_TRAIN, "new", (d / "session").string(), "--photos",
                   (d / "photos").string(), "--size", "256", "--batch", "4096"}) == 0);
    CHECK(d.train() == 1);
    CHECK_MESSAGE(d.complained_of((d / "session").string() + ": the training takes "), d.said());
    CHECK_MESSAGE(d.said("needs "), d.said());
    CHECK_FALSE(std::filesystem::exists(d / "session" / "state.safetensors"));
}

TEST_CASE("an output that cannot be written loses no step")
{
    desk d;
    REQUIRE(d.make() == 0);
    auto const output = d / "lost" / "painting.safetensors";
    CHECK(d.run({HAIGA_TRAIN, "run", (d / "session").string(), "--output", output.string()}) == 1);
    CHECK_MESSAGE(d.complained_of(output.string() + ": cannot create: no such file or folder"),
                  d.said());
    REQUIRE(d.run({HAIGA_TRAIN, "status", (d / "session").string()}) == 0);
    CHECK_MESSAGE(d.said().find("3 of 3 steps saved") != std::string::npos, d.said());
}

TEST_CASE("pictures are painted from the model alone: no photograph, no session")
{
    desk d;
    REQUIRE(d.make() == 0);
    REQUIRE_MESSAGE(d.train() == 0, d.said());
    REQUIRE_MESSAGE(d.paint("painting.safetensors", "beside.png") == 0, d.said());
    std::filesystem::remove_all(d / "session");
    REQUIRE_MESSAGE(d.paint("painting.safetensors", "alone.png") == 0, d.said());
    CHECK(content_of(d / "alone.png").starts_with("\x89PNG"));
    CHECK((content_of(d / "alone.png") == content_of(d / "beside.png")));
}

TEST_CASE("a model that is cut, or none, is told")
{
    desk d;
    CHECK(d.paint("painting.safetensors", "a.png") == 1);
    CHECK_MESSAGE(d.complained_of((d / "painting.safetensors").string()), d.said());
    write(d / "painting.safetensors", "eight bytes and more");
    CHECK(d.paint("painting.safetensors", "a.png") == 1);
    CHECK_MESSAGE(d.complained_of((d / "painting.safetensors").string()), d.said());
    CHECK_FALSE(std::filesystem::exists(d / "a.png"));
    REQUIRE(d.make() == 0);
    REQUIRE(d.train() == 0);
    auto diverged = content_of(d / "painting.safetensors");
    diverged.replace(diverged.size() - 4, 4, "\xff\xff\xff\x7f"); // NaN
    write(d / "painting.safetensors", diverged);
    CHECK(d.paint("painting.safetensors", "a.png") == 1);
    CHECK_MESSAGE(d.complained_of("\" is NaN in its element "), d.said());
    CHECK_FALSE(std::filesystem::exists(d / "a.png"));
}
