#pragma once

#include "tests/bench/support/peer.hpp"
#include "tests/bench/support/report.hpp"
#include "tests/bench/support/stopwatch.hpp"

#include "haiga/base/parallel.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <optional>

namespace haiga::bench {

/// The same work here and in PyTorch, in turns. The script tries every mode of its own, names those
/// that run, and keeps the fastest: see support/torch_peer.py.
class contest {
public:
    /// work: what the script is told, but for the threads; empty for work that it does not do.
    contest(report& out, std::string script, std::string label, boost::json::object work,
            parallelism team)
        : out_(out), script_(std::move(script)), label_(std::move(label)), work_(std::move(work))
    {
        if (!work_.empty()) {
            work_["threads"] = team.threads;
        }
    }

    /// run(n) does our work n times. The row is called `name` behind the label.
    /// Errors: a peer that ends within a turn. One that is not there at all is noted.
    auto race(std::string const& name, std::function<void(int)> const& run) -> result<>
    {
        run(1); // chooses primitives and touches memory
        auto const first = timed(run, 1);
        auto const turn = std::clamp(static_cast<int>(1000 / first), 1, 20);
        auto const rounds = std::clamp(static_cast<int>(30000 / first), 3, 7);
        auto other = start();
        std::vector<double> us;
        std::vector<double> them;
        for (int i = 0; i < rounds; ++i) {
            us.push_back(timed(run, turn));
            if (other) {
                auto const theirs =
                    std::clamp(them.empty() ? 1 : static_cast<int>(1000 / them[0]), 1, 20);
                HAIGA_TRY(auto const answer, other->process.ask(std::to_string(theirs)));
                them.push_back(std::atof(answer.c_str()));
            }
        }
        row measured{.name = concat(label_, name), .ours = median(us), .unit = "ms"};
        if (other) {
            measured.peer = median(them);
            measured.peer_name = "PyTorch " + other->mode;
        }
        out_.add(measured);
        return {};
    }

    /// Peak memory above the weights, each in a process of its own: `own` is the command by which
    /// this program tells its MiB; the peer in that mode of the race which takes least.
    auto compare_memory(std::vector<std::string> own) -> result<>
    {
        own.insert(own.begin(), "/proc/self/exe");
        HAIGA_TRY(auto const ours, answer_of(std::move(own)));
        row measured{.name = label_ + ": memory", .ours = ours, .unit = "MiB"};
        for (auto const& mode : ran_) {
            auto const found = answer_of({python, script_, told(false), mode});
            out_.note(concat("  memory of ", mode, ": ",
                             found ? concat(*found, " MiB") : found.error().to_string()));
            if (found && (!measured.peer || *found < *measured.peer)) {
                measured.peer = *found;
                measured.peer_name = "PyTorch " + mode;
            }
        }
        out_.add(measured);
        return {};
    }

private:
    static constexpr auto python = "build/peers/bin/python";

    struct rival {
        bench::peer process;
        std::string mode;
    };

    /// Milliseconds of one.
    static auto timed(std::function<void(int)> const& run, int count) -> double
    {
        stopwatch const watch;
        run(count);
        auto const each = watch.elapsed() / count;
        let_threads_sleep();
        return each;
    }

    static auto answer_of(std::vector<std::string> command) -> result<double>
    {
        HAIGA_TRY(auto process, peer::start(std::move(command)));
        HAIGA_TRY(auto const answer, process.hear());
        return std::atof(answer.c_str());
    }

    [[nodiscard]] auto told(bool compile) const -> std::string
    {
        auto work = work_;
        work["compile"] = compile;
        return boost::json::serialize(work);
    }

    auto start() -> std::optional<rival>
    {
        if (work_.empty()) {
            return {};
        }
        auto made = try_modes();
        if (!made) {
            out_.note(concat("no peer (./dev peers installs it): ", made.error().to_string()));
            return {};
        }
        return std::move(*made);
    }

    /// Lets the peer try its modes. Errors: none of them runs, or there is no PyTorch.
    auto try_modes() -> result<rival>
    {
        HAIGA_TRY(auto process, peer::start({python, script_, told(compiled_peers())}));
        HAIGA_TRY(auto const versions, process.hear());
        out_.note(concat(label_, " against ", versions,
                         compiled_peers() ? "" : "; torch.compile left out (HAIGA_BENCH_EAGER)"));
        while (true) {
            HAIGA_TRY(auto const line, process.hear());
            if (line.starts_with("best ")) {
                return rival{std::move(process), line.substr(5)};
            }
            if (line.starts_with("ran ")) {
                ran_.push_back(line.substr(4));
                continue;
            }
            out_.note("  " + line);
        }
    }

    report& out_;
    std::string script_, label_;
    boost::json::object work_;
    std::vector<std::string> ran_; ///< the peer's modes
};

} // namespace haiga::bench
