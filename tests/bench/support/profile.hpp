#pragma once

#include "tests/bench/support/operations.hpp"
#include "tests/bench/support/report.hpp"
#include "tests/bench/support/step_program.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

namespace haiga::bench {

/// Milliseconds of each op of a step: its fastest run, since what else the machine does only adds.
inline auto profile(step_program const& program, int runs = 9) -> std::vector<double>
{
    auto fastest = program.run_timed();
    for (int run = 1; run < runs; ++run) {
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

/// What a step spends on what.
struct breakdown {
    std::map<std::string_view, spent> by_name;
    spent products; ///< matrix products and convolutions
    double ms = 0;
};

/// reference: oneDNN's milliseconds for the same ops in f32; empty where it is not here.
inline auto break_down(std::vector<operations> const& ops, std::vector<double> const& ours,
                       std::vector<double> const& reference = {}) -> breakdown
{
    breakdown b;
    for (std::size_t i = 0; i < ops.size(); ++i) {
        b.ms += ours[i];
        bool const product = ops[i].count > 0 && !ops[i].attention;
        for (auto* const s : {&b.by_name[ops[i].name], product ? &b.products : nullptr}) {
            if (s != nullptr) {
                s->ms += ours[i];
                s->reference_ms += reference.empty() ? 0 : reference[i];
                s->operations += ops[i].count;
            }
        }
    }
    return b;
}

inline void tell_profile(report& out, std::string const& label, breakdown const& b)
{
    for (auto const& [name, s] : b.by_name) {
        std::printf("  %-26s %8.2f ms %5.1f %%", std::string(name).c_str(), s.ms,
                    100 * s.ms / b.ms);
        if (s.operations > 0) {
            std::printf(" %7.1f GFLOP/s", s.rate());
        }
        if (s.reference_ms > 0) {
            std::printf("   with oneDNN in f32 %8.2f ms", s.reference_ms);
        }
        std::printf("\n");
    }
    out.note(concat(label, ": matrix products and convolutions take ",
                    std::lround(100 * b.products.ms / b.ms), " % of it"));
    row rate{.name = label + ": products",
             .ours = b.products.rate(),
             .unit = "GFLOP/s",
             .better = better::larger};
    if (b.products.reference_ms > 0) {
        rate.peer = b.products.reference_rate();
        rate.peer_name = "cpu_onednn, the same ops in f32";
    }
    out.add(rate);
}

} // namespace haiga::bench
