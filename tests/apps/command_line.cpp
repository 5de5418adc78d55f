#include "tests/apps/program.hpp"
#include "tests/temporary_folder.hpp"

#include <doctest/doctest.h>

// What the shipped programs say and leave behind: one line about bad input, nothing lost.

namespace {

using namespace haiga_test;
using path = std::filesystem::path;

class desk {
public:
    [[nodiscard]] auto operator/(std::string const& name) const -> path { return folder_ / name; }

    /// Runs a program: its exit status; what it said is kept.
    auto run(std::vector<std::string> words) -> int
    {
        program started(std::move(words), folder_ / "log");
        auto const status = started.wait();
        said_ = started.output();
        return status;
    }
    auto make(std::string const& steps = "3") -> int
    {
        return run({HAIGA_TRAIN, "new", (folder_ / "session").string(), "--draw", "--size", "16",
                    "--batch", "2", "--save-every", "2", "--steps", steps});
    }
    auto train(std::string const& threads = "2") -> int
    {
        return run({HAIGA_TRAIN, "run", (folder_ / "session").string(), "--threads", threads,
                    "--output", (folder_ / "painting.safetensors").string()});
    }
    auto paint(std::string const& model, std::string const& output) -> int
    {
        return run({HAIGA_PAINT, "--model", (folder_ / model).string(), "--count", "3", "--steps",
                    "3", "--threads", "2", "--output", (folder_ / output).string()});
    }

    [[nodiscard]] auto said() const -> std::string const& { return said_; }
    /// Whether the last line is a failure that has this in it.
    [[nodiscard]] auto complained_of(std::string const& what) const -> bool
    {
        auto const last = said_.rfind('\n', said_.size() - 2);
        auto const line = said_.substr(last == std::string::npos ? 0 : last + 1);
        return line.starts_with("haiga-") && line.find(what) != std::string::npos;
    }

private:
    temporary_folder folder_;
    std::string said_ = " ";
};

void write(path const& file, std::string const& bytes)
{
    std::ofstream(file, std::ios::binary) << bytes;
}

} // namespace

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
    CHECK_MESSAGE(d.complained_of("the session ran with threads 2, this is 1"), d.said());
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
}
