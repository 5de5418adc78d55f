#include "tests/apps/desk.hpp"
#include "tests/small_disk.hpp"

#include <doctest/doctest.h>

// Disks that are full and disks that may only be read: one line, nothing half written, nothing that
// was saved before lost.

using haiga_test::content_of;
using haiga_test::desk;
using haiga_test::on_small_disk;
using path = std::filesystem::path;

namespace {

/// What is wrong after a run that had to fail with a line about a file; empty if nothing is.
auto judge(desk const& d, int status, std::string const& line, path const& disk) -> std::string
{
    if (status != 1) {
        return "it ended with " + std::to_string(status) + ": " + d.said();
    }
    if (!d.complained_of(line)) {
        return "it said " + d.said();
    }
    return desk::unfinished_in(disk) == 0 ? "" : "it left unfinished files";
}

/// Runs body on a small disk at `folder`; it gives what went wrong.
template <class Body>
void check_on_disk(path const& folder, std::string const& size, Body const& body)
{
    std::filesystem::create_directories(folder);
    auto const told = on_small_disk(folder, size, [&]() -> std::string { return body(); });
    if (haiga_test::may_skip(told)) {
        MESSAGE("not run: this user may not mount");
        return;
    }
    CHECK(told == "");
}

/// Leaves no byte free.
void fill(path const& folder)
{
    std::ofstream filler(folder / "filler", std::ios::binary);
    std::string const page(4096, 'x');
    while (filler.write(page.data(), 4096).flush()) {
    }
}

auto make_read_only(path const& folder) -> bool
{
    return ::mount(nullptr, folder.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0;
}

constexpr char const* full = ": cannot write: the disk is full";
constexpr char const* read_only = ": cannot create: Read-only file system";

} // namespace

TEST_CASE("new on a full disk makes no session")
{
    desk d;
    check_on_disk(d / "session", "8k", [&] { // a page for the folder's photographs, too few
        return judge(d, d.make("3", {"--draw"}, "64"),
                     (d / "session" / "photos.safetensors").string() + full, d / "session");
    });
    check_on_disk(d / "sheets", "4k", [&] {
        auto const sheet = d / "sheets" / "sheet.png";
        auto const status = d.make("3", {"--draw", "--sheet", sheet.string()}, "64");
        auto const wrong = judge(d, status, sheet.string() + full, d / "sheets");
        return std::filesystem::exists(sheet) ? "half a sheet" : wrong;
    });
}

TEST_CASE("a save on a full disk keeps the one before")
{
    desk d;
    REQUIRE(d.make("6") == 0);
    std::filesystem::rename(d / "session", d / "kept");
    auto const copy = [&] {
        std::filesystem::copy(d / "kept", d / "session",
                              std::filesystem::copy_options::recursive |
                                  std::filesystem::copy_options::overwrite_existing);
    };
    copy();
    REQUIRE(d.train() == 0);
    auto const state = std::filesystem::file_size(d / "session" / "state.safetensors");
    std::filesystem::remove_all(d / "session");
    std::filesystem::remove(d / "painting.safetensors");
    for (bool const one_fits : {false, true}) {
        auto const size = std::to_string(one_fits ? state * 3 / 2 : state / 2);
        check_on_disk(d / "session", size, [&]() -> std::string {
            copy();
            auto const file = d / "session" / "state.safetensors";
            auto const wrong = judge(d, d.train(), file.string() + full, d / "session");
            if (!wrong.empty() || d.status() != 0) {
                return wrong + d.said();
            }
            if (std::filesystem::exists(d / "painting.safetensors")) {
                return "there is a painting";
            }
            return d.said(one_fits ? "2 of 6 steps" : "0 of 6 steps") ? "" : d.said();
        });
    }
}

TEST_CASE("a painting and a picture on a full disk keep the earlier ones, and the session")
{
    desk d;
    REQUIRE(d.make() == 0);
    REQUIRE(d.train() == 0);
    check_on_disk(d / "out", "64k", [&]() -> std::string {
        for (auto const* const name : {"painting.safetensors", "a.png"}) {
            haiga_test::write(d / "out" / name, "earlier");
        }
        fill(d / "out");
        auto const model = d / "out" / "painting.safetensors";
        auto const picture = d / "out" / "a.png";
        auto const status = d.run({HAIGA_TRAIN, "run", (d / "session").string(), "--threads", "2",
                                   "--output", model.string()});
        auto wrong = judge(d, status, model.string() + full, d / "out");
        wrong += judge(d, d.paint("painting.safetensors", "out/a.png"), picture.string() + full,
                       d / "out");
        bool const kept = content_of(model) == "earlier" && content_of(picture) == "earlier";
        return d.status() == 0 && kept ? wrong : wrong + " something is lost";
    });
}

TEST_CASE("a disk that may only be read is told")
{
    desk d;
    REQUIRE(d.make() == 0);
    REQUIRE(d.train() == 0);
    check_on_disk(d / "out", "64k", [&]() -> std::string {
        if (!make_read_only(d / "out")) {
            return haiga_test::not_mounted;
        }
        auto const session = d / "out" / "session";
        auto const model = d / "out" / "painting.safetensors";
        auto const picture = d / "out" / "a.png";
        return judge(d, d.run({HAIGA_TRAIN, "new", session.string(), "--draw"}),
                     session.string() + read_only, d / "out") +
               judge(d,
                     d.run({HAIGA_TRAIN, "run", (d / "session").string(), "--threads", "2",
                            "--output", model.string()}),
                     model.string() + read_only, d / "out") +
               judge(d, d.paint("painting.safetensors", "out/a.png"), picture.string() + read_only,
                     d / "out");
    });
}
