#include "haiga/nn/coordinate_planes.hpp"

#include "haiga/device/program.hpp"
#include "tests/backends.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace {

using namespace haiga;

struct extents {
    std::int64_t n, size, frequencies;
};

/// The planes of all samples, as doubles. T: what they are stored as.
template <class T, class B>
auto planes_on(B& b, extents e) -> std::vector<double>
{
    device::graph g(dtype_of<T>);
    auto const planes = nn::coordinate_planes(g, e.n, e.size, e.frequencies);
    REQUIRE(g.shape_of(planes) == shape{e.n, e.size, e.size, 4 * e.frequencies});
    g.keep(planes);
    auto program = device::program<B>::make(b, g, {}, device::op_list<nn::coordinate_planes_op>{});
    REQUIRE(program);
    program->run();
    auto const view = program->view(planes);
    auto const* const values = static_cast<T const*>(view.data());
    std::vector<double> out;
    for (std::int64_t i = 0; i < view.elements(); ++i) {
        out.push_back(static_cast<double>(device::load(values[i])));
    }
    return out;
}

/// Channel c at column x, row y: of x, then of y, sine and cosine by turns.
auto plane_formula(extents e, std::int64_t x, std::int64_t y, std::int64_t c) -> double
{
    auto const place = c < 2 * e.frequencies ? x : y;
    auto const wave = c % (2 * e.frequencies);
    auto const u = (2.0 * static_cast<double>(place) + 1) / static_cast<double>(e.size) - 1;
    auto const angle = std::acos(-1.0) / 2 * std::pow(2.0, wave / 2) * u;
    return std::sqrt(2.0) * (wave % 2 == 0 ? std::sin(angle) : std::cos(angle));
}

template <class T, class B>
void check_formula(B& b, extents e, double tolerance)
{
    auto const planes = planes_on<T>(b, e);
    std::size_t at = 0;
    double worst = 0;
    for (std::int64_t row = 0; row < e.n * e.size; ++row) {
        for (std::int64_t x = 0; x < e.size; ++x) {
            for (std::int64_t c = 0; c < 4 * e.frequencies; ++c, ++at) {
                auto const wanted = plane_formula(e, x, row % e.size, c);
                worst = std::max(worst, std::abs(planes[at] - wanted));
            }
        }
    }
    CHECK(worst <= tolerance);
}

} // namespace

TEST_CASE_TEMPLATE("coordinate planes are their formula", B, HAIGA_TEST_HOSTS)
{
    B b(test::three_threads);
    for (auto const& e : {extents{2, 9, 4}, {3, 48, 4}, {1, 1, 1}, {2, 17, 16}}) {
        CAPTURE(e.size);
        // half a unit in the last place of numbers up to 2, and of angles up to 2^15 in f64
        check_formula<double>(b, e, 0x1p-33);
        check_formula<float>(b, e, 0x1p-24);
        check_formula<bf16>(b, e, 0x1p-8);
    }
}

TEST_CASE("every pixel is told from every other, and planes have about variance 1")
{
    device::cpu_native b({1});
    constexpr extents e{1, 12, 2};
    auto const planes = planes_on<float>(b, e);
    std::vector<std::vector<double>> pixels;
    double squares = 0;
    for (auto p = planes.begin(); p != planes.end(); p += 8) {
        pixels.emplace_back(p, p + 8);
    }
    for (auto const x : planes) {
        squares += x * x;
    }
    // sin^2 + cos^2 = 1 for each pair: exactly 1 on average but for rounding
    CHECK(squares / static_cast<double>(planes.size()) == doctest::Approx(1).epsilon(1e-6));
    std::ranges::sort(pixels);
    CHECK(std::ranges::adjacent_find(pixels) == pixels.end());
}

TEST_CASE("coordinate planes refuse sizes that are none")
{
    device::graph g;
    CHECK_THROWS_AS(nn::coordinate_planes(g, 0, 8, 4), contract_violation);
    CHECK_THROWS_AS(nn::coordinate_planes(g, 1, 0, 4), contract_violation);
    CHECK_THROWS_AS(nn::coordinate_planes(g, 1, 8, 0), contract_violation);
    CHECK_THROWS_AS(nn::coordinate_planes(g, 1, 8, 17), contract_violation);
}
