#pragma once

#include "haiga/device/op.hpp"
#include "haiga/nn/cpu/attention_block.hpp"

namespace haiga::nn::cpu {

/// One task a few blocks of queries of one head: it goes over the keys in blocks, keeping a running
/// maximum and sum a query, and rescales what a query has when its maximum grows.
template <device::host_backend B, class T>
class attention_forward {
    using C = device::compute_t<T>;
    static constexpr std::int64_t most_blocks = 16; ///< share a block of keys while it is in cache

public:
    attention_forward(B& b, attention_extents const& e, device::arguments const& args)
        : b_(b), e_(e), products_(e_), q_(static_cast<T const*>(args.in[0].data())),
          k_(static_cast<T const*>(args.in[1].data())),
          v_(static_cast<T const*>(args.in[2].data())), y_(static_cast<T*>(args.out[0].data())),
          sums_(static_cast<C*>(args.out[1].data()))
    {
    }

    void run()
    {
        auto const blocks = e_.blocks_of_queries();
        auto const a_task = blocks_a_task(blocks);
        auto const tasks = (blocks + a_task - 1) / a_task;
        auto const elements = pieces::elements(e_.padded) + a_task * block::elements(e_.padded);
        auto const bytes = static_cast<std::size_t>(elements) * sizeof(C);
        parallel_for(b_.team(), e_.samples * e_.heads * tasks, [&](std::ptrdiff_t i, int thread) {
            auto const head = i / tasks;
            auto const first = i % tasks * a_task;
            task(head / e_.heads, head % e_.heads, first * queries_a_block,
                 std::min(a_task, blocks - first), scratch_pieces<C>(b_.scratch(thread, bytes)));
        });
    }

private:
    /// Gathering the keys is the less work the more queries they meet; every thread needs tasks.
    [[nodiscard]] auto blocks_a_task(std::int64_t blocks) const -> std::int64_t
    {
        constexpr std::int64_t tasks_a_thread = 8;
        auto const all = e_.samples * e_.heads * blocks;
        auto const share = all / (tasks_a_thread * b_.team().threads);
        return std::clamp<std::int64_t>(std::min(share, blocks), 1, most_blocks);
    }

    /// What is kept of a block of queries while its task goes over the keys.
    struct block {
        std::int64_t first = 0, queries = 0;
        C *columns = nullptr, *weighted = nullptr, *maximum = nullptr, *sum = nullptr;

        static auto elements(std::int64_t padded) -> std::int64_t
        {
            return queries_a_block * (2 * padded + 2);
        }
    };
    /// What all blocks of a task use in turn.
    struct pieces {
        C *keys, *values, *scores, *shrink;

        static auto elements(std::int64_t padded) -> std::int64_t
        {
            return keys_a_block * (2 * padded + queries_a_block) + queries_a_block;
        }
        pieces(scratch_pieces<C>& m, std::int64_t padded)
            : keys(m.take(keys_a_block * padded)), values(m.take(keys_a_block * padded)),
              scores(m.take(keys_a_block * queries_a_block)), shrink(m.take(queries_a_block))
        {
        }
    };

    void task(std::int64_t sample, std::int64_t head, std::int64_t first, std::int64_t count,
              scratch_pieces<C> memory) const
    {
        pieces const p(memory, e_.padded);
        std::array<block, most_blocks> storage;
        auto const blocks = std::span(storage).first(static_cast<std::size_t>(count));
        for (auto& q : blocks) {
            q = begin(memory, sample, head, first);
            first += queries_a_block;
        }
        auto const seen = e_.keys_before(first);
        for (std::int64_t key = 0; key < seen; key += keys_a_block) {
            auto const keys = std::min(keys_a_block, seen - key);
            auto const from = e_.at(sample, head, key, e_.keys);
            gather_rows(e_, k_ + from, keys, p.keys);
            gather_rows(e_, v_ + from, keys, p.values);
            for (auto const& q : blocks) {
                if (key < e_.keys_before(q.first + q.queries)) {
                    step(p, q, key, keys);
                }
            }
        }
        for (auto const& q : blocks) {
            finish(q, y_ + e_.at(sample, head, q.first, e_.queries),
                   sums_ + (sample * e_.heads + head) * e_.queries + q.first);
        }
    }

    auto begin(scratch_pieces<C>& memory, std::int64_t sample, std::int64_t head,
               std::int64_t first) const -> block
    {
        block const q{.first = first,
                      .queries = std::min(queries_a_block, e_.queries - first),
                      .columns = memory.take(queries_a_block * e_.padded),
                      .weighted = memory.take(queries_a_block * e_.padded),
                      .maximum = memory.take(queries_a_block),
                      .sum = memory.take(queries_a_block)};
        gather_columns(e_, q_ + e_.at(sample, head, first, e_.queries), q.queries,
                       static_cast<C>(e_.score_scale() * std::numbers::log2e), q.columns);
        std::fill_n(q.maximum, queries_a_block, std::numeric_limits<C>::lowest());
        std::fill_n(q.sum, queries_a_block, C{});
        return q;
    }

    void step(pieces const& p, block const& q, std::int64_t key, std::int64_t keys) const
    {
        products_.scores(p.keys, q.columns, keys, q.queries, p.scores);
        hide_later_keys(e_, key, keys, q.first, std::numeric_limits<C>::lowest(), p.scores);
        exponentiate(p, q, keys);
        hide_later_keys(e_, key, keys, q.first, C{}, p.scores);
        if (key > 0) {
            rescale(p, q);
        }
        products_.to_queries(p.scores, p.values, keys, q.queries, q.weighted, key > 0);
    }

    /// scores = 2^(scores - maximum); brings maximum and sum up to date.
    static void exponentiate(pieces const& p, block const& q, std::int64_t keys)
    {
        auto const wide = round_up(q.queries, lanes);
        std::copy_n(q.maximum, wide, p.shrink);
        vectorised([&]() HAIGA_INLINE_LAMBDA {
            C* HAIGA_RESTRICT const maximum = q.maximum;
            C* HAIGA_RESTRICT const sum = q.sum;
            for (std::int64_t k = 0; k < keys; ++k) {
                C const* HAIGA_RESTRICT const s = p.scores + k * queries_a_block;
                for (std::int64_t i = 0; i < wide; ++i) {
                    maximum[i] = s[i] > maximum[i] ? s[i] : maximum[i];
                }
            }
            for (std::int64_t i = 0; i < wide; ++i) {
                p.shrink[i] = exp2_of_score(p.shrink[i] - maximum[i]);
                sum[i] *= p.shrink[i];
            }
            for (std::int64_t k = 0; k < keys; ++k) {
                C* HAIGA_RESTRICT const s = p.scores + k * queries_a_block;
                for (std::int64_t i = 0; i < wide; ++i) {
                    s[i] = exp2_of_score(s[i] - maximum[i]);
                    sum[i] += s[i];
                }
            }
        });
    }

    void rescale(pieces const& p, block const& q) const
    {
        vectorised([&]() HAIGA_INLINE_LAMBDA {
            for (std::int64_t r = 0; r < q.queries; ++r) {
                for (std::int64_t c = 0; c < e_.padded; ++c) {
                    q.weighted[r * e_.padded + c] *= p.shrink[r];
                }
            }
        });
    }

    void finish(block const& q, T* y, C* sums) const
    {
        scatter_rows(
            e_, q.weighted, q.queries, [&](std::int64_t r) { return 1 / q.sum[r]; }, y);
        for (std::int64_t r = 0; r < q.queries; ++r) {
            sums[r] = q.maximum[r] + std::log2(q.sum[r]);
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
