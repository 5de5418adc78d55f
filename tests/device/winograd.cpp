#include "haiga/device/cpu/convolution.hpp"

#include "haiga/device/cpu_native.hpp"
#include "tests/nn/support/operand.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace haiga;
using namespace haiga::test;

namespace {

template <class T>
auto normal_elements(std::int64_t n, std::uint32_t which) -> std::vector<T>
{
    std::vector<float> drawn(static_cast<std::size_t>(n));
    philox{test_seed(), 2}.at(0, which).fill_normal(drawn);
    std::vector<T> x(drawn.size());
    std::transform(drawn.begin(), drawn.end(), x.begin(), [](float v) { return T(v); });
    return x;
}

/// One output by the formula.
template <class T>
auto convolved_at(device::convolution const& c, std::vector<T> const& x,
                  std::vector<float> const& w, std::int64_t image, std::int64_t row,
                  std::int64_t column, std::int64_t channel) -> double
{
    double sum = 0;
    for (std::int64_t tap = 0; tap < 9; ++tap) {
        auto const i = row + tap / 3 - c.padding;
        auto const j = column + tap % 3 - c.padding;
        for (std::int64_t k = 0; i >= 0 && i < c.h && j >= 0 && j < c.w && k < c.in_channels; ++k) {
            auto const at = ((image * c.h + i) * c.w + j) * c.in_channels + k;
            auto const weight = (tap * c.in_channels + k) * c.out_channels + channel;
            sum += static_cast<double>(device::load(x[static_cast<std::size_t>(at)])) *
                   static_cast<double>(w[static_cast<std::size_t>(weight)]);
        }
    }
    return sum;
}

template <class T>
auto run(device::convolution const& c, std::vector<T> const& x, std::vector<float> const& w,
         std::vector<float> const& bias) -> std::vector<T>
{
    device::cpu_native b(parallelism{2});
    std::vector<T> y(static_cast<std::size_t>(c.n * c.out_h() * c.out_w() * c.out_channels),
                     T(std::nanf("")));
    REQUIRE(device::detail::suits_winograd(c));
    device::convolve_on_host(b, c, x.data(), w.data(), bias.empty() ? nullptr : bias.data(),
                             y.data());
    return y;
}

/// The root mean square of differences, relative to that of the formula.
template <class T>
auto error_of(device::convolution const& c, bool biased) -> double
{
    auto const x = normal_elements<T>(c.n * c.h * c.w * c.in_channels, 0);
    auto const w = normal_elements<float>(9 * c.in_channels * c.out_channels, 1);
    auto const bias = biased ? normal_elements<float>(c.out_channels, 2) : std::vector<float>{};
    auto const y = run(c, x, w, bias);
    double wrong = 0;
    double all = 0;
    for (std::int64_t at = 0; at < std::ssize(y);
         at += 7) { // with every channel and place in a tile
        auto const channel = at % c.out_channels;
        auto const pixel = at / c.out_channels;
        auto const want = convolved_at(c, x, w, pixel / (c.out_h() * c.out_w()),
                                       pixel / c.out_w() % c.out_h(), pixel % c.out_w(), channel) +
                          (biased ? double{bias[static_cast<std::size_t>(channel)]} : 0.0);
        auto const found = static_cast<double>(device::load(y[static_cast<std::size_t>(at)]));
        wrong += (found - want) * (found - want);
        all += want * want;
    }
    return std::sqrt(wrong / all);
}

} // namespace

TEST_CASE("the factors of minimal filtering give a convolution, term by term")
{
    using namespace device::winograd;
    for (std::size_t out = 0; out < outputs; ++out) {
        for (std::size_t in = 0; in < inputs; ++in) {
            for (std::size_t tap = 0; tap < taps; ++tap) {
                double sum = 0;
                for (std::size_t i = 0; i < inputs; ++i) {
                    sum += double{of_outputs[out][i]} * double{of_weights[i][tap]} *
                           double{of_inputs[i][in]};
                }
                // factors are rounded to 2^-24, and 14 is the largest sum of a row's sizes
                CHECK(sum == doctest::Approx(in == out + tap ? 1 : 0).epsilon(14 * 0x1p-22));
            }
        }
    }
}

TEST_CASE("a convolution by minimal filtering is the formula's, over tasks of every kind")
{
    // Rounding is some four times that of the sums themselves (Barabasz et al. 2020, table 3), here
    // of up to 864 terms; what is stored in bf16 has a rounding of up to 2^-8 to it.
    for (device::convolution const& c :
         {device::convolution{1, 37, 42, 32, 48},        // several groups of tiles
          device::convolution{3, 5, 7, 80, 32, 3, 1, 0}, // more input than one step takes
          device::convolution{1, 4, 4, 32, 80, 3, 1, 2}, // and output than one task
          device::convolution{2, 1, 9, 96, 32},          // tiles of one row
          device::convolution{1, 130, 131, 32, 32, 3, 1,
                              1}}) // and more than are transformed at once
    {
        CAPTURE(c.h);
        CHECK(error_of<float>(c, true) < 32 * 0x1p-24);
        CHECK(error_of<float>(c, false) < 32 * 0x1p-24);
        CHECK(error_of<bf16>(c, true) < 0x1p-8);
    }
}

TEST_CASE("minimal filtering is for what it pays for")
{
    CHECK_FALSE(device::detail::suits_winograd({1, 8, 8, 33, 32}));          // no whole lanes
    CHECK_FALSE(device::detail::suits_winograd({1, 8, 8, 16, 64}));          // few channels
    CHECK_FALSE(device::detail::suits_winograd({1, 8, 8, 32, 32, 3, 2}));    // strides
    CHECK_FALSE(device::detail::suits_winograd({1, 8, 8, 32, 32, 5, 1, 2})); // another kernel
}
