// Single ops, forward and backward, here and in PyTorch, in turns.
//
// Both programs run a forward pass and then a backward pass that gives the gradients of every
// operand, and time the two apart. HAIGA_BENCH_EAGER=1 leaves out torch.compile, HAIGA_BENCH_ONLY
// all cases but some.

#include "tests/bench/ops/contender.hpp"
#include "tests/bench/support/only.hpp"
#include "tests/bench/support/peer.hpp"
#include "tests/bench/support/report.hpp"

#include <algorithm>
#include <iostream>
#include <sstream>

namespace haiga::bench {
namespace {

constexpr auto python = "build/peers/bin/python";
constexpr auto script = "tests/bench/ops.py";
constexpr int rounds = 7;
constexpr double ms_a_turn = 100;

auto runs_a_turn(passes const& once) -> int
{
    return std::clamp(static_cast<int>(ms_a_turn / (once.forward + once.backward)), 1, 200);
}

auto turn_of(contender const& c, int count) -> passes
{
    auto const each = c(count);
    let_threads_sleep();
    return each;
}

// ---------------------------------------------------------------- PyTorch

auto turn_of(peer& p, int count) -> result<passes>
{
    HAIGA_TRY(auto const answer, p.ask(std::to_string(count)));
    passes each;
    std::istringstream(answer) >> each.forward >> each.backward;
    return each;
}

/// Lets the peer try its modes on a case; the best one's name.
/// Errors: unsupported if none of them runs.
auto prepare(report& out, peer& p, std::string const& words) -> result<std::string>
{
    HAIGA_TRY(auto line, p.ask("case " + words));
    while (!line.starts_with("best ")) {
        if (line == "none") {
            return fail(errc::unsupported, words, ": PyTorch runs it in no mode");
        }
        out.note("  " + line);
        HAIGA_TRY(line, p.hear());
    }
    return "PyTorch " + line.substr(5);
}

// ---------------------------------------------------------------- turns

/// Medians of what several turns took.
class tally {
public:
    void add(passes const& p)
    {
        forward_.push_back(p.forward);
        backward_.push_back(p.backward);
    }
    [[nodiscard]] auto get() const -> passes { return {median(forward_), median(backward_)}; }

private:
    std::vector<double> forward_, backward_;
};

void add_rows(report& out, std::string const& label, passes const& us,
              std::optional<passes> const& them, std::string const& mode)
{
    auto const add = [&](char const* pass, double passes::*ms) {
        row measured{.name = label + pass, .ours = us.*ms, .peer_name = mode, .unit = "ms"};
        if (them) {
            measured.peer = *them.*ms;
        }
        out.add(measured);
    };
    if (us.backward == 0) {
        return add(": step", &passes::forward);
    }
    add(": forward", &passes::forward);
    add(": backward", &passes::backward);
}

/// words: the case in the peer's words.
auto race(report& out, std::string const& label, std::string const& words, contender const& ours,
          std::optional<peer>& other) -> result<>
{
    (void)ours(1); // touches its memory
    auto const count = runs_a_turn(ours(1));
    std::string mode;
    int turn = 1;
    if (other) {
        HAIGA_TRY(mode, prepare(out, *other, words));
        HAIGA_TRY(auto const once, turn_of(*other, 1));
        turn = runs_a_turn(once);
    }
    tally us;
    tally them;
    for (int i = 0; i < rounds; ++i) {
        us.add(turn_of(ours, count));
        if (other) {
            HAIGA_TRY(auto const each, turn_of(*other, turn));
            them.add(each);
        }
    }
    add_rows(out, label, us.get(), other ? std::optional(them.get()) : std::nullopt, mode);
    return {};
}

auto start_peer(report& out, parallelism team) -> result<peer>
{
    HAIGA_TRY(auto process, peer::start({python, script, std::to_string(team.threads),
                                         compiled_peers() ? "compile" : "eager"}));
    HAIGA_TRY(auto const versions, process.hear());
    out.note("against " + versions);
    return process;
}

auto measure_all(parallelism team) -> result<>
{
    report out("ops");
    out.note(concat(team.threads, " threads; medians of ", rounds,
                    " turns; a ratio above 1: we are ahead"));
    std::optional<peer> other;
    if (auto started = start_peer(out, team)) {
        other.emplace(std::move(*started));
    } else {
        out.note(concat("no peer (./dev peers installs it): ", started.error().to_string()));
    }
    for (auto const& c : op_cases()) {
        for (auto const storage : {dtype::f32, dtype::bf16}) {
            auto const type = storage == dtype::bf16 ? "bf16" : "f32";
            if (auto const label = concat(c.name, ", ", type); wanted(label)) {
                HAIGA_TRY(auto const ours, contender_of(c, storage, team));
                HAIGA_TRY_VOID(race(out, label, concat(type, ' ', c.peer), ours, other));
            }
        }
    }
    constexpr std::size_t parameters = 860'000; // the demonstration's UNet has as many
    if (auto const label = concat("AdamW of ", parameters, ", f32"); wanted(label)) {
        auto const ours = adamw_contender(parameters, team);
        HAIGA_TRY_VOID(race(out, label, concat("f32 adamw ", parameters), ours, other));
    }
    return out.finish();
}

} // namespace
} // namespace haiga::bench

auto main() -> int
{
    auto const done = haiga::bench::measure_all(haiga::parallelism::all_cores());
    if (!done) {
        std::cerr << done.error().to_string() << '\n';
        return 1;
    }
    return 0;
}
