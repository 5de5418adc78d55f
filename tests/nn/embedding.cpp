#include "haiga/nn/embedding.hpp"
#include "haiga/nn/timestep_embedding.hpp"

#include "tests/nn/support/check_op.hpp"

#include <doctest/doctest.h>

namespace {

using namespace haiga;
using namespace haiga::test;
using embedding_ops =
    device::op_list<nn::embedding_op, nn::embedding_gradient, nn::timestep_embedding_op>;

/// Numbers of rows come as constants of the number type.
template <class N>
auto whole(N x) -> std::int64_t
{
    if constexpr (std::is_same_v<N, double>) {
        return static_cast<std::int64_t>(x);
    } else {
        return static_cast<std::int64_t>(x.value());
    }
}

auto const gathered = []<class N>(tensor<N> const& ids, tensor<N> const& table) {
    auto const width = table.shape()[1];
    tensor<N> y({ids.elements(), width});
    for (std::int64_t i = 0; i < ids.elements(); ++i) {
        for (std::int64_t c = 0; c < width; ++c) {
            y(i, c) = table(whole(ids.flat()[static_cast<std::size_t>(i)]), c);
        }
    }
    return y;
};
auto const traced_embedding = [](device::graph& g, auto... in) { return nn::embedding(g, in...); };

/// Vaswani et al. 2017, 3.5, with Diffusers' options.
auto sinusoidal(std::int64_t dim, nn::timestep_embedding_options const& o)
{
    return [=]<class N>(tensor<N> const& t) {
        using std::cos, std::sin;
        auto const half = dim / 2;
        tensor<N> y({t.elements(), dim});
        for (std::int64_t n = 0; n < t.elements(); ++n) {
            for (std::int64_t i = 0; i < half; ++i) {
                auto const part = static_cast<double>(i) /
                                  (static_cast<double>(half) - double{o.downscale_freq_shift});
                auto const angle = t.flat()[static_cast<std::size_t>(n)] *
                                   N(o.scale / std::pow(double{o.max_period}, part));
                y(n, o.flip_sin_to_cos ? i : half + i) = cos(angle);
                y(n, o.flip_sin_to_cos ? half + i : i) = sin(angle);
            }
        }
        return y;
    };
}

void check_sinusoids(std::int64_t dim, nn::timestep_embedding_options const& o, operand const& t)
{
    check_op(
        embedding_ops{},
        [=](device::graph& g, device::value v) { return nn::timestep_embedding(g, v, dim, o); },
        sinusoidal(dim, o), {}, t);
}

/// The embedding of some times, in a graph of f64.
auto sinusoids(std::vector<double> const& t, std::int64_t dim,
               nn::timestep_embedding_options const& options) -> std::vector<double>
{
    device::graph g(dtype::f64);
    auto const times = g.input(dtype::f64, {static_cast<std::int64_t>(t.size())});
    auto const y = nn::timestep_embedding(g, times, dim, options);
    g.keep(y);
    device::cpu_native b;
    auto program = device::program<device::cpu_native>::make(b, g, {}, embedding_ops{});
    REQUIRE(program);
    std::memcpy(program->view(times).data(), t.data(), t.size() * sizeof(double));
    program->run();
    auto const got = program->view(y).template as<double>().flat();
    return {got.begin(), got.end()};
}

} // namespace

TEST_CASE("embedding takes rows of a table, and its gradient adds to them")
{
    check_central_differences(gathered, numbers_below(3, {5}), parameter({4, 3}));
    check_op(embedding_ops{}, traced_embedding, gathered, {}, numbers_below(11, {3, 7}),
             parameter({11, 13}));
    check_op(embedding_ops{}, traced_embedding, gathered, {.terms = {0, 0, 31.0 / 5}},
             numbers_below(2, {31}), parameter({5, 1})); // two sums of about 15
}

TEST_CASE("embedding refuses a number that is not in its table")
{
    device::graph g;
    auto const ids = g.input(dtype::i32, {1});
    auto const table = g.input(dtype::f32, {3, 2});
    g.keep(nn::embedding(g, ids, table));
    device::cpu_native b(parallelism{1});
    auto program = device::program<device::cpu_native>::make(b, g, {}, embedding_ops{});
    REQUIRE(program);
    for (auto const id : {-1, 3}) {
        program->view(ids).as<std::int32_t>().flat()[0] = id;
        CHECK_THROWS_AS(program->run(), contract_violation);
    }
}

TEST_CASE("time steps become sines and cosines of a geometric series of frequencies")
{
    // Vaswani et al. 2017, 3.5, at d_model = 4: frequencies 1 and 10000^(-2/4) = 0.01
    auto const plain = sinusoids({0, 3, 999}, 4, {.flip_sin_to_cos = false});
    std::size_t i = 0;
    for (double const t : {0.0, 3.0, 999.0}) {
        for (double const wanted :
             {std::sin(t), std::sin(t / 100), std::cos(t), std::cos(t / 100)}) {
            CHECK(plain[i++] == doctest::Approx(wanted).epsilon(1e-12));
        }
    }
}

TEST_CASE("time step embeddings of every type are the formula's")
{
    // whole numbers up to 255 are the same in all types, and angles are computed in double
    // precision
    auto const t = numbers_below(256, {7}, dtype::f32);
    check_sinusoids(320, {}, t);
    check_sinusoids(9, {.flip_sin_to_cos = false, .downscale_freq_shift = 1, .scale = 2}, t);
    check_sinusoids(2, {.max_period = 100}, numbers_below(256, {3}, dtype::bf16));
    check_sinusoids(64, {}, numbers_below(256, {2, 3}, dtype::f64));
}

TEST_CASE("time step options do what Diffusers' do")
{
    auto const cosines_first = sinusoids({5}, 4, {});
    CHECK(cosines_first[0] == doctest::Approx(std::cos(5.0)));
    CHECK(cosines_first[2] == doctest::Approx(std::sin(5.0)));
    // half = 2, shift 1: the last frequency is 1 / max_period itself
    auto const shifted =
        sinusoids({5}, 4, {.downscale_freq_shift = 1, .scale = 2, .max_period = 100});
    CHECK(shifted[0] == doctest::Approx(std::cos(10.0)));
    CHECK(shifted[1] == doctest::Approx(std::cos(0.1)));
    auto const odd = sinusoids({5}, 5, {});
    CHECK(odd[4] == 0);
    CHECK(odd[3] == doctest::Approx(std::sin(0.05)));
}
