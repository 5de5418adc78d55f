#pragma once

#include "haiga/device/convolution.hpp"
#include "haiga/device/cpu/amx_pack.hpp"
#include "haiga/device/cpu/padded.hpp"

namespace haiga::device::detail {

#if HAIGA_AMX

/// dW of a convolution of bf16 in AMX's tiles. Pictures are laid out with their margins, one
/// position after another; x turned, [channels, positions], so that every tap of the kernel is the
/// product of x, shifted, and dy, with zeros in dy's margins. The sums are taken in one order.
template <host_backend B>
class amx_weight_gradient {
    static constexpr std::int64_t rows_a_task = 128;
    static constexpr std::int64_t columns_a_task = 320;
    static constexpr std::int64_t inner_a_block = 320;

public:
    amx_weight_gradient(B& b, convolution const& c, bf16 const* x, bf16 const* dy, float* dw)
        : b_(b), c_(c), x_(x), dy_(dy), dw_(dw), columns_(c.out_w() + c.kernel - 1),
          picture_((c.out_h() + c.kernel - 1) * columns_),
          width_(amx::round_up(c.out_channels, amx::panel))
    {
        constexpr std::int64_t budget = 1 << 22; // elements of pictures at a time
        auto const widest = std::max(c.in_channels, c.out_channels);
        images_ = std::clamp<std::int64_t>(budget / (picture_ * widest), 1, c.n);
    }

    static auto suits(convolution const& c) -> bool
    {
        return amx::available() && c.stride == 1 && c.in_channels >= amx::tile_rows;
    }

    void run()
    {
        for (std::int64_t first = 0; first < c_.n; first += images_) {
            round(first, std::min(images_, c_.n - first));
        }
    }

private:
    /// Where operands lie in shared scratch.
    struct operands {
        bf16* plain;  ///< [positions, channels] of x, then of dy
        bf16* turned; ///< x: [channels, positions], rows apart_ elements apart
        bf16* packed; ///< dy: blocks of [inner_a_block, width_]
    };

    void round(std::int64_t first, std::int64_t images)
    {
        auto const positions = images * picture_;
        auto const blocks = (positions + inner_a_block - 1) / inner_a_block;
        auto const shift = (c_.kernel - 1) * (columns_ + 1); // of the last tap
        apart_ = (amx::round_up(blocks * inner_a_block + shift, 32) / 32 | 1) * 32;
        auto const height = amx::round_up(c_.in_channels, amx::tile_rows);
        auto const plain = positions * std::max(c_.in_channels, c_.out_channels);
        auto const turned = height * apart_;
        auto const packed = blocks * inner_a_block * width_;
        auto* const memory = static_cast<bf16*>(b_.shared_scratch(
            static_cast<std::size_t>(plain + turned + packed + 64) * sizeof(bf16)));
        operands const o{memory + turned + packed, memory, memory + turned};
        turn(o, first, images);
        pack(o, first, images, blocks);
        multiply(o, positions, first > 0);
    }

    void turn(operands const& o, std::int64_t first, std::int64_t images)
    {
        picture const whole{c_.h, c_.w, c_.in_channels};
        parallel_for(b_.team(), images, [&](std::ptrdiff_t i, int) {
            copy_padded(x_ + (first + i) * whole.elements(), whole,
                        {-c_.padding, -c_.padding, picture_ / columns_, columns_},
                        o.plain + i * picture_ * c_.in_channels);
        });
        auto const strips = (c_.in_channels + amx::tile_rows - 1) / amx::tile_rows;
        parallel_for(b_.team(), strips, [&](std::ptrdiff_t i, int) {
            auto const channel = i * amx::tile_rows;
            amx::transpose(o.plain + channel, c_.in_channels, images * picture_,
                           std::min(amx::tile_rows, c_.in_channels - channel),
                           o.turned + channel * apart_, apart_);
        });
    }

    void pack(operands const& o, std::int64_t first, std::int64_t images, std::int64_t blocks)
    {
        picture const whole{c_.out_h(), c_.out_w(), c_.out_channels};
        parallel_for(b_.team(), images, [&](std::ptrdiff_t i, int) {
            copy_padded(dy_ + (first + i) * whole.elements(), whole,
                        {0, 0, picture_ / columns_, columns_},
                        o.plain + i * picture_ * c_.out_channels);
        });
        parallel_for(b_.team(), blocks, [&](std::ptrdiff_t i, int) {
            auto const position = i * inner_a_block;
            auto* const to = o.packed + position * width_;
            auto const k = std::min(inner_a_block, images * picture_ - position);
            amx::pack(o.plain + position * c_.out_channels, c_.out_channels, k, c_.out_channels, to,
                      amx::round_up(k, amx::tile_depth));
        });
    }

    void multiply(operands const& o, std::int64_t positions, bool accumulate)
    {
        auto const blocks = (positions + inner_a_block - 1) / inner_a_block;
        auto const down = (c_.in_channels + rows_a_task - 1) / rows_a_task;
        auto const across = (width_ + columns_a_task - 1) / columns_a_task;
        auto const last = amx::round_up(positions - (blocks - 1) * inner_a_block, 32);
        parallel_for(
            b_.team(), c_.kernel * c_.kernel * down * across, [&](std::ptrdiff_t i, int thread) {
                auto const tap = i / (down * across);
                auto const row = i / across % down * rows_a_task;
                auto const column = i % across * columns_a_task;
                auto const m =
                    amx::round_up(std::min(rows_a_task, c_.in_channels - row), amx::tile_rows);
                auto const n = std::min(columns_a_task, width_ - column);
                auto* const sums = static_cast<float*>(
                    b_.scratch(thread, static_cast<std::size_t>(m * n) * sizeof(float)));
                auto const shift = tap / c_.kernel * columns_ + tap % c_.kernel;
                amx::tiles const configured;
                for (std::int64_t block = 0; block < blocks; ++block) {
                    auto const k = block + 1 == blocks ? last : inner_a_block;
                    amx::multiply({.m = m,
                                   .n = n,
                                   .k = k,
                                   .a = o.turned + row * apart_ + block * inner_a_block + shift,
                                   .lda = apart_,
                                   .b = o.packed + block * inner_a_block * width_ + column * k,
                                   .c = sums,
                                   .ldc = n,
                                   .accumulate = block > 0});
                }
                write(tap, row, column, n, sums, accumulate);
            });
    }

    void write(std::int64_t tap, std::int64_t row, std::int64_t column, std::int64_t n,
               float const* sums, bool accumulate) const
    {
        auto const rows = std::min(rows_a_task, c_.in_channels - row);
        auto const columns = std::min(n, c_.out_channels - column);
        for (std::int64_t r = 0; r < rows; ++r, sums += n) {
            auto* const to = dw_ + (tap * c_.in_channels + row + r) * c_.out_channels + column;
            vectorised([&]() HAIGA_INLINE_LAMBDA {
                for (std::int64_t i = 0; i < columns; ++i) {
                    to[i] = sums[i] + (accumulate ? to[i] : 0.0F);
                }
            });
        }
    }

    B& b_;
    convolution c_;
    bf16 const* x_;
    bf16 const* dy_;
    float* dw_;
    std::int64_t columns_; ///< of a picture with its margins
    std::int64_t picture_; ///< positions of one
    std::int64_t width_, apart_ = 0, images_ = 1;
};

#endif

} // namespace haiga::device::detail
