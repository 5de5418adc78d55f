#pragma once

#include "haiga/device/convolution.hpp"
#include "haiga/device/cpu/amx_convolution.hpp"
#include "haiga/device/cpu/bands.hpp"
#include "haiga/device/cpu/matrix_product.hpp"
#include "haiga/device/cpu/padded.hpp"
#include "haiga/device/cpu/winograd.hpp"

#include <algorithm>
#include <vector>

namespace haiga::device {

namespace detail {

/// Rows of matrices are padded to whole vectors, so that tiles need no ragged edge.
inline auto whole_lanes(std::int64_t n) -> std::int64_t
{
    std::int64_t const lanes = loop_isa() == isa::avx512 ? 16 : 8;
    return (n + lanes - 1) / lanes * lanes;
}

/// One pass over a grid of positions, each the sum over taps of a padded picture's pixels times a
/// matrix [in_channels, out_channels]: the forward pass of a convolution, and the gradient of its
/// input once its weights are turned around. The taps of a row lie side by side in memory, so they
/// are one segment of the inner dimension; nothing is copied into columns.
struct sweep {
    std::int64_t n, in_h, in_w, in_channels, out_h, out_w, out_channels;
    std::int64_t in_step;  ///< pixels of the input from one position to the next
    std::int64_t out_step; ///< pixels of the output from one position to the next
    std::int64_t before;   ///< zero pixels before the first row and column
    std::int64_t reach;    ///< pixels of the input that one position may see, along each axis
    std::int64_t width;    ///< of the matrices: out_channels, padded to whole lanes
};

/// The taps that reach outputs at (row, column) modulo out_step.
struct phase {
    std::int64_t row, column;
    std::span<segment const> taps;
    std::int64_t inner; ///< length of every tap
};

template <host_backend B, class T>
class sweeper {
    using C = compute_t<T>;
    static constexpr std::int64_t positions_a_task = 192;

public:
    sweeper(B& b, sweep const& s, T const* in, C const* weights, C const* bias, T* out)
        : b_(b), s_(s), in_(in), weights_(weights), bias_(bias), out_(out),
          grid_h_((s.out_h + s.out_step - 1) / s.out_step),
          grid_w_((s.out_w + s.out_step - 1) / s.out_step),
          bands_(s.n, grid_h_, grid_w_, positions_a_task)
    {
    }

    void run(std::span<phase const> phases)
    {
        // few tasks: let several share a band, each with some of the channels. How many threads
        // there are does not matter: engines may sum in another order where a task is narrower.
        constexpr std::int64_t enough = 8;
        auto const wanted = (enough + bands_.count() - 1) / bands_.count();
        auto const most = std::max<std::int64_t>(1, s_.width / 32);
        auto const across = std::clamp<std::int64_t>(wanted, 1, most);
        auto const chunk = whole_lanes((s_.width + across - 1) / across);
        auto const chunks = (s_.width + chunk - 1) / chunk;
        parallel_for(b_.team(), bands_.count() * chunks, [&](std::ptrdiff_t i, int thread) {
            auto const first = i % chunks * chunk;
            task(bands_[i / chunks], first, std::min(chunk, s_.width - first), phases, thread);
        });
    }

private:
    void task(band at, std::int64_t first, std::int64_t channels, std::span<phase const> phases,
              int thread)
    {
        auto const in_rows = (bands_.rows() - 1) * s_.in_step + s_.reach;
        auto const in_columns = (grid_w_ - 1) * s_.in_step + s_.reach;
        auto const positions = bands_.most_positions(grid_w_);
        auto const input_size = bands_.images() * in_rows * in_columns * s_.in_channels;
        auto const tables = static_cast<std::size_t>(2 * positions) * sizeof(std::int32_t);
        auto const sizes = static_cast<std::size_t>(input_size + positions * channels) * sizeof(C);
        auto* const input = static_cast<C*>(b_.scratch(thread, sizes + tables));
        auto* const tile = input + input_size;
        auto* const a_rows = reinterpret_cast<std::int32_t*>(tile + positions * channels);
        picture const whole{s_.in_h, s_.in_w, s_.in_channels};
        for (std::int64_t image = 0; image < at.images; ++image) {
            copy_padded(in_ + (at.first_image + image) * whole.elements(), whole,
                        {at.first_row * s_.in_step - s_.before, -s_.before, in_rows, in_columns},
                        input + image * in_rows * in_columns * s_.in_channels);
        }
        for (auto const& p : phases) {
            one_phase(p, at, in_rows, in_columns, first, channels, input, tile,
                      {a_rows, static_cast<std::size_t>(positions)});
        }
    }

    void one_phase(phase const& p, band at, std::int64_t in_rows, std::int64_t in_columns,
                   std::int64_t first, std::int64_t channels, C const* input, C* tile,
                   std::span<std::int32_t> a_rows)
    {
        auto* const c_rows = a_rows.data() + a_rows.size();
        std::int64_t m = 0;
        auto const columns = (s_.out_w - p.column + s_.out_step - 1) / s_.out_step;
        for (std::int64_t image = 0; image < at.images; ++image) {
            for (std::int64_t row = 0; row < at.rows; ++row) {
                if ((at.first_row + row) * s_.out_step + p.row >= s_.out_h) {
                    continue;
                }
                auto const a = ((image * in_rows) + row * s_.in_step) * in_columns;
                for (std::int64_t column = 0; column < columns; ++column, ++m) {
                    a_rows[static_cast<std::size_t>(m)] =
                        static_cast<std::int32_t>((a + column * s_.in_step) * s_.in_channels);
                    c_rows[m] = static_cast<std::int32_t>(m * channels);
                }
            }
        }
        multiply(p, m, first, channels, input, tile, a_rows.data(), c_rows);
        scatter(p, at, first, channels, columns, tile);
    }

    void multiply(phase const& p, std::int64_t m, std::int64_t first, std::int64_t channels,
                  C const* input, C* tile, std::int32_t const* a_rows, std::int32_t const* c_rows)
    {
        bool accumulate = bias_ != nullptr;
        for (std::int64_t i = 0; accumulate && i < m; ++i) {
            std::copy_n(bias_ + first, real(first, channels), tile + i * channels);
        }
        if (p.taps.empty()) {
            std::fill_n(tile, m * channels, C{});
        }
        auto const count = static_cast<std::size_t>(m);
        // a segment at a time where all together would not stay in the nearest caches
        auto const together = p.inner > 512 ? 1 : p.taps.size();
        for (std::size_t i = 0; i < p.taps.size(); i += together) {
            B::block(form::nn, product<C>{.m = m,
                                          .n = channels,
                                          .k = p.inner,
                                          .a = input,
                                          .a_rows = {a_rows, count},
                                          .b = weights_ + first,
                                          .ldb = s_.width,
                                          .c = tile,
                                          .c_rows = {c_rows, count},
                                          .segments = p.taps.subspan(
                                              i, std::min(together, p.taps.size() - i)),
                                          .accumulate = accumulate});
            accumulate = true;
        }
    }

    void scatter(phase const& p, band at, std::int64_t first, std::int64_t channels,
                 std::int64_t columns, C const* tile)
    {
        for (std::int64_t image = 0; image < at.images; ++image) {
            for (std::int64_t row = 0; row < at.rows; ++row) {
                auto const y = (at.first_row + row) * s_.out_step + p.row;
                if (y >= s_.out_h) {
                    continue;
                }
                T* const line = out_ +
                                (((at.first_image + image) * s_.out_h + y) * s_.out_w + p.column) *
                                    s_.out_channels +
                                first;
                store_rows(tile, channels, line, s_.out_step * s_.out_channels, columns,
                           real(first, channels));
                tile += columns * channels;
            }
        }
    }

    static void store_rows(C const* from, std::int64_t from_stride, T* to, std::int64_t to_stride,
                           std::int64_t rows, std::int64_t columns)
    {
        vectorised([&]() HAIGA_INLINE_LAMBDA {
            for (std::int64_t i = 0; i < rows; ++i) {
                for (std::int64_t c = 0; c < columns; ++c) {
                    store(to[i * to_stride + c], from[i * from_stride + c]);
                }
            }
        });
    }

    /// How many of the channels [first, first + channels) are not padding.
    [[nodiscard]] auto real(std::int64_t first, std::int64_t channels) const -> std::int64_t
    {
        return std::min(channels, s_.out_channels - first);
    }

    B& b_;
    sweep s_;
    T const* in_;
    C const* weights_;
    C const* bias_;
    T* out_;
    std::int64_t grid_h_, grid_w_;
    bands bands_;
};

} // namespace detail

namespace detail {

/// Weights whose rows are whole lanes: as they are, or copied with zeros behind every row.
template <host_backend B, class C>
auto padded_weights(B& b, convolution const& c, C const* weights) -> C const*
{
    auto const width = whole_lanes(c.out_channels);
    if (width == c.out_channels) {
        return weights;
    }
    auto const rows = c.kernel * c.kernel * c.in_channels;
    auto* const to =
        static_cast<C*>(b.shared_scratch(static_cast<std::size_t>(rows * width) * sizeof(C)));
    for (std::int64_t row = 0; row < rows; ++row) {
        auto* const end =
            std::copy_n(weights + row * c.out_channels, c.out_channels, to + row * width);
        std::fill(end, to + (row + 1) * width, C{});
    }
    return to;
}

} // namespace detail

namespace detail {

/// In bf16, in tiles of the processor's, where it has them and B takes them.
template <host_backend B, class T>
auto convolve_in_tiles(B& b, convolution const& c, T const* x, float const* weights,
                       kernel_order order, float const* bias, T* y) -> bool
{
#if HAIGA_AMX
    if constexpr (B::bf16_tiles && std::is_same_v<T, bf16>) {
        if (amx_convolution<B>::suits(c)) {
            amx_convolution<B>(b, c, x, weights, order, bias, y).run();
            return true;
        }
    }
#endif
    return false;
}

/// By winograd.hpp, where that pays.
template <host_backend B, class T>
auto convolve_by_winograd(B& b, convolution const& c, T const* x, float const* weights,
                          float const* bias, T* y) -> bool
{
    if (!suits_winograd(c)) {
        return false;
    }
    winograd_convolution<B, T> w(b, c);
    auto* const memory = static_cast<float*>(b.shared_scratch(w.scratch()));
    w.run(x, matrices_of(weights, c.in_channels * c.out_channels), bias, y, memory);
    return true;
}

} // namespace detail

/// y = the convolution of x. Types: x and y store T; weights [k, k, ci, co] and bias as computed.
template <host_backend B, class T>
void convolve_on_host(B& b, convolution const& c, T const* x, compute_t<T> const* weights,
                      compute_t<T> const* bias, T* y)
{
    if constexpr (std::is_same_v<compute_t<T>, float>) {
        if (detail::convolve_in_tiles(b, c, x, weights, detail::kernel_order::forward, bias, y) ||
            detail::convolve_by_winograd(b, c, x, weights, bias, y)) {
            return;
        }
    }
    std::array<segment, convolution::max_kernel> taps{};
    auto const columns = (c.out_w() - 1) * c.stride + c.kernel; // as sweeper lays them out
    auto const width = detail::whole_lanes(c.out_channels);
    for (std::int64_t ky = 0; ky < c.kernel; ++ky) {
        taps[static_cast<std::size_t>(ky)] = {ky * columns * c.in_channels,
                                              ky * c.kernel * c.in_channels * width};
    }
    detail::phase const only{0, 0, std::span(taps).first(static_cast<std::size_t>(c.kernel)),
                             c.kernel * c.in_channels};
    detail::sweep const s{
        c.n,      c.h, c.w,       c.in_channels, c.out_h(), c.out_w(), c.out_channels,
        c.stride, 1,   c.padding, c.kernel,      width};
    detail::sweeper<B, T>(b, s, x, detail::padded_weights(b, c, weights), bias, y).run({&only, 1});
}

} // namespace haiga::device
