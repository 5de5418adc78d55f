#pragma once

#include "haiga/device/cpu/amx_product.hpp"
#include "haiga/device/cpu/blocks.hpp"
#include "haiga/device/cpu/elementwise.hpp"

namespace haiga::device {

/// A matrix product on the host, in tasks over C; each element sums its inner dimension in order,
/// so the bytes do not depend on the number of threads.
template <host_backend B, class TA, class TB, class TC>
class host_product {
    using C = compute_t<TC>;
    static constexpr auto max_rows = std::max(detail::rows_a_block, detail::inner_a_block);

public:
    host_product(B& b, matrix_product const& p)
        : b_(b), how_(p.how), accumulate_(p.accumulate), x_(static_cast<TA const*>(p.a.data())),
          y_(static_cast<TB const*>(p.b.data())), out_(static_cast<TC*>(p.c.data())),
          bias_(static_cast<C const*>(p.bias.data())), lda_(p.a.shape()[-1]), ldb_(p.b.shape()[-1]),
          n_(p.c.shape()[-1]), m_(p.c.elements() / std::max<std::int64_t>(1, n_)),
          k_(how_ == form::tn ? p.a.elements() / std::max<std::int64_t>(1, lda_) : lda_)
    {
        auto const other =
            how_ == form::nt ? ldb_ : p.b.elements() / std::max<std::int64_t>(1, ldb_);
        HAIGA_CHECK(other == k_, "inner dimensions ", k_, " and ", other);
        HAIGA_CHECK((how_ == form::nt ? p.b.elements() / std::max<std::int64_t>(1, ldb_) : ldb_) ==
                    n_);
        HAIGA_CHECK((how_ == form::tn ? lda_ : p.a.elements() / std::max<std::int64_t>(1, lda_)) ==
                    m_);
        HAIGA_CHECK(!accumulate_ || bias_ == nullptr);
        HAIGA_CHECK(std::max({lda_, ldb_, n_}) <= (std::int64_t{1} << 31) / max_rows - 1,
                    "rows are too long to number their elements: ", lda_, ", ", ldb_, ", ", n_);
    }

    void run()
    {
        auto const across = (n_ + detail::columns_a_task - 1) / detail::columns_a_task;
        auto const blocks = (m_ + detail::rows_a_block - 1) / detail::rows_a_block;
        auto const parts = parts_of_inner(blocks * across);
        auto const rows = detail::rows_a_block * blocks_a_task(parts * blocks * across);
        auto const down = (m_ + rows - 1) / rows;
        auto const inner = k_ / parts;
        auto* const sums = parts == 1 ? nullptr : static_cast<TC*>(b_.shared_scratch(size(parts)));
        parallel_for(b_.team(), parts * down * across, [&](std::ptrdiff_t i, int thread) {
            auto const at = i / (down * across);
            part const p{.first = at * inner,
                         .last = at + 1 == parts ? k_ : (at + 1) * inner,
                         .out = parts == 1 ? out_ : sums + at * m_ * n_,
                         .accumulate = accumulate_ && parts == 1};
            auto const row = i / across % down * rows;
            auto const column = i % across * detail::columns_a_task;
            task(p,
                 {row, std::min(rows, m_ - row), column,
                  std::min(detail::columns_a_task, n_ - column)},
                 thread);
        });
        if (parts > 1) {
            add_parts(parts, sums);
        }
    }

private:
    /// A range of the inner dimension, and where its sums go.
    struct part {
        std::int64_t first, last;
        TC* out;
        bool accumulate;
    };
    /// A rectangle of C.
    struct rectangle {
        std::int64_t row, rows, column, columns;
    };

    /// Blocks of rows that take the same columns of B in turn, while these are near: as many as
    /// leave every thread some tasks.
    [[nodiscard]] auto blocks_a_task(std::int64_t blocks) const -> std::int64_t
    {
        constexpr std::int64_t most = 4, tasks_a_thread = 4;
        return std::clamp<std::int64_t>(blocks / (tasks_a_thread * b_.team().threads), 1, most);
    }

    /// Gradients of small weights are few tasks, each with a long inner dimension: that is cut too,
    /// by a rule that does not look at the number of threads.
    [[nodiscard]] auto parts_of_inner(std::int64_t tasks) const -> std::int64_t
    {
        constexpr std::int64_t enough = 16;
        return how_ == form::tn && std::is_same_v<TC, C>
                   ? std::clamp<std::int64_t>(k_ / detail::inner_a_block, 1,
                                              (enough + tasks - 1) /
                                                  std::max<std::int64_t>(1, tasks))
                   : 1;
    }

    [[nodiscard]] auto size(std::int64_t parts) const -> std::size_t
    {
        return static_cast<std::size_t>(parts * m_ * n_) * sizeof(TC);
    }

    void add_parts(std::int64_t parts, TC const* sums)
    {
        auto const elements = m_ * n_;
        for_each_piece(b_, elements, [&](std::int64_t first, std::int64_t last) {
            vectorised([&]() HAIGA_INLINE_LAMBDA {
                for (std::int64_t p = 0; p < parts; ++p) {
                    auto const* const from = sums + p * elements;
                    bool const begun = p > 0 || accumulate_;
                    for (auto i = first; i < last; ++i) {
                        store(out_[i], load(from[i]) + (begun ? load(out_[i]) : C{}));
                    }
                }
            });
        });
    }

    /// Scratch of a thread: A's and B's blocks, each where it needs converting or copying, then C's
    /// rectangle.
    void task(part const& p, rectangle const& at, int thread)
    {
        constexpr bool direct = std::is_same_v<TC, C>;
        constexpr auto a_size =
            std::max(detail::rows_a_block * detail::row_in_scratch(detail::inner_a_block),
                     detail::inner_a_block * detail::row_in_scratch(detail::rows_a_block));
        constexpr auto b_size =
            std::max(detail::inner_a_block * detail::row_in_scratch(detail::columns_a_task),
                     detail::columns_a_task * detail::row_in_scratch(detail::inner_a_block));
        auto const c_size = direct ? 0 : at.rows * at.columns;
        auto* const scratch = static_cast<C*>(
            b_.scratch(thread, static_cast<std::size_t>(a_size + b_size + c_size) * sizeof(C)));
        auto* const to = p.out + at.row * n_ + at.column;
        C* c = scratch + a_size + b_size;
        auto ldc = at.columns;
        if constexpr (direct) {
            c = to;
            ldc = n_;
        }
        bool const begun = begin(p, at, c, ldc);
        for (auto k = p.first; k < p.last; k += detail::inner_a_block) {
            step(at, k, std::min(detail::inner_a_block, p.last - k), begun || k > p.first, c, ldc,
                 scratch, scratch + a_size);
        }
        for (std::int64_t r = 0; !direct && r < at.rows; ++r) {
            auto const* const from = c + r * ldc;
            vectorised([&]() HAIGA_INLINE_LAMBDA {
                for (std::int64_t i = 0; i < at.columns; ++i) {
                    store(to[r * n_ + i], from[i]);
                }
            });
        }
    }

    /// Fills the rectangle with what the product is added to; false if there is no such thing.
    auto begin(part const& p, rectangle const& at, C* c, std::int64_t ldc) const -> bool
    {
        if (bias_ != nullptr) {
            for (std::int64_t r = 0; r < at.rows; ++r) {
                std::copy_n(bias_ + at.column, at.columns, c + r * ldc);
            }
            return true;
        }
        if constexpr (!std::is_same_v<TC, C>) {
            for (std::int64_t r = 0; p.accumulate && r < at.rows; ++r) {
                for (std::int64_t i = 0; i < at.columns; ++i) {
                    c[r * ldc + i] = load(p.out[(at.row + r) * n_ + at.column + i]);
                }
            }
        }
        return p.accumulate;
    }

    /// The part of the sums that [first, first + k) of the inner dimension gives.
    void step(rectangle const& at, std::int64_t first, std::int64_t k, bool accumulate, C* c,
              std::int64_t ldc, C* a_scratch, C* b_scratch)
    {
        bool const tn = how_ == form::tn;
        bool const nt = how_ == form::nt;
        detail::block_of<TB> const b(nt ? y_ + at.column * ldb_ + first
                                        : y_ + first * ldb_ + at.column,
                                     ldb_, nt ? at.columns : k, nt ? k : at.columns, b_scratch,
                                     !nt && detail::meet_in_cache(ldb_) && at.rows >= worth_a_copy);
        for (std::int64_t r = 0; r < at.rows; r += detail::rows_a_block) {
            auto const row = at.row + r;
            auto const rows = std::min(detail::rows_a_block, at.rows - r);
            detail::block_of<TA> const a(tn ? x_ + first * lda_ + row : x_ + row * lda_ + first,
                                         lda_, tn ? k : rows, tn ? rows : k, a_scratch,
                                         tn && detail::meet_in_cache(lda_) &&
                                             at.columns >= worth_a_copy);
            multiply({rows, at.columns, k}, a, b, c + r * ldc, ldc, accumulate);
        }
    }

    struct sizes {
        std::int64_t m, n, k;
    };
    void multiply(sizes const& s, detail::block_of<TA> const& a, detail::block_of<TB> const& b,
                  C* c, std::int64_t ldc, bool accumulate) const
    {
        auto const a_rows = detail::evenly<static_cast<std::size_t>(max_rows)>(a.stride);
        auto const c_rows = detail::evenly<static_cast<std::size_t>(detail::rows_a_block)>(ldc);
        segment const whole{};
        B::block(how_, product<C>{.m = s.m,
                                  .n = s.n,
                                  .k = s.k,
                                  .a = a.data,
                                  .a_rows = a_rows,
                                  .b = b.data,
                                  .ldb = b.stride,
                                  .c = c,
                                  .c_rows = c_rows,
                                  .segments = {&whole, 1},
                                  .accumulate = accumulate});
    }

    static constexpr std::int64_t worth_a_copy = 32; ///< times that a block is read

    B& b_;
    form how_;
    bool accumulate_;
    TA const* x_;
    TB const* y_;
    TC* out_;
    C const* bias_;
    std::int64_t lda_, ldb_, n_, m_, k_;
};

namespace detail {

/// In bf16, in tiles of the processor's, where it has them and B takes them.
template <host_backend B, class TA, class TB, class TC>
auto multiply_in_tiles(B& b, matrix_product const& p) -> bool
{
#if HAIGA_AMX
    if constexpr (B::bf16_tiles && std::is_same_v<TA, bf16>) {
        if (amx_product<B, TB, TC>::suits(p)) {
            amx_product<B, TB, TC>(b, p).run();
            return true;
        }
    }
#endif
    return false;
}

/// The same product with B's transpose in scratch: the form whose tiles waste nothing on sums
/// across lanes, worth the copy where B meets many rows.
template <host_backend B>
auto turned(B& b, matrix_product p) -> matrix_product
{
    auto const k = p.b.shape()[-1];
    auto const n = p.b.elements() / k;
    auto* const to = b.shared_scratch(p.b.bytes());
    with_type(p.b.type(), [&]<class T>(T) {
        constexpr std::int64_t strip = 16;
        parallel_for(b.team(), (n + strip - 1) / strip, [&](std::ptrdiff_t i, int) {
            auto const last = std::min(n, (i + 1) * strip);
            for (std::int64_t row = 0; row < k; ++row) {
                for (auto column = i * strip; column < last; ++column) {
                    static_cast<T*>(to)[row * n + column] =
                        static_cast<T const*>(p.b.data())[column * k + row];
                }
            }
        });
    });
    p.how = form::nn;
    p.b = any_view(to, p.b.type(), {k, n});
    return p;
}

} // namespace detail

/// Dispatches over the storage types that graphs make: activations T, weights and gradients in what
/// T is computed in.
template <host_backend B>
void multiply_on_host(B& b, matrix_product const& p)
{
    with_type(p.a.type(), [&]<class T>(T) {
        using C = compute_t<T>;
        bool const to_weights = p.how == form::tn;
        HAIGA_CHECK(p.b.type() == (to_weights ? dtype_of<T> : dtype_of<C>));
        HAIGA_CHECK(p.c.type() == (to_weights ? dtype_of<C> : dtype_of<T>));
        if (to_weights ? detail::multiply_in_tiles<B, T, T, C>(b, p)
                       : detail::multiply_in_tiles<B, T, C, T>(b, p)) {
            return;
        }
        if (to_weights) {
            host_product<B, T, T, C>(b, p).run();
        } else if (p.how == form::nt && p.a.elements() / p.a.shape()[-1] >= 32) {
            host_product<B, T, C, T>(b, detail::turned(b, p)).run();
        } else {
            host_product<B, T, C, T>(b, p).run();
        }
    });
}

} // namespace haiga::device
