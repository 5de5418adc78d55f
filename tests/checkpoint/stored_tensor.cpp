#include "haiga/checkpoint/stored_tensor.hpp"

#include "tests/checkpoint/values.hpp"

#include <doctest/doctest.h>

#include <numeric>

using namespace haiga;
using checkpoint::checked_reach;
using checkpoint::stored_tensor;

TEST_CASE("the reach of a tensor is checked against overflow")
{
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    CHECK(checked_reach({}, {}) == 1);
    CHECK(checked_reach({2, 3}, {3, 1}) == 6);
    CHECK(checked_reach({2, 3}, {1, 2}) == 6);
    CHECK(checked_reach({2, 3}, {10, 2}) == 15);
    CHECK(checked_reach({0, 3}, {most, most}) == 0);
    CHECK(checked_reach({1, 3}, {most, 1}) == 3); // a stride that is never taken
    CHECK(checked_reach({4}, {0}) == 1);          // one element, four times
    CHECK_FALSE(checked_reach({2, 2}, {most, 1}));
    CHECK_FALSE(checked_reach({3}, {most / 2 + 1}));
    CHECK_FALSE(checked_reach({most, 3}, {1, 1}));
    CHECK_FALSE(checked_reach({2}, {-1}));
}

TEST_CASE("elements come in C order whatever the strides")
{
    std::vector<float> numbers(70'000);
    std::iota(numbers.begin(), numbers.end(), 0.0F);
    auto const bytes = std::as_bytes(std::span(numbers));
    auto const read = [&](shape dims, checkpoint::strides steps) {
        auto const reach = static_cast<std::size_t>(*checked_reach(dims, steps));
        return haiga_test::values_of(
            {"", dtype::f32, dims, steps, bytes.first(reach * sizeof(float))});
    };
    using list = std::vector<double>;
    CHECK(read({2, 3}, {3, 1}) == list{0, 1, 2, 3, 4, 5});
    CHECK(read({3, 2}, {1, 3}) == list{0, 3, 1, 4, 2, 5});
    CHECK(read({2, 2, 2}, {1, 10, 100}) == list{0, 100, 10, 110, 1, 101, 11, 111});
    CHECK(read({2, 3}, {0, 2}) == list{0, 2, 4, 0, 2, 4});
    CHECK(read({}, {}) == list{0});
    auto const turned = read({350, 200}, {1, 350}); // several pieces
    CHECK(turned.size() == 70'000);
    CHECK(turned[1] == 350);
    CHECK(turned[201] == 351);
    CHECK(turned.back() == 69'999);
}
