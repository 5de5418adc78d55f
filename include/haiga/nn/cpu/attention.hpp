#pragma once

#include "haiga/device/op.hpp"
#include "haiga/nn/cpu/attention_block.hpp"

namespace haiga::nn::cpu {

/// One task a block of queries of one head: it goes over the keys in blocks, keeping a running
/// maximum and sum a query, and rescales what it has when a maximum grows.
template <device::host_backend B, class T>
class attention_forward {
    using C = device::compute_t<T>;

public:
    attention_forward(B& b, std::int64_t heads, device::arguments const& args)
        : b_(b), e_(heads, args.in[0].shape(), args.in[1].shape()), products_(e_),
          q_(static_cast<T const*>(args.in[0].data())),
          k_(static_cast<T const*>(args.in[1].data())),
          v_(static_cast<T const*>(args.in[2].data())), y_(static_cast<T*>(args.out[0].data())),
          sums_(static_cast<C*>(args.out[1].data()))
    {
    }

    void run()
    {
        auto const blocks = e_.blocks_of_queries();
        auto const elements = (2 * queries_a_block + 2 * keys_a_block) * e_.padded +
                              queries_a_block * (keys_a_block + 3);
        parallel_for(b_.team(), e_.samples * e_.heads * blocks, [&](std::ptrdiff_t i, int thread) {
            scratch_pieces<C> memory(
                b_.scratch(thread, static_cast<std::size_t>(elements) * sizeof(C)));
            task(i / blocks / e_.heads, i / blocks % e_.heads, i % blocks * queries_a_block,
                 pieces(memory, e_.padded));
        });
    }

private:
    /// Whole blocks, so that all are multiples of `lanes`.
    struct pieces {
        C *columns, *keys, *values, *scores, *weighted, *maximum, *sum, *shrink;
        pieces(scratch_pieces<C>& m, std::int64_t padded)
            : columns(m.take(padded * queries_a_block)), keys(m.take(keys_a_block * padded)),
              values(m.take(keys_a_block * padded)), scores(m.take(keys_a_block * queries_a_block)),
              weighted(m.take(queries_a_block * padded)), maximum(m.take(queries_a_block)),
              sum(m.take(queries_a_block)), shrink(m.take(queries_a_block))
        {
        }
    };

    void task(std::int64_t sample, std::int64_t head, std::int64_t first, pieces const& p)
    {
        auto const queries = std::min(queries_a_block, e_.queries - first);
        auto const at = e_.at(sample, head, first, e_.queries);
        gather_columns(e_, q_ + at, queries, static_cast<C>(e_.score_scale() * std::numbers::log2e),
                       p.columns);
        std::fill_n(p.maximum, queries_a_block, std::numeric_limits<C>::lowest());
        std::fill_n(p.sum, queries_a_block, C{});
        for (std::int64_t key = 0; key < e_.keys; key += keys_a_block) {
            auto const keys = std::min(keys_a_block, e_.keys - key);
            auto const from = e_.at(sample, head, key, e_.keys);
            gather_rows(e_, k_ + from, keys, p.keys);
            gather_rows(e_, v_ + from, keys, p.values);
            products_.scores(p.keys, p.columns, keys, queries, p.scores);
            exponentiate(p, keys, queries);
            if (key > 0) {
                rescale(p, queries);
            }
            products_.to_queries(p.scores, p.values, keys, queries, p.weighted, key > 0);
        }
        finish(p, queries, y_ + at, sums_ + (sample * e_.heads + head) * e_.queries + first);
    }

    /// scores = 2^(scores - maximum); brings maximum and sum up to date.
    static void exponentiate(pieces const& p, std::int64_t keys, std::int64_t queries)
    {
        auto const wide = round_up(queries, lanes);
        std::copy_n(p.maximum, wide, p.shrink);
        vectorised([&]() HAIGA_INLINE_LAMBDA {
            C* HAIGA_RESTRICT const maximum = p.maximum;
            C* HAIGA_RESTRICT const sum = p.sum;
            for (std::int64_t k = 0; k < keys; ++k) {
                C const* HAIGA_RESTRICT const s = p.scores + k * queries_a_block;
                for (std::int64_t q = 0; q < wide; ++q) {
                    maximum[q] = s[q] > maximum[q] ? s[q] : maximum[q];
                }
            }
            for (std::int64_t q = 0; q < wide; ++q) {
                p.shrink[q] = exp2_of_score(p.shrink[q] - maximum[q]);
                sum[q] *= p.shrink[q];
            }
            for (std::int64_t k = 0; k < keys; ++k) {
                C* HAIGA_RESTRICT const s = p.scores + k * queries_a_block;
                for (std::int64_t q = 0; q < wide; ++q) {
                    s[q] = exp2_of_score(s[q] - maximum[q]);
                    sum[q] += s[q];
                }
            }
        });
    }

    void rescale(pieces const& p, std::int64_t queries) const
    {
        vectorised([&]() HAIGA_INLINE_LAMBDA {
            for (std::int64_t r = 0; r < queries; ++r) {
                for (std::int64_t c = 0; c < e_.padded; ++c) {
                    p.weighted[r * e_.padded + c] *= p.shrink[r];
                }
            }
        });
    }

    void finish(pieces const& p, std::int64_t queries, T* y, C* sums) const
    {
        scatter_rows(
            e_, p.weighted, queries, [&](std::int64_t r) { return 1 / p.sum[r]; }, y);
        for (std::int64_t r = 0; r < queries; ++r) {
            sums[r] = p.maximum[r] + std::log2(p.sum[r]);
        }
    }

    B& b_;
    attention_extents e_;
    block_products<B, C> products_;
    T const *q_, *k_, *v_;
    T* y_;
    C* sums_;
};

} // namespace haiga::nn::cpu
