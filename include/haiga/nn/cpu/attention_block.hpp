#pragma once

#include "haiga/device/cpu/math.hpp"
#include "haiga/device/cpu/matrix_product.hpp"

#include <cmath>
#include <limits>
#include <numbers>

namespace haiga::nn {

/// Which keys a query sees.
enum class attention_mask : std::uint8_t { none, causal };

} // namespace haiga::nn

namespace haiga::nn::cpu {

// Scores are kept transposed, a row a key and a column a query: the maximum and the sum over keys
// then run down the columns, which vectorises, and both products find their operands as they lie.

/// Multiples of what a register tile has of rows (6 or 12) and of columns (16); a block of scores
/// fits the first-level cache.
inline constexpr std::int64_t queries_a_block = 48;
inline constexpr std::int64_t keys_a_block = 96;
inline constexpr std::int64_t lanes = 16;

constexpr auto round_up(std::int64_t n, std::int64_t multiple) -> std::int64_t
{
    return (n + multiple - 1) / multiple * multiple;
}

/// 2^x for x <= 0 or little above, without branches; fp32: within 1 ulp, and 2^-126 for all below.
/// Source: 2^n 2^r, a polynomial fitted to the least relative error (2e-9) on [-1/2, 1/2].
HAIGA_ALWAYS_INLINE auto exp2_of_score(float x) -> float
{
    x = device::math::select(x < -126.0F, -126.0F, x);
    constexpr float to_integer = 0x1.8p23F; // adding it leaves the integer in the lowest bits
    float const shifted = x + to_integer;
    float const r = x - (shifted - to_integer);
    float p = 0.00015353362F;
    p = p * r + 0.0013398874F;
    p = p * r + 0.009618437F;
    p = p * r + 0.055503324F;
    p = p * r + 0.24022648F;
    p = p * r + 0.6931472F;
    p = p * r + 1.0F;
    auto const power = std::bit_cast<std::uint32_t>(shifted) << 23U;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(p) + power);
}
HAIGA_ALWAYS_INLINE auto exp2_of_score(double x) -> double { return std::exp2(x); }

/// Extents and strides of one call.
struct attention_extents {
    std::int64_t samples, heads, queries, keys, width;
    std::int64_t stride; ///< from token to token
    std::int64_t padded; ///< width in scratch: whole vectors, zeros behind
    bool causal;

    attention_extents(std::int64_t number_of_heads, attention_mask mask, shape const& q,
                      shape const& k)
        : samples(q[0]), heads(number_of_heads), queries(q[1]), keys(k[1]), width(q[2] / heads),
          stride(q[2]), padded(round_up(width, 8)), causal(mask == attention_mask::causal)
    {
    }

    [[nodiscard]] auto blocks_of_queries() const -> std::int64_t
    {
        return (queries + queries_a_block - 1) / queries_a_block;
    }
    /// So many keys are seen by some of the queries before `end`.
    [[nodiscard]] auto keys_before(std::int64_t end) const -> std::int64_t
    {
        return causal ? std::min(keys, end) : keys;
    }
    /// Where a token's part for one head starts, in a tensor of `tokens` tokens a sample.
    [[nodiscard]] auto at(std::int64_t sample, std::int64_t head, std::int64_t token,
                          std::int64_t tokens) const -> std::int64_t
    {
        return (sample * tokens + token) * stride + head * width;
    }
    [[nodiscard]] auto score_scale() const -> double
    {
        return 1 / std::sqrt(static_cast<double>(width));
    }
};

/// to[r][c] = from[r][c], and zeros up to the padded width.
template <class T>
void gather_rows(attention_extents const& e, T const* from, std::int64_t rows,
                 device::compute_t<T>* to)
{
    vectorised([&]() HAIGA_INLINE_LAMBDA {
        for (std::int64_t r = 0; r < rows; ++r) {
            for (std::int64_t c = 0; c < e.width; ++c) {
                to[r * e.padded + c] = device::load(from[r * e.stride + c]);
            }
            for (auto c = e.width; c < e.padded; ++c) {
                to[r * e.padded + c] = 0;
            }
        }
    });
}

/// to[c][r] = scale * from[r][c] for a block of queries; columns without a query hold zeros.
template <class T>
void gather_columns(attention_extents const& e, T const* from, std::int64_t rows,
                    device::compute_t<T> scale, device::compute_t<T>* to)
{
    std::fill_n(to, e.padded * queries_a_block, device::compute_t<T>{});
    for (std::int64_t r = 0; r < rows; ++r) {
        for (std::int64_t c = 0; c < e.width; ++c) {
            to[c * queries_a_block + r] = scale * device::load(from[r * e.stride + c]);
        }
    }
}

/// to[r][c] = scale_of(r) * from[r][c], rounded to what is stored.
template <class T, class Scale>
void scatter_rows(attention_extents const& e, device::compute_t<T> const* from, std::int64_t rows,
                  Scale const& scale_of, T* to)
{
    for (std::int64_t r = 0; r < rows; ++r) {
        auto const scale = scale_of(r);
        vectorised([&]() HAIGA_INLINE_LAMBDA {
            for (std::int64_t c = 0; c < e.width; ++c) {
                device::store(to[r * e.stride + c], scale * from[r * e.padded + c]);
            }
        });
    }
}

/// Overwrites what belongs to keys that come after their query.
template <class C>
void hide_later_keys(attention_extents const& e, std::int64_t key, std::int64_t keys,
                     std::int64_t query, C with, C* scores)
{
    for (std::int64_t k = 0; e.causal && k < keys; ++k) {
        auto const earlier = std::clamp<std::int64_t>(key + k - query, 0, queries_a_block);
        std::fill_n(scores + k * queries_a_block, earlier, with);
    }
}

/// Products of blocks that lie in scratch, whose rows are `padded` or queries_a_block apart.
template <class B, class C>
class block_products {
public:
    explicit block_products(attention_extents const& e)
        : padded_(e.padded), wide_(device::detail::evenly<keys_a_block>(e.padded)),
          narrow_(device::detail::evenly<keys_a_block>(queries_a_block))
    {
    }

    /// scores[key][query] = the sum over the width of rows[key][..] * columns[..][query].
    void scores(C const* rows, C const* columns, std::int64_t keys, std::int64_t queries,
                C* out) const
    {
        multiply(device::form::nn, {keys, round_up(queries, lanes), padded_}, {rows, wide_},
                 columns, queries_a_block, {out, narrow_}, false);
    }
    /// out[key] += the sum over queries of scores[key][query] * rows[query].
    void to_keys(C const* scores, C const* rows, std::int64_t keys, std::int64_t queries,
                 C* out) const
    {
        multiply(device::form::nn, {keys, padded_, queries}, {scores, narrow_}, rows, padded_,
                 {out, wide_}, true);
    }
    /// out[query] = or += the sum over keys of scores[key][query] * rows[key].
    void to_queries(C const* scores, C const* rows, std::int64_t keys, std::int64_t queries, C* out,
                    bool accumulate) const
    {
        multiply(device::form::tn, {queries, padded_, keys}, {scores, narrow_}, rows, padded_,
                 {out, wide_}, accumulate);
    }

private:
    using table = std::array<std::int32_t, keys_a_block>;
    struct sizes {
        std::int64_t m, n, k;
    };
    template <class T>
    struct rows_of {
        T* data;
        table const& offsets;
    };

    static void multiply(device::form how, sizes s, rows_of<C const> a, C const* b,
                         std::int64_t ldb, rows_of<C> c, bool accumulate)
    {
        device::segment const whole{};
        B::block(how, device::product<C>{.m = s.m,
                                         .n = s.n,
                                         .k = s.k,
                                         .a = a.data,
                                         .a_rows = a.offsets,
                                         .b = b,
                                         .ldb = ldb,
                                         .c = c.data,
                                         .c_rows = c.offsets,
                                         .segments = {&whole, 1},
                                         .accumulate = accumulate});
    }

    std::int64_t padded_;
    table wide_, narrow_;
};

/// Hands out pieces of scratch memory one after another, each 64-byte aligned.
template <class C>
class scratch_pieces {
public:
    explicit scratch_pieces(void* memory) : next_(static_cast<C*>(memory)) {}

    auto take(std::int64_t elements) -> C*
    {
        auto* const piece = next_;
        next_ += round_up(elements, lanes);
        return piece;
    }

private:
    C* next_;
};

} // namespace haiga::nn::cpu
