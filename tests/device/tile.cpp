#include "haiga/device/cpu/tile.hpp"

#include "tests/nn/support/operand.hpp"

#include <doctest/doctest.h>

using namespace haiga;
using namespace haiga::test;
using device::form;

namespace {

using multiplier = void (*)(form, device::product<float> const&);

/// Every instruction set that this machine can run.
auto multipliers() -> std::vector<std::pair<isa, multiplier>>
{
    std::vector<std::pair<isa, multiplier>> all{{isa::baseline, device::tiles_baseline::multiply}};
#if HAIGA_X86_DISPATCH
    if (machine_isa() >= isa::avx2) {
        all.emplace_back(isa::avx2, device::tiles_avx2::multiply);
    }
    if (machine_isa() >= isa::avx512) {
        all.emplace_back(isa::avx512, device::tiles_avx512::multiply);
    }
#endif
    return all;
}

auto random_floats(std::int64_t n, std::uint32_t which) -> std::vector<float>
{
    std::vector<float> x(static_cast<std::size_t>(n));
    philox{test_seed(), 2}.at(0, which).fill_normal(x);
    return x;
}

/// A product whose rows lie in any order, some of A's twice, over segments that overlap.
struct scattered {
    form how;
    std::int64_t m, n, k, ldb, ldc;
    std::vector<std::int32_t> a_rows = {}, c_rows = {};
    std::vector<device::segment> segments = {};
    std::vector<float> a = {}, b = {};

    scattered(form f, philox_sequence& random)
        : how(f), m(1 + random.below(30)), n(1 + random.below(70)), k(1 + random.below(40)),
          ldb((how == form::nt ? k : n) + random.below(5)), ldc(n + random.below(5))
    {
        auto const width = (how == form::tn ? m : k) + 3;
        for (std::int64_t i = 0; i < (how == form::tn ? k : m); ++i) {
            a_rows.push_back(static_cast<std::int32_t>(random.below(20) * width));
        }
        for (std::int64_t i = 0; i < m; ++i) {
            c_rows.push_back(static_cast<std::int32_t>((m - 1 - i) * ldc));
        }
        for (std::int64_t i = 0; i < 1 + random.below(3); ++i) {
            segments.push_back({random.below(4), random.below(4)});
        }
        a = random_floats(20 * width + 8, 0);
        b = random_floats((how == form::nt ? n : k) * ldb + 8, 1);
    }

    [[nodiscard]] auto element(std::int64_t i, std::int64_t j) const -> double
    {
        double sum = 0;
        for (auto const& s : segments) {
            for (std::int64_t l = 0; l < k; ++l) {
                auto const row = a_rows[static_cast<std::size_t>(how == form::tn ? l : i)];
                auto const left = s.a + row + (how == form::tn ? i : l);
                auto const right = s.b + (how == form::nt ? j * ldb + l : l * ldb + j);
                sum += double{a[static_cast<std::size_t>(left)]} *
                       double{b[static_cast<std::size_t>(right)]};
            }
        }
        return sum;
    }
};

void check(scattered const& p, multiplier multiply, bool accumulate)
{
    auto const before = random_floats(p.m * p.ldc, 2);
    auto c = before;
    multiply(p.how, {.m = p.m,
                     .n = p.n,
                     .k = p.k,
                     .a = p.a.data(),
                     .a_rows = p.a_rows,
                     .b = p.b.data(),
                     .ldb = p.ldb,
                     .c = c.data(),
                     .c_rows = p.c_rows,
                     .segments = p.segments,
                     .accumulate = accumulate});
    double worst = 0;
    bool beside = false;
    for (std::int64_t i = 0; i < p.m; ++i) {
        for (std::int64_t j = 0; j < p.ldc; ++j) {
            auto const at = static_cast<std::size_t>(p.c_rows[static_cast<std::size_t>(i)] + j);
            if (j >= p.n) {
                beside = beside || c[at] != before[at];
                continue;
            }
            auto const wanted = p.element(i, j) + (accumulate ? double{before[at]} : 0.0);
            auto const error = std::abs(double{c[at]} - wanted);
            worst = error <= worst ? worst : error;
        }
    }
    // up to 120 products near 1, each sum rounded to 2^-24 of about 11
    CHECK(worst <= 120 * 11 * 0x1p-24);
    CHECK_FALSE(beside); // what lies between the rows of C is left alone
}

} // namespace

TEST_CASE("tiles of every instruction set equal the definition, whatever the rows")
{
    INFO("HAIGA_TEST_SEED=", test_seed());
    auto random = philox{test_seed(), 3}.at(0, 0);
    for (int i = 0; i < 60; ++i) {
        for (auto const how : {form::nn, form::nt, form::tn}) {
            scattered const p(how, random);
            for (auto const& [set, multiply] : multipliers()) {
                INFO(to_string(set), ", form ", static_cast<int>(how), ", m ", p.m, ", n ", p.n,
                     ", k ", p.k, ", segments ", p.segments.size());
                check(p, multiply, false);
                check(p, multiply, true);
            }
        }
    }
}

TEST_CASE("the tile engine takes the best set of the machine")
{
    auto random = philox{test_seed(), 4}.at(0, 0);
    check(scattered(form::nn, random), device::tile_engine::multiply, false);
}
