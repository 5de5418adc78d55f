#include "haiga/device/arrange.hpp"

#include <doctest/doctest.h>

#include <numeric>

namespace {

using namespace haiga;
using device::layout;

/// Has a parameter arranged patch by patch, and compares that with to_stored, which says what the
/// layouts are. Every element is read once, and none that is not there.
template <class T>
void check_arranged(layout l, shape const& dims, std::int64_t patch_elements)
{
    CAPTURE(static_cast<int>(l));
    CAPTURE(dims);
    CAPTURE(patch_elements);
    device::parameter const p{"weight", dims, l};
    std::vector<T> values(static_cast<std::size_t>(dims.elements()));
    std::iota(values.begin(), values.end(), T{1});
    std::vector<T> wanted(values.size());
    device::to_stored<T>(p, values, wanted);
    std::vector<T> found(values.size());
    std::vector<int> reads(values.size());
    auto const whole = device::whole_patch(p);
    device::for_each_patch(p, patch_elements, [&](device::patch const& part) {
        REQUIRE(part.elements() > 0);
        device::arrange<T>(
            p, part, found, [&](std::int64_t row, std::int64_t column, std::span<T> to) {
                REQUIRE(column + std::ssize(to) <= whole.columns);
                auto const first = static_cast<std::size_t>(row * whole.columns + column);
                for (std::size_t i = 0; i < to.size(); ++i) {
                    to[i] = values.at(first + i);
                    ++reads[first + i];
                }
            });
    });
    CHECK(found == wanted);
    CHECK(std::ranges::all_of(reads, [](int n) { return n == 1; }));
}

} // namespace

TEST_CASE_TEMPLATE("what is arranged patch by patch is what the layouts say", T, float, double)
{
    // around a tile of 64 and the four columns and rows that are turned at a time
    for (std::int64_t const out : {1, 2, 3, 4, 5, 63, 64, 65, 131}) {
        for (std::int64_t const in : {1, 3, 4, 7, 64, 65, 130}) {
            for (std::int64_t const most : {1, 5000, 1 << 20}) {
                check_arranged<T>(layout::in_out, {out, in}, most);
                check_arranged<T>(layout::plain, {out, in}, most);
            }
        }
    }
    for (shape const& dims : {shape{1, 1, 3, 3}, shape{5, 3, 3, 3}, shape{64, 8, 3, 3},
                              shape{67, 33, 3, 3}, shape{4, 70, 1, 1}, shape{70, 9, 1, 5}}) {
        for (std::int64_t const most : {1, 5000, 1 << 20}) {
            check_arranged<T>(layout::hwio, dims, most);
        }
    }
}

TEST_CASE("a parameter without elements has no patches")
{
    for (auto const l : {layout::plain, layout::in_out}) {
        device::for_each_patch({"none", {0, 4}, l}, 100, [](auto const&) { FAIL("a patch"); });
        device::for_each_patch({"none", {4, 0}, l}, 100, [](auto const&) { FAIL("a patch"); });
    }
}
