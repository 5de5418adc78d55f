#pragma once

#include "haiga/device/cpu/amx_weight_gradient.hpp"
#include "haiga/device/cpu/convolution.hpp"

namespace haiga::device {

namespace detail {

/// [k, k, ci, co] -> [k, k reversed, co, ci], as the sweep over dy wants it: along a row of taps,
/// dy is read forwards while the kernel is read backwards.
template <host_backend B, class C>
void turn_around(B& b, convolution const& c, C const* weights, C* turned)
{
    constexpr std::int64_t tile = 16;
    auto const ci = c.in_channels;
    auto const co = c.out_channels;
    auto const width = whole_lanes(ci);
    auto const strips = (ci + tile - 1) / tile;
    parallel_for(b.team(), c.kernel * c.kernel * strips, [&](std::ptrdiff_t i, int) {
        auto const tap = i / strips;
        auto const ky = tap / c.kernel;
        auto const kx = tap % c.kernel;
        auto const* const from = weights + (ky * c.kernel + (c.kernel - 1 - kx)) * ci * co;
        auto* const to = turned + tap * width * co;
        auto const first = i % strips * tile;
        auto const last = std::min(ci, first + tile);
        for (std::int64_t o = 0; o < co; ++o) {
            for (auto x = first; x < last; ++x) {
                to[o * width + x] = from[x * co + o];
            }
            std::fill(to + o * width + last, to + o * width + std::min(width, first + tile), C{});
        }
    });
}

/// The taps through which an input pixel at (row, column) modulo the stride reaches the output:
/// kernel rows ky with ky = row + padding (mod stride), output row (y + padding - ky) / stride.
class gradient_phases {
public:
    explicit gradient_phases(convolution const& c) : c_(c)
    {
        auto const s = c.stride;
        before_ = std::max<std::int64_t>(0, floor_divide(c.kernel - 1 - c.padding + s - 1, s));
        auto const furthest = (s - 1 + c.padding) / s;
        reach_ = before_ + furthest + 1;
        auto const grid_w = (c.w + s - 1) / s;
        width_ = grid_w - 1 + reach_;
        for (std::int64_t row = 0; row < s; ++row) {
            for (std::int64_t column = 0; column < s; ++column) {
                add_phase(row, column);
            }
        }
    }

    [[nodiscard]] auto all() const -> std::span<phase const> { return {phases_.data(), count_}; }
    [[nodiscard]] auto before() const { return before_; }
    [[nodiscard]] auto reach() const { return reach_; }

private:
    static auto floor_divide(std::int64_t a, std::int64_t b) -> std::int64_t
    {
        return a >= 0 ? a / b : -((-a + b - 1) / b);
    }

    void add_phase(std::int64_t row, std::int64_t column)
    {
        auto const s = c_.stride;
        auto const k = c_.kernel;
        auto const from = used_;
        for (std::int64_t ky = 0; ky < k; ++ky) {
            if ((row + c_.padding - ky) % s != 0) {
                continue;
            }
            auto const y = before_ + floor_divide(row + c_.padding - ky, s);
            if (s == 1) { // a whole row of taps is one run
                auto const x = before_ + column + c_.padding - (k - 1);
                tap(y, x, ky * k);
                continue;
            }
            for (std::int64_t kx = k - 1; kx >= 0; --kx) {
                if ((column + c_.padding - kx) % s == 0) {
                    tap(y, before_ + floor_divide(column + c_.padding - kx, s),
                        ky * k + k - 1 - kx);
                }
            }
        }
        phases_[count_++] = {row,
                             column,
                             {taps_.data() + from, used_ - from},
                             s == 1 ? k * c_.out_channels : c_.out_channels};
    }

    void tap(std::int64_t y, std::int64_t x, std::int64_t matrix)
    {
        taps_[used_++] = {(y * width_ + x) * c_.out_channels,
                          matrix * whole_lanes(c_.in_channels) * c_.out_channels};
    }

    convolution c_;
    std::int64_t before_ = 0, reach_ = 0, width_ = 0;
    std::array<segment, convolution::max_kernel * convolution::max_kernel> taps_{};
    std::array<phase, 16> phases_{};
    std::size_t used_ = 0, count_ = 0;
};

/// dx as a convolution of dy, where the stride is 1: with the kernel turned by half a turn and its
/// matrices transposed.
inline auto backwards(convolution const& c) -> convolution
{
    return {.n = c.n,
            .h = c.out_h(),
            .w = c.out_w(),
            .in_channels = c.out_channels,
            .out_channels = c.in_channels,
            .kernel = c.kernel,
            .padding = c.kernel - 1 - c.padding};
}

template <host_backend B, class T>
auto gradient_in_tiles(B& b, convolution const& c, T const* dy, float const* weights, T* dx) -> bool
{
    return c.stride == 1 && c.extra == 0 && c.padding < c.kernel &&
           convolve_in_tiles(b, backwards(c), dy, weights, kernel_order::backward, nullptr, dx);
}

template <host_backend B, class T>
auto gradient_by_winograd(B& b, convolution const& c, T const* dy, float const* weights, T* dx)
    -> bool
{
    if (!suits_winograd(c)) {
        return false;
    }
    winograd_convolution<B, T> w(b, backwards(c));
    auto const matrix = c.in_channels * c.out_channels;
    auto const size = static_cast<std::size_t>(9 * matrix);
    auto* const turned = static_cast<float*>(b.shared_scratch(size * sizeof(float) + w.scratch()));
    turn_around(b, c, weights, turned);
    auto matrices = matrices_of(turned, matrix);
    std::swap_ranges(matrices.begin(), matrices.begin() + 3, matrices.begin() + 6);
    w.run(dy, matrices, nullptr, dx, turned + size);
    return true;
}

} // namespace detail

/// dx = the gradient of the convolution's input. Assigns. Cost: a copy of the weights in scratch.
template <host_backend B, class T>
void convolve_input_gradient_on_host(B& b, convolution const& c, T const* dy,
                                     compute_t<T> const* weights, T* dx)
{
    using C = compute_t<T>;
    if constexpr (std::is_same_v<C, float>) {
        if (detail::gradient_in_tiles(b, c, dy, weights, dx) ||
            detail::gradient_by_winograd(b, c, dy, weights, dx)) {
            return;
        }
    }
    auto const width = detail::whole_lanes(c.in_channels);
    auto const size = static_cast<std::size_t>(c.kernel * c.kernel * width * c.out_channels);
    auto* const turned = static_cast<C*>(b.shared_scratch(size * sizeof(C)));
    detail::turn_around(b, c, weights, turned);
    detail::gradient_phases const phases(c);
    detail::sweep const s{c.n, c.out_h(), c.out_w(),       c.out_channels, c.h,  c.w, c.in_channels,
                          1,   c.stride,  phases.before(), phases.reach(), width};
    detail::sweeper<B, T>(b, s, dy, turned, nullptr, dx).run(phases.all());
}

namespace detail {

/// dW, in tasks over kernel rows and channels; every task sums over all pixels in one order.
template <host_backend B, class T>
class weight_gradient {
    using C = compute_t<T>;
    static constexpr std::int64_t rows_a_task = 48;
    static constexpr std::int64_t columns_a_task = 128;
    static constexpr std::int64_t pixels_a_block = 64;

public:
    weight_gradient(B& b, convolution const& c, T const* x, T const* dy, C* dw)
        : b_(b), c_(c), x_(x), dy_(dy), dw_(dw), rows_((c.out_h() - 1) * c.stride + c.kernel),
          columns_((c.out_w() - 1) * c.stride + c.kernel), pixels_(c.out_h() * c.out_w()),
          padded_(rows_ * columns_ * c.in_channels), width_(whole_lanes(c.out_channels)),
          copies_dy_(!std::is_same_v<T, C> || width_ != c.out_channels)
    {
        constexpr std::int64_t budget = 1 << 20; // elements of padded pictures at a time
        images_ = std::clamp<std::int64_t>(budget / std::max<std::int64_t>(1, padded_), 1, c.n);
    }

    void run()
    {
        auto const dy_size = copies_dy_ ? images_ * pixels_ * width_ : 0;
        auto const elements = static_cast<std::size_t>(images_ * padded_ + dy_size);
        auto const table = static_cast<std::size_t>(images_ * pixels_);
        auto* const memory =
            static_cast<C*>(b_.shared_scratch(elements * sizeof(C) + table * sizeof(std::int32_t)));
        auto* const rows = reinterpret_cast<std::int32_t*>(memory + elements);
        fill_table(rows);
        for (std::int64_t image = 0; image < c_.n; image += images_) {
            round(image, std::min(images_, c_.n - image), memory, memory + images_ * padded_, rows);
        }
    }

private:
    void fill_table(std::int32_t* rows) const
    {
        for (std::int64_t image = 0; image < images_; ++image) {
            for (std::int64_t y = 0; y < c_.out_h(); ++y) {
                for (std::int64_t x = 0; x < c_.out_w(); ++x) {
                    *rows++ = static_cast<std::int32_t>(
                        image * padded_ + (y * columns_ + x) * c_.stride * c_.in_channels);
                }
            }
        }
    }

    void round(std::int64_t first, std::int64_t images, C* padded, C* converted,
               std::int32_t const* rows)
    {
        auto const* const given = dy_ + first * pixels_ * c_.out_channels;
        parallel_for(b_.team(), images, [&](std::ptrdiff_t i, int) {
            picture const whole{c_.h, c_.w, c_.in_channels};
            copy_padded(x_ + (first + i) * whole.elements(), whole,
                        {-c_.padding, -c_.padding, rows_, columns_}, padded + i * padded_);
            for (auto p = i * pixels_; copies_dy_ && p < (i + 1) * pixels_; ++p) {
                // a row of dy is a picture of one column more than it has: the padding
                copy_padded(given + p * c_.out_channels, {1, c_.out_channels, 1}, {0, 0, 1, width_},
                            converted + p * width_);
            }
        });
        C const* dy = converted;
        if constexpr (std::is_same_v<T, C>) {
            dy = copies_dy_ ? converted : given;
        }
        auto const height = c_.kernel * c_.in_channels; // of dW's matrix for one kernel row
        auto const down = (height + rows_a_task - 1) / rows_a_task;
        auto const across = (width_ + columns_a_task - 1) / columns_a_task;
        // tasks of one size, of whole tiles' rows: a small remainder would leave a thread idle
        auto const rows_each = ((height + down - 1) / down + 5) / 6 * 6;
        parallel_for(b_.team(), c_.kernel * down * across, [&](std::ptrdiff_t i, int thread) {
            auto const column = i % across * columns_a_task;
            auto const row = i / across % down * rows_each;
            task(i / across / down, row, std::min(rows_each, height - row), column,
                 std::min(columns_a_task, width_ - column), padded, dy, rows, images * pixels_,
                 first > 0, thread);
        });
    }

    void task(std::int64_t ky, std::int64_t row, std::int64_t rows, std::int64_t column,
              std::int64_t columns, C const* padded, C const* dy, std::int32_t const* table,
              std::int64_t pixels, bool accumulate, int thread)
    {
        auto* const sum = static_cast<C*>(
            b_.scratch(thread, static_cast<std::size_t>(rows * columns) * sizeof(C)));
        auto const c_rows = evenly<static_cast<std::size_t>(rows_a_task)>(columns);
        segment const tap{ky * columns_ * c_.in_channels + row, column};
        for (std::int64_t first = 0; first < pixels; first += pixels_a_block) {
            auto const count = std::min(pixels_a_block, pixels - first);
            B::block(form::tn,
                     product<C>{.m = rows,
                                .n = columns,
                                .k = count,
                                .a = padded,
                                .a_rows = {table + first, static_cast<std::size_t>(count)},
                                .b = dy + first * width_,
                                .ldb = width_,
                                .c = sum,
                                .c_rows = c_rows,
                                .segments = {&tap, 1},
                                .accumulate = first > 0});
        }
        auto const real = std::min(columns, c_.out_channels - column);
        auto* const out = dw_ + (ky * c_.kernel * c_.in_channels + row) * c_.out_channels + column;
        for (std::int64_t r = 0; r < rows; ++r) {
            for (std::int64_t i = 0; i < real; ++i) {
                auto& to = out[r * c_.out_channels + i];
                to = sum[r * columns + i] + (accumulate ? to : C{});
            }
        }
    }

    B& b_;
    convolution c_;
    T const* x_;
    T const* dy_;
    C* dw_;
    std::int64_t rows_, columns_, pixels_, padded_, width_, images_ = 1;
    bool copies_dy_;
};

} // namespace detail

/// dW = the gradient of the convolution's weights [k, k, ci, co]. Assigns.
template <host_backend B, class T>
void convolve_weight_gradient_on_host(B& b, convolution const& c, T const* x, T const* dy,
                                      compute_t<T>* dw)
{
#if HAIGA_AMX
    if constexpr (B::bf16_tiles && std::is_same_v<T, bf16>) {
        if (detail::amx_weight_gradient<B>::suits(c)) {
            return detail::amx_weight_gradient<B>(b, c, x, dy, dw).run();
        }
    }
#endif
    detail::weight_gradient<B, T>(b, c, x, dy, dw).run();
}

} // namespace haiga::device
