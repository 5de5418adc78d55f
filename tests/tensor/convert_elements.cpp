#include "haiga/tensor/convert_elements.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <vector>

using namespace haiga;

namespace {

template <class To, class From>
auto converted(std::vector<From> const& from, bool fits = true) -> std::vector<To>
{
    std::vector<To> to(from.size());
    CHECK(convert_elements(std::as_bytes(std::span(from)), dtype_of<From>,
                           std::as_writable_bytes(std::span(to)), dtype_of<To>) == fits);
    return to;
}

auto every_16_bits() -> std::vector<std::uint16_t>
{
    std::vector<std::uint16_t> all(0x10000);
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i] = static_cast<std::uint16_t>(i);
    }
    return all;
}

} // namespace

TEST_CASE("floats are rounded as the half types round them, at every border of theirs")
{
    std::vector<float> values;
    for (auto const bits : every_16_bits()) {
        // each value of f16, the middle to the next, and both sides of that
        auto const here = std::bit_cast<std::uint32_t>(static_cast<float>(f16::from_bits(bits)));
        for (auto const around : {here, here + 0x0fffU, here + 0x1000U, here + 0x1001U}) {
            values.push_back(std::bit_cast<float>(around));
        }
        values.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U | 0x8000U));
    }
    auto const halves = converted<f16>(values, false);
    auto const brains = converted<bf16>(values, false);
    for (std::size_t i = 0; i < values.size(); ++i) {
        CHECK(halves[i] == f16(values[i]));
        CHECK(brains[i] == bf16(values[i]));
    }
}

TEST_CASE("overflow is of finite numbers alone")
{
    auto const inf = std::numeric_limits<float>::infinity();
    converted<f16>(std::vector<float>{65519, -65519, inf, -inf, std::nanf("")});
    converted<f16>(std::vector<float>{0, 65520}, false);
    converted<f16>(std::vector<float>{-1e9F}, false);
    converted<bf16>(std::vector<float>{3e38F, inf});
    converted<bf16>(std::vector<float>{3.4e38F}, false);
    converted<float>(std::vector<double>{1e38, std::numeric_limits<double>::infinity()});
    converted<float>(std::vector<double>{1e39}, false);
}

TEST_CASE("doubles are rounded once")
{
    // 1 + 2^-11 is a tie that goes down to 1; a little more goes up, though a float would lose it.
    double const tie = 1 + 0x1p-11;
    auto const halves = converted<f16>(std::vector<double>{tie, tie + 0x1p-40, tie - 0x1p-40});
    CHECK(halves[0] == f16(1.0F));
    CHECK(halves[1] == f16(1.0F + 0x1p-10F));
    CHECK(halves[2] == f16(1.0F));
}

TEST_CASE("every eight-bit float is the number that its bits say")
{
    std::vector<std::uint8_t> bytes(256);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<std::uint8_t>(i);
    }
    std::vector<float> out(256);
    auto const from = [&](dtype type) {
        CHECK(convert_elements(std::as_bytes(std::span(bytes)), type,
                               std::as_writable_bytes(std::span(out)), dtype::f32));
    };
    from(dtype::f8_e4m3); // table 1 of arXiv:2209.05433
    CHECK(out[0x7e] == 448);
    CHECK(out[0x08] == 0x1p-6F);
    CHECK(out[0x07] == 0.875F * 0x1p-6F);
    CHECK(out[0x01] == 0x1p-9F);
    CHECK(out[0xb8] == -1);
    CHECK(std::isnan(out[0x7f]));
    from(dtype::f8_e5m2);
    CHECK(out[0x7b] == 57344);
    CHECK(out[0x04] == 0x1p-14F);
    CHECK(out[0x03] == 0.75F * 0x1p-14F);
    CHECK(out[0x01] == 0x1p-16F);
    CHECK(std::isinf(out[0x7c]));
    CHECK(std::isnan(out[0x7d]));
}

TEST_CASE("types of sixteen bits are floats exactly")
{
    auto const bits = every_16_bits();
    std::vector<float> out(bits.size());
    auto const check = [&](dtype type, auto const& number) {
        CHECK(convert_elements(std::as_bytes(std::span(bits)), type,
                               std::as_writable_bytes(std::span(out)), dtype::f32));
        for (std::size_t i = 0; i < bits.size(); ++i) {
            auto const wanted = static_cast<float>(number(bits[i])); // NaN's bits are kept as well
            CHECK(std::bit_cast<std::uint32_t>(out[i]) == std::bit_cast<std::uint32_t>(wanted));
        }
    };
    check(dtype::f16, [](std::uint16_t b) { return f16::from_bits(b); });
    check(dtype::bf16, [](std::uint16_t b) { return bf16::from_bits(b); });
}
