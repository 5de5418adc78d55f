#pragma once

#include "haiga/nn/cpu/attention_tiles.hpp"

#include <utility>

#if HAIGA_AMX

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi" // vectors are passed between inlined functions only
#pragma GCC diagnostic ignored "-Wsign-conversion" // in GCC's own macros, without optimization
#endif

namespace haiga::nn::cpu {

namespace tiles {

/// A block of queries, made once a head.
struct query_block {
    bf16 *q_columns, *dy_columns; ///< [width, queries], packed
    bf16 *q_rows, *dy_rows;       ///< [queries, width], packed
    float* dq;                    ///< [width, queries]
    float *sums, *share;
};

/// What all pairs of blocks use in turn.
struct pair_block {
    float *scores, *dscores;      ///< [keys, queries]
    bf16 *powers, *dpowers;       ///< what becomes of them, as they lie
    bf16* dpowers_packed;         ///< as B of a product over the keys
    bf16 *keys, *values, *turned; ///< K and V as they lie, and K^T
    float *dkeys, *dvalues;       ///< [keys, width]
};

/// Scores -> probabilities, and their gradients -> gradients of q . k; zeros for keys from `count`
/// on, up to a whole tile in depth.
HAIGA_AMX_TARGET inline void through_softmax(pair_block const& p, query_block const& q,
                                             std::int64_t count, float scale)
{
    using namespace device::amx::detail;
    auto const depth = device::amx::round_up(count, 32);
    auto const by = _mm512_set1_ps(scale);
    auto const log_scale = _mm512_set1_ps(scale * std::numbers::log2e_v<float>);
    for (std::int64_t i = 0; i < queries; i += 16) {
        auto const sums = _mm512_loadu_ps(q.sums + i);
        auto const share = _mm512_loadu_ps(q.share + i);
        for (std::int64_t key = 0; key < depth; key += 2) {
            __m512 ds[2] = {};
            for (std::int64_t j = 0; j < 2; ++j) {
                auto const at = (key + j) * queries + i;
                auto power = _mm512_setzero_ps();
                if (key + j < count) {
                    power = exp2(_mm512_fmsub_ps(_mm512_loadu_ps(p.scores + at), log_scale, sums));
                    auto const d = _mm512_sub_ps(_mm512_loadu_ps(p.dscores + at), share);
                    ds[j] = _mm512_mul_ps(_mm512_mul_ps(power, d), by);
                }
                _mm256_storeu_si256(reinterpret_cast<__m256i*>(p.powers + at),
                                    reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(power)));
                _mm256_storeu_si256(reinterpret_cast<__m256i*>(p.dpowers + at),
                                    reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(ds[j])));
            }
            auto const both = reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(ds[1], ds[0]));
            _mm512_storeu_si512(p.dpowers_packed + tile_of(key, i, depth) + key % 32 * 16,
                                in_pairs(both));
        }
    }
}

} // namespace tiles

/// The gradients of attention of bf16 in AMX's tiles, without a mask: one task a head of a sample.
/// For each block of keys it goes over the queries in blocks and computes the probabilities again
/// from their sums.
template <device::host_backend B>
class attention_gradient_in_tiles {
public:
    attention_gradient_in_tiles(B& b, attention_extents const& e, device::arguments const& args)
        : b_(b), e_(e), depth_(device::amx::round_up(e.width, 32)),
          height_(device::amx::round_up(e.width, 16)),
          blocks_((e.queries + tiles::queries - 1) / tiles::queries),
          q_(static_cast<bf16 const*>(args.in[0].data())),
          k_(static_cast<bf16 const*>(args.in[1].data())),
          v_(static_cast<bf16 const*>(args.in[2].data())),
          y_(static_cast<bf16 const*>(args.in[3].data())),
          sums_(static_cast<float const*>(args.in[4].data())),
          dy_(static_cast<bf16 const*>(args.in[5].data())),
          dq_(static_cast<bf16*>(args.out[0].data())), dk_(static_cast<bf16*>(args.out[1].data())),
          dv_(static_cast<bf16*>(args.out[2].data()))
    {
    }

    void run()
    {
        auto const a_block = tiles::queries * (2 * depth_ + height_ + 2);
        auto const a_pair = tiles::keys * (2 * tiles::queries + 3 * tiles::queries / 2 + depth_ +
                                           height_ / 2 + 2 * depth_) +
                            tiles::queries * depth_ / 2;
        auto const floats = blocks_ * a_block + a_pair + 16 * 16;
        parallel_for(b_.team(), e_.samples * e_.heads, [&](std::ptrdiff_t i, int thread) {
            scratch_pieces<float> memory(
                b_.scratch(thread, static_cast<std::size_t>(floats) * sizeof(float)));
            task(i / e_.heads, i % e_.heads, memory);
        });
    }

private:
    void task(std::int64_t sample, std::int64_t head, scratch_pieces<float>& memory) const
    {
        auto const halves = [&](std::int64_t n) {
            return reinterpret_cast<bf16*>(memory.take(n / 2));
        };
        constexpr auto pairs = tiles::keys * tiles::queries;
        tiles::pair_block const p{.scores = memory.take(pairs),
                                  .dscores = memory.take(pairs),
                                  .powers = halves(pairs),
                                  .dpowers = halves(pairs),
                                  .dpowers_packed = halves(pairs),
                                  .keys = halves(tiles::keys * depth_),
                                  .values = halves(tiles::keys * depth_),
                                  .turned = halves(tiles::keys * height_),
                                  .dkeys = memory.take(tiles::keys * depth_),
                                  .dvalues = memory.take(tiles::keys * depth_)};
        auto* const rows = halves(tiles::queries * depth_);
        auto* const blocks = memory.take(blocks_ * tiles::queries * (2 * depth_ + height_ + 2));
        device::amx::tiles const configured;
        for (std::int64_t i = 0; i < blocks_; ++i) {
            begin(block(blocks, i), rows, sample, head, i * tiles::queries);
        }
        for (std::int64_t key = 0; key < e_.keys; key += tiles::keys) {
            auto const keys = std::min(tiles::keys, e_.keys - key);
            auto const at = e_.at(sample, head, key, e_.keys);
            auto const whole = device::amx::round_up(keys, 16);
            copy_head_rows(e_, k_ + at, keys, whole, depth_, p.keys);
            copy_head_rows(e_, v_ + at, keys, whole, depth_, p.values);
            device::amx::transpose(k_ + at, e_.stride, keys, e_.width, p.turned,
                                   device::amx::round_up(keys, 32));
            for (std::int64_t i = 0; i < blocks_; ++i) {
                step(p, block(blocks, i), keys, i == 0, key == 0);
            }
            put(dk_, at, p.dkeys, keys);
            put(dv_, at, p.dvalues, keys);
        }
        for (std::int64_t i = 0; dq_ != nullptr && i < blocks_; ++i) {
            finish(block(blocks, i), sample, head, i * tiles::queries);
        }
    }

    [[nodiscard]] auto block(float* all, std::int64_t i) const -> tiles::query_block
    {
        auto const half = tiles::queries * depth_ / 2; // of its elements are two a float
        auto* at = all + i * tiles::queries * (2 * depth_ + height_ + 2);
        auto const halves = [&] { return reinterpret_cast<bf16*>(std::exchange(at, at + half)); };
        tiles::query_block b{};
        b.q_columns = halves();
        b.dy_columns = halves();
        b.q_rows = halves();
        b.dy_rows = halves();
        b.dq = std::exchange(at, at + tiles::queries * height_);
        b.sums = std::exchange(at, at + tiles::queries);
        b.share = at;
        return b;
    }

    /// share[query] = dy . y: see attention_backward.
    void begin(tiles::query_block const& q, bf16* rows, std::int64_t sample, std::int64_t head,
               std::int64_t first) const
    {
        auto const count = std::min(tiles::queries, e_.queries - first);
        auto const at = e_.at(sample, head, first, e_.queries);
        copy_head_rows(e_, q_ + at, count, tiles::queries, depth_, rows);
        device::amx::pack_transposed(rows, depth_, depth_, tiles::queries, q.q_columns, depth_);
        device::amx::pack(rows, depth_, tiles::queries, depth_, q.q_rows, tiles::queries);
        copy_head_rows(e_, dy_ + at, count, tiles::queries, depth_, rows);
        device::amx::pack_transposed(rows, depth_, depth_, tiles::queries, q.dy_columns, depth_);
        device::amx::pack(rows, depth_, tiles::queries, depth_, q.dy_rows, tiles::queries);
        std::fill_n(q.sums, tiles::queries, 0.0F);
        std::fill_n(q.share, tiles::queries, 0.0F);
        std::copy_n(sums_ + (sample * e_.heads + head) * e_.queries + first, count, q.sums);
        for (std::int64_t r = 0; r < count; ++r) {
            auto const* const y = y_ + at + r * e_.stride;
            auto const* const dy = dy_ + at + r * e_.stride;
            for (std::int64_t c = 0; c < e_.width; ++c) {
                q.share[r] += device::load(y[c]) * device::load(dy[c]);
            }
        }
    }

    void step(tiles::pair_block const& p, tiles::query_block const& q, std::int64_t keys,
              bool first_queries, bool first_keys) const
    {
        auto const whole = device::amx::round_up(keys, 16);
        auto const depth = device::amx::round_up(keys, 32);
        device::amx::block over_width{.m = whole,
                                      .n = tiles::queries,
                                      .k = depth_,
                                      .a = p.keys,
                                      .lda = depth_,
                                      .b = q.q_columns,
                                      .c = p.scores,
                                      .ldc = tiles::queries};
        device::amx::multiply(over_width);
        over_width.a = p.values;
        over_width.b = q.dy_columns;
        over_width.c = p.dscores;
        device::amx::multiply(over_width);
        tiles::through_softmax(p, q, keys, static_cast<float>(e_.score_scale()));
        device::amx::block over_queries{.m = whole,
                                        .n = depth_,
                                        .k = tiles::queries,
                                        .a = p.powers,
                                        .lda = tiles::queries,
                                        .b = q.dy_rows,
                                        .c = p.dvalues,
                                        .ldc = depth_,
                                        .accumulate = !first_queries};
        device::amx::multiply(over_queries);
        over_queries.a = p.dpowers;
        over_queries.b = q.q_rows;
        over_queries.c = p.dkeys;
        device::amx::multiply(over_queries);
        device::amx::multiply({.m = height_,
                               .n = tiles::queries,
                               .k = depth,
                               .a = p.turned,
                               .lda = depth,
                               .b = p.dpowers_packed,
                               .c = q.dq,
                               .ldc = tiles::queries,
                               .accumulate = !first_keys});
    }

    void put(bf16* to, std::int64_t at, float const* from, std::int64_t rows) const
    {
        for (std::int64_t r = 0; to != nullptr && r < rows; ++r) {
            vectorised([&]() HAIGA_INLINE_LAMBDA {
                for (std::int64_t c = 0; c < e_.width; ++c) {
                    device::store(to[at + r * e_.stride + c], from[r * depth_ + c]);
                }
            });
        }
    }

    void finish(tiles::query_block const& q, std::int64_t sample, std::int64_t head,
                std::int64_t first) const
    {
        auto const at = e_.at(sample, head, first, e_.queries);
        for (std::int64_t r = 0; r < std::min(tiles::queries, e_.queries - first); ++r) {
            for (std::int64_t c = 0; c < e_.width; ++c) {
                device::store(dq_[at + r * e_.stride + c], q.dq[c * tiles::queries + r]);
            }
        }
    }

    B& b_;
    attention_extents e_;
    std::int64_t depth_, height_; ///< as in attention_in_tiles
    std::int64_t blocks_;
    bf16 const *q_, *k_, *v_, *y_;
    float const* sums_;
    bf16 const* dy_;
    bf16 *dq_, *dk_, *dv_;
};

} // namespace haiga::nn::cpu

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#endif
