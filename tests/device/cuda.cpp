// Compiled where the kernels are; what needs a GPU says so where there is none.
#if defined(HAIGA_TEST_CUDA)

#include "haiga/device/cuda.hpp"
#include "haiga/device/program.hpp"
#include "haiga/nn/group_norm.hpp"
#include "haiga/nn/linear.hpp"

#include "tests/device/group_norm_formula.hpp"

#include <doctest/doctest.h>

#include <optional>

namespace {

using namespace haiga;
using device::cuda;

template <class... Ops>
constexpr bool runs_all = (device::detail::runs<cuda, Ops> && ...);
static_assert(runs_all<nn::linear_op, nn::linear_input_gradient, nn::linear_weight_gradient,
                       nn::bias_gradient, nn::group_stats, nn::group_apply, nn::group_gradient>);

auto gpu() -> std::optional<cuda>
{
    if (auto b = cuda::open()) {
        return *std::move(b);
    } else {
        MESSAGE("not run: ", b.error().message);
        return std::nullopt;
    }
}

/// An array on the GPU.
template <class T>
class on_gpu {
public:
    on_gpu(cuda& b, std::vector<T> const& host, shape dims)
        : b_(b), memory_(*b.allocate(host.size() * sizeof(T))), dims_(dims)
    {
        b.upload(memory_.data(), host.data(), memory_.size());
    }
    [[nodiscard]] auto view() const -> any_view { return {memory_.data(), dtype_of<T>, dims_}; }
    [[nodiscard]] auto host() const -> std::vector<T>
    {
        std::vector<T> v(static_cast<std::size_t>(dims_.elements()));
        b_.download(v.data(), memory_.data(), memory_.size());
        return v;
    }

private:
    cuda& b_;
    cuda::memory memory_;
    shape dims_;
};

auto some_numbers(std::int64_t n, double phase) -> std::vector<double>
{
    std::vector<double> v;
    for (std::int64_t i = 0; i < n; ++i) {
        v.push_back(std::sin(static_cast<double>(i * i) + phase));
    }
    return v;
}

template <class T>
void check_group_norm_on(cuda& b, group_norm_case c)
{
    c = rounded<T>(std::move(c));
    shape const dims{c.samples, c.pixels, c.channels};
    shape const row{c.channels};
    auto const elements = c.x.size();
    auto const floats = [](std::size_t n) { return std::vector<float>(n); };
    on_gpu const x(b, stored_as<T>(c.x), dims);
    on_gpu const dy(b, stored_as<T>(c.dy), dims);
    on_gpu const gamma(b, stored_as<float>(c.gamma), row);
    on_gpu const beta(b, stored_as<float>(c.beta), row);
    on_gpu const stats(b, floats(static_cast<std::size_t>(2 * c.samples * c.groups)),
                       {c.samples, c.groups, 2});
    on_gpu const y(b, std::vector<T>(elements), dims);
    on_gpu const dx(b, std::vector<T>(elements), dims);
    on_gpu const dgamma(b, floats(c.gamma.size()), row);
    on_gpu const dbeta(b, floats(c.beta.size()), row);
    auto const run = [&] {
        b.group_stats(x.view(), stats.view(), c.eps);
        b.group_apply(x.view(), stats.view(), gamma.view(), beta.view(), y.view(), c.silu);
        b.group_gradient(x.view(), stats.view(), gamma.view(), beta.view(), dy.view(), dx.view(),
                         dgamma.view(), dbeta.view(), c.silu);
        REQUIRE(b.synchronize());
    };
    run();
    check_group_norm<T>(c, formula_of(c), stats.host(), y.host(), dx.host(), dgamma.host(),
                        dbeta.host());
    auto const first = std::pair(dx.host(), dgamma.host());
    run();
    CHECK(std::pair(dx.host(), dgamma.host()) == first); // the same bytes twice
}

} // namespace

TEST_CASE("without a GPU, a program is told so and goes on")
{
    auto const found = device::describe_cuda();
    auto const b = cuda::open();
    CHECK(found.has_value() == b.has_value());
    if (found) {
        MESSAGE(*found);
    } else {
        CHECK(found.error().code == errc::not_found);
        CHECK(b.error().code == errc::not_found);
        CHECK(b.error().message.starts_with("cuda: no GPU to use: "));
        MESSAGE(b.error().message);
    }
}

TEST_CASE("shapes that do not fit are a caller's bug")
{
    std::array<float, 64> memory{};
    auto const view = [&](shape s) { return any_view(memory.data(), dtype::f32, s); };
    auto const problem = [&](device::form how, shape a, shape b, shape c) {
        return device::problem_of({.how = how, .a = view(a), .b = view(b), .c = view(c)}, false);
    };
    auto const q = problem(device::form::tn, {2, 3, 4}, {6, 5}, {4, 5});
    CHECK(q.m == 4);
    CHECK(q.n == 5);
    CHECK(q.k == 6);
    CHECK_THROWS_AS(problem(device::form::nn, {3, 4}, {5, 6}, {3, 6}), contract_violation);
    CHECK_THROWS_AS(problem(device::form::nt, {3, 4}, {4, 6}, {3, 6}), contract_violation);
    CHECK_THROWS_AS(device::kernel_type(dtype::f64), contract_violation);
    CHECK_THROWS_AS(device::problem_of_group_norm(view({2, 3, 4}), view({1, 2, 2}), 1e-5, false),
                    contract_violation);
}

TEST_CASE("the kernels' group norm computes the formula")
{
    if (auto b = gpu()) {
        for (bool const silu : {false, true}) {
            check_group_norm_on<float>(*b, make_group_norm_case(2, 35, 30, 3, silu));
            check_group_norm_on<float>(*b, make_group_norm_case(3, 4096, 320, 32, silu));
            check_group_norm_on<bf16>(*b, make_group_norm_case(2, 35, 30, 3, silu));
            check_group_norm_on<bf16>(*b, make_group_norm_case(2, 1025, 2560, 32, silu));
        }
    }
}

TEST_CASE("products of every form, with a bias and added to what was there")
{
    auto b = gpu();
    if (!b) {
        return;
    }
    constexpr std::int64_t m = 37, n = 24, k = 51;
    for (auto const how : {device::form::nn, device::form::nt, device::form::tn}) {
        bool const nt = how == device::form::nt;
        bool const tn = how == device::form::tn;
        auto const x = stored_as<float>(some_numbers(m * k, 0));
        auto const w = stored_as<float>(some_numbers(k * n, 1));
        auto const bias = stored_as<float>(some_numbers(n, 2));
        on_gpu const a(*b, x, tn ? shape{k, m} : shape{m, k});
        on_gpu const weight(*b, w, nt ? shape{n, k} : shape{k, n});
        on_gpu const add(*b, bias, {n});
        on_gpu const c(*b, std::vector<float>(m * n), {m, n});
        b->multiply({how, a.view(), weight.view(), add.view(), c.view(), false});
        b->multiply({how, a.view(), weight.view(), {}, c.view(), true});
        REQUIRE(b->synchronize());
        std::vector<double> expected;
        for (std::int64_t i = 0; i < m * n; ++i) {
            double sum = 0;
            for (std::int64_t l = 0; l < k; ++l) {
                auto const row = i / n;
                auto const column = i % n;
                sum += double{x[static_cast<std::size_t>(tn ? l * m + row : row * k + l)]} *
                       double{w[static_cast<std::size_t>(nt ? column * k + l : l * n + column)]};
            }
            expected.push_back(2 * sum + double{bias[static_cast<std::size_t>(i % n)]});
        }
        CHECK(distance(c.host(), expected) < 1e-5); // 51 terms up to 1, each rounded to 2^-24
    }
}

#endif
