#include "haiga/nn/add_positions.hpp"
#include "haiga/nn/row_of_token.hpp"

#include "tests/nn/support/check_op.hpp"

#include <doctest/doctest.h>

namespace {

using namespace haiga;
using namespace haiga::test;
using token_ops = device::op_list<nn::add_positions_op, nn::add_positions_gradient,
                                  nn::row_of_token_op, nn::row_of_token_gradient>;

auto const positioned = []<class N>(tensor<N> const& x, tensor<N> const& table) {
    tensor<N> y(x.shape());
    for (std::int64_t n = 0; n < y.shape()[0]; ++n) {
        for (std::int64_t t = 0; t < y.shape()[1]; ++t) {
            for (std::int64_t c = 0; c < y.shape()[2]; ++c) {
                y(n, t, c) = x(n, t, c) + table(t, c);
            }
        }
    }
    return y;
};
auto const traced_positions = [](device::graph& g, auto... in) {
    return nn::add_positions(g, in...);
};

/// transformers 5.23.0, CLIPTextModel: the first of the highest ids, or of those that are the
/// token.
auto pooled(std::int64_t token)
{
    return [token]<class N>(tensor<N> const& x, tensor<N> const& ids) {
        tensor<N> y({x.shape()[0], x.shape()[2]});
        for (std::int64_t n = 0; n < y.shape()[0]; ++n) {
            std::int64_t at = 0;
            for (auto t = ids.shape()[1]; t-- > 0;) {
                bool const is_token =
                    !(ids(n, t) < N(double(token))) && !(N(double(token)) < ids(n, t));
                bool const is_highest = !(ids(n, t) < ids(n, at));
                at = (token == nn::highest_id ? is_highest : is_token) ? t : at;
            }
            for (std::int64_t c = 0; c < y.shape()[1]; ++c) {
                y(n, c) = x(n, at, c);
            }
        }
        return y;
    };
}

/// The row of each of some sequences of three, whose rows are their numbers.
auto rows_of(std::vector<std::int32_t> const& ids, std::int64_t token) -> std::vector<float>
{
    auto const sequences = static_cast<std::int64_t>(ids.size() / 3);
    device::graph g;
    auto const x = g.input(dtype::f32, {sequences, 3, 1});
    auto const of = g.input(dtype::i32, {sequences, 3});
    auto const y = nn::row_of_token(g, x, of, token);
    g.keep(y);
    device::cpu_native b;
    auto program = device::program<device::cpu_native>::make(b, g, {}, token_ops{});
    REQUIRE(program);
    std::ranges::copy(ids, program->view(of).as<std::int32_t>().flat().begin());
    auto const rows = program->view(x).as<float>().flat();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i] = static_cast<float>(i % 3);
    }
    program->run();
    auto const got = program->view(y).as<float>().flat();
    return {got.begin(), got.end()};
}

} // namespace

TEST_CASE("positions are added to every sample's tokens, and their gradients are its sums")
{
    check_central_differences(positioned, activation({2, 3, 2}), parameter({4, 2}));
    check_op(token_ops{}, traced_positions, positioned, {.terms = {0, 1, 3}},
             activation({3, 7, 11}), parameter({9, 11}));
    check_op(token_ops{}, traced_positions, positioned, {.terms = {0, 1, 2}},
             activation({2, 77, 300}), parameter({77, 300}));
}

TEST_CASE("a sequence is pooled where its end-of-text token stands first")
{
    for (auto const token : {nn::highest_id, std::int64_t{2}}) {
        auto const traced = [=](device::graph& g, device::value x, device::value ids) {
            return nn::row_of_token(g, x, ids, token);
        };
        check_op(token_ops{}, traced, pooled(token), {}, activation({5, 9, 13}),
                 numbers_below(4, {5, 9}));
    }
}

TEST_CASE("the end of text is the first of the highest ids, or the first with its id")
{
    CHECK(rows_of({5, 9, 9, 9, 1, 1, 1, 2, 9}, nn::highest_id) == std::vector<float>{1, 0, 2});
    CHECK(rows_of({5, 7, 9, 9, 7, 7, 7, 8, 9}, 7) == std::vector<float>{1, 1, 0});
    CHECK(rows_of({5, 8, 9}, 7) == std::vector<float>{0}); // as argmax of none gives
}

TEST_CASE("tokens' ops refuse shapes that do not fit")
{
    device::graph g;
    auto const x = g.input(dtype::f32, {2, 5, 8});
    auto const table = g.input(dtype::f32, {4, 8});
    auto const ids = g.input(dtype::i32, {2, 4});
    CHECK_THROWS_AS(nn::add_positions(g, x, table), contract_violation);
    CHECK_THROWS_AS(nn::row_of_token(g, x, ids, 2), contract_violation);
}
