// One training step (forward, loss, backward, AdamW) here and in PyTorch, in turns.
//
// HAIGA_BENCH_EAGER=1 leaves out torch.compile, HAIGA_BENCH_ONLY=TEXT all cases but some: "demo",
// "quarter", ", bf16".
// bench_train_step memory NAME DTYPE: peak memory of our step, in a process of its own.

#include "tests/bench/support/only.hpp"
#include "tests/bench/support/peer.hpp"
#include "tests/bench/support/report.hpp"
#include "tests/bench/support/resident.hpp"
#include "tests/bench/support/stopwatch.hpp"
#include "tests/bench/train_step/profile.hpp"
#include "tests/bench/train_step/training.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>

namespace haiga::bench {
namespace {

constexpr auto python = "build/peers/bin/python";
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

/// About a second a turn; the first steps choose primitives and touch memory.
auto steps_a_turn(training& t, step_program const& program) -> int
{
    t.step(program);
    return std::clamp(static_cast<int>(1000 / timed(t, program, 2)), 1, 20);
}

// ---------------------------------------------------------------- PyTorch

struct rival {
    bench::peer process;
    std::string mode;
    std::vector<std::string> ran; ///< every mode that runs here, the fastest among them
};

/// Lets the peer try its modes. Errors: none of them runs, or there is no PyTorch.
auto start_rival(report& out, work const& w, parallelism team) -> result<rival>
{
    HAIGA_TRY(auto process, peer::start({python, script, to_json(w, team, compiled_peers())}));
    HAIGA_TRY(auto const versions, process.hear());
    out.note(concat(label(w), " against ", versions,
                    compiled_peers() ? "" : "; torch.compile left out (HAIGA_BENCH_EAGER)"));
    std::vector<std::string> ran;
    while (true) {
        HAIGA_TRY(auto const line, process.hear());
        if (line.starts_with("best ")) {
            return rival{std::move(process), concat("PyTorch ", line.substr(5)), std::move(ran)};
        }
        if (line.starts_with("ran ")) {
            ran.push_back(line.substr(4));
            continue;
        }
        out.note("  " + line);
    }
}

/// The peer's modes that run here; none without a peer.
auto race(report& out, work const& w, training& t, step_program const& ours, parallelism team)
    -> result<std::vector<std::string>>
{
    auto const count = steps_a_turn(t, ours);
    row measured{.name = label(w) + ": step", .unit = "ms"};
    auto other = start_rival(out, w, team);
    if (!other) {
        out.note(concat("no peer (./dev peers installs it): ", other.error().to_string()));
    }
    std::vector<double> us;
    std::vector<double> them;
    for (int i = 0; i < rounds; ++i) {
        us.push_back(timed(t, ours, count));
        if (other) {
            auto const turn =
                std::clamp(them.empty() ? 1 : static_cast<int>(1000 / them[0]), 1, 20);
            HAIGA_TRY(auto const answer, other->process.ask(std::to_string(turn)));
            them.push_back(std::atof(answer.c_str()));
        }
    }
    if (!std::isfinite(t.loss(ours))) {
        return fail(errc::invalid, label(w), ": the loss is not finite");
    }
    measured.ours = median(us);
    if (other) {
        measured.peer = median(them);
        measured.peer_name = other->mode;
    }
    out.add(measured);
    return other ? other->ran : std::vector<std::string>{};
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

auto answer_of(std::vector<std::string> command) -> result<double>
{
    HAIGA_TRY(auto process, peer::start(std::move(command)));
    HAIGA_TRY(auto const answer, process.hear());
    return std::atof(answer.c_str());
}

/// The peer in the mode that takes least.
auto compare_memory(report& out, work const& w, std::vector<std::string> const& modes,
                    parallelism team) -> result<>
{
    HAIGA_TRY(auto const ours,
              answer_of({"/proc/self/exe", "memory", w.name, std::string(to_string(w.storage))}));
    row measured{.name = label(w) + ": memory", .ours = ours, .unit = "MiB"};
    for (auto const& mode : modes) {
        auto const found = answer_of({python, script, to_json(w, team, false), mode});
        if (!found) {
            out.note(concat("  memory of ", mode, ": ", found.error().to_string()));
            continue;
        }
        out.note(concat("  memory of ", mode, ": ", *found, " MiB"));
        if (!measured.peer || *found < *measured.peer) {
            measured.peer = *found;
            measured.peer_name = "PyTorch " + mode;
        }
    }
    out.add(measured);
    return {};
}

// ---------------------------------------------------------------- backends

/// The same step on every backend, in turns.
void compare_backends(report& out, work const& w, training& t,
                      std::vector<step_program> const& programs)
{
    std::vector<std::vector<double>> each(programs.size());
    auto const count = std::max(1, steps_a_turn(t, programs[0]) / 2);
    for (auto const& p : programs) {
        t.step(p);
    }
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
    HAIGA_TRY(auto const modes, race(out, w, t, native, team));
    HAIGA_TRY_VOID(compare_memory(out, w, modes, team));
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
    tell_profile(
        out, w,
        break_down(operations_of(t.graph()), profile(native), profile_optimizer(t), onednn));
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
