#include "haiga/device/cpu/matrix_product.hpp"

#include "tests/backends.hpp"
#include "tests/nn/support/operand.hpp"

#include <doctest/doctest.h>

using namespace haiga;
using namespace haiga::test;
using device::form;

namespace {

struct sizes {
    std::int64_t m, n, k;
};

/// What an element of a product should be, and the sum of the sizes of what was added up.
struct element {
    double value, size;
};

auto expected(form how, sizes s, std::vector<double> const& a, std::vector<double> const& b,
              std::vector<double> const& c) -> std::vector<element>
{
    std::vector<element> all;
    for (std::int64_t i = 0; i < s.m; ++i) {
        for (std::int64_t j = 0; j < s.n; ++j) {
            auto const before = c[static_cast<std::size_t>(i * s.n + j)];
            element e{before, std::abs(before)};
            for (std::int64_t l = 0; l < s.k; ++l) {
                auto const left = how == form::tn ? l * s.m + i : i * s.k + l;
                auto const right = how == form::nt ? j * s.k + l : l * s.n + j;
                auto const term =
                    a[static_cast<std::size_t>(left)] * b[static_cast<std::size_t>(right)];
                e.value += term;
                e.size += std::abs(term);
            }
            all.push_back(e);
        }
    }
    return all;
}

template <class B>
struct on_device {
    typename B::memory memory;
    any_view view;
    on_device(B& b, dtype type, shape dims, std::vector<double> const& x)
        : memory(b.allocate(static_cast<std::size_t>(dims.elements()) * size_of(type)).value()),
          view(memory.data(), type, dims)
    {
        auto const bytes = encode(x, type);
        b.upload(memory.data(), bytes.data(), bytes.size());
    }
};

enum class start { nothing, bias, sum };

/// Error of a sum of k products, against the sum of their sizes: each rounded to 2^-24 (f64: 2^-53)
/// once as a product and at most k + 1 times as part of a sum (Higham 2002, Accuracy and Stability
/// of Numerical Algorithms, eq. 3.5); for bf16 besides to 2^-8 as a C, and as a weight where a
/// backend multiplies in bf16.
auto limit(dtype type, std::int64_t k) -> double
{
    auto const roundings = static_cast<double>(k) + 2;
    switch (type) {
    case dtype::f64: return roundings * 0x1p-52; // the reference is rounded too
    case dtype::f32: return roundings * 0x1p-24;
    default: return 2.01 * 0x1p-8 + roundings * 0x1p-24;
    }
}

template <class B>
void check_product(B& b, form how, dtype storage, sizes s, start from)
{
    INFO("form ", static_cast<int>(how), ", ", to_string(storage), ", m ", s.m, ", n ", s.n, ", k ",
         s.k, ", from ", static_cast<int>(from));
    auto const wide = storage == dtype::f64 ? dtype::f64 : dtype::f32;
    auto const b_type = how == form::tn ? storage : wide;
    auto const c_type = how == form::tn ? wide : storage;
    auto const a_shape = how == form::tn ? shape{s.k, s.m} : shape{s.m, s.k};
    auto const b_shape = how == form::nt ? shape{s.n, s.k} : shape{s.k, s.n};
    auto const a = rounded(draw(activation(a_shape), 0), storage);
    auto const w = rounded(draw(activation(b_shape), 1), b_type);
    auto const bias = rounded(draw(activation({s.n}), 2), wide);
    auto const old = rounded(draw(activation({s.m, s.n}), 3), c_type);
    std::vector<double> c(old.size(), 0);
    for (std::size_t i = 0; i < c.size(); ++i) {
        c[i] = from == start::sum ? old[i] : from == start::bias ? bias[i % bias.size()] : 0;
    }
    on_device<B> const on_a(b, storage, a_shape, a);
    on_device<B> const on_b(b, b_type, b_shape, w);
    on_device<B> const on_bias(b, wide, {s.n}, bias);
    on_device<B> const on_c(b, c_type, {s.m, s.n}, old);
    b.multiply({.how = how,
                .a = on_a.view,
                .b = on_b.view,
                .bias = from == start::bias ? on_bias.view : any_view{},
                .c = on_c.view,
                .accumulate = from == start::sum});
    std::vector<std::byte> bytes(on_c.view.bytes());
    b.download(bytes.data(), on_c.view.data(), bytes.size());
    REQUIRE(b.synchronize());
    auto const got = decode(bytes, c_type);
    auto const wanted = expected(how, s, a, w, c);
    double worst = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
        auto const off = std::abs(got[i] - wanted[i].value);
        auto const error = off == 0 ? 0 : off / wanted[i].size;
        worst = error <= worst ? worst : error;
    }
    CHECK(worst <= limit(storage, s.k));
}

} // namespace

TEST_CASE_TEMPLATE("products of every form, type and size equal their definition", B,
                   HAIGA_TEST_BACKENDS)
{
    INFO("HAIGA_TEST_SEED=", test_seed());
    auto b = open_backend<B>();
    if (!b) {
        MESSAGE("not run on ", B::name, ": ", b.error().message);
        return;
    }
    auto random = philox{test_seed(), 1}.at(0, 0);
    std::vector<sizes> all{{1, 1, 1},    {97, 5, 3},    {5, 257, 9},    {7, 3, 385},
                           {6, 16, 8},   {33, 530, 9}, // rows of B far apart,
                           {530, 33, 9},               // and of A
                           {1700, 3, 2},               // several blocks of rows a task
                           {40, 37, 64}, {16, 290, 32}, {530, 33, 352}, {1041, 3, 32}};
    for (int i = 0; i < 12; ++i) {
        all.push_back({1 + random.below(40), 1 + random.below(70), 1 + random.below(50)});
    }
    for (auto const& s : all) {
        for (auto const how : {form::nn, form::nt, form::tn}) {
            for (auto const type : {dtype::f64, dtype::f32, dtype::bf16}) {
                if (type == dtype::f64 && !device::host_backend<B>) {
                    continue; // f64 is for formulas, which the host checks
                }
                check_product(*b, how, type, s, start::nothing);
                check_product(*b, how, type, s, start::sum);
                if (how == form::nn) {
                    check_product(*b, how, type, s, start::bias);
                }
            }
        }
    }
}

TEST_CASE("operands that do not fit are the caller's bug")
{
    device::cpu_native b({1});
    tensor<float> a({2, 3});
    tensor<float> w({4, 5});
    tensor<float> c({2, 5});
    CHECK_THROWS_AS(b.multiply({.a = a.view(), .b = w.view(), .c = c.view()}), contract_violation);
}
