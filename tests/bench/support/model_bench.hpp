#pragma once

#include "tests/bench/support/contest.hpp"
#include "tests/bench/support/profile.hpp"
#include "tests/bench/support/traced_case.hpp"

#include <cstdio>
#include <iostream>
#include <span>

namespace haiga::bench {

/// A bench of models beside a peer's: speed in turns, memory in processes of their own, and what
/// our time goes into.
///
/// NAME memory LABEL: the peak memory of one case, for the process that asks.
/// HAIGA_BENCH_PROFILE=1: that last part alone.
class model_bench {
public:
    model_bench(std::string name, std::string script) : name_(std::move(name)), script_(script) {}

    auto main(std::span<traced_case const> cases, std::span<char* const> words) -> int
    {
        auto const done = words.size() == 3 && std::string(words[1]) == "memory"
                              ? tell_memory(cases, words[2])
                              : measure_all(cases);
        if (!done) {
            std::cerr << done.error().to_string() << '\n';
        }
        return done ? 0 : 1;
    }

private:
    auto tell_memory(std::span<traced_case const> cases, std::string const& which) -> result<>
    {
        for (auto const& c : cases) {
            if (label(c) == which) {
                HAIGA_TRY(auto const run, traced_run::make(c, team_));
                std::printf("= %f\n", run->peak_memory());
                return {};
            }
        }
        return fail(errc::not_found, "no case is called ", which);
    }

    auto measure_all(std::span<traced_case const> cases) -> result<>
    {
        report out(name_);
        out.note(concat(team_.threads, " threads; medians of 3 to 7 turns; a ratio above 1: we are "
                                       "ahead"));
        for (auto const& c : cases) {
            if (wanted(label(c))) {
                HAIGA_TRY_VOID(measure(out, c));
            }
        }
        return out.finish();
    }

    auto measure(report& out, traced_case const& c) -> result<>
    {
        contest against(out, script_, label(c), to_json(c), team_);
        {
            HAIGA_TRY(auto const ours, traced_run::make(c, team_));
            auto const& program = ours->program();
            if (std::getenv("HAIGA_BENCH_PROFILE") == nullptr) {
                HAIGA_TRY_VOID(against.race("", [&](int count) {
                    for (int i = 0; i < count; ++i) {
                        program.run();
                    }
                }));
                HAIGA_TRY_VOID(ours->check_output());
            }
            tell_profile(out, label(c),
                         break_down(operations_of(ours->graph()), profile(program, 3)));
        }
        return std::getenv("HAIGA_BENCH_PROFILE") == nullptr
                   ? against.compare_memory({"memory", label(c)})
                   : result<>();
    }

    std::string name_, script_;
    parallelism team_ = parallelism::all_cores();
};

} // namespace haiga::bench
