#include "haiga/sched/brownian_tree.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <numeric>
#include <vector>

using namespace haiga::sched;

TEST_CASE("seed_sequence makes the seeds that numpy makes")
{
    // numpy 2.4.6: SeedSequence(7, pool_size=24).generate_state(4), with spawn_key=(5, 3), and
    // with entropy 2**40 + 9
    std::array<std::uint32_t, 2> const place{5, 3};
    CHECK(seed_sequence<24>(7).generate<4>() ==
          std::array<std::uint32_t, 4>{1376543887U, 623213690U, 436845524U, 1186459840U});
    CHECK(seed_sequence<24>(7, place).generate<4>() ==
          std::array<std::uint32_t, 4>{1167487741U, 594211726U, 3626736891U, 2420502566U});
    CHECK(seed_sequence<24>((1ULL << 40) + 9).generate<4>() ==
          std::array<std::uint32_t, 4>{4011500318U, 855893417U, 1078213488U, 2508063287U});
}

TEST_CASE("brownian_tree draws what torchsde draws")
{
    // torchsde 0.2.6, BrownianInterval(t0=0.03, t1=14.6, size=(20,), entropy=11, tol=1e-6,
    // pool_size=24, halfway_tree=True)(1.25, 7.5)[:4], over -sqrt(6.25): the noise of a step down
    brownian_tree tree(11, 0.03F, 14.6F, 20);
    std::vector<float> noise(20);
    tree.noise(7.5F, 1.25F, noise);
    std::array<float, 4> const want{-0.167860657F, -1.04469371F, -0.300718844F, -0.140691772F};
    for (std::size_t i = 0; i < want.size(); ++i) {
        CHECK(std::abs(noise[i] - want[i]) < 2e-6F); // normals to 2 ulp, thirty of them summed
    }
}

TEST_CASE("increments of parts add up to that of the whole, and are noise of unit variance")
{
    constexpr std::size_t n = 4096;
    brownian_tree tree(3, 0.1F, 10, n);
    std::vector<float> whole(n), first(n), second(n);
    tree.noise(8, 2, whole);
    tree.noise(8, 5, first);
    tree.noise(5, 2, second);
    double square = 0;
    for (std::size_t i = 0; i < n; ++i) {
        float const sum = (first[i] + second[i]) * std::sqrt(3.0F);
        REQUIRE(std::abs(sum - whole[i] * std::sqrt(6.0F)) < 1e-5F);
        square += double{whole[i]} * whole[i] / n;
    }
    CHECK(std::abs(square - 1) < 0.1); // 4.5 standard deviations of sqrt(2 / 4096)
    CHECK_THROWS_AS(tree.noise(5, 5, whole), haiga::contract_violation);
}
