// One training step (forward, loss, backward, AdamW) here and in PyTorch, in turns.
//
// HAIGA_BENCH_EAGER=1 leaves out torch.compile, HAIGA_BENCH_ONLY=TEXT all cases but some: "demo",
// "quarter", ", bf16".
// bench_train_step memory NAME DTYPE: peak memory of our step, in a process of its own.

#include "tests/bench/support/contest.hpp"
#include "tests/bench/support/profile.hpp"
#include "tests/bench/support/resident.hpp"
#include "tests/bench/train_step/training.hpp"

#include <algorithm>
#include <cmath>
#include <iostream>

namespace haiga::bench {
namespace {

constexpr auto script = "tests/bench/train_step.py";
constexpr int rounds = 7;

/// Milliseconds a step.
auto timed(training& t, step_program const& program, int count) -> double
{
    stopwatch const watch;
    for (int i = 0; i < count; ++i) {
        t.step(program);
    }
    auto const each = watch.elapsed() / count;
    let_threads_sleep();
    return each;
}

// ---------------------------------------------------------------- memory

/// What a step holds besides parameters, gradients and moments, which are touched before.
auto own_peak(work const& w, parallelism team) -> result<double>
{
    training t(w, team);
    reset_peak();
    auto const before = resident();
    HAIGA_TRY(auto const program, t.add(on_native));
    for (int i = 0; i < 3; ++i) {
        t.step(program);
    }
    return peak_resident() - before;
}

// ---------------------------------------------------------------- backends

/// The same step on every backend, in turns.
void compare_backends(report& out, work const& w, training& t,
                      std::vector<step_program> const& programs)
{
    std::vector<std::vector<double>> each(programs.size());
    for (auto const& p : programs) {
        t.step(p);
    }
    auto const count = std::clamp(static_cast<int>(500 / timed(t, programs[0], 1)), 1, 10);
    for (int i = 0; i < rounds; ++i) {
        for (std::size_t j = 0; j < programs.size(); ++j) {
            each[j].push_back(timed(t, programs[j], count));
        }
    }
    for (std::size_t j = 0; j + 1 < programs.size(); ++j) {
        out.add({.name = concat(label(w), ": ", programs[j].backend),
                 .ours = median(each[j]),
                 .peer = median(each.back()),
                 .peer_name = std::string(programs.back().backend),
                 .unit = "ms"});
    }
}

// ----------------------------------------------------------------

auto profile_with_onednn(work w, parallelism team) -> std::vector<double>
{
    w.storage = dtype::f32;
    training t(w, team);
    auto const program = t.add(on_onednn);
    return program ? profile(*program) : std::vector<double>{};
}

/// onednn: its profile in f32, which the bf16 step is held against too; made when first wanted.
auto measure(report& out, work const& w, parallelism team, std::vector<double>& onednn) -> result<>
{
    training t(w, team);
    HAIGA_TRY(auto const native, t.add(on_native));
    contest against(out, script, label(w), to_json(w), team);
    HAIGA_TRY_VOID(against.race(": step", [&](int count) {
        for (int i = 0; i < count; ++i) {
            t.step(native);
        }
    }));
    if (!std::isfinite(t.loss(native))) {
        return fail(errc::invalid, label(w), ": the loss is not finite");
    }
    HAIGA_TRY_VOID(against.compare_memory({"memory", w.name, std::string(to_string(w.storage))}));
    if (w.storage == dtype::f32) {
        HAIGA_TRY(auto const eigen, t.add(on_eigen));
        std::vector<step_program> programs{native, eigen};
        if (auto made = t.add(on_onednn)) {
            programs.push_back(*made);
        }
        compare_backends(out, w, t, programs);
    }
    if (onednn.empty()) {
        onednn = profile_with_onednn(w, team);
    }
    auto spent = break_down(operations_of(t.graph()), profile(native), onednn);
    spent.ms += spent.by_name["AdamW"].ms = profile_optimizer(t);
    tell_profile(out, label(w), spent);
    return {};
}

auto measure_all(parallelism team) -> result<>
{
    report out("train-step");
    out.note(concat(team.threads, " threads; medians of ", rounds,
                    " turns; a ratio above 1: we are "
                    "ahead"));
    for (auto w : {painter_work(), quarter_work(false), quarter_work(true)}) {
        std::vector<double> onednn;
        for (auto const storage : {dtype::f32, dtype::bf16}) {
            w.storage = storage;
            if (wanted(label(w))) {
                HAIGA_TRY_VOID(measure(out, w, team, onednn));
            }
        }
    }
    return out.finish();
}

auto tell_own_peak(std::string const& name, std::string const& type, parallelism team) -> result<>
{
    for (auto w : {painter_work(), quarter_work(false), quarter_work(true)}) {
        if (w.name == name) {
            w.storage = type == to_string(dtype::bf16) ? dtype::bf16 : dtype::f32;
            HAIGA_TRY(auto const mib, own_peak(w, team));
            std::printf("= %f\n", mib);
            return {};
        }
    }
    return fail(errc::not_found, "no work is called ", name);
}

} // namespace
} // namespace haiga::bench

auto main(int argc, char** argv) -> int
{
    auto const team = haiga::parallelism::all_cores();
    auto const done = argc == 4 && std::string(argv[1]) == "memory"
                          ? haiga::bench::tell_own_peak(argv[2], argv[3], team)
                          : haiga::bench::measure_all(team);
    if (!done) {
        std::cerr << done.error().to_string() << '\n';
        return 1;
    }
    return 0;
}
