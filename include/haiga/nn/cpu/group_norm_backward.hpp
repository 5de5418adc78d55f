#pragma once

#include "haiga/device/op.hpp"
#include "haiga/nn/cpu/group_norm.hpp"
#include "haiga/nn/silu.hpp"

#include <algorithm>
#include <type_traits>

namespace haiga::nn::cpu {

template <bool Silu, class C>
HAIGA_ALWAYS_INLINE auto through_activation(C z, C dy) -> C
{
    return Silu ? through_silu(z, dy) : dy;
}

/// sums: two rows, of dz and of dz (x - mean), where z is what gamma and beta made. Summed in local
/// arrays, which the compiler knows to be apart from everything else. If Keep, dz itself goes to
/// kept, which may be dy.
template <bool Silu, bool Keep, class T, class C>
void sum_gradients(T const* x, T const* dy, T* kept, std::int64_t size, std::int64_t width,
                   C const* columns, C* sums)
{
    constexpr std::int64_t tile = 256;
    vectorised([=]() HAIGA_INLINE_LAMBDA {
        for (std::int64_t first = 0; first < width; first += tile) {
            auto const wide = std::min(tile, width - first);
            C of_dz[tile] = {};
            C of_dz_d[tile] = {};
            for (auto row = first; row < size; row += width) {
                auto const here = std::min(wide, size - row);
                for (std::int64_t i = 0; i < here; ++i) {
                    auto const c = first + i;
                    auto const d = device::load(x[row + i]) - columns[c];
                    auto const z = d * columns[width + c] + columns[2 * width + c];
                    auto const dz = through_activation<Silu>(z, device::load(dy[row + i]));
                    of_dz[i] += dz;
                    of_dz_d[i] += dz * d;
                    if constexpr (Keep) {
                        device::store(kept[row + i], dz);
                    }
                }
            }
            std::copy_n(of_dz, wide, sums + first);
            std::copy_n(of_dz_d, wide, sums + width + first);
        }
    });
}

/// columns has two more rows: dx = dz factor - constant - (x - mean) slope.
template <bool Silu, class T, class C>
void input_gradient(T const* x, T const* dy, T* dx, std::int64_t size, std::int64_t width,
                    C const* columns)
{
    walk_rows(size, width, [=](std::int64_t i, std::int64_t c) HAIGA_INLINE_LAMBDA {
        auto const d = device::load(x[i]) - columns[c];
        auto const z = d * columns[width + c] + columns[2 * width + c];
        auto const dz = through_activation<Silu>(z, device::load(dy[i]));
        device::store(dx[i], dz * columns[width + c] - columns[3 * width + c] -
                                 d * columns[4 * width + c]);
    });
}

/// One sample's sums over its pieces go into its first piece, [2][channels]; what they mean for dx
/// goes to where stats has the group's mean and deviation.
template <class T, class C>
void finish_sums(group_operands<T> const& in, std::int64_t n, C* sums, C* constant_and_slope)
{
    auto const channels = in.rows.channels;
    for (std::int64_t c = 0; c < 2 * channels; ++c) {
        double sum = 0;
        for (std::int64_t p = 0; p < in.rows.pieces; ++p) {
            sum += static_cast<double>(sums[p * 2 * channels + c]);
        }
        sums[c] = static_cast<C>(sum);
    }
    auto const a_group = channels / in.groups;
    auto const count = static_cast<double>(in.rows.sample_size() / in.groups);
    for (std::int64_t first = 0; first < channels; first += a_group) {
        double of_dz = 0;
        double of_dz_d = 0;
        for (auto c = first; c < first + a_group; ++c) {
            of_dz += static_cast<double>(in.gamma[c] * sums[c]);
            of_dz_d += static_cast<double>(in.gamma[c] * sums[channels + c]);
        }
        auto const at = in.slot(n, first);
        auto const r = static_cast<double>(in.stats[at + 1]);
        constant_and_slope[at] = static_cast<C>(r * of_dz / count);
        constant_and_slope[at + 1] = static_cast<C>(r * r * r * of_dz_d / count);
    }
}

/// dgamma and dbeta from the sums of all samples, `a_sample` elements apart.
template <class T, class C>
void parameter_gradients(group_operands<T> const& in, C const* sums, std::int64_t a_sample,
                         C* dgamma, C* dbeta)
{
    auto const channels = in.rows.channels;
    for (std::int64_t c = 0; c < channels; ++c) {
        double by_gamma = 0;
        double by_beta = 0;
        for (std::int64_t n = 0; n < in.rows.samples; ++n) {
            auto const* const s = sums + n * a_sample;
            by_beta += static_cast<double>(s[c]);
            by_gamma += static_cast<double>(s[channels + c] * in.stats[in.slot(n, c) + 1]);
        }
        if (dgamma != nullptr) {
            dgamma[c] = static_cast<C>(by_gamma);
        }
        if (dbeta != nullptr) {
            dbeta[c] = static_cast<C>(by_beta);
        }
    }
}

/// Two passes over x and dy: sums, then dx. Where dx holds dz exactly, the first pass leaves it
/// there and the second need not go through SiLU again.
template <bool Silu, class T, device::host B>
class group_backward {
    using C = device::compute_t<T>;
    static constexpr bool exact = Silu && std::is_same_v<T, C>;

public:
    group_backward(B& b, device::arguments const& args)
        : b_(b), in_(args.in), dy_(static_cast<T const*>(args.in[4].data())),
          dx_(static_cast<T*>(args.out[0].data())),
          a_sample_(in_.rows.pieces * 2 * in_.rows.channels),
          sums_(static_cast<C*>(b.shared_scratch(
              static_cast<std::size_t>(in_.rows.samples * (a_sample_ + 2 * in_.groups)) *
              sizeof(C)))),
          constant_and_slope_(sums_ + in_.rows.samples * a_sample_),
          dgamma_(static_cast<C*>(args.out[1].data())), dbeta_(static_cast<C*>(args.out[2].data()))
    {
    }

    void run()
    {
        dx_ != nullptr ? sum<exact>() : sum<false>();
        parallel_for(b_.team(), in_.rows.samples, [&](std::ptrdiff_t n, int) {
            finish_sums(in_, n, sums_ + n * a_sample_, constant_and_slope_);
        });
        parameter_gradients(in_, sums_, a_sample_, dgamma_, dbeta_);
        if (dx_ != nullptr) {
            input();
        }
    }

private:
    template <bool Keep>
    void sum()
    {
        auto const& rows = in_.rows;
        for_each_piece(b_, rows, [&](pixel_piece const& p, int thread) {
            auto* const columns = rows.template scratch<C>(b_, thread, 5);
            auto* const totals = columns + 3 * rows.width;
            in_.fill_columns(p.sample, columns);
            sum_gradients<Silu, Keep>(in_.x + p.first, dy_ + p.first, Keep ? dx_ + p.first : dx_,
                                      p.size, rows.width, columns, totals);
            rows.fold(totals, sums_ + p.index * 2 * rows.channels);
            rows.fold(totals + rows.width, sums_ + (p.index * 2 + 1) * rows.channels);
        });
    }

    void input()
    {
        auto const& rows = in_.rows;
        auto const* const from = exact ? dx_ : dy_;
        for_each_piece(b_, rows, [&](pixel_piece const& p, int thread) {
            auto* const columns = rows.template scratch<C>(b_, thread, 5);
            auto const of_group = [&](int which) {
                return [&, which](std::int64_t c) {
                    return constant_and_slope_[in_.slot(p.sample, c) + which];
                };
            };
            in_.fill_columns(p.sample, columns);
            rows.fill(columns + 3 * rows.width, of_group(0));
            rows.fill(columns + 4 * rows.width, of_group(1));
            input_gradient<Silu && !exact>(in_.x + p.first, from + p.first, dx_ + p.first, p.size,
                                           rows.width, columns);
        });
    }

    B& b_;
    group_operands<T> in_;
    T const* dy_;
    T* dx_;
    std::int64_t a_sample_;
    C* sums_;
    C* constant_and_slope_;
    C* dgamma_;
    C* dbeta_;
};

} // namespace haiga::nn::cpu
