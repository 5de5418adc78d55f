#include "haiga/train/memory.hpp"

#include "apps/native_program.hpp"
#include "haiga/device/cpu_native.hpp"
#include "tests/train/tiny.hpp"

#include <doctest/doctest.h>

using namespace haiga;

TEST_CASE("what a training takes is told before it is made, and is what it takes")
{
    auto const r = test::tiny_recipe();
    auto const told = train::memory_of(r, 2);
    device::cpu_native b({1});
    auto const made =
        train::trainer<device::cpu_native>::make(b, r, test::noisy_photos(2, 8)).value();
    CHECK(told.activations == made.arena_bytes());
    CHECK(told.parameters == 5 * made.parameters().size_bytes());
    CHECK(told.pictures == (2 * 3 + 2) * 8 * 8 * 3 * sizeof(float)); // noisy, target, photographs
    CHECK(told.total() == told.activations + told.parameters + told.pictures);
}

TEST_CASE("a batch that no machine holds is only a number")
{
    auto r = test::tiny_recipe();
    auto const one = train::memory_of(r, 1).activations;
    r.model.size = 1024;
    r.batch = 4096;
    CHECK(train::memory_of(r, 1).activations > 1000 * one);
    CHECK(train::memory_of(r, 1).total() > std::size_t{1} << 40U);
}
