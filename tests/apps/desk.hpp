#pragma once

#include "tests/apps/program.hpp"
#include "tests/temporary_folder.hpp"

#include <algorithm>

namespace haiga_test {

/// A folder in which the shipped programs are run, one after the other.
class desk {
public:
    [[nodiscard]] auto operator/(std::string const& name) const -> std::filesystem::path
    {
        return folder_ / name;
    }

    /// Runs a program: its exit status; what it said is kept.
    auto run(std::vector<std::string> words) -> int
    {
        program started(std::move(words), folder_ / "log");
        auto const status = started.wait();
        said_ = started.output();
        return status;
    }
    /// haiga-train new of a training that takes an instant, with more words behind.
    auto make(std::string const& steps = "3", std::vector<std::string> const& more = {"--draw"},
              std::string const& size = "16") -> int
    {
        std::vector<std::string> words{HAIGA_TRAIN,
                                       "new",
                                       (folder_ / "session").string(),
                                       "--size",
                                       size,
                                       "--batch",
                                       "2",
                                       "--steps",
                                       steps,
                                       "--save-every",
                                       "2"};
        words.insert(words.end(), more.begin(), more.end());
        return run(std::move(words));
    }
    auto train(std::string const& threads = "2", std::vector<std::string> const& more = {}) -> int
    {
        std::vector<std::string> words{HAIGA_TRAIN,
                                       "run",
                                       (folder_ / "session").string(),
                                       "--threads",
                                       threads,
                                       "--output",
                                       (folder_ / "painting.safetensors").string()};
        words.insert(words.end(), more.begin(), more.end());
        return run(std::move(words));
    }
    auto status() -> int { return run({HAIGA_TRAIN, "status", (folder_ / "session").string()}); }
    auto paint(std::string const& model, std::string const& output) -> int
    {
        return run({HAIGA_PAINT, "--model", (folder_ / model).string(), "--count", "3", "--steps",
                    "3", "--threads", "2", "--output", (folder_ / output).string()});
    }

    [[nodiscard]] auto said() const -> std::string const& { return said_; }
    [[nodiscard]] auto said(std::string const& what) const -> bool
    {
        return said_.find(what) != std::string::npos;
    }
    /// Whether the last line, and no other, is a failure, and has this in it.
    [[nodiscard]] auto complained_of(std::string const& what) const -> bool
    {
        auto const before =
            said_.size() < 2 ? std::string::npos : said_.rfind('\n', said_.size() - 2);
        auto const at = before == std::string::npos ? 0 : before + 1;
        auto const line = said_.substr(at);
        return line.starts_with("haiga-") && line.ends_with('\n') &&
               line.find(what) != std::string::npos &&
               ("\n" + said_.substr(0, at)).find("\nhaiga-") == std::string::npos;
    }

    /// The files of a folder that a writer has left behind, or not yet renamed.
    [[nodiscard]] static auto unfinished_in(std::filesystem::path const& folder) -> int
    {
        return static_cast<int>(std::ranges::count_if(
            std::filesystem::directory_iterator(folder), [](auto const& file) {
                return file.path().filename().string().find(".tmp-") != std::string::npos;
            }));
    }

private:
    temporary_folder folder_;
    std::string said_;
};

inline void write(std::filesystem::path const& file, std::string const& bytes)
{
    std::ofstream(file, std::ios::binary) << bytes;
}

} // namespace haiga_test
