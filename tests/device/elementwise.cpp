#include "haiga/device/cpu/elementwise.hpp"

#include "tests/backends.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <numeric>

using namespace haiga;

namespace {

auto const twice = [](auto x) HAIGA_INLINE_LAMBDA { return x + x; };

/// One more than whole pieces, so that the last piece is short.
constexpr std::int64_t elements = 2 * device::piece + 1;

template <class Out, class In, class B>
void check_twice(B& b)
{
    tensor<In> in({elements});
    tensor<Out> out({elements});
    for (std::size_t i = 0; i < in.flat().size(); ++i) {
        in.flat()[i] = In(static_cast<float>(i % 100)); // exact in every type, and so is twice it
    }
    device::for_each_element(b, twice, out.view(), in.view());
    for (std::size_t i = 0; i < in.flat().size(); ++i) {
        REQUIRE(static_cast<float>(out.flat()[i]) == static_cast<float>(2 * (i % 100)));
    }
}

} // namespace

TEST_CASE("every element of every piece is computed, whatever types are stored")
{
    device::cpu_native b(test::three_threads);
    check_twice<float, float>(b);
    check_twice<float, bf16>(b);
    check_twice<bf16, float>(b);
    check_twice<bf16, bf16>(b);
    check_twice<double, double>(b);
}

TEST_CASE("f64 does not meet what is computed in fp32")
{
    device::cpu_native b({1});
    tensor<double> wide({3});
    tensor<float> narrow({3});
    tensor<bf16> half({3});
    auto const refuses = [&](any_view out, any_view in, char const* types) {
        CHECK_THROWS_WITH_AS(device::for_each_element(b, twice, out, in), doctest::Contains(types),
                             contract_violation);
    };
    refuses(wide.view(), narrow.view(), "elements of F32 for F64");
    refuses(wide.view(), half.view(), "elements of BF16 for F64");
    refuses(narrow.view(), wide.view(), "elements of F64 for F32");
    refuses(half.view(), wide.view(), "elements of F64 for BF16");
    auto const sum = [](auto x, auto y) HAIGA_INLINE_LAMBDA { return x + y; };
    CHECK_THROWS_AS(device::for_each_element(b, sum, narrow.view(), narrow.view(), half.view()),
                    contract_violation);
}

TEST_CASE("bf16 is stored as its constructor rounds")
{
    auto const check = [](float x) {
        bf16 stored;
        device::store(stored, x);
        CAPTURE(x);
        CHECK(stored.bits() == bf16(x).bits());
    };
    constexpr auto limits = std::numeric_limits<float>{};
    for (float const x : {0.0F, -0.0F, 1.0F, 1 + 0x1p-8F, 1 + 3 * 0x1p-8F, 0x1p-133F, limits.max(),
                          limits.denorm_min(), limits.infinity(), -limits.infinity(),
                          limits.quiet_NaN(), limits.signaling_NaN()}) {
        check(x);
    }
    for (std::uint32_t word = 1; word < 0xffff'0000U; word += 0x0001'2347U) {
        check(std::bit_cast<float>(word));
    }
}
