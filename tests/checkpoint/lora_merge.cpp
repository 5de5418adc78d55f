#include "haiga/checkpoint/lora/merge.hpp"

#include "tests/checkpoint/lora_support.hpp"
#include "tests/checkpoint/values.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace haiga;
using checkpoint::key_row;
using checkpoint::naming;
using checkpoint::relation;

namespace {

auto noise(std::size_t count, unsigned seed) -> std::vector<float>
{
    std::mt19937 engine(seed);
    std::vector<float> values(count);
    for (auto& value : values) {
        value = static_cast<float>(engine()) * 0x1p-31F - 1;
    }
    return values;
}

/// An adapter of a weight of these dimensions, and what holds its values.
struct made {
    made(shape const& dims, shape const& down, shape const& up,
         std::optional<shape> const& mid = {})
        : downs(noise(static_cast<std::size_t>(down.elements()), 1)),
          ups(noise(static_cast<std::size_t>(up.elements()), 2))
    {
        adapter.target = {"unet/x.weight", "x.weight", dims};
        adapter.down = stored("down", down, downs);
        adapter.up = stored("up", up, ups);
        if (mid) {
            mids = noise(static_cast<std::size_t>(mid->elements()), 3);
            adapter.mid = stored("mid", *mid, mids);
        }
        adapter.alpha = 3;
    }

    static auto stored(std::string name, shape const& dims, std::vector<float> const& values)
        -> checkpoint::stored_tensor
    {
        return {std::move(name), dtype::f32, dims, checkpoint::dense_strides(dims),
                std::as_bytes(std::span(values))};
    }

    std::vector<float> downs;
    std::vector<float> ups;
    std::vector<float> mids;
    checkpoint::lora_adapter adapter;
};

/// The definition, in doubles: what is added to element (o, i, t), t being a tap of the kernel.
auto difference(made const& m, double weight, std::size_t o, std::size_t i, std::size_t t) -> double
{
    auto const rank = static_cast<std::size_t>(m.adapter.rank());
    auto const dims = m.adapter.target.dims;
    auto const in = static_cast<std::size_t>(dims[1]);
    auto const taps = static_cast<std::size_t>(dims.elements() / dims[0] / dims[1]);
    double sum = 0;
    for (std::size_t r = 0; r < rank; ++r) {
        double inner = 0;
        if (m.adapter.mid) {
            for (std::size_t s = 0; s < rank; ++s) {
                inner += double{m.mids[(r * rank + s) * taps + t]} * double{m.downs[s * in + i]};
            }
        } else {
            inner = double{m.downs[(r * in + i) * taps + t]};
        }
        sum += double{m.ups[o * rank + r]} * inner;
    }
    return weight * m.adapter.alpha / static_cast<double>(rank) * sum;
}

/// Sums of at most 20 products below 1, times at most 2: rounded to f32 they are within 2^-20.
void check_merge(made const& m)
{
    double const weight = 0.75;
    auto const dims = m.adapter.target.dims;
    auto const before = noise(static_cast<std::size_t>(dims.elements()), 4);
    auto after = before;
    add_lora(after, m.adapter, weight);
    auto const in = static_cast<std::size_t>(dims[1]);
    auto const taps = before.size() / static_cast<std::size_t>(dims[0]) / in;
    double worst = 0;
    for (std::size_t at = 0; at < before.size(); ++at) {
        auto const expected =
            before[at] + difference(m, weight, at / taps / in, at / taps % in, at % taps);
        worst = std::max(worst, std::abs(after[at] - expected));
    }
    CHECK(worst < 0x1p-20);
}

} // namespace

TEST_CASE("W + weight * (alpha / rank) * up * down: of a linear layer")
{
    check_merge({{7, 13}, {5, 13}, {7, 5}});
    check_merge({{8, 16}, {4, 16}, {8, 4}}); // whole tiles
    check_merge({{130, 9}, {20, 9}, {130, 20}});
    check_merge({{1, 1}, {1, 1}, {1, 1}});
    check_merge({{7, 13}, {5, 13, 1, 1}, {7, 5, 1, 1}});
}

TEST_CASE("of a convolution, with its kernel in down, or in mid between two of 1x1")
{
    check_merge({{7, 13, 1, 1}, {5, 13, 1, 1}, {7, 5, 1, 1}});
    check_merge({{7, 13, 1, 1}, {5, 13}, {7, 5}});
    check_merge({{7, 5, 3, 3}, {4, 5, 3, 3}, {7, 4, 1, 1}});
    check_merge({{7, 5, 3, 2}, {4, 5, 3, 2}, {7, 4}});
    check_merge({{7, 5, 3, 3}, {4, 5, 1, 1}, {7, 4, 1, 1}, shape{4, 4, 3, 3}});
}

TEST_CASE("a block of rows, as the original packs them, is merged as that part of the whole")
{
    made const m({12, 6}, {3, 6}, {12, 3});
    auto whole = noise(72, 4);
    auto parts = whole;
    add_lora(whole, m.adapter, 1);
    for (std::int64_t const row : {0, 5}) {
        std::int64_t const rows = row == 0 ? 5 : 7;
        key_row const block{"unet/x.weight", "packed", {rows, 6}, relation::same, row, 100 + row};
        auto const part = std::span(parts).subspan(static_cast<std::size_t>(row) * 6,
                                                   static_cast<std::size_t>(rows) * 6);
        add_lora(part, block, naming::original, m.adapter, 1);
    }
    CHECK(parts == whole);
}

TEST_CASE("a weight that the original transposes is merged as it lies there")
{
    made const m({7, 11}, {3, 11}, {7, 3});
    key_row const row{"unet/x.weight", "x", {7, 11}, relation::transposed};
    std::vector<float> straight(77);
    std::vector<float> turned(77);
    add_lora(straight, row, naming::diffusers, m.adapter, 1);
    add_lora(turned, row, naming::original, m.adapter, 1);
    for (std::size_t i = 0; i < 77; ++i) {
        CHECK(turned[i % 11 * 7 + i / 11] == straight[i]);
    }
}

TEST_CASE("the bits depend on neither threads nor the machine: sums in order, in f64")
{
    made const m({150, 21}, {6, 21}, {150, 6});
    auto const before = noise(150 * 21, 4);
    std::vector<float> expected = before;
    for (std::size_t at = 0; at < expected.size(); ++at) {
        double sum = 0;
        for (std::size_t r = 0; r < 6; ++r) {
            sum += double{m.ups[at / 21 * 6 + r]} * double{m.downs[r * 21 + at % 21]};
        }
        expected[at] += static_cast<float>(0.75 * (3.0 / 6) * sum);
    }
    for (int const threads : {1, 2, 3, 8}) {
        auto after = before;
        add_lora(after, m.adapter, 0.75, {threads});
        CHECK(after == expected);
    }
}

TEST_CASE("tensors of any floating point type, and with any strides")
{
    std::vector<f16> downs;
    for (auto const value : noise(10, 1)) {
        downs.emplace_back(value);
    }
    auto const ups = noise(6, 2); // of [3, 2], stored column by column
    checkpoint::lora_adapter a;
    a.target = {"unet/x.weight", "x.weight", {3, 5}};
    a.down = {"down", dtype::f16, {2, 5}, {5, 1}, std::as_bytes(std::span(downs))};
    a.up = {"up", dtype::f32, {3, 2}, {1, 3}, std::as_bytes(std::span(ups))};
    a.alpha = 2;
    std::vector<float> sum(15);
    add_lora(sum, a, 1);
    for (std::size_t at = 0; at < 15; ++at) {
        auto const o = at / 5;
        auto const i = at % 5;
        auto const exact = double{ups[o]} * double{static_cast<float>(downs[i])} +
                           double{ups[3 + o]} * double{static_cast<float>(downs[5 + i])};
        CHECK(sum[at] == static_cast<float>(exact));
    }
}

TEST_CASE("a row of another weight is a caller's bug")
{
    made const m({2, 2}, {1, 2}, {2, 1});
    std::vector<float> w(4);
    CHECK_THROWS_AS(add_lora(w, {"unet/y.weight", "y", {2, 2}}, naming::diffusers, m.adapter, 1),
                    contract_violation);
    CHECK_THROWS_AS(add_lora(std::span(w).first(2), m.adapter, 1), contract_violation);
}
