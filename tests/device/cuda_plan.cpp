// The kernels' threads, run one after the other on the host. What this cannot show is whether a
// GPU agrees: cuda.cpp does, where there is one.

#include "haiga/base/half.hpp"
#include "haiga/device/cuda/group_norm_threads.hpp"
#include "haiga/device/cuda/product_plan.hpp"
#include "haiga/device/cuda/sum_rows_threads.hpp"

#include "tests/device/group_norm_formula.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <vector>

using namespace haiga::kernel;
using haiga::bf16;

namespace {

enum class order { forward, backward }; ///< in which blocks are run: a GPU promises none

template <class Block>
void for_each_block(row_grid const& g, order in, Block const& block)
{
    for (std::int64_t i = 0; i < g.blocks(); ++i) {
        block(in == order::forward ? i : g.blocks() - 1 - i);
    }
}

template <class Program, class Arrays>
void run_each(row_grid const& g, Arrays const& a, order in)
{
    for_each_block(g, in, [&](std::int64_t block) {
        for (std::int64_t t = 0; t < g.threads(); ++t) {
            if (auto const p = place_of(g, block, t); p.column < g.columns) {
                Program{a, g, p}.run();
            }
        }
    });
}

template <class Program, class Arrays>
void run_reduce(row_grid const& g, Arrays const& a, order in)
{
    using mine = totals<typename Program::number, Program::width>;
    for_each_block(g, in, [&](std::int64_t block) {
        std::vector<mine> shared(static_cast<std::size_t>(g.threads()));
        auto const at = [&](std::int64_t t) -> mine& {
            return shared[static_cast<std::size_t>(t)];
        };
        for (std::int64_t t = 0; t < g.threads(); ++t) {
            if (auto const p = place_of(g, block, t); p.column < g.columns) {
                at(t) = Program{a, g, p}.sum();
            }
        }
        for (std::int64_t t = 0; t < g.lanes; ++t) {
            if (auto const p = place_of(g, block, t); p.column < g.columns) {
                for (auto other = t + g.lanes; other < g.threads(); other += g.lanes) {
                    at(t).add(at(other));
                }
                Program{a, g, p}.finish(at(t));
            }
        }
    });
}

/// All that the kernels of group norm do, in the order in which group_norm.cu launches them.
template <class T, int V>
struct emulation {
    group_norm_case c;
    order in = order::forward;
    std::vector<T> x = stored(c.x), dy = stored(c.dy);
    std::vector<T> y = std::vector<T>(x.size()), dx = y;
    std::vector<float> gamma = stored_as<float>(c.gamma), beta = stored_as<float>(c.beta);
    std::vector<float> stats =
        std::vector<float>(static_cast<std::size_t>(2 * c.samples * c.groups));
    std::vector<float> dgamma = gamma, dbeta = beta;

    static auto stored(std::vector<double> const& v) { return stored_as<T>(v); }

    void run()
    {
        group_norm_arrays<T> a;
        a.grid = share_rows(c.samples, c.pixels, c.channels, V);
        std::vector<float> workspace(group_norm_workspace(a.grid, c.groups) / sizeof(float));
        a.groups = c.groups;
        a.eps = static_cast<float>(c.eps);
        a.silu = c.silu;
        a.x = x.data();
        a.stats = stats.data();
        a.gamma = gamma.data();
        a.beta = beta.data();
        lay_out(a, workspace.data());
        run_reduce<moment_program<T, V>>(a.grid, a, in);
        run_reduce<stats_program<T>>(share_groups(a, a.grid.chunks * a.width(), 128), a, in);
        a.out = y.data();
        run_each<apply_program<T, V>>(a.grid, a, in);
        run_backward(a);
    }

    void run_backward(group_norm_arrays<T> a)
    {
        a.dy = dy.data();
        a.out = dx.data();
        a.dgamma = dgamma.data();
        a.dbeta = dbeta.data();
        auto const both = 2 * c.channels;
        run_reduce<gradient_sum_program<T, V>>(a.grid, a, in);
        run_reduce<chunk_fold_program<T>>(share_columns(c.samples, a.grid.chunks, both), a, in);
        run_reduce<parameter_gradient_program<T>>(share_columns(1, c.samples, both), a, in);
        run_reduce<group_mean_program<T>>(share_groups(a, a.width(), 32), a, in);
        run_each<input_gradient_program<T, V>>(a.grid, a, in);
    }
};

template <class T, int V>
void check_against_formula(group_norm_case const& c)
{
    CAPTURE(c.pixels);
    CAPTURE(c.channels);
    emulation<T, V> e{rounded<T>(c)};
    e.run();
    check_group_norm<T>(e.c, formula_of(e.c), e.stats, e.y, e.dx, e.dgamma, e.dbeta);
}

} // namespace

TEST_CASE("every element belongs to exactly one thread")
{
    using sizes = std::array<std::int64_t, 4>;
    for (auto const [samples, rows, columns, vector] :
         {sizes{1, 1, 1, 1}, sizes{2, 77, 30, 1}, sizes{3, 1025, 32, 4}, sizes{2, 64, 320, 8},
          sizes{1, 9, 2050, 1}, sizes{5, 100, 2560, 4}, sizes{1, 70000, 8, 8}}) {
        auto const g = share_rows(samples, rows, columns, vector);
        CAPTURE(rows);
        CAPTURE(columns);
        CHECK(g.threads() <= 1024); // the most that a block may have
        std::vector<int> seen(static_cast<std::size_t>(samples * rows * columns));
        for (std::int64_t block = 0; block < g.blocks(); ++block) {
            for (std::int64_t t = 0; t < g.threads(); ++t) {
                auto const p = place_of(g, block, t);
                for (auto row = p.first(); p.column < columns && row < p.last; row += g.slots) {
                    for (std::int64_t i = 0; i < vector; ++i) {
                        auto const at = (p.sample * rows + row) * columns + p.column + i;
                        ++seen[static_cast<std::size_t>(at)];
                    }
                }
            }
        }
        CHECK(std::ranges::all_of(seen, [](int n) { return n == 1; }));
    }
}

TEST_CASE("a thread adds up few numbers, and small problems take few blocks")
{
    auto const large = share_rows(64, 512 * 512, 128, 4);
    CHECK(large.chunk / large.slots <= 256);
    CHECK(share_rows(1, 64, 1280, 8).blocks() <= 32);
    CHECK(share_rows(1, 64 * 64, 320, 8).blocks() >= 132); // multiprocessors of an H200
}

TEST_CASE("the formula's own gradient agrees with central differences")
{
    for (bool const silu : {false, true}) {
        CHECK(gradient_error(make_group_norm_case(2, 15, 12, 3, silu)) < 1e-6);
    }
}

TEST_CASE("the threads of group norm compute the formula")
{
    for (bool const silu : {false, true}) {
        check_against_formula<float, 1>(make_group_norm_case(2, 35, 30, 3, silu));
        check_against_formula<float, 4>(make_group_norm_case(3, 77, 40, 4, silu)); // 10 channels
        check_against_formula<float, 1>(make_group_norm_case(1, 1, 6, 2, silu));
        check_against_formula<float, 4>(make_group_norm_case(1, 3, 2056, 8, silu)); // two tiles
        check_against_formula<bf16, 1>(make_group_norm_case(2, 35, 30, 3, silu));
        check_against_formula<bf16, 8>(make_group_norm_case(2, 600, 64, 32, silu));
    }
}

TEST_CASE("a mean far from zero costs no digits of the deviation")
{
    auto c = make_group_norm_case(1, 4096, 32, 4, false);
    for (auto& x : c.x) {
        x += 1000;
    }
    emulation<float, 4> e{rounded<float>(c)};
    e.run();
    auto const expected = formula_of(e.c);
    for (std::size_t i = 0; i < e.stats.size(); ++i) { // sums of squares in fp32 would lose 1e-2
        CHECK(e.stats[i] == doctest::Approx(expected.stats[i]).epsilon(1e-6));
    }
}

TEST_CASE("the order of blocks does not change a bit")
{
    auto const c = rounded<float>(make_group_norm_case(3, 1000, 48, 6, true));
    emulation<float, 4> one{c};
    emulation<float, 4> other{c, order::backward};
    one.run();
    other.run();
    CHECK(one.stats == other.stats);
    CHECK(one.y == other.y);
    CHECK(one.dx == other.dx);
    CHECK(one.dgamma == other.dgamma);
    CHECK(one.dbeta == other.dbeta);
}

TEST_CASE("the threads that add up rows do so")
{
    for (auto const rows : {1, 33, 5000}) {
        constexpr std::int64_t columns = 40;
        auto const x = make_group_norm_case(1, rows, columns, 1, false).x; // in [-1.5, 2.5]
        auto const stored = stored_as<bf16>(x);
        std::vector<double> expected(columns);
        for (std::size_t i = 0; i < stored.size(); ++i) {
            expected[i % columns] += static_cast<double>(stored[i]);
        }
        sum_rows_arrays<bf16> a{.grid = share_rows(1, rows, columns, 8), .x = stored.data()};
        std::vector<float> partial(sum_rows_workspace(a.grid) / sizeof(float));
        std::vector<float> out(columns);
        a.partial = partial.data();
        a.out = out.data();
        run_reduce<row_sum_program<bf16, 8>>(a.grid, a, order::backward);
        run_reduce<row_fold_program<bf16>>(share_columns(1, a.grid.chunks, columns), a,
                                           order::forward);
        CHECK(distance(out, expected) < 1e-6); // a thread adds at most 256 numbers in fp32
    }
}

namespace {

/// What BLAS computes for a plan: op(first) op(second), column by column.
auto multiply_by_columns(product_plan const& plan, std::vector<int> const& first,
                         std::vector<int> const& second) -> std::vector<int>
{
    auto const element = [](std::vector<int> const& v, column_major m, bool transposed,
                            std::int64_t i, std::int64_t j) {
        auto const [row, column] = transposed ? std::pair(j, i) : std::pair(i, j);
        return v[static_cast<std::size_t>(column * m.stride() + row)];
    };
    auto const inner = plan.transpose_first ? plan.first.rows : plan.first.columns;
    std::vector<int> out;
    for (std::int64_t j = 0; j < plan.out.columns; ++j) {
        for (std::int64_t i = 0; i < plan.out.rows; ++i) {
            int sum = 0;
            for (std::int64_t l = 0; l < inner; ++l) {
                sum += element(first, plan.first, plan.transpose_first, i, l) *
                       element(second, plan.second, plan.transpose_second, l, j);
            }
            out.push_back(sum);
        }
    }
    return out;
}

auto numbers(std::int64_t count, int seed) -> std::vector<int>
{
    std::vector<int> v;
    for (std::int64_t i = 0; i < count; ++i) {
        v.push_back(static_cast<int>(i * i + 3 * i + seed) % 11 - 5);
    }
    return v;
}

} // namespace

TEST_CASE("a row-major product is asked of a column-major library")
{
    constexpr std::int64_t m = 5, n = 3, k = 7;
    auto const a = numbers(m * k, 1);
    auto const b = numbers(k * n, 2);
    for (auto const how : {HAIGA_NN, HAIGA_NT, HAIGA_TN}) {
        CAPTURE(static_cast<int>(how));
        std::vector<int> expected;
        for (std::int64_t i = 0; i < m; ++i) {
            for (std::int64_t j = 0; j < n; ++j) {
                int sum = 0;
                for (std::int64_t l = 0; l < k; ++l) {
                    sum += a[static_cast<std::size_t>(how == HAIGA_TN ? l * m + i : i * k + l)] *
                           b[static_cast<std::size_t>(how == HAIGA_NT ? j * k + l : l * n + j)];
                }
                expected.push_back(sum);
            }
        }
        CHECK(multiply_by_columns(plan_of(how, m, n, k), b, a) == expected);
    }
}

TEST_CASE("a product's workspace holds what must be converted, and no more")
{
    haiga_product p{HAIGA_NN, HAIGA_F32, HAIGA_F32, HAIGA_F32, 4, 5, 6, 0, 1, 0};
    auto const plain = workspace_of(p);
    CHECK(plain.total == product_workspace::of_library);
    p.a = p.c = HAIGA_BF16;
    auto const mixed = workspace_of(p);
    CHECK(mixed.converts_weight);
    CHECK(mixed.converts_bias);
    CHECK(mixed.bias >= mixed.weight + 5 * 6 * 2);
    CHECK(mixed.cublas >= mixed.bias + 5 * 2);
    CHECK(mixed.total == mixed.cublas + product_workspace::of_library);
    CHECK(mixed.cublas % product_workspace::alignment == 0);
}

TEST_CASE("element types that no kernel takes are refused")
{
    haiga_product p{HAIGA_NN, HAIGA_F32, HAIGA_F32, HAIGA_F32, 4, 5, 6, 0, 0, 0};
    CHECK(is_supported(p));
    p.c = HAIGA_BF16;
    CHECK_FALSE(is_supported(p));
    p.a = HAIGA_BF16;
    CHECK(is_supported(p));
    CHECK(is_valid(p));
    p.accumulate = p.bias = 1;
    CHECK_FALSE(is_valid(p));
    p.bias = 0;
    p.k = 0;
    CHECK_FALSE(is_valid(p));
    p.n = 0;
    CHECK(is_valid(p)); // nothing to do
}
