#include "haiga/base/philox.hpp"

#include <doctest/doctest.h>

#include <random>
#include <vector>

using haiga::philox;
using haiga::philox4x32;
using words = std::array<std::uint32_t, 4>;

static_assert(std::uniform_random_bit_generator<haiga::philox_sequence>);

TEST_CASE("philox4x32 gives the published answers")
{
    // Random123 1.14, tests/kat_vectors, lines "philox4x32 10"
    CHECK(philox4x32({0, 0, 0, 0}, {0, 0}) ==
          words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    CHECK(philox4x32({~0U, ~0U, ~0U, ~0U}, {~0U, ~0U}) ==
          words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    CHECK(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
          words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("a shorter fill is the start of a longer one")
{
    auto const sequence = philox{7, 1}.at(2, 3);
    std::vector<float> all(203);
    sequence.fill_normal(all);
    for (std::size_t n : {1U, 2U, 3U, 63U, 64U, 65U, 200U}) {
        std::vector<float> some(n);
        sequence.fill_normal(some);
        CHECK(std::equal(some.begin(), some.end(), all.begin()));
        sequence.fill_uniform(some);
        std::vector<float> uniform(203);
        sequence.fill_uniform(uniform);
        CHECK(std::equal(some.begin(), some.end(), uniform.begin()));
    }
}

TEST_CASE("every part of the key changes the numbers")
{
    auto const first = [](philox p, std::uint32_t step, std::uint32_t sample) {
        return p.at(step, sample).block(0);
    };
    auto const base = first({1, 2}, 3, 4);
    CHECK(base == first({1, 2}, 3, 4));
    CHECK(base != first({2, 2}, 3, 4));
    CHECK(base != first({1ULL << 32U | 1U, 2}, 3, 4));
    CHECK(base != first({1, 3}, 3, 4));
    CHECK(base != first({1, 2}, 4, 4));
    CHECK(base != first({1, 2}, 3, 5));
}

TEST_CASE("normals have the moments and the independence of normals")
{
    constexpr std::size_t n = 1U << 18U;
    std::vector<float> x(n);
    philox{20261123, 0}.at(0, 0).fill_normal(x);
    double mean = 0;
    double square = 0;
    double fourth = 0;
    double neighbours = 0;
    for (std::size_t i = 0; i < n; ++i) {
        mean += x[i] / double{n};
        square += x[i] * double{x[i]} / double{n};
        fourth += std::pow(x[i], 4) / double{n};
        neighbours += x[i] * double{x[(i + 1) % n]} / double{n};
    }
    // four standard errors: 1, sqrt 2, sqrt 96 and 1, over sqrt n = 512
    CHECK(std::abs(mean) < 4.0 / 512);
    CHECK(std::abs(square - 1) < 4 * 1.415 / 512);
    CHECK(std::abs(fourth - 3) < 4 * 9.8 / 512);
    CHECK(std::abs(neighbours) < 4.0 / 512);
}

TEST_CASE("below reaches every value and no other")
{
    auto sequence = philox{5, 5}.at(0, 0);
    std::array<int, 10> count{};
    for (int i = 0; i < 10'000; ++i) {
        ++count.at(sequence.below(10));
    }
    for (int c : count) {
        CHECK(std::abs(c - 1000) < 120); // four standard deviations of 30
    }
    CHECK_THROWS_AS(sequence.below(0), haiga::contract_violation);
}
