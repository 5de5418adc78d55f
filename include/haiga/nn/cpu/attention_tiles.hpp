#pragma once

#include "haiga/device/cpu/amx_pack.hpp"
#include "haiga/device/op.hpp"
#include "haiga/nn/cpu/attention_block.hpp"

#if HAIGA_AMX

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi" // vectors are passed between inlined functions only
#pragma GCC diagnostic ignored "-Wsign-conversion" // in GCC's own macros, without optimization
#endif

namespace haiga::nn::cpu {

namespace tiles {

inline constexpr std::int64_t queries = 64; ///< of a block: whole panels
inline constexpr std::int64_t keys = 128;   ///< of a block: whole tiles, of rows and in depth

/// What is known of 16 queries over the keys so far.
struct sixteen_queries {
    __m512 maximum; ///< of their scaled scores
    __m512 sum;     ///< of 2^(score - maximum)
    __m512 shrink;  ///< what earlier sums are to be multiplied by
};

/// 2^x for x <= 0, within 3e-6 of it.
/// Source: 2^n 2^r, a polynomial fitted to the least relative error on [-1/2, 1/2].
HAIGA_AMX_TARGET HAIGA_ALWAYS_INLINE auto exp2(__m512 x) -> __m512
{
    auto const n = _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    auto const r = _mm512_sub_ps(x, n);
    auto p = _mm512_set1_ps(0.0095701F);
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.05591786F));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.24024744F));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.6931218F));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.9999993F));
    return _mm512_scalef_ps(p, n);
}

/// Scores of 16 queries, a row a key and `queries` from row to row -> their powers of two, as B of
/// a product over the keys: pairs of keys, [round_up(count, 32) / 2][16][2].
HAIGA_AMX_TARGET inline void exponentiate(float const* scores, std::int64_t count, float scale,
                                          sixteen_queries& q, bf16* to)
{
    auto const row = [scores](std::int64_t key) { return scores + key * queries; };
    auto highest = _mm512_loadu_ps(scores);
    for (std::int64_t key = 1; key < count; ++key) {
        highest = _mm512_max_ps(highest, _mm512_loadu_ps(row(key)));
    }
    auto const by = _mm512_set1_ps(scale);
    auto const maximum = _mm512_max_ps(q.maximum, _mm512_mul_ps(highest, by));
    q.shrink = exp2(_mm512_sub_ps(q.maximum, maximum));
    q.maximum = maximum;
    q.sum = _mm512_mul_ps(q.sum, q.shrink);
    for (std::int64_t key = 0; key < device::amx::round_up(count, 32); key += 2, to += 32) {
        auto even = _mm512_setzero_ps();
        auto odd = _mm512_setzero_ps();
        if (key < count) {
            even = exp2(_mm512_fmsub_ps(_mm512_loadu_ps(row(key)), by, maximum));
        }
        if (key + 1 < count) {
            odd = exp2(_mm512_fmsub_ps(_mm512_loadu_ps(row(key + 1)), by, maximum));
        }
        q.sum = _mm512_add_ps(q.sum, _mm512_add_ps(even, odd));
        auto const both = reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(odd, even));
        _mm512_storeu_si512(to, device::amx::detail::in_pairs(both));
    }
}

/// What is kept of a block of queries while its task goes over the keys.
struct block {
    std::int64_t first = 0, count = 0;
    bf16* columns = nullptr;   ///< the queries, [width, queries], packed
    float* weighted = nullptr; ///< values times powers, [width, queries]
    float* maximum = nullptr;
    float* sum = nullptr;
};

HAIGA_AMX_TARGET inline void exponentiate(block const& b, float const* scores, std::int64_t count,
                                          float scale, float* shrink, bf16* powers)
{
    auto const depth = device::amx::round_up(count, 32);
    for (std::int64_t i = 0; i < queries; i += 16) {
        sixteen_queries q{_mm512_loadu_ps(b.maximum + i), _mm512_loadu_ps(b.sum + i), {}};
        // the tiles of two times 16 queries alternate, step by step of 32 keys
        alignas(64) bf16 pairs[keys * 16];
        exponentiate(scores + i, count, scale, q, pairs);
        for (std::int64_t key = 0; key < depth; key += 32) {
            std::copy_n(pairs + key * 16, 32 * 16,
                        powers + device::amx::detail::tile_of(key, i, depth));
        }
        _mm512_storeu_ps(b.maximum + i, q.maximum);
        _mm512_storeu_ps(b.sum + i, q.sum);
        _mm512_storeu_ps(shrink + i, q.shrink);
    }
}

} // namespace tiles

/// `count` rows of one head, each with zeros up to `depth`, and zeros up to `all` rows.
inline void copy_head_rows(attention_extents const& e, bf16 const* from, std::int64_t count,
                           std::int64_t all, std::int64_t depth, bf16* to)
{
    for (std::int64_t r = 0; r < all; ++r, to += depth) {
        auto const width = r < count ? e.width : 0;
        std::copy_n(from + r * e.stride, width, to);
        std::fill(to + width, to + depth, bf16{});
    }
}

/// Attention of bf16 in AMX's tiles, without a mask: as attention_forward, but a block of scores
/// and what becomes of it is [keys, queries] and [width, queries], so that each is the second
/// operand of the product that follows.
template <device::host_backend B>
class attention_in_tiles {
    static constexpr std::int64_t most_blocks = 16; ///< share a block of keys while it is in cache

public:
    attention_in_tiles(B& b, attention_extents const& e, device::arguments const& args)
        : b_(b), e_(e), depth_(device::amx::round_up(e.width, 32)),
          height_(device::amx::round_up(e.width, 16)),
          scale_(static_cast<float>(e.score_scale() * std::numbers::log2e)),
          q_(static_cast<bf16 const*>(args.in[0].data())),
          k_(static_cast<bf16 const*>(args.in[1].data())),
          v_(static_cast<bf16 const*>(args.in[2].data())),
          y_(static_cast<bf16*>(args.out[0].data())), sums_(static_cast<float*>(args.out[1].data()))
    {
    }

    static auto suits(attention_extents const& e) -> bool
    {
        return device::amx::available() && !e.causal && e.keys > 0;
    }

    void run()
    {
        auto const blocks = (e_.queries + tiles::queries - 1) / tiles::queries;
        auto const a_task = blocks_a_task(blocks);
        auto const tasks = (blocks + a_task - 1) / a_task;
        parallel_for(b_.team(), e_.samples * e_.heads * tasks, [&](std::ptrdiff_t i, int thread) {
            auto const head = i / tasks;
            auto const first = i % tasks * a_task;
            task(head / e_.heads, head % e_.heads, first * tiles::queries,
                 std::min(a_task, blocks - first), b_.scratch(thread, scratch(a_task)));
        });
    }

private:
    [[nodiscard]] auto blocks_a_task(std::int64_t blocks) const -> std::int64_t
    {
        constexpr std::int64_t tasks_a_thread = 8;
        auto const all = e_.samples * e_.heads * blocks;
        auto const share = all / (tasks_a_thread * b_.team().threads);
        return std::clamp<std::int64_t>(std::min(share, blocks), 1, most_blocks);
    }

    [[nodiscard]] auto scratch(std::int64_t blocks) const -> std::size_t
    {
        auto const of_all = tiles::keys * (depth_ / 2 + height_ / 2 + tiles::queries) +
                            tiles::keys * tiles::queries / 2 + tiles::queries * (1 + depth_ / 2);
        auto const of_each = tiles::queries * (depth_ / 2 + height_ + 2);
        return static_cast<std::size_t>(of_all + blocks * of_each + 16 * 16) * sizeof(float);
    }

    /// What all blocks of a task use in turn.
    struct pieces {
        bf16 *keys, *values, *powers, *rows;
        float *scores, *shrink;
    };

    void task(std::int64_t sample, std::int64_t head, std::int64_t first, std::int64_t count,
              void* scratch) const
    {
        scratch_pieces<float> memory(scratch);
        auto const halves = [&](std::int64_t n) {
            return reinterpret_cast<bf16*>(memory.take(n / 2));
        };
        pieces const p{.keys = halves(tiles::keys * depth_),
                       .values = halves(tiles::keys * height_),
                       .powers = halves(tiles::keys * tiles::queries),
                       .rows = halves(tiles::queries * depth_),
                       .scores = memory.take(tiles::keys * tiles::queries),
                       .shrink = memory.take(tiles::queries)};
        std::array<tiles::block, most_blocks> storage;
        auto const blocks = std::span(storage).first(static_cast<std::size_t>(count));
        for (auto& q : blocks) {
            q = {.first = first,
                 .count = std::min(tiles::queries, e_.queries - first),
                 .columns = halves(tiles::queries * depth_),
                 .weighted = memory.take(tiles::queries * height_),
                 .maximum = memory.take(tiles::queries),
                 .sum = memory.take(tiles::queries)};
            begin(p, q, sample, head);
            first += tiles::queries;
        }
        device::amx::tiles const configured;
        for (std::int64_t key = 0; key < e_.keys; key += tiles::keys) {
            auto const keys = std::min(tiles::keys, e_.keys - key);
            auto const from = e_.at(sample, head, key, e_.keys);
            copy_head_rows(e_, k_ + from, keys, device::amx::round_up(keys, 16), depth_, p.keys);
            device::amx::transpose(v_ + from, e_.stride, keys, e_.width, p.values,
                                   device::amx::round_up(keys, 32));
            for (auto const& q : blocks) {
                step(p, q, keys, key == 0);
            }
        }
        for (auto const& q : blocks) {
            finish(q, y_ + e_.at(sample, head, q.first, e_.queries),
                   sums_ + (sample * e_.heads + head) * e_.queries + q.first);
        }
    }

    void begin(pieces const& p, tiles::block const& q, std::int64_t sample, std::int64_t head) const
    {
        copy_head_rows(e_, q_ + e_.at(sample, head, q.first, e_.queries), q.count, tiles::queries,
                       depth_, p.rows);
        device::amx::pack_transposed(p.rows, depth_, depth_, tiles::queries, q.columns, depth_);
        std::fill_n(q.maximum, tiles::queries, std::numeric_limits<float>::lowest());
        std::fill_n(q.sum, tiles::queries, 0.0F);
    }

    void step(pieces const& p, tiles::block const& q, std::int64_t keys, bool first) const
    {
        device::amx::multiply({.m = device::amx::round_up(keys, 16),
                               .n = tiles::queries,
                               .k = depth_,
                               .a = p.keys,
                               .lda = depth_,
                               .b = q.columns,
                               .c = p.scores,
                               .ldc = tiles::queries});
        tiles::exponentiate(q, p.scores, keys, scale_, p.shrink, p.powers);
        if (!first) {
            rescale(p, q);
        }
        auto const depth = device::amx::round_up(keys, 32);
        device::amx::multiply({.m = height_,
                               .n = tiles::queries,
                               .k = depth,
                               .a = p.values,
                               .lda = depth,
                               .b = p.powers,
                               .c = q.weighted,
                               .ldc = tiles::queries,
                               .accumulate = !first});
    }

    void rescale(pieces const& p, tiles::block const& q) const
    {
        vectorised([&]() HAIGA_INLINE_LAMBDA {
            float const* HAIGA_RESTRICT const shrink = p.shrink;
            for (std::int64_t c = 0; c < e_.width; ++c) {
                float* HAIGA_RESTRICT const row = q.weighted + c * tiles::queries;
                for (std::int64_t i = 0; i < tiles::queries; ++i) {
                    row[i] *= shrink[i];
                }
            }
        });
    }

    void finish(tiles::block const& q, bf16* y, float* sums) const
    {
        for (std::int64_t r = 0; r < q.count; ++r) {
            auto const scale = 1 / q.sum[r];
            for (std::int64_t c = 0; c < e_.width; ++c) {
                device::store(y[r * e_.stride + c], scale * q.weighted[c * tiles::queries + r]);
            }
            sums[r] = q.maximum[r] + std::log2(q.sum[r]);
        }
    }

    B& b_;
    attention_extents e_;
    std::int64_t depth_, height_; ///< the width of a head in whole tiles: of rows, of tiles of rows
    float scale_;
    bf16 const *q_, *k_, *v_;
    bf16* y_;
    float* sums_;
};

} // namespace haiga::nn::cpu

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#endif
