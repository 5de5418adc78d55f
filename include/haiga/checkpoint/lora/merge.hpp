#pragma once

#include "haiga/checkpoint/lora/adapter.hpp"
#include "haiga/checkpoint/lora/product.hpp"
#include "haiga/checkpoint/lora/values.hpp"

namespace haiga::checkpoint {

namespace detail {

/// The elements of a tensor that read_lora has checked.
inline auto checked_floats(stored_tensor const& tensor) -> std::vector<float>
{
    auto values = read_floats(tensor);
    HAIGA_CHECK(values.has_value(), tensor.name, " was not checked");
    return *std::move(values);
}

/// The [rank, in * k * k] matrix that stands for a 1x1 convolution and a k x k one behind it.
/// Source: rebuild_tucker of LyCORIS, functional/general.py.
inline auto joined(lora_adapter const& a) -> std::vector<float>
{
    auto const down = checked_floats(a.down);
    auto const mid = checked_floats(*a.mid);
    auto const rank = static_cast<std::size_t>(a.rank());
    auto const in = down.size() / rank;
    auto const taps = mid.size() / (rank * rank);
    std::vector<float> both(rank * in * taps);
    std::vector<double> sums(in * taps);
    for (std::size_t i = 0; i < rank; ++i) {
        std::ranges::fill(sums, 0.0);
        for (std::size_t j = 0; j < rank; ++j) {
            auto const* const kernel = mid.data() + (i * rank + j) * taps;
            for (std::size_t channel = 0; channel < in; ++channel) {
                for (std::size_t tap = 0; tap < taps; ++tap) {
                    sums[channel * taps + tap] +=
                        double{kernel[tap]} * double{down[j * in + channel]};
                }
            }
        }
        std::ranges::transform(sums, both.begin() + static_cast<std::ptrdiff_t>(i * sums.size()),
                               [](double sum) { return static_cast<float>(sum); });
    }
    return both;
}

} // namespace detail

/// Adds weight * (alpha / rank) * up * down to a block of the adapter's weight.
///
/// Shapes: block has the elements of `row`, a line of the adapter's weight in a key map, in C
/// order,
///         arranged as `arrangement` has it (only relation::transposed makes a difference).
/// Order:  each element's sum goes over the rank upwards, in f64; scaled, it is rounded to f32 and
///         added in f32. The same bytes on every machine, with any number of threads.
/// Cost:   elements * rank multiplications.
/// Errors: none; a row of another weight is a caller's bug.
inline void add_lora(std::span<float> block, key_row const& row, naming arrangement,
                     lora_adapter const& a, double weight, parallelism team = {})
{
    HAIGA_CHECK(row.diffusers == a.target.weight, row.diffusers, " for ", a.target.weight);
    HAIGA_CHECK(block.size() == static_cast<std::size_t>(row.dims.elements()));
    auto const ups = detail::checked_floats(a.up);
    auto const downs = a.mid ? detail::joined(a) : detail::checked_floats(a.down);
    auto const rank = a.rank();
    auto const columns = static_cast<std::int64_t>(downs.size()) / rank;
    auto const scale = weight * (a.alpha / static_cast<double>(rank));
    auto const up = [&](std::int64_t i, std::int64_t r) {
        return ups[static_cast<std::size_t>((row.diffusers_row + i) * rank + r)];
    };
    auto const down = [&](std::int64_t r, std::int64_t j) {
        return downs[static_cast<std::size_t>(r * columns + j)];
    };
    if (arrangement == naming::original && row.how == relation::transposed) {
        detail::add_product(
            block.data(), columns, row.dims[0], rank, scale,
            [&](std::int64_t j, std::int64_t r) { return down(r, j); },
            [&](std::int64_t r, std::int64_t i) { return up(i, r); }, team);
    } else {
        detail::add_product(block.data(), row.dims[0], columns, rank, scale, up, down, team);
    }
}

/// The same for a whole weight in Diffusers' arrangement.
inline void add_lora(std::span<float> whole, lora_adapter const& a, double weight,
                     parallelism team = {})
{
    add_lora(whole, {a.target.weight, a.target.original, a.target.dims}, naming::diffusers, a,
             weight, team);
}

} // namespace haiga::checkpoint
