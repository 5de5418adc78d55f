#include "haiga/base/torch_generator.hpp"

#include "tests/golden/torch_generator.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cstdlib>
#include <iterator>
#include <vector>

namespace {

auto units_apart(float a, float b) -> long
{
    auto const ordered = [](float x) {
        long const bits = std::bit_cast<std::int32_t>(x);
        return bits < 0 ? -(bits & 0x7fff'ffffL) : bits;
    };
    return std::labs(ordered(a) - ordered(b));
}

template <class T, std::size_t N, class Fill>
void check_same(T const (&want)[N], Fill const& fill)
{
    std::vector<T> got(N);
    fill(got);
    CHECK(got == std::vector<T>(std::begin(want), std::end(want)));
}

/// 2 units: torch's AVX2 logarithm and sine are off by that much; see the class.
template <std::size_t N>
void check_normals(float const (&want)[N], haiga::torch_generator& generator)
{
    std::vector<float> got(N);
    generator.fill_normal(got);
    for (std::size_t i = 0; i < N; ++i) {
        CAPTURE(i);
        CHECK(units_apart(got[i], want[i]) <= 2);
    }
}

} // namespace

TEST_CASE("torch_generator gives torch's numbers, call after call")
{
    namespace want = golden::torch_generator;
    haiga::torch_generator g(2026);
    check_same(want::rand_5, [&](auto& out) { g.fill_uniform(out); });
    check_same(want::uniform_9, [&](auto& out) { g.fill_uniform(out, -0.3F, 0.7F); });
    check_normals(want::randn_7, g); // odd: one normal stays behind for the next short call
    check_normals(want::randn_16, g);
    check_normals(want::randn_37, g);
    check_normals(want::randn_3_with_spare, g);
    check_same(want::randint_8, [&](auto& out) { g.fill_integers(out, -3, 1000); });
    check_same(want::randint_wide_8, [&](auto& out) { g.fill_integers(out, -5, 1LL << 40); });
    check_same(want::randperm_20, [&](auto& out) { g.fill_permutation(out); });
    std::vector<float> skipped(1000);
    g.fill_uniform(skipped); // beyond the first 624 words: twisted again
    check_same(want::rand_2_later, [&](auto& out) { g.fill_uniform(out); });
}

TEST_CASE("torch_generator's engine is MT19937")
{
    haiga::torch_generator g; // seed 5489
    for (int i = 0; i < 9999; ++i) {
        g();
    }
    CHECK(g() == 4123659995U); // the 10000th number of std::mt19937, [rand.predef] of ISO C++
}

TEST_CASE("torch_generator goes on where a saved state was")
{
    haiga::torch_generator g(3);
    std::vector<float> five(5);
    g.fill_normal(five); // leaves a spare normal
    auto saved = g.save();
    auto again = haiga::torch_generator::restore(saved);
    REQUIRE(again);
    std::vector<float> other(5);
    g.fill_normal(five);
    again->fill_normal(other);
    CHECK(five == other);
    CHECK(again->save() == g.save());

    saved.next = 625;
    auto const broken = haiga::torch_generator::restore(saved);
    REQUIRE_FALSE(broken);
    CHECK(broken.error().code == haiga::errc::invalid);
}

TEST_CASE("torch_generator refuses an empty range")
{
    haiga::torch_generator g;
    std::vector<std::int64_t> out(1);
    CHECK_THROWS_AS(g.fill_integers(out, 2, 2), haiga::contract_violation);
}
