#pragma once

#include "haiga/device/convolution.hpp"
#include "haiga/device/cpu/blocks.hpp"
#include "haiga/device/cpu/tile.hpp"

#include <algorithm>
#include <utility>

namespace haiga::device::detail {

/// Channels are transformed in whole lanes of any instruction set; where there are few of them,
/// transforming costs more than it saves.
inline auto suits_winograd(convolution const& c) -> bool
{
    constexpr std::int64_t lanes = 16, fewest = 32;
    return c.kernel == 3 && c.stride == 1 && c.padding <= 2 && c.extra == 0 &&
           c.in_channels % lanes == 0 && c.out_channels % lanes == 0 &&
           std::min(c.in_channels, c.out_channels) >= fewest && c.out_h() * c.out_w() >= 4;
}

/// Where the nine matrices [in_channels, out_channels] of a 3x3 kernel lie, row by row.
using kernel_matrices = std::array<float const*, winograd::taps * winograd::taps>;

inline auto matrices_of(float const* weights, std::int64_t matrix) -> kernel_matrices
{
    kernel_matrices all{};
    for (auto& m : all) {
        m = std::exchange(weights, weights + matrix);
    }
    return all;
}

/// A convolution 3x3 of stride 1 by winograd_filter.hpp, some tiles of outputs at a time: first
/// their inputs are transformed by all threads; then each task transforms what it needs of the
/// weights, a few channels at a time so that they stay near, multiplies, and transforms back.
template <host_backend B, class T>
class winograd_convolution {
    static constexpr std::int64_t side = winograd::outputs, inputs = winograd::inputs;
    static constexpr std::int64_t products = winograd::products;
    static constexpr std::int64_t tiles_a_task = 64;
    static constexpr std::int64_t channels_a_task = 64; ///< of the output
    static constexpr std::int64_t channels_a_step = 64; ///< of the input

    /// From one product's floats to the next one's: 36 that a power of two lies between would meet
    /// in one set of the cache.
    static constexpr auto apart(std::int64_t floats) -> std::int64_t
    {
        return row_in_scratch(floats);
    }

public:
    winograd_convolution(B& b, convolution const& c) : b_(b), c_(c)
    {
        constexpr std::int64_t budget = 3 << 19; // floats of transformed inputs
        auto const wanted = budget / (products * c.in_channels) / tiles_a_task * tiles_a_task;
        at_once_ = std::min(std::max(wanted, tiles_a_task), c.n * down_ * across_);
    }

    /// What run() needs of the caller, in bytes.
    [[nodiscard]] auto scratch() const -> std::size_t
    {
        return static_cast<std::size_t>(products * apart(at_once_ * c_.in_channels)) *
               sizeof(float);
    }

    void run(T const* x, kernel_matrices const& weights, float const* bias, T* y, float* scratch)
    {
        auto const tiles = c_.n * down_ * across_;
        auto const blocks = (c_.out_channels + channels_a_task - 1) / channels_a_task;
        for (std::int64_t first = 0; first < tiles; first += at_once_) {
            auto const count = std::min(at_once_, tiles - first);
            transform_inputs(x, first, count, scratch);
            auto const groups = (count + tiles_a_task - 1) / tiles_a_task;
            parallel_for(b_.team(), groups * blocks, [&](std::ptrdiff_t i, int thread) {
                auto const tile = i / blocks * tiles_a_task;
                auto const channel = i % blocks * channels_a_task;
                task(part{first, tile, std::min(tiles_a_task, count - tile), channel,
                          std::min(channels_a_task, c_.out_channels - channel)},
                     scratch, weights, bias, y, thread);
            });
        }
    }

private:
    /// Tiles [first + tile, first + tile + tiles), channels [channel, channel + channels).
    struct part {
        std::int64_t first, tile, tiles, channel, channels;
    };
    struct place {
        std::int64_t image, row, column;
    };

    [[nodiscard]] auto place_of(std::int64_t tile) const -> place
    {
        return {tile / (down_ * across_), tile / across_ % down_ * side, tile % across_ * side};
    }

    void transform_inputs(T const* x, std::int64_t first, std::int64_t count, float* to)
    {
        constexpr std::int64_t a_task = 8;
        auto const n = c_.in_channels;
        parallel_for(b_.team(), (count + a_task - 1) / a_task, [&](std::ptrdiff_t i, int thread) {
            auto* const memory = static_cast<float*>(
                b_.scratch(thread, static_cast<std::size_t>((products + 1) * n) * sizeof(float)));
            std::fill_n(memory, n, 0.0F);
            std::array<float const*, winograd::products> rows{};
            for (auto tile = i * a_task; tile < std::min(count, (i + 1) * a_task); ++tile) {
                find_inputs(x, place_of(first + tile), memory, rows);
                for (std::int64_t k = 0; k < n; k += channels_a_step) {
                    auto const step = std::min(channels_a_step, n - k);
                    with_kernels([&](auto kernels) {
                        kernels.inputs_forth(rows.data(), step, to + k * at_once_ + tile * step,
                                             apart(at_once_ * n));
                    });
                    for (auto& r : rows) {
                        r += step;
                    }
                }
            }
        });
    }

    /// memory: a row of zeros, for what is beyond the edges; then room for pixels to be converted.
    void find_inputs(T const* x, place at, float* memory,
                     std::array<float const*, winograd::products>& rows) const
    {
        auto const n = c_.in_channels;
        for (std::int64_t i = 0; i < products; ++i) {
            auto const row = at.row - c_.padding + i / inputs;
            auto const column = at.column - c_.padding + i % inputs;
            auto& found = rows[static_cast<std::size_t>(i)];
            if (row < 0 || row >= c_.h || column < 0 || column >= c_.w) {
                found = memory;
                continue;
            }
            auto const* const pixel = x + ((at.image * c_.h + row) * c_.w + column) * n;
            found = block_of<T>(pixel, n, 1, n, memory + (i + 1) * n).data;
        }
    }

    void task(part const& p, float const* x, kernel_matrices const& weights, float const* bias,
              T* y, int thread)
    {
        auto const w_size = products * apart(channels_a_step * p.channels);
        auto const sums_size = products * apart(tiles_a_task * p.channels);
        auto* const w = static_cast<float*>(b_.scratch(
            thread,
            static_cast<std::size_t>(w_size + sums_size + products * p.channels) * sizeof(float)));
        auto* const sums = w + w_size;
        for (std::int64_t k = 0; k < c_.in_channels; k += channels_a_step) {
            auto const step = std::min(channels_a_step, c_.in_channels - k);
            transform_weights(weights, p, k, step, w);
            for (std::int64_t i = 0; i < products; ++i) {
                multiply(p, step,
                         x + i * apart(at_once_ * c_.in_channels) + k * at_once_ + p.tile * step,
                         w + i * apart(step * p.channels), sums + i * apart(p.tiles * p.channels),
                         k > 0);
            }
        }
        transform_back(p, sums, bias == nullptr ? bias : bias + p.channel, y, sums + sums_size);
    }

    void transform_weights(kernel_matrices const& weights, part const& p, std::int64_t first,
                           std::int64_t count, float* to) const
    {
        constexpr std::int64_t ahead = 6; // rows of nine matrices, each too short for the processor
        kernel_matrices rows{};           // to see that another follows
        for (std::int64_t k = 0; k < count; ++k) {
            std::transform(weights.begin(), weights.end(), rows.begin(), [&](float const* w) {
                auto const* const row = w + (first + k) * c_.out_channels + p.channel;
                auto const* const soon = row + std::min(ahead, count - 1 - k) * c_.out_channels;
                for (std::int64_t c = 0; c < p.channels; c += 16) {
                    __builtin_prefetch(soon + c);
                }
                return row;
            });
            with_kernels([&](auto kernels) {
                kernels.weights_forth(rows.data(), p.channels, to + k * p.channels,
                                      apart(count * p.channels));
            });
        }
    }

    void multiply(part const& p, std::int64_t k, float const* x, float const* w, float* sums,
                  bool accumulate) const
    {
        auto const a_rows = evenly<tiles_a_task>(k);
        auto const c_rows = evenly<tiles_a_task>(p.channels);
        segment const whole{};
        B::block(form::nn, product<float>{.m = p.tiles,
                                          .n = p.channels,
                                          .k = k,
                                          .a = x,
                                          .a_rows = a_rows,
                                          .b = w,
                                          .ldb = p.channels,
                                          .c = sums,
                                          .c_rows = c_rows,
                                          .segments = {&whole, 1},
                                          .accumulate = accumulate});
    }

    /// memory: room for what is to be rounded to T.
    void transform_back(part const& p, float const* sums, float const* bias, T* y, float* memory)
    {
        std::array<float const*, winograd::products> rows{};
        std::array<float*, winograd::outputs * winograd::outputs> to{};
        for (std::int64_t tile = 0; tile < p.tiles; ++tile) {
            for (std::size_t i = 0; i < rows.size(); ++i) {
                rows[i] = sums + static_cast<std::int64_t>(i) * apart(p.tiles * p.channels) +
                          tile * p.channels;
            }
            std::array<T*, to.size()> pixels = find_outputs(y, place_of(p.first + p.tile + tile));
            for (std::size_t i = 0; i < to.size(); ++i) {
                if constexpr (std::is_same_v<T, float>) {
                    to[i] = pixels[i] == nullptr ? nullptr : pixels[i] + p.channel;
                } else {
                    to[i] = memory + static_cast<std::int64_t>(i) * p.channels;
                }
            }
            with_kernels([&](auto k) { k.outputs_back(rows.data(), p.channels, bias, to.data()); });
            if constexpr (!std::is_same_v<T, float>) {
                round_to(pixels, p, memory);
            }
        }
    }

    /// The first channel of each output of a tile; null beyond the edges.
    [[nodiscard]] auto find_outputs(T* y, place at) const
        -> std::array<T*, winograd::outputs * winograd::outputs>
    {
        std::array<T*, winograd::outputs * winograd::outputs> pixels{};
        for (std::int64_t i = 0; i < std::ssize(pixels); ++i) {
            auto const row = at.row + i / side;
            auto const column = at.column + i % side;
            if (row < c_.out_h() && column < c_.out_w()) {
                pixels[static_cast<std::size_t>(i)] =
                    y + ((at.image * c_.out_h() + row) * c_.out_w() + column) * c_.out_channels;
            }
        }
        return pixels;
    }

    template <std::size_t N>
    static void round_to(std::array<T*, N> const& pixels, part const& p, float const* from)
    {
        vectorised([&]() HAIGA_INLINE_LAMBDA {
            for (std::size_t i = 0; i < N; ++i) {
                for (std::int64_t c = 0; pixels[i] != nullptr && c < p.channels; ++c) {
                    store(pixels[i][p.channel + c],
                          from[static_cast<std::int64_t>(i) * p.channels + c]);
                }
            }
        });
    }

    B& b_;
    convolution c_;
    std::int64_t down_ = (c_.out_h() + side - 1) / side;
    std::int64_t across_ = (c_.out_w() + side - 1) / side;
    std::int64_t at_once_ = 0;
};

} // namespace haiga::device::detail
