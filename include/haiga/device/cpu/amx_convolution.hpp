#pragma once

#include "haiga/device/convolution.hpp"
#include "haiga/device/cpu/amx_pack.hpp"
#include "haiga/device/cpu/bands.hpp"
#include "haiga/device/cpu/padded.hpp"

namespace haiga::device::detail {

/// How weights [k, k, in, out] are read: as they are, or turned by half a turn, with `in` and `out`
/// exchanged.
enum class kernel_order : std::uint8_t { forward, backward };

#if HAIGA_AMX

/// A convolution of bf16 in AMX's tiles. A task copies its pixels with their margins; each tap of
/// the kernel is then a matrix product whose rows are pixels as they lie in that copy. With stride
/// 1 the rows run on across the margins, between the rows of the picture: what comes out there is
/// dropped.
template <host_backend B>
class amx_convolution {
    static constexpr std::int64_t positions_a_task = 512; ///< the more, the less often B is packed
    static constexpr std::int64_t columns_a_task = 320;
    static constexpr std::int64_t inner_a_block = 320;

public:
    amx_convolution(B& b, convolution const& c, bf16 const* x, float const* weights,
                    kernel_order order, float const* bias, bf16* y)
        : b_(b), c_(c), order_(order), x_(x), weights_(weights), bias_(bias), y_(y),
          in_columns_((c.out_w() - 1) * c.stride + c.kernel),
          bands_(c.n, c.out_h(), c.out_w(), positions_a_task)
    {
    }

    static auto suits(convolution const& c) -> bool
    {
        return amx::available() && c.in_channels % amx::tile_depth == 0;
    }

    void run()
    {
        auto const chunks = (c_.out_channels + columns_a_task - 1) / columns_a_task;
        parallel_for(b_.team(), bands_.count() * chunks, [&](std::ptrdiff_t i, int thread) {
            auto const first = i % chunks * columns_a_task;
            task(bands_[i / chunks], first, std::min(columns_a_task, c_.out_channels - first),
                 thread);
        });
    }

private:
    /// Positions whose pixels are one stride from each other: rows of the products.
    struct line {
        std::int64_t in;     ///< where its first pixel begins in the copy
        std::int64_t length; ///< whole tiles' rows
    };

    [[nodiscard]] auto in_rows() const { return (bands_.rows() - 1) * c_.stride + c_.kernel; }
    [[nodiscard]] auto picture_in_scratch() const
    {
        return in_rows() * in_columns_ * c_.in_channels;
    }
    [[nodiscard]] auto lines_a_picture(band const& at) const
    {
        return c_.stride == 1 ? 1 : at.rows;
    }
    [[nodiscard]] auto line_of(std::int64_t image, std::int64_t row, std::int64_t rows) const
        -> line
    {
        auto const positions = c_.stride == 1 ? (rows - 1) * in_columns_ + c_.out_w() : c_.out_w();
        return {image * picture_in_scratch() + row * c_.stride * in_columns_ * c_.in_channels,
                amx::round_up(positions, amx::tile_rows)};
    }

    void task(band const& at, std::int64_t column, std::int64_t columns, int thread)
    {
        auto const width = amx::round_up(columns, amx::panel);
        auto const beyond = amx::tile_rows * c_.stride * c_.in_channels; // read by the last tile
        auto const input_size = bands_.images() * picture_in_scratch() + beyond;
        auto const packed_size = inner_a_block * width;
        auto const lines = at.images * lines_a_picture(at);
        auto const height = lines * line_of(0, 0, at.rows).length;
        auto* const packed = static_cast<bf16*>(
            b_.scratch(thread, static_cast<std::size_t>(input_size + packed_size) * sizeof(bf16) +
                                   static_cast<std::size_t>(height * width) * sizeof(float)));
        auto* const sums = reinterpret_cast<float*>(packed + packed_size);
        auto* const input = reinterpret_cast<bf16*>(sums + height * width);
        copy_pixels(at, input);
        std::fill_n(input + input_size - beyond, beyond, bf16{});
        amx::tiles const tiles;
        auto const row_of_taps = c_.kernel * c_.in_channels; // pixels side by side: one run
        for (std::int64_t ky = 0; ky < c_.kernel; ++ky) {
            for (std::int64_t k = 0; k < row_of_taps; k += inner_a_block) {
                auto const depth = std::min(inner_a_block, row_of_taps - k);
                pack(ky, k, depth, column, columns, packed);
                amx::block part{.n = width,
                                .k = depth,
                                .lda = c_.stride * c_.in_channels,
                                .b = packed,
                                .c = sums,
                                .ldc = width,
                                .accumulate = ky + k > 0};
                for (std::int64_t i = 0; i < lines; ++i) {
                    auto const l =
                        line_of(i / lines_a_picture(at), i % lines_a_picture(at), at.rows);
                    part.a = input + l.in + ky * in_columns_ * c_.in_channels + k;
                    part.m = l.length;
                    amx::multiply(part);
                    part.c += l.length * width;
                }
            }
        }
        finish(at, column, columns, sums, width);
    }

    void copy_pixels(band const& at, bf16* to) const
    {
        picture const whole{c_.h, c_.w, c_.in_channels};
        for (std::int64_t image = 0; image < at.images; ++image) {
            copy_padded(
                x_ + (at.first_image + image) * whole.elements(), whole,
                {at.first_row * c_.stride - c_.padding, -c_.padding, in_rows(), in_columns_},
                to + image * picture_in_scratch());
        }
    }

    /// Rows [first, first + depth) of the taps of a kernel row, tap by tap.
    void pack(std::int64_t ky, std::int64_t first, std::int64_t depth, std::int64_t column,
              std::int64_t columns, bf16* to) const
    {
        auto const matrix = c_.in_channels * c_.out_channels;
        if (order_ == kernel_order::forward) {
            auto const* const from = weights_ + ky * c_.kernel * matrix + column;
            return amx::pack(from + first * c_.out_channels, c_.out_channels, depth, columns, to,
                             depth);
        }
        for (std::int64_t row = 0; row < depth;) {
            auto const kx = (first + row) / c_.in_channels;
            auto const k = (first + row) % c_.in_channels;
            auto const rows = std::min(depth - row, c_.in_channels - k);
            auto const turned = c_.kernel * c_.kernel - 1 - (ky * c_.kernel + kx);
            amx::pack_transposed(weights_ + turned * matrix + column * c_.in_channels + k,
                                 c_.in_channels, rows, columns, to + row * amx::panel, depth);
            row += rows;
        }
    }

    void finish(band const& at, std::int64_t column, std::int64_t columns, float const* sums,
                std::int64_t width) const
    {
        auto const length = line_of(0, 0, at.rows).length;
        for (std::int64_t image = 0; image < at.images; ++image) {
            for (std::int64_t row = 0; row < at.rows; ++row) {
                auto const from = c_.stride == 1 ? image * length + row * in_columns_
                                                 : (image * at.rows + row) * length;
                auto const pixel =
                    ((at.first_image + image) * c_.out_h() + at.first_row + row) * c_.out_w();
                for (std::int64_t x = 0; x < c_.out_w(); ++x) {
                    store_pixel(sums + (from + x) * width,
                                bias_ == nullptr ? nullptr : bias_ + column, columns,
                                y_ + (pixel + x) * c_.out_channels + column);
                }
            }
        }
    }

    static void store_pixel(float const* from, float const* bias, std::int64_t columns, bf16* to)
    {
        vectorised([&]() HAIGA_INLINE_LAMBDA {
            for (std::int64_t i = 0; bias == nullptr && i < columns; ++i) {
                store(to[i], from[i]);
            }
            for (std::int64_t i = 0; bias != nullptr && i < columns; ++i) {
                store(to[i], from[i] + bias[i]);
            }
        });
    }

    B& b_;
    convolution c_;
    kernel_order order_;
    bf16 const* x_;
    float const* weights_;
    float const* bias_;
    bf16* y_;
    std::int64_t in_columns_;
    bands bands_;
};

#endif

} // namespace haiga::device::detail
