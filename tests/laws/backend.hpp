#pragma once

#include "haiga/device/backend.hpp"
#include "tests/sanitized.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <vector>

/// The laws of haiga::device::backend and host_backend.
namespace laws {

/// An operand on a backend, and the same elements here: whole numbers up to 11, whose products and
/// sums are exact in any order.
template <haiga::device::backend B>
struct operand {
    std::vector<float> here;
    typename B::memory memory;
    haiga::any_view view;

    operand(B& b, haiga::shape dims, int first)
        : here(static_cast<std::size_t>(dims.elements())),
          memory(b.allocate(here.size() * sizeof(float)).value()),
          view(memory.data(), haiga::dtype::f32, dims)
    {
        for (std::size_t i = 0; i < here.size(); ++i) {
            here[i] = static_cast<float>((static_cast<int>(i) * 7 + first) % 23 - 11);
        }
        b.upload(memory.data(), here.data(), view.bytes());
    }

    auto read(B& b) const -> std::vector<float>
    {
        std::vector<float> got(here.size());
        b.download(got.data(), memory.data(), view.bytes());
        REQUIRE(b.synchronize());
        return got;
    }
};

/// Bytes come back as they went, at any offset, and zero touches what it was told to.
void check_memory(haiga::device::backend auto& b)
{
    auto const made = b.allocate(1001);
    REQUIRE(made);
    CHECK(made->size() == 1001);
    CHECK(b.allocate(0).has_value());
    std::vector<unsigned char> sent(1001);
    std::iota(sent.begin(), sent.end(), static_cast<unsigned char>(1));
    b.upload(made->data(), sent.data(), sent.size());
    b.zero(static_cast<std::byte*>(made->data()) + 101, 203);
    std::fill_n(sent.begin() + 101, 203, static_cast<unsigned char>(0));
    b.upload(static_cast<std::byte*>(made->data()) + 997, sent.data() + 7, 3);
    std::copy_n(sent.begin() + 7, 3, sent.begin() + 997);
    std::vector<unsigned char> got(sent.size());
    b.download(got.data(), made->data(), got.size());
    REQUIRE(b.synchronize());
    CHECK(got == sent);
#if !defined(HAIGA_TEST_SANITIZED)
    auto const none = b.allocate(std::size_t{1} << 62U);
    REQUIRE_FALSE(none);
    CHECK(none.error().code == haiga::errc::out_of_memory);
    CHECK(b.synchronize()); // and nothing else was harmed
#endif
}

/// C = [C or bias] + A B, of operands of every form.
template <haiga::device::backend B>
void check_product(B& b, haiga::device::form how, bool biased, bool accumulate)
{
    using haiga::device::form;
    constexpr std::int64_t m = 5, n = 19, k = 13;
    operand const left(b, how == form::tn ? haiga::shape{k, m} : haiga::shape{m, k}, 1);
    operand const right(b, how == form::nt ? haiga::shape{n, k} : haiga::shape{k, n}, 2);
    operand const bias(b, {n}, 3);
    operand const c(b, {m, n}, 4);
    b.multiply({.how = how,
                .a = left.view,
                .b = right.view,
                .bias = biased ? bias.view : haiga::any_view{},
                .c = c.view,
                .accumulate = accumulate});
    std::vector<float> wanted;
    for (std::int64_t i = 0; i < m * n; ++i) {
        auto const [row, column] = std::pair(i / n, i % n);
        auto const at = [](auto const& x, std::int64_t e) {
            return x.here[static_cast<std::size_t>(e)];
        };
        float sum = accumulate ? at(c, i) : biased ? at(bias, column) : 0;
        for (std::int64_t l = 0; l < k; ++l) {
            sum += at(left, how == form::tn ? l * m + row : row * k + l) *
                   at(right, how == form::nt ? column * k + l : l * n + column);
        }
        wanted.push_back(sum);
    }
    INFO("form ", static_cast<int>(how), ", biased ", biased, ", accumulate ", accumulate);
    CHECK(c.read(b) == wanted);
}

/// Work is done in the order it was given, before synchronize() comes back.
template <haiga::device::backend B>
void check_order(B& b)
{
    operand const x(b, {3, 3}, 1);
    operand const y(b, {3, 3}, 2);
    b.zero(y.view.data(), y.view.bytes());
    b.multiply({.a = x.view, .b = x.view, .c = y.view, .accumulate = true});
    b.zero(x.view.data(), x.view.bytes());
    b.multiply({.a = y.view, .b = x.view, .c = y.view, .accumulate = true});
    operand const square(b, {3, 3}, 1);
    std::vector<float> wanted(9);
    for (std::size_t i = 0; i < 27; ++i) {
        wanted[i / 3] += square.here[i / 9 * 3 + i % 3] * square.here[i % 3 * 3 + i / 3 % 3];
    }
    CHECK(y.read(b) == wanted);
}

template <haiga::device::backend B>
void check_backend(B& b)
{
    using haiga::device::form;
    check_memory(b);
    for (auto const how : {form::nn, form::nt, form::tn}) {
        check_product(b, how, false, false);
        check_product(b, how, false, true);
    }
    check_product(b, form::nn, true, false);
    check_order(b);
}

/// Every thread's scratch memory and the shared piece are apart; a product by blocks is the same
/// as a whole one, with rows found through tables.
template <haiga::device::host_backend B>
void check_host_backend(B& b)
{
    check_backend(b);
    REQUIRE(b.team().threads >= 1);
    constexpr std::size_t bytes = 4096;
    std::vector<unsigned char*> pieces{static_cast<unsigned char*>(b.shared_scratch(bytes))};
    for (int thread = 0; thread < b.team().threads; ++thread) {
        pieces.push_back(static_cast<unsigned char*>(b.scratch(thread, bytes)));
    }
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        std::memset(pieces[i], static_cast<int>(i + 1), bytes);
    }
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        CHECK(std::count(pieces[i], pieces[i] + bytes, static_cast<unsigned char>(i + 1)) == bytes);
    }

    // two taps of three over rows that overlap, into rows in another order
    std::vector<float> const a{1, 2, 3, 4, 5};
    std::vector<float> const w{1, 0, 0, 1, 1, 1, 2, 0, 0, 2, 2, 2}; // [2 taps, 3, 2]
    std::vector<float> c(4, 10);
    std::array<std::int32_t, 2> const a_rows{0, 1};
    std::array<std::int32_t, 2> const c_rows{2, 0};
    std::array<haiga::device::segment, 2> const taps{{{0, 0}, {1, 6}}};
    B::block(haiga::device::form::nn, haiga::device::product<float>{.m = 2,
                                                                    .n = 2,
                                                                    .k = 3,
                                                                    .a = a.data(),
                                                                    .a_rows = a_rows,
                                                                    .b = w.data(),
                                                                    .ldb = 2,
                                                                    .c = c.data(),
                                                                    .c_rows = c_rows,
                                                                    .segments = taps,
                                                                    .accumulate = true});
    // by hand: (1 + 3, 2 + 3) + 2 (2 + 4, 3 + 4), and the same one element on
    CHECK(c == std::vector<float>{10 + 6 + 16, 10 + 7 + 18, 10 + 4 + 12, 10 + 5 + 14});
}

} // namespace laws
