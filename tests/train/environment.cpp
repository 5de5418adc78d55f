#include "haiga/train/environment.hpp"

#include "haiga/device/cpu_native.hpp"

#include <doctest/doctest.h>

using namespace haiga;

TEST_CASE("an environment is told, and going on in the same one is fine")
{
    auto const e = train::environment_of(device::cpu_native({3}));
    CHECK(e.backend == "cpu_native");
    CHECK(e.threads == 3);
    CHECK(e.instructions == to_string(loop_isa()));
    CHECK_FALSE(e.compiler.empty());
    CHECK(train::check_same(e, e));
    CHECK(e == train::environment_of(device::cpu_native({3})));
}

TEST_CASE("another environment is refused, naming what differs and how")
{
    train::environment const was{"cpu_native", "avx2", "12.2.0", 2};
    auto const refused = [&](train::environment const& is) {
        auto const checked = train::check_same(was, is);
        return checked ? "fine" : checked.error().message;
    };
    constexpr auto end = ": going on would not give the same bytes";
    CHECK(refused({"cpu_eigen", "avx2", "12.2.0", 2}) ==
          concat("the session ran with backend cpu_native, this is cpu_eigen", end));
    CHECK(refused({"cpu_native", "avx512", "12.2.0", 2}) ==
          concat("the session ran with instruction set avx2, this is avx512", end));
    CHECK(refused({"cpu_native", "avx2", "12.2.0", 4}) ==
          concat("the session ran with threads 2, this is 4", end));
    CHECK(refused({"cpu_native", "avx2", "13.1.0", 2}) ==
          concat("the session ran with compiler 12.2.0, this is 13.1.0", end));
}
