#include "haiga/io/aside.hpp"
#include "tests/apps/program.hpp"
#include "tests/apps/random_share.hpp"
#include "tests/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <thread>

// The shipped haiga-train, killed at random instants and started again, ends with the bytes of a
// training that nobody stopped.

namespace {

using namespace haiga_test;
using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using path = std::filesystem::path;

/// A small session, made once and copied for every training.
class training {
public:
    explicit training(std::string const& save_every)
    {
        program make({HAIGA_TRAIN, "new", (folder_ / "new").string(), "--draw", "--size", "16",
                      "--steps", "24", "--batch", "2", "--seed", "5", "--save-every", save_every},
                     folder_ / "log");
        REQUIRE_MESSAGE(make.wait() == 0, make.output());
        std::filesystem::copy(folder_ / "new", folder_ / "whole");
        auto const start = clock::now();
        program whole(command("whole"), folder_ / "log");
        REQUIRE_MESSAGE(whole.wait() == 0, whole.output());
        duration_ = clock::now() - start;
        wanted_ = content_of(folder_ / "whole.safetensors");
        REQUIRE(wanted_.size() > 100'000);
        start_again();
    }

    void start_again() const
    {
        std::filesystem::remove_all(session());
        std::filesystem::remove(folder_ / "stopped.safetensors");
        std::filesystem::copy(folder_ / "new", session());
    }

    [[nodiscard]] auto session() const -> path { return folder_ / "stopped"; }
    [[nodiscard]] auto duration() const -> clock::duration { return duration_; }
    [[nodiscard]] auto run() const -> program
    {
        return program(command("stopped"), folder_ / "log");
    }

    /// After a kill: the session can be told about, and the model is whole or not there.
    void check_whole() const
    {
        program status({HAIGA_TRAIN, "status", session().string()}, folder_ / "status");
        CHECK_MESSAGE(status.wait() == 0, status.output());
        auto const made = content_of(folder_ / "stopped.safetensors");
        CHECK((made.empty() || made == wanted_));
    }
    void check_end(program& last) const
    {
        CHECK_MESSAGE(last.wait() == 0, last.output());
        CHECK((content_of(folder_ / "stopped.safetensors") == wanted_)); // too long to be told
    }

private:
    [[nodiscard]] auto command(std::string const& name) const -> std::vector<std::string>
    {
        return {HAIGA_TRAIN,
                "run",
                (folder_ / name).string(),
                "--threads",
                "2",
                "--output",
                (folder_ / (name + ".safetensors")).string()};
    }

    temporary_folder folder_;
    clock::duration duration_{};
    std::string wanted_;
};

auto is_saving(path const& session) -> bool
{
    std::error_code error;
    for (std::filesystem::directory_iterator entry(session, error), end; !error && entry != end;
         entry.increment(error)) {
        if (haiga::io::is_aside(entry->path())) {
            return true;
        }
    }
    return false;
}

/// Waits until a save begins; false if the program ends before.
auto wait_for_save(program& running, path const& session) -> bool
{
    while (running.running()) {
        if (is_saving(session)) {
            return true;
        }
        std::this_thread::sleep_for(100us);
    }
    return false;
}

} // namespace

TEST_CASE("killed at any instant, a training ends with the same bytes")
{
    training t("5");
    for (int kills = 0; kills < 12;) {
        auto running = t.run();
        std::this_thread::sleep_for(t.duration() * random_share());
        if (running.kill()) {
            ++kills;
            t.check_whole();
        } else {
            t.check_end(running);
            t.start_again();
        }
    }
    auto last = t.run();
    t.check_end(last);
}

TEST_CASE("killed inside a save, a training ends with the same bytes")
{
    training t("1");
    for (int kills = 0; kills < 12;) {
        auto running = t.run();
        bool saving = wait_for_save(running, t.session());
        for (auto saves = static_cast<int>(4 * random_share()); saving && saves > 0; --saves) {
            while (running.running() && is_saving(t.session())) {
                std::this_thread::sleep_for(100us);
            }
            saving = wait_for_save(running, t.session());
        }
        std::this_thread::sleep_for(10ms * random_share());
        if (running.kill()) {
            kills += is_saving(t.session()) ? 1 : 0; // what it wrote is left
            t.check_whole();
        } else {
            t.check_end(running);
            t.start_again();
        }
    }
    auto last = t.run();
    t.check_end(last);
}
