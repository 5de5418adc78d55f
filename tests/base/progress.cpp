#include "haiga/base/progress.hpp"

#include <doctest/doctest.h>

using haiga::progress;
using namespace std::chrono_literals;

namespace {
constexpr progress::time_point start{}; // a clock that only the test moves
}

TEST_CASE("progress tells steps, rate, values and times in one line")
{
    progress meter(1000, start);
    CHECK(meter.line(start) == "0/1000  0%  0:00 so far");
    CHECK_FALSE(meter.left());
    meter.update(100, start + 25s);
    meter.show("loss", 0.123456);
    meter.show("lr", 1e-4);
    meter.show("loss", 0.25);
    CHECK(meter.line(start + 25s) ==
          "100/1000  10%  4/s  loss 0.25  lr 0.0001  0:25 so far, 3:45 left");
    meter.update(1000, start + 250s);
    CHECK(meter.line(start + 3700s) ==
          "1000/1000  100%  4/s  loss 0.25  lr 0.0001  1:01:40 so far, 0:00 left");
}

TEST_CASE("the rate follows a change and forgets within seconds")
{
    progress meter(1'000'000, start);
    auto now = start;
    std::int64_t done = 0;
    auto const run = [&](int seconds, int rate) {
        for (int i = 0; i < seconds; ++i) {
            meter.update(done += rate, now += 1s);
        }
    };
    run(5, 10);
    CHECK(meter.rate() == doctest::Approx(10));
    run(10, 20);
    CHECK(meter.rate() == doctest::Approx(20 - 10 * std::exp(-1.0)));
    run(100, 20);
    CHECK(meter.rate() == doctest::Approx(20).epsilon(1e-3)); // exp(-11) is left of the old rate
}

TEST_CASE("slow jobs tell seconds a step")
{
    progress meter(10, start);
    meter.update(1, start + 40s);
    CHECK(meter.line(start + 40s) == "1/10  10%  40 s each  0:40 so far, 6:00 left");
}

TEST_CASE("a resumed job does not count what was done before")
{
    progress meter(100, start, 90);
    meter.update(92, start + 1s);
    CHECK(meter.rate() == doctest::Approx(2));
    CHECK(meter.left()->count() == doctest::Approx(4));
}

TEST_CASE("due once an interval and once at the end")
{
    progress meter(2, start);
    CHECK_FALSE(meter.due(start + 500ms));
    CHECK(meter.due(start + 1s));
    CHECK_FALSE(meter.due(start + 1900ms));
    meter.update(2, start + 1950ms);
    CHECK(meter.due(start + 1950ms));
    CHECK_FALSE(meter.due(start + 2s));
}

TEST_CASE("several updates at one instant and none at all are no division by zero")
{
    progress meter(0, start);
    CHECK(meter.line(start) == "0/0  100%  0:00 so far, 0:00 left");
    progress other(5, start);
    other.update(2, start);
    other.update(4, start + 1s);
    CHECK(other.rate() == doctest::Approx(4));
    CHECK_THROWS_AS(other.update(3, start + 2s), haiga::contract_violation);
    CHECK_THROWS_AS(other.update(6, start + 2s), haiga::contract_violation);
}
