// One training step (forward, loss, backward, AdamW) here and in PyTorch, in turns.
//
// HAIGA_BENCH_EAGER=1 leaves out torch.compile, which takes minutes.
// bench_train_step memory NAME DTYPE: peak memory of our step, in a process of its own.

#include "tests/bench/support/peer.hpp"
#include "tests/bench/support/report.hpp"
#include "tests/bench/support/resident.hpp"
#include "tests/bench/support/stopwatch.hpp"
#include "tests/bench/train_step/operations.hpp"
#include "tests/bench/train_step/training.hpp"

#include <cmath>
#include <cstdlib>
#include <iostream>
#include <map>

namespace haiga::bench {
namespace {

constexpr auto python = "build/peers/bin/python";
constexpr auto script = "tests/bench/train_step.py";
constexpr int rounds = 7;

auto label(work const& w) -> std::string
{
    return concat(w.name, w.storage == dtype::bf16 ? ", bf16" : ", f32");
}

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
};

/// Lets the peer try its modes. Errors: none of them runs, or there is no PyTorch.
auto start_rival(report& out, work const& w, parallelism team) -> result<rival>
{
    bool const compile = std::getenv("HAIGA_BENCH_EAGER") == nullptr;
    HAIGA_TRY(auto process, peer::start({python, script, to_json(w, team, compile)}));
    HAIGA_TRY(auto const versions, process.hear());
    out.note(concat(label(w), " against ", versions,
                    compile ? "" : "; torch.compile left out (HAIGA_BENCH_EAGER)"));
    while (true) {
        HAIGA_TRY(auto const line, process.hear());
        if (line.starts_with("best ")) {
            return rival{std::move(process), concat("PyTorch ", line.substr(5))};
        }
        out.note("  " + line);
    }
}

auto race(report& out, work const& w, training& t, step_program const& ours, parallelism team)
    -> result<>
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
    return {};
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

auto compare_memory(report& out, work const& w, parallelism team) -> result<>
{
    HAIGA_TRY(auto const ours,
              answer_of({"/proc/self/exe", "memory", w.name, std::string(to_string(w.storage))}));
    row measured{.name = label(w) + ": memory", .ours = ours, .unit = "MiB"};
    std::vector<std::string> precisions{"f32"};
    if (w.storage == dtype::bf16) {
        precisions = {"autocast", "pure"};
    }
    for (auto const& precision : precisions) {
        for (auto const* const layout : {"contiguous", "channels_last"}) {
            auto const mode = concat(precision, " eager ", layout);
            auto const found = answer_of({python, script, to_json(w, team, false), mode});
            if (found && (!measured.peer || *found < *measured.peer)) {
                measured.peer = *found;
                measured.peer_name = "PyTorch " + mode;
            }
        }
    }
    out.add(measured);
    return {};
}

// ---------------------------------------------------------------- where the time goes

/// Milliseconds of each op of a step: its fastest run, since what else the machine does only adds.
auto profile(step_program const& program) -> std::vector<double>
{
    auto fastest = program.run_timed();
    for (int run = 1; run < 9; ++run) {
        auto const each = program.run_timed();
        std::transform(each.begin(), each.end(), fastest.begin(), fastest.begin(),
                       [](double a, double b) { return std::min(a, b); });
    }
    let_threads_sleep();
    return fastest;
}

struct spent {
    double ms = 0, reference_ms = 0, operations = 0;
    [[nodiscard]] auto rate() const -> double { return operations / ms * 1e-6; }
    [[nodiscard]] auto reference_rate() const -> double { return operations / reference_ms * 1e-6; }
};

/// reference: oneDNN's milliseconds for the same ops in f32; empty where it is not here.
void tell_profile(report& out, work const& w, std::vector<operations> const& ops,
                  std::vector<double> const& ours, std::vector<double> const& reference)
{
    std::map<std::string_view, spent> by_name;
    spent products;
    double total = 0;
    for (std::size_t i = 0; i < ops.size(); ++i) {
        auto const there = reference.empty() ? 0 : reference[i];
        total += ours[i];
        for (auto* const s :
             {&by_name[ops[i].name], ops[i].count > 0 && !ops[i].attention ? &products : nullptr}) {
            if (s != nullptr) {
                s->ms += ours[i];
                s->reference_ms += there;
                s->operations += ops[i].count;
            }
        }
    }
    for (auto const& [name, s] : by_name) {
        std::printf("  %-26s %8.2f ms %5.1f %%", std::string(name).c_str(), s.ms,
                    100 * s.ms / total);
        if (s.operations > 0) {
            std::printf(" %7.1f GFLOP/s", s.rate());
        }
        if (!reference.empty()) {
            std::printf("   with oneDNN in f32 %8.2f ms", s.reference_ms);
        }
        std::printf("\n");
    }
    out.note(concat(label(w), ": matrix products and convolutions take ",
                    std::lround(100 * products.ms / total), " % of forward and backward"));
    row rate{.name = label(w) + ": products",
             .ours = products.rate(),
             .unit = "GFLOP/s",
             .better = better::larger};
    if (!reference.empty()) {
        rate.peer = products.reference_rate();
        rate.peer_name = "cpu_onednn, the same ops in f32";
    }
    out.add(rate);
}

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

/// onednn: its profile in f32, which the bf16 step is held against too.
auto measure(report& out, work const& w, parallelism team, std::vector<double>& onednn) -> result<>
{
    HAIGA_TRY_VOID(compare_memory(out, w, team));
    training t(w, team);
    HAIGA_TRY(auto const native, t.add(on_native));
    HAIGA_TRY_VOID(race(out, w, t, native, team));
    if (w.storage == dtype::f32) {
        HAIGA_TRY(auto const eigen, t.add(on_eigen));
        std::vector<step_program> programs{native, eigen};
        if (auto made = t.add(on_onednn)) {
            programs.push_back(*made);
        }
        compare_backends(out, w, t, programs);
        onednn = programs.size() > 2 ? profile(programs.back()) : std::vector<double>{};
    }
    tell_profile(out, w, operations_of(t.graph()), profile(native), onednn);
    return {};
}

auto measure_all(parallelism team) -> result<>
{
    report out("train_step");
    out.note(concat(team.threads, " threads; medians of ", rounds,
                    " turns; a ratio above 1: we are "
                    "ahead"));
    for (auto w : {painter_work(), quarter_work()}) {
        std::vector<double> onednn;
        for (auto const storage : {dtype::f32, dtype::bf16}) {
            w.storage = storage;
            HAIGA_TRY_VOID(measure(out, w, team, onednn));
        }
    }
    return out.finish();
}

auto tell_own_peak(std::string const& name, std::string const& type, parallelism team) -> result<>
{
    for (auto w : {painter_work(), quarter_work()}) {
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
