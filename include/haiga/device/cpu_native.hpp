#pragma once

#include "haiga/device/cpu/basic_cpu.hpp"
#include "haiga/device/cpu/tile.hpp"

namespace haiga::device {

/// Register tiles of our own for fp32; plain loops for f64, which only tests compute in.
struct native_engine {
    static constexpr std::string_view name = "cpu_native";
    static constexpr bool bf16_tiles = true;

    static void multiply(form how, product<float> const& p) { tile_engine::multiply(how, p); }

    static void multiply(form how, product<double> const& p)
    {
        for (std::int64_t i = 0; i < p.m; ++i) {
            for (std::int64_t j = 0; j < p.n; ++j) {
                double& c = p.c[p.c_rows[static_cast<std::size_t>(i)] + j];
                c = (p.accumulate ? c : 0.0) + element(how, p, i, j);
            }
        }
    }

private:
    static auto element(form how, product<double> const& p, std::int64_t i, std::int64_t j)
        -> double
    {
        double sum = 0;
        for (auto const& s : p.segments) {
            for (std::int64_t k = 0; k < p.k; ++k) {
                auto const row = static_cast<std::size_t>(how == form::tn ? k : i);
                auto const a = p.a[s.a + p.a_rows[row] + (how == form::tn ? i : k)];
                sum += a * p.b[s.b + (how == form::nt ? j * p.ldb + k : k * p.ldb + j)];
            }
        }
        return sum;
    }
};

/// The host, multiplying with our own tiles, dispatched at run time: the fastest model in fp32.
using cpu_native = basic_cpu<native_engine>;
static_assert(host_backend<cpu_native>);

} // namespace haiga::device
