#pragma once

#include "haiga/device/op.hpp"
#include "haiga/nn/cpu/attention_block.hpp"

namespace haiga::nn::cpu {

/// One task a head of a sample, so that no two threads add to the same key. For each block of
/// queries it goes over the keys in blocks and computes their probabilities again from the sums.
template <device::host_backend B, class T>
class attention_backward {
    using C = device::compute_t<T>;

public:
    attention_backward(B& b, attention_extents const& e, device::arguments const& args)
        : b_(b), e_(e), products_(e_), q_(static_cast<T const*>(args.in[0].data())),
          k_(static_cast<T const*>(args.in[1].data())),
          v_(static_cast<T const*>(args.in[2].data())),
          y_(static_cast<T const*>(args.in[3].data())),
          sums_(static_cast<C const*>(args.in[4].data())),
          dy_(static_cast<T const*>(args.in[5].data())), dq_(static_cast<T*>(args.out[0].data())),
          dk_(static_cast<T*>(args.out[1].data())), dv_(static_cast<T*>(args.out[2].data()))
    {
    }

    void run()
    {
        auto const elements = 4 * round_up(e_.keys * e_.padded, lanes) +
                              queries_a_block * (5 * e_.padded + 2 * keys_a_block + 2);
        parallel_for(b_.team(), e_.samples * e_.heads, [&](std::ptrdiff_t i, int thread) {
            scratch_pieces<C> memory(
                b_.scratch(thread, static_cast<std::size_t>(elements) * sizeof(C)));
            task(i / e_.heads, i % e_.heads, pieces(memory, e_));
        });
    }

private:
    struct pieces {
        C *keys, *values, *dkeys, *dvalues;
        C *q_columns, *dy_columns, *q_rows, *dy_rows, *dq_rows; ///< of one block of queries
        C *scores, *dscores, *sums, *share;
        pieces(scratch_pieces<C>& m, attention_extents const& e)
            : keys(m.take(e.keys * e.padded)), values(m.take(e.keys * e.padded)),
              dkeys(m.take(e.keys * e.padded)), dvalues(m.take(e.keys * e.padded)),
              q_columns(m.take(e.padded * queries_a_block)),
              dy_columns(m.take(e.padded * queries_a_block)),
              q_rows(m.take(queries_a_block * e.padded)),
              dy_rows(m.take(queries_a_block * e.padded)),
              dq_rows(m.take(queries_a_block * e.padded)),
              scores(m.take(keys_a_block * queries_a_block)),
              dscores(m.take(keys_a_block * queries_a_block)), sums(m.take(queries_a_block)),
              share(m.take(queries_a_block))
        {
        }
    };

    void task(std::int64_t sample, std::int64_t head, pieces const& p)
    {
        auto const keys_at = e_.at(sample, head, 0, e_.keys);
        gather_rows(e_, k_ + keys_at, e_.keys, p.keys);
        gather_rows(e_, v_ + keys_at, e_.keys, p.values);
        std::fill_n(p.dkeys, e_.keys * e_.padded, C{});
        std::fill_n(p.dvalues, e_.keys * e_.padded, C{});
        for (std::int64_t first = 0; first < e_.queries; first += queries_a_block) {
            auto const queries = std::min(queries_a_block, e_.queries - first);
            auto const at = e_.at(sample, head, first, e_.queries);
            begin(p, at, (sample * e_.heads + head) * e_.queries + first, queries);
            auto const seen = e_.keys_before(first + queries);
            for (std::int64_t key = 0; key < seen; key += keys_a_block) {
                step(p, key, std::min(keys_a_block, seen - key), first, queries);
            }
            put(dq_, at, p.dq_rows, queries);
        }
        put(dk_, keys_at, p.dkeys, e_.keys);
        put(dv_, keys_at, p.dvalues, e_.keys);
    }

    /// Brings a block of queries into scratch (y for a moment where dq will be). share[query] = dy
    /// . y, which is the sum over keys of each probability times its gradient (Dao et al. 2022,
    /// appendix B.2).
    void begin(pieces const& p, std::int64_t at, std::int64_t sums_at, std::int64_t queries) const
    {
        gather_columns(e_, q_ + at, queries, static_cast<C>(e_.score_scale() * std::numbers::log2e),
                       p.q_columns);
        gather_columns(e_, dy_ + at, queries, C{1}, p.dy_columns);
        gather_rows(e_, q_ + at, queries, p.q_rows);
        gather_rows(e_, dy_ + at, queries, p.dy_rows);
        std::fill_n(p.sums, queries_a_block, C{});
        std::fill_n(p.share, queries_a_block, C{});
        std::copy_n(sums_ + sums_at, queries, p.sums);
        gather_rows(e_, y_ + at, queries, p.dq_rows);
        vectorised([&]() HAIGA_INLINE_LAMBDA {
            for (std::int64_t r = 0; r < queries; ++r) {
                C sum[8] = {};
                for (auto c = r * e_.padded; c < (r + 1) * e_.padded; c += 8) {
                    for (std::int64_t i = 0; i < 8; ++i) {
                        sum[i] += p.dy_rows[c + i] * p.dq_rows[c + i];
                    }
                }
                p.share[r] = ((sum[0] + sum[1]) + (sum[2] + sum[3])) +
                             ((sum[4] + sum[5]) + (sum[6] + sum[7]));
            }
        });
    }

    void step(pieces const& p, std::int64_t key, std::int64_t keys, std::int64_t first,
              std::int64_t queries) const
    {
        auto const at = key * e_.padded;
        products_.scores(p.keys + at, p.q_columns, keys, queries, p.scores);
        products_.scores(p.values + at, p.dy_columns, keys, queries, p.dscores);
        through_softmax(p, keys, queries, static_cast<C>(e_.score_scale()));
        hide_later_keys(e_, key, keys, first, C{}, p.scores);
        hide_later_keys(e_, key, keys, first, C{}, p.dscores);
        products_.to_keys(p.scores, p.dy_rows, keys, queries, p.dvalues + at);
        products_.to_keys(p.dscores, p.q_rows, keys, queries, p.dkeys + at);
        products_.to_queries(p.dscores, p.keys + at, keys, queries, p.dq_rows, key > 0);
    }

    /// Turns scores into probabilities, and gradients of probabilities into gradients of q . k.
    static void through_softmax(pieces const& p, std::int64_t keys, std::int64_t queries, C scale)
    {
        auto const wide = round_up(queries, lanes);
        vectorised([&]() HAIGA_INLINE_LAMBDA {
            C const* HAIGA_RESTRICT const sums = p.sums;
            C const* HAIGA_RESTRICT const share = p.share;
            for (std::int64_t k = 0; k < keys; ++k) {
                C* HAIGA_RESTRICT const s = p.scores + k * queries_a_block;
                C* HAIGA_RESTRICT const ds = p.dscores + k * queries_a_block;
                for (std::int64_t q = 0; q < wide; ++q) {
                    s[q] = exp2_of_score(s[q] - sums[q]);
                    ds[q] = s[q] * (ds[q] - share[q]) * scale;
                }
            }
        });
    }

    void put(T* to, std::int64_t at, C const* from, std::int64_t rows) const
    {
        if (to != nullptr) {
            scatter_rows(
                e_, from, rows, [](std::int64_t) { return C{1}; }, to + at);
        }
    }

    B& b_;
    attention_extents e_;
    block_products<B, C> products_;
    T const *q_, *k_, *v_, *y_;
    C const* sums_;
    T const* dy_;
    T *dq_, *dk_, *dv_;
};

} // namespace haiga::nn::cpu
