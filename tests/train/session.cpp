#include "haiga/train/session.hpp"

#include "tests/io/failing_files.hpp"
#include "tests/small_disk.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/train/tiny.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

namespace {

using namespace haiga;
using haiga_test::failing_files;
using haiga_test::temporary_folder;
using path = std::filesystem::path;

/// A session keeps its file system by value: this one is shared with the test.
struct shared_files {
    using sink = failing_files::sink;
    failing_files* files;

    auto create(path const& file, path const& name) const { return files->create(file, name); }
    auto rename(path const& from, path const& to) const { return files->rename(from, to); }
    auto remove(path const& file) const { return files->remove(file); }
    auto sync_folder(path const& folder) const { return files->sync_folder(folder); }
};

/// What a trainer would give a session to keep.
struct numbers {
    std::vector<float> parameters, moments, losses;

    explicit numbers(std::int64_t steps, std::size_t count = 37)
    {
        auto random = philox{static_cast<std::uint64_t>(steps), 1}.at(0, 0);
        for (auto* const buffer : {&parameters, &moments}) {
            for (std::size_t i = 0; i < count; ++i) { // any bits, NaNs among them
                buffer->push_back(std::bit_cast<float>(random()));
            }
        }
        losses.assign(static_cast<std::size_t>(steps), 0.25F);
    }
    auto parts() -> std::vector<optim::state_part>
    {
        return {{"parameters", parameters}, {"exp_avg", moments}};
    }
    [[nodiscard]] auto same(numbers const& other) const -> bool
    {
        auto const equal = [](std::vector<float> const& a, std::vector<float> const& b) {
            return std::ranges::equal(std::as_bytes(std::span(a)), std::as_bytes(std::span(b)));
        };
        return equal(parameters, other.parameters) && equal(moments, other.moments) &&
               equal(losses, other.losses);
    }
};

train::environment const here{"cpu_native", "avx2", "12.2.0", 2, "haiga 1"};

template <class Session>
auto save(Session& s, std::int64_t steps) -> result<>
{
    numbers n(steps);
    return s.save(steps, here, n.parts(), n.losses);
}

/// The steps that a folder's state has; all of it is what was saved then. -1: there is none.
auto steps_in(path const& folder) -> result<std::int64_t>
{
    HAIGA_TRY(auto const s, train::session<>::open(folder));
    HAIGA_TRY(auto const photos, s.photos());
    HAIGA_TRY(auto const state, s.state());
    if (!state) {
        return -1;
    }
    if (state->environment() != here) {
        return fail(errc::mismatch, "another environment was restored");
    }
    numbers restored(state->steps + 1); // other numbers
    HAIGA_TRY(restored.losses, s.restore(*state, restored.parts()));
    if (!restored.same(numbers(state->steps))) {
        return fail(errc::mismatch, "other numbers were restored");
    }
    return state->steps;
}

auto read(path const& file) -> std::string
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}
void write(path const& file, std::string const& bytes)
{
    std::ofstream(file, std::ios::binary) << bytes;
}

/// A session with a saved state of 4 steps.
void make_session(path const& folder)
{
    auto s = train::session<>::create(folder, test::tiny_recipe(), test::noisy_photos(2, 8));
    REQUIRE(s);
    REQUIRE(save(*s, 4));
}

auto one_line_about(std::string const& text, path const& file) -> bool
{
    return text.starts_with(file.string() + ": ") && text.find('\n') == std::string::npos;
}

} // namespace

TEST_CASE("a session is opened as it was made")
{
    temporary_folder const folder;
    auto const place = folder / "deep" / "session";
    auto const photos = test::noisy_photos(3, 8);
    auto const made = train::session<>::create(place, test::tiny_recipe(), photos);
    REQUIRE(made);
    auto const opened = train::session<>::open(place);
    REQUIRE(opened);
    CHECK(train::to_json(opened->settings()) == train::to_json(test::tiny_recipe()));
    CHECK(train::to_json(made->settings()) == train::to_json(test::tiny_recipe()));
    CHECK(opened->folder() == place);
    CHECK(opened->photos() == photos);
    auto const state = opened->state();
    REQUIRE(state);
    CHECK_FALSE(state->has_value());
}

TEST_CASE("a state comes back to the last bit, and the last one counts")
{
    temporary_folder const folder;
    make_session(folder.path());
    CHECK(steps_in(folder.path()) == 4);
    auto s = train::session<>::open(folder.path());
    REQUIRE(save(*s, 6));
    CHECK(steps_in(folder.path()) == 6);
    REQUIRE(save(*s, 0));
    CHECK(steps_in(folder.path()) == 0);
}

TEST_CASE("a session is not made over another, nor over a state without a recipe")
{
    temporary_folder const folder;
    make_session(folder.path());
    auto const again = [&] {
        auto const made =
            train::session<>::create(folder.path(), test::tiny_recipe(), test::noisy_photos(2, 8));
        return made ? "made" : made.error().message;
    };
    CHECK(again() == folder.path().string() + " holds a recipe.json already");
    std::filesystem::remove(folder / "recipe.json");
    CHECK(again() == folder.path().string() + " holds a state.safetensors already");
    std::filesystem::remove(folder / "state.safetensors");
    CHECK(again() == "made");
    CHECK(steps_in(folder.path()) == -1);
}

TEST_CASE("whichever step of making a session fails, there is none, and it can be made again")
{
    int step = 0;
    for (bool failed = true; failed; ++step) {
        CAPTURE(step);
        temporary_folder const folder;
        failing_files files;
        files.script.fails_at = step;
        auto const photos = test::noisy_photos(2, 8);
        auto const made = train::session<shared_files>::create(folder.path(), test::tiny_recipe(),
                                                               photos, shared_files{&files});
        failed = !made;
        auto const opened = train::session<>::open(folder.path());
        if (failed) {
            CHECK(made.error().message.starts_with("the test fails this "));
            if (!opened) {
                CHECK(opened.error().code == errc::not_found);
                REQUIRE(train::session<>::create(folder.path(), test::tiny_recipe(), photos));
            }
        }
        CHECK(steps_in(folder.path()) == -1); // a whole session
    }
    CHECK(step > 10); // two files of at least five steps each
}

TEST_CASE("whichever step of a save fails, the last good state is there, and the next save works")
{
    int step = 0;
    for (bool failed = true; failed; ++step) {
        CAPTURE(step);
        temporary_folder const folder;
        make_session(folder.path());
        failing_files files;
        files.script.fails_at = step;
        auto s = train::session<shared_files>::open(folder.path(), shared_files{&files});
        REQUIRE(s);
        failed = !save(*s, 6);
        auto const renamed = files.script.steps.back() == "sync_folder"; // new and whole
        CHECK(steps_in(folder.path()) == (failed && !renamed ? 4 : 6));
        files.script.fails_at = -1;
        REQUIRE(save(*s, 5));
        CHECK(steps_in(folder.path()) == 5);
    }
    CHECK(step > 6);
}

TEST_CASE("what a killed save left behind is swept away and does no harm")
{
    temporary_folder const folder;
    make_session(folder.path());
    auto const left = folder / "state.safetensors.tmp-1-0";
    write(left, read(folder / "state.safetensors").substr(0, 100));
    CHECK(steps_in(folder.path()) == 4);
    CHECK_FALSE(std::filesystem::exists(left));
}

TEST_CASE("a byte that was flipped anywhere in a state is told, in one line that names the file")
{
    temporary_folder const folder;
    make_session(folder.path());
    auto const file = folder / "state.safetensors";
    auto const whole = read(file);
    int unnoticed = 0;
    int unnamed = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) {
        auto damaged = whole;
        damaged[i] = static_cast<char>(damaged[i] ^ (1 << i % 8));
        write(file, damaged);
        auto const steps = steps_in(folder.path());
        unnoticed += steps ? 1 : 0;
        unnamed += steps || one_line_about(steps.error().to_string(), file) ? 0 : 1;
    }
    CHECK(unnoticed == 0);
    CHECK(unnamed == 0);
}

TEST_CASE("a state that was cut anywhere is told")
{
    temporary_folder const folder;
    make_session(folder.path());
    auto const file = folder / "state.safetensors";
    auto const whole = read(file);
    for (std::size_t length = 0; length < whole.size(); length += 13) {
        write(file, whole.substr(0, length));
        auto const steps = steps_in(folder.path());
        REQUIRE_FALSE(steps);
        CHECK(one_line_about(steps.error().to_string(), file));
    }
    write(file, whole + "more");
    CHECK_FALSE(steps_in(folder.path()));
}

TEST_CASE("a state of another training is told")
{
    temporary_folder const folder;
    make_session(folder.path());
    auto const file = folder / "state.safetensors";
    auto const s = train::session<>::open(folder.path());
    auto const restored = [&](std::vector<optim::state_part> const& parts) {
        auto const state = s->state();
        REQUIRE(state);
        auto const losses = s->restore(**state, parts);
        REQUIRE_FALSE(losses);
        return losses.error().to_string();
    };
    numbers other(1, 38);
    auto const before = other;
    CHECK(restored(other.parts()) ==
          file.string() + ": \"parameters\" has 37 elements, expected 38");
    CHECK(other.same(before)); // nothing was copied
    CHECK(restored({{"exp_avg_sq", other.moments}}) ==
          file.string() + ": safetensors: \"exp_avg_sq\" is missing");

    auto again = train::session<>::open(folder.path());
    REQUIRE(save(*again, 7)); // the recipe has 6 steps
    auto const state = s->state();
    REQUIRE_FALSE(state);
    CHECK(one_line_about(state.error().to_string(), file));
    CHECK(state.error().message.find("more steps than the recipe has") != std::string::npos);
}

TEST_CASE("losses that are not one a step are told")
{
    temporary_folder const folder;
    make_session(folder.path());
    auto s = train::session<>::open(folder.path());
    numbers n(3);
    REQUIRE(s->save(4, here, n.parts(), n.losses));
    auto const steps = steps_in(folder.path());
    REQUIRE_FALSE(steps);
    CHECK(steps.error().message ==
          (folder / "state.safetensors").string() + ": \"losses\" has 3 elements, expected 4");
}

TEST_CASE("a recipe that is missing, cut, damaged or of another kind names its file")
{
    temporary_folder const folder;
    auto const file = folder / "recipe.json";
    auto const message = [&] {
        auto const s = train::session<>::open(folder.path());
        return s ? "opened" : s.error().to_string();
    };
    CHECK(message() == file.string() + ": cannot open: no such file or folder");
    make_session(folder.path());
    auto const whole = read(file);
    std::vector<std::string> const texts{"",          whole.substr(0, whole.size() / 2),
                                         "[]",        "{}",
                                         "x" + whole, std::string(1000, '['),
                                         "\xff\xfe{}"};
    for (auto const& text : texts) {
        write(file, text);
        CHECK(one_line_about(message(), file));
    }
    write(file, std::string(1 << 21, ' '));
    CHECK(message() == file.string() + ": 2097152 bytes, at most 1048576 are read");
    std::filesystem::remove(file);
    std::filesystem::create_directory(file);
    CHECK(one_line_about(message(), file));
}

TEST_CASE("photographs that are missing, damaged or of another size name their file")
{
    temporary_folder const folder;
    make_session(folder.path());
    auto const file = folder / "photos.safetensors";
    auto const message = [&] {
        auto const s = train::session<>::open(folder.path());
        auto const photos = s ? s->photos() : tl::unexpected(s.error());
        return photos ? "read" : photos.error().to_string();
    };
    CHECK(message() == "read");
    auto const whole = read(file);
    auto damaged = whole;
    damaged.back() = static_cast<char>(damaged.back() ^ 1);
    write(file, damaged);
    CHECK(message() == file.string() + ": the bytes of \"photos\" are not those that were saved");
    write(file, whole.substr(0, whole.size() - 1));
    CHECK(one_line_about(message(), file));
    std::filesystem::remove(file);
    CHECK(message() == file.string() + ": cannot open: no such file or folder");
    write(file, read(folder / "state.safetensors"));
    CHECK(message() == file.string() + ": safetensors: \"photos\" is missing");
}

TEST_CASE("a recipe that was changed after the session was made is told, whatever it says")
{
    temporary_folder const folder;
    make_session(folder.path());
    auto const file = folder / "recipe.json";
    auto const whole = read(file);
    auto const message = [&](std::string const& was, std::string const& is) {
        auto changed = whole;
        changed.replace(changed.find(was), was.size(), is);
        write(file, changed);
        auto const s = train::session<>::open(folder.path());
        return s ? "opened" : s.error().to_string();
    };
    auto const other = file.string() + ": is not the recipe that " +
                       (folder / "photos.safetensors").string() + " was prepared for";
    CHECK(message("0.003", "0.004") == other);
    CHECK(message("\"steps\": 6", "\"steps\": 7") == other);
    CHECK(message("\n}", "\n }") == other);
    CHECK(message("\n}", ",\n  \"steps\": 9\n}")
              .starts_with(file.string() + ": JSON: key \"steps\" occurs twice"));
    CHECK(message("0.003", "0.003") == "opened");
}

TEST_CASE("a state of another session is told: its recipe or its photographs are others")
{
    temporary_folder const folder, other_seed, other_photos;
    make_session(folder.path());
    auto r = test::tiny_recipe();
    r.seed = 8;
    REQUIRE(train::session<>::create(other_seed.path(), r, test::noisy_photos(2, 8)));
    REQUIRE(train::session<>::create(other_photos.path(), test::tiny_recipe(),
                                     test::noisy_photos(3, 8)));
    auto const moved_to = [&](temporary_folder const& there) {
        auto const file = there / "state.safetensors";
        write(file, read(folder / "state.safetensors"));
        auto const steps = steps_in(there.path());
        REQUIRE_FALSE(steps);
        CHECK(one_line_about(steps.error().to_string(), file));
        return steps.error().message.substr(file.string().size() + 2);
    };
    CHECK(moved_to(other_seed) == "was not saved with this recipe.json");
    CHECK(moved_to(other_photos) == "was not saved with this photos.safetensors");
}

TEST_CASE("a session remembers where it ran, over processes")
{
    temporary_folder const folder;
    make_session(folder.path()); // 4 steps, here
    auto there = here;
    there.threads = 3;
    auto const save_in = [&](train::environment const& e, std::int64_t steps) {
        auto s = train::session<>::open(folder.path());
        numbers n(steps);
        REQUIRE(s->save(steps, e, n.parts(), n.losses));
        REQUIRE(s->save(steps, e, n.parts(), n.losses));
        return s->state().value()->history;
    };
    using stays = std::vector<train::stay>;
    CHECK(save_in(here, 5) == stays{{0, here}});
    CHECK(save_in(there, 6) == stays{{0, here}, {5, there}});
    CHECK(save_in(here, 6) == stays{{0, here}, {5, there}, {6, here}});
}

TEST_CASE("a folder that cannot be made is one line that names it")
{
    temporary_folder const folder;
    write(folder / "file", "not a folder");
    auto const place = folder / "file" / "session";
    auto const made = train::session<>::create(place, test::tiny_recipe(), {});
    REQUIRE_FALSE(made);
    CHECK(made.error().to_string() == place.string() + ": cannot create: Not a directory");
}

TEST_CASE("on a full disk the last good state remains, and one line says so")
{
    temporary_folder const folder;
    auto const told = haiga_test::on_small_disk(folder.path(), "64k", [&]() -> std::string {
        auto s =
            train::session<>::create(folder.path(), test::tiny_recipe(), test::noisy_photos(2, 8));
        if (!s || !save(*s, 4)) {
            return "not made";
        }
        numbers large(5, 20'000); // 160 kB
        auto const full = s->save(5, here, large.parts(), large.losses);
        auto const steps = steps_in(folder.path());
        return full ? "saved" : full.error().to_string() + (steps == 4 ? ", 4 remain" : ", lost");
    });
    if (haiga_test::may_skip(told)) {
        MESSAGE("not run: this user may not mount");
        return;
    }
    CHECK(told ==
          (folder / "state.safetensors").string() + ": cannot write: the disk is full, 4 remain");
}
