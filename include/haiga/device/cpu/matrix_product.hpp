#pragma once

#include "haiga/device/cpu/elementwise.hpp"

#include <array>

namespace haiga::device {

namespace detail {

/// Sizes that fit first- and second-level caches; the same on every machine, so that sums are
/// taken in the same order everywhere.
inline constexpr std::int64_t rows_a_task = 96;
inline constexpr std::int64_t columns_a_task = 256;
inline constexpr std::int64_t inner_a_block = 384;

/// A rectangle of a stored matrix as the compute type: in place, or converted into scratch.
template <class T>
struct block_of {
    compute_t<T> const* data = nullptr;
    std::int64_t stride = 0;

    block_of(T const* matrix, std::int64_t stride_of_matrix, std::int64_t rows,
             std::int64_t columns, compute_t<T>* scratch)
        : stride(stride_of_matrix)
    {
        if constexpr (std::is_same_v<T, compute_t<T>>) {
            data = matrix;
        } else {
            for (std::int64_t r = 0; r < rows; ++r) {
                auto const* const from = matrix + r * stride_of_matrix;
                auto* const to = scratch + r * columns;
                vectorised([&]() HAIGA_INLINE_LAMBDA {
                    for (std::int64_t c = 0; c < columns; ++c) {
                        to[c] = load(from[c]);
                    }
                });
            }
            data = scratch;
            stride = columns;
        }
    }
};

template <std::size_t N>
auto evenly(std::int64_t stride) -> std::array<std::int32_t, N>
{
    std::array<std::int32_t, N> rows{};
    for (std::size_t i = 0; i < N; ++i) {
        rows[i] = static_cast<std::int32_t>(static_cast<std::int64_t>(i) * stride);
    }
    return rows;
}

} // namespace detail

/// A matrix product on the host, in tasks of fixed size over C; each task sums its inner dimension
/// in order, so the bytes do not depend on the number of threads.
template <host_backend B, class TA, class TB, class TC>
class host_product {
    using C = compute_t<TC>;
    static constexpr auto max_rows = std::max(detail::rows_a_task, detail::inner_a_block);

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
        auto const down = (m_ + detail::rows_a_task - 1) / detail::rows_a_task;
        auto const across = (n_ + detail::columns_a_task - 1) / detail::columns_a_task;
        auto const parts = parts_of_inner(down * across);
        auto const inner = k_ / parts;
        auto* const sums = parts == 1 ? nullptr : static_cast<TC*>(b_.shared_scratch(size(parts)));
        parallel_for(b_.team(), parts * down * across, [&](std::ptrdiff_t i, int thread) {
            auto const at = i / (down * across);
            part const p{.first = at * inner,
                         .last = at + 1 == parts ? k_ : (at + 1) * inner,
                         .out = parts == 1 ? out_ : sums + at * m_ * n_,
                         .accumulate = accumulate_ && parts == 1};
            auto const row = i / across % down * detail::rows_a_task;
            auto const column = i % across * detail::columns_a_task;
            task(p, row, std::min(detail::rows_a_task, m_ - row), column,
                 std::min(detail::columns_a_task, n_ - column), thread);
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

    /// Scratch of a thread: C's rectangle, then A's and B's blocks, each where it needs converting.
    void task(part const& p, std::int64_t row, std::int64_t rows, std::int64_t column,
              std::int64_t columns, int thread)
    {
        constexpr auto c_size = detail::rows_a_task * detail::columns_a_task;
        constexpr auto a_size = detail::rows_a_task * detail::inner_a_block;
        constexpr auto b_size = detail::inner_a_block * detail::columns_a_task;
        auto* const scratch = static_cast<C*>(
            b_.scratch(thread, static_cast<std::size_t>(c_size + a_size + b_size) * sizeof(C)));
        constexpr bool direct = std::is_same_v<TC, C>;
        auto* const to = p.out + row * n_ + column;
        C* c = scratch;
        auto ldc = columns;
        if constexpr (direct) {
            c = to;
            ldc = n_;
        }
        bool const begun = begin(p, c, ldc, row, rows, column, columns);
        for (auto k = p.first; k < p.last; k += detail::inner_a_block) {
            step(c, ldc, row, rows, column, columns, k, std::min(detail::inner_a_block, p.last - k),
                 begun || k > p.first, scratch + c_size, scratch + c_size + a_size);
        }
        for (std::int64_t r = 0; !direct && r < rows; ++r) {
            auto const* const from = c + r * ldc;
            vectorised([&]() HAIGA_INLINE_LAMBDA {
                for (std::int64_t i = 0; i < columns; ++i) {
                    store(to[r * n_ + i], from[i]);
                }
            });
        }
    }

    /// Fills the rectangle with what the product is added to; false if there is no such thing.
    auto begin(part const& p, C* c, std::int64_t ldc, std::int64_t row, std::int64_t rows,
               std::int64_t column, std::int64_t columns) const -> bool
    {
        if (bias_ != nullptr) {
            for (std::int64_t r = 0; r < rows; ++r) {
                std::copy_n(bias_ + column, columns, c + r * ldc);
            }
            return true;
        }
        if constexpr (!std::is_same_v<TC, C>) {
            for (std::int64_t r = 0; p.accumulate && r < rows; ++r) {
                for (std::int64_t i = 0; i < columns; ++i) {
                    c[r * ldc + i] = load(p.out[(row + r) * n_ + column + i]);
                }
            }
        }
        return p.accumulate;
    }

    void step(C* c, std::int64_t ldc, std::int64_t row, std::int64_t rows, std::int64_t column,
              std::int64_t columns, std::int64_t first, std::int64_t k, bool accumulate,
              C* a_scratch, C* b_scratch)
    {
        bool const tn = how_ == form::tn;
        bool const nt = how_ == form::nt;
        detail::block_of<TA> const a(tn ? x_ + first * lda_ + row : x_ + row * lda_ + first, lda_,
                                     tn ? k : rows, tn ? rows : k, a_scratch);
        detail::block_of<TB> const b(nt ? y_ + column * ldb_ + first : y_ + first * ldb_ + column,
                                     ldb_, nt ? columns : k, nt ? k : columns, b_scratch);
        auto const a_rows = detail::evenly<static_cast<std::size_t>(max_rows)>(a.stride);
        auto const c_rows = detail::evenly<static_cast<std::size_t>(detail::rows_a_task)>(ldc);
        segment const whole{};
        B::block(how_, product<C>{.m = rows,
                                  .n = columns,
                                  .k = k,
                                  .a = a.data,
                                  .a_rows = a_rows,
                                  .b = b.data,
                                  .ldb = b.stride,
                                  .c = c,
                                  .c_rows = c_rows,
                                  .segments = {&whole, 1},
                                  .accumulate = accumulate});
    }

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
