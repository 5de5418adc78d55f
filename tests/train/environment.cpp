#include "haiga/train/environment.hpp"

#include "haiga/device/cpu_eigen.hpp"
#include "haiga/device/cpu_native.hpp"

#include <doctest/doctest.h>

using namespace haiga;

TEST_CASE("an environment is told, and going on in the same one is fine")
{
    auto const e = train::environment_of(device::cpu_native({3}));
    CHECK(e.backend == "cpu_native");
    CHECK(e.threads == 3);
    CHECK(e.instructions ==
          concat(to_string(loop_isa()), device::amx::available() ? " and amx" : ""));
    CHECK(train::environment_of(device::cpu_eigen({3})).instructions == to_string(loop_isa()));
    CHECK_FALSE(e.compiler.empty());
    CHECK(e.libraries == concat("haiga ", version)); // tiles of our own: no other computes
    CHECK(train::environment_of(device::cpu_eigen({3})).libraries ==
          concat("haiga ", version, ", ", device::cpu_eigen::libraries()));
    CHECK(device::cpu_eigen::libraries().starts_with("Eigen 3."));
    CHECK_FALSE(train::difference(e, e));
    CHECK(e == train::environment_of(device::cpu_native({3})));
}

TEST_CASE("what differs between two environments is told, and how it was")
{
    train::environment const was{"cpu_native", "avx2", "12.2.0", 2, "haiga 1"};
    auto const differs = [&](train::environment const& is) {
        return train::difference(was, is).value_or("nothing");
    };
    CHECK(differs(was) == "nothing");
    CHECK(differs({"cpu_eigen", "avx2", "12.2.0", 2, "haiga 1"}) ==
          "backend cpu_native, this is cpu_eigen");
    CHECK(differs({"cpu_native", "avx512", "12.2.0", 2, "haiga 1"}) ==
          "instruction set avx2, this is avx512");
    CHECK(differs({"cpu_native", "avx2", "12.2.0", 4, "haiga 1"}) == "threads 2, this is 4");
    CHECK(differs({"cpu_native", "avx2", "13.1.0", 2, "haiga 1"}) ==
          "compiler 12.2.0, this is 13.1.0");
    CHECK(differs({"cpu_native", "avx2", "12.2.0", 2, "haiga 2"}) ==
          "libraries haiga 1, this is haiga 2");
}
