#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace haiga_test {

inline auto content_of(std::filesystem::path const& file) -> std::string
{
    std::ifstream in(file, std::ios::binary);
    std::ostringstream all;
    all << in.rdbuf(); // many bytes at a time, unlike iterators
    return std::move(all).str();
}

/// A program that runs beside the test, its output in a file. Ends with this object at the latest.
class program {
public:
    program(std::vector<std::string> words, std::filesystem::path log) : log_(std::move(log))
    {
        std::vector<char*> arguments;
        for (auto& word : words) {
            arguments.push_back(word.data());
        }
        arguments.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_addopen(&actions, 1, log_.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                           0666);
        ::posix_spawn_file_actions_adddup2(&actions, 1, 2);
        auto const error =
            ::posix_spawn(&id_, arguments[0], &actions, nullptr, arguments.data(), environ);
        ::posix_spawn_file_actions_destroy(&actions);
        if (error != 0) {
            throw std::runtime_error("cannot run " + words[0]);
        }
    }
    program(program const&) = delete;
    auto operator=(program const&) -> program& = delete;
    ~program() { kill(); }

    /// SIGKILL, unless it has ended; tells whether that was what ended it.
    auto kill() -> bool
    {
        if (!status_) {
            ::kill(id_, SIGKILL);
        }
        wait();
        return WIFSIGNALED(*status_) && WTERMSIG(*status_) == SIGKILL;
    }

    auto running() -> bool
    {
        int status = 0;
        if (!status_ && ::waitpid(id_, &status, WNOHANG) == id_) {
            status_ = status;
        }
        return !status_;
    }

    /// Its exit status; -1 where a signal ended it.
    auto wait() -> int
    {
        int status = 0;
        if (!status_ && ::waitpid(id_, &status, 0) == id_) {
            status_ = status;
        }
        return WIFEXITED(*status_) ? WEXITSTATUS(*status_) : -1;
    }

    [[nodiscard]] auto output() const -> std::string { return content_of(log_); }

private:
    std::filesystem::path log_;
    pid_t id_ = 0;
    std::optional<int> status_;
};

} // namespace haiga_test
