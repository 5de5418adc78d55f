#pragma once

#include "haiga/base/result.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace haiga::bench {

/// A program beside this one that is told lines and answers in lines that begin with "= "; whatever
/// else it prints is passed over. It ends when its input does.
class peer {
public:
    /// Errors: not_found if there is no such program.
    static auto start(std::vector<std::string> command) -> result<peer>
    {
        std::array<int, 2> to{};
        std::array<int, 2> from{};
        if (::pipe2(to.data(), O_CLOEXEC) != 0 || ::pipe2(from.data(), O_CLOEXEC) != 0) {
            return fail(errc::io, "pipe: no descriptors left");
        }
        peer made;
        made.in_.reset(::fdopen(to[1], "w"));
        made.out_.reset(::fdopen(from[0], "r"));
        auto const error = spawn(command, to[0], from[1], made.process_);
        ::close(to[0]);
        ::close(from[1]);
        if (error != 0) {
            return fail(errc::not_found, command[0], ": cannot be started");
        }
        return made;
    }

    peer(peer&& other) noexcept
        : in_(std::move(other.in_)), out_(std::move(other.out_)),
          process_(std::exchange(other.process_, 0))
    {
    }
    auto operator=(peer&&) -> peer& = delete;
    ~peer()
    {
        in_.reset();
        if (process_ > 0) {
            ::waitpid(process_, nullptr, 0);
        }
    }

    /// Says a line and gives the answer.
    auto ask(std::string const& line) -> result<std::string>
    {
        std::signal(SIGPIPE, SIG_IGN); // a peer that died is noticed below
        std::fprintf(in_.get(), "%s\n", line.c_str());
        std::fflush(in_.get());
        return hear();
    }

    /// Errors: truncated if the program has ended.
    auto hear() -> result<std::string>
    {
        std::string line;
        for (int c = std::fgetc(out_.get()); c != EOF; c = std::fgetc(out_.get())) {
            if (c != '\n') {
                line += static_cast<char>(c);
            } else if (line.starts_with("= ")) {
                return line.substr(2);
            } else {
                line.clear();
            }
        }
        return fail(errc::truncated, "the peer has ended without an answer");
    }

private:
    struct close_file {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    using file = std::unique_ptr<std::FILE, close_file>;

    peer() = default;

    static auto spawn(std::vector<std::string>& command, int in, int out, pid_t& process) -> int
    {
        std::vector<char*> words;
        for (auto& word : command) {
            words.push_back(word.data());
        }
        words.push_back(nullptr);
        posix_spawn_file_actions_t actions{};
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, in, 0);
        posix_spawn_file_actions_adddup2(&actions, out, 1);
        auto const error =
            ::posix_spawnp(&process, words[0], &actions, nullptr, words.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        return error;
    }

    file in_;
    file out_;
    pid_t process_ = 0;
};

} // namespace haiga::bench
