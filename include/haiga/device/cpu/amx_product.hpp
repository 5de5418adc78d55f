#pragma once

#include "haiga/device/cpu/amx_pack.hpp"
#include "haiga/device/cpu/elementwise.hpp"

namespace haiga::device {

#if HAIGA_AMX

/// A matrix product of bf16 in AMX's tiles, in tasks over C. Each element sums its inner dimension
/// in order, so the bytes do not depend on the number of threads.
template <host_backend B, class TB, class TC>
class amx_product {
    static constexpr std::int64_t columns_a_task = 320;
    static constexpr std::int64_t most_rows = 512; ///< the more, the less often B is packed
    static constexpr std::int64_t inner_a_block = 320;

public:
    amx_product(B& b, matrix_product const& p)
        : b_(b), how_(p.how), accumulate_(p.accumulate), x_(static_cast<bf16 const*>(p.a.data())),
          y_(static_cast<TB const*>(p.b.data())), out_(static_cast<TC*>(p.c.data())),
          bias_(static_cast<float const*>(p.bias.data())), lda_(p.a.shape()[-1]),
          ldb_(p.b.shape()[-1]), n_(p.c.shape()[-1]), m_(p.c.elements() / n_),
          k_(how_ == form::tn ? p.a.elements() / lda_ : lda_)
    {
    }

    /// Rows of A, where it lies as tiles want it, are whole tiles.
    static auto suits(matrix_product const& p) -> bool
    {
        return amx::available() && p.c.elements() > 0 && p.a.elements() > 0 &&
               (p.how == form::tn || p.a.shape()[-1] % amx::tile_depth == 0);
    }

    void run()
    {
        auto const across = (n_ + columns_a_task - 1) / columns_a_task;
        auto const rows = rows_a_task(across);
        auto const down = (m_ + rows - 1) / rows;
        parallel_for(b_.team(), down * across, [&](std::ptrdiff_t i, int thread) {
            auto const row = i / across * rows;
            auto const column = i % across * columns_a_task;
            task({row, std::min(rows, m_ - row), column, std::min(columns_a_task, n_ - column)},
                 thread);
        });
    }

private:
    struct rectangle {
        std::int64_t row, rows, column, columns;
    };

    [[nodiscard]] auto rows_a_task(std::int64_t across) const -> std::int64_t
    {
        constexpr std::int64_t tasks_a_thread = 3;
        auto const wanted = (tasks_a_thread * b_.team().threads + across - 1) / across;
        auto const rows = amx::round_up((m_ + wanted - 1) / wanted, 2 * amx::tile_rows);
        return std::min(rows, most_rows);
    }

    /// Scratch of a thread: a block of B, packed, a block of A, where it does not lie as it should,
    /// and the sums.
    void task(rectangle const& at, int thread)
    {
        auto const height = amx::round_up(at.rows, amx::tile_rows);
        auto const width = amx::round_up(at.columns, amx::panel);
        auto const a_rows = how_ == form::tn ? height : amx::tile_rows;
        auto const operands = static_cast<std::size_t>((width + a_rows) * inner_a_block);
        auto const sums_size = static_cast<std::size_t>(height * width);
        auto* const packed = static_cast<bf16*>(
            b_.scratch(thread, operands * sizeof(bf16) + sums_size * sizeof(float)));
        auto* const turned = packed + width * inner_a_block;
        auto* const sums = reinterpret_cast<float*>(packed + operands);
        amx::tiles const tiles;
        for (std::int64_t first = 0; first < k_; first += inner_a_block) {
            auto const k = std::min(inner_a_block, k_ - first);
            pack(at, first, k, packed);
            amx::block part{.m = height,
                            .n = width,
                            .k = amx::round_up(k, amx::tile_depth),
                            .b = packed,
                            .c = sums,
                            .ldc = width,
                            .accumulate = first > 0};
            if (how_ == form::tn) {
                amx::transpose(x_ + first * lda_ + at.row, lda_, k, at.rows, turned, part.k);
                part.a = turned;
                part.lda = part.k;
                amx::multiply(part);
            } else {
                rows_as_they_lie(at, first, part, turned);
            }
        }
        finish(at, sums, width);
    }

    void pack(rectangle const& at, std::int64_t first, std::int64_t k, bf16* to) const
    {
        if (how_ == form::nt) {
            amx::pack_transposed(y_ + at.column * ldb_ + first, ldb_, k, at.columns, to,
                                 amx::round_up(k, amx::tile_depth));
        } else {
            amx::pack(y_ + first * ldb_ + at.column, ldb_, k, at.columns, to,
                      amx::round_up(k, amx::tile_depth));
        }
    }

    /// The last rows, fewer than a tile, are copied: memory may end behind them.
    void rows_as_they_lie(rectangle const& at, std::int64_t first, amx::block part,
                          bf16* last) const
    {
        auto const whole = at.rows / amx::tile_rows * amx::tile_rows;
        part.a = x_ + at.row * lda_ + first;
        part.lda = lda_;
        part.m = whole;
        amx::multiply(part);
        if (whole == at.rows) {
            return;
        }
        for (std::int64_t r = 0; r < amx::tile_rows; ++r) {
            auto* const to = last + r * part.k;
            if (whole + r < at.rows) {
                std::copy_n(part.a + (whole + r) * lda_, part.k, to);
            } else {
                std::fill_n(to, part.k, bf16{});
            }
        }
        part.a = last;
        part.lda = part.k;
        part.c += whole * part.ldc;
        part.m = amx::tile_rows;
        amx::multiply(part);
    }

    void finish(rectangle const& at, float const* sums, std::int64_t width) const
    {
        for (std::int64_t r = 0; r < at.rows; ++r) {
            auto* const to = out_ + (at.row + r) * n_ + at.column;
            auto const* const from = sums + r * width;
            auto const* const bias = bias_ == nullptr ? nullptr : bias_ + at.column;
            vectorised([&]() HAIGA_INLINE_LAMBDA {
                if (bias != nullptr) {
                    for (std::int64_t i = 0; i < at.columns; ++i) {
                        store(to[i], from[i] + bias[i]);
                    }
                } else if (accumulate_) {
                    for (std::int64_t i = 0; i < at.columns; ++i) {
                        store(to[i], from[i] + load(to[i]));
                    }
                } else {
                    for (std::int64_t i = 0; i < at.columns; ++i) {
                        store(to[i], from[i]);
                    }
                }
            });
        }
    }

    B& b_;
    form how_;
    bool accumulate_;
    bf16 const* x_;
    TB const* y_;
    TC* out_;
    float const* bias_;
    std::int64_t lda_, ldb_, n_, m_, k_;
};

#endif

} // namespace haiga::device
