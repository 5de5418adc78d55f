#include "haiga/train/trainer.hpp"

#include "apps/native_program.hpp"
#include "haiga/device/cpu_native.hpp"
#include "haiga/train/resume.hpp"
#include "tests/sanitized.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/train/tiny.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

namespace {

using namespace haiga;
using backend = device::cpu_native;
using trainer = train::trainer<backend>;
using haiga_test::temporary_folder;

auto bytes_of(std::span<float const> values) -> std::vector<std::byte>
{
    auto const bytes = std::as_bytes(values);
    return {bytes.begin(), bytes.end()};
}

/// Everything that a training is: parameters, average, moments, losses.
auto bytes_of(trainer& t) -> std::vector<std::vector<std::byte>>
{
    std::vector<std::vector<std::byte>> all;
    for (auto const& part : t.state()) {
        all.push_back(bytes_of(part.values));
    }
    all.push_back(bytes_of(t.losses()));
    return all;
}

void do_steps(trainer& t, int count)
{
    for (int i = 0; i < count; ++i) {
        t.step();
    }
}

auto trained(train::recipe const& r, int threads, int steps) -> std::vector<std::vector<std::byte>>
{
    backend b({threads});
    auto t = trainer::make(b, r, test::noisy_photos(2, 8)).value();
    do_steps(t, steps);
    return bytes_of(t);
}

auto in_bf16() -> train::recipe
{
    auto r = test::tiny_recipe();
    r.storage = dtype::bf16;
    r.recompute = true;
    return r;
}

} // namespace

TEST_CASE("a trainer starts from the seed, and tells nothing before it has learned")
{
    backend b({2});
    auto const r = test::tiny_recipe();
    auto const photos = test::noisy_photos(2, 8);
    auto t = trainer::make(b, r, photos).value();
    CHECK(t.steps_done() == 0);
    CHECK(t.losses().empty());
    CHECK(bytes_of(t.parameters()) == bytes_of(t.average()));
    CHECK(bytes_of(t.parameters()) == bytes_of(trainer::make(b, r, photos).value().parameters()));
    auto other = r;
    other.seed = 8;
    CHECK(bytes_of(t.parameters()) !=
          bytes_of(trainer::make(b, other, photos).value().parameters()));

    // the output is zero at first: the loss is the mean square of the targets
    train::batch first(r.batch, r.model.size);
    train::batch_maker(r, train::schedule_of(r).value(), photos).fill(0, first);
    auto const targets = first.target.flat();
    auto const squares = std::inner_product(targets.begin(), targets.end(), targets.begin(), 0.0);
    auto const report = t.step();
    // sums of 576 squares in fp32
    CHECK(report.loss ==
          doctest::Approx(squares / static_cast<double>(targets.size())).epsilon(1e-5));
    CHECK(report.gradient_norm > 0);
    CHECK(t.steps_done() == 1);
    CHECK(t.losses() == std::vector<float>{static_cast<float>(report.loss)});
}

TEST_CASE("the bytes of a training do not depend on the number of threads")
{
    for (auto const& r : {test::tiny_recipe(), in_bf16()}) {
        auto const alone = trained(r, 1, 4);
        CHECK(trained(r, 3, 4) == alone);
        CHECK(trained(r, 2, 4) == alone);
    }
}

TEST_CASE("a training that stops, is saved and goes on is as one that never stopped")
{
    auto const photos = test::noisy_photos(2, 8);
    for (auto const& r : {test::tiny_recipe(), in_bf16()}) {
        for (int const threads : {1, 3}) {
            temporary_folder const folder;
            auto const place = folder / "session";
            {
                backend b({threads});
                auto s = train::session<>::create(place, r, photos).value();
                auto t = train::resume(b, s).value();
                do_steps(t, 3);
                REQUIRE(s.save(3, train::environment_of(b), t.state(), t.losses()));
                t.step(); // lost: it was not saved
            }
            backend b({threads});
            auto s = train::session<>::open(place).value();
            auto t = train::resume(b, s).value();
            CHECK(t.steps_done() == 3);
            do_steps(t, 3);
            CHECK(bytes_of(t) == trained(r, threads, 6));
        }
    }
}

TEST_CASE("a training is run to its end, saved as the recipe says, told after every step")
{
    temporary_folder const folder;
    auto r = test::tiny_recipe();
    r.steps = 5;
    backend b({2});
    auto s = train::session<>::create(folder.path(), r, test::noisy_photos(2, 8)).value();
    auto t = train::resume(b, s).value();
    std::vector<std::int64_t> saved;
    REQUIRE(train::run_to_end(b, s, t, [&](train::step_report const&) {
        auto const state = s.state().value();
        saved.push_back(state ? state->steps : 0);
    }));
    CHECK(saved == std::vector<std::int64_t>{0, 0, 2, 2, 4});
    auto again = train::resume(b, s).value();
    CHECK(again.steps_done() == 5); // the last step is saved, though 5 is odd
    CHECK(bytes_of(again) == bytes_of(t));
    REQUIRE(train::run_to_end(b, s, again, [](auto const&) { FAIL("there was a step to do"); }));
}

TEST_CASE("going on in another environment is refused, naming what differs, unless allowed")
{
    temporary_folder const folder;
    backend two({2});
    auto s = train::session<>::create(folder.path(), test::tiny_recipe(), test::noisy_photos(2, 8))
                 .value();
    auto t = train::resume(two, s).value();
    t.step();
    REQUIRE(s.save(1, train::environment_of(two), t.state(), t.losses()));
    backend three({3});
    auto const refused = train::resume(three, s);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::mismatch);
    CHECK(refused.error().message ==
          folder.path().string() + ": the session ran with threads 2, this is 3: going on would "
                                   "not give the same bytes (allow_other goes on all the same)");
    std::string told;
    auto allowed = train::resume(three, s, {.allow_other = true},
                                 [&](std::string const& line) { told += line; });
    REQUIRE(allowed);
    CHECK(allowed->steps_done() == 1);
    CHECK(told ==
          folder.path().string() + ": the session ran with threads 2, this is 3, from step 1 on");
    do_steps(*allowed, 1);
    REQUIRE(s.save(2, train::environment_of(three), allowed->state(), allowed->losses()));
    CHECK(s.state().value()->history ==
          std::vector<train::stay>{{0, train::environment_of(two)},
                                   {1, train::environment_of(three)}});
    told.clear();
    CHECK(train::resume(three, s, {}, [&](std::string const& line) { told += line; }));
    CHECK(told.empty());
}

TEST_CASE("a gradient that is not finite leaves parameters, moments and average as they were")
{
    backend b({1});
    auto t = trainer::make(b, test::tiny_recipe(), test::noisy_photos(2, 8)).value();
    do_steps(t, 2);
    auto const parameters = t.state().front().values;
    parameters[0] = std::numeric_limits<float>::infinity();
    auto before = bytes_of(t);
    auto const report = t.step();
    CHECK_FALSE(std::isfinite(report.gradient_norm));
    auto after = bytes_of(t);
    before.pop_back(); // the losses have one more
    after.pop_back();
    CHECK(after == before);
    CHECK(t.steps_done() == 3);
    CHECK(t.losses().size() == 3);
}

TEST_CASE("one picture is learned: in 60 steps the loss falls to a tenth")
{
    backend b({1});
    auto r = test::tiny_recipe();
    r.target = sched::prediction::sample;
    r.first_step = 300;
    r.last_step = 700;
    r.steps = 60;
    r.rate = {.rate = 1e-2, .shape = optim::rate_shape::cosine, .warmup = 5};
    r.adamw = {.beta2 = 0.99, .weight_decay = 0};
    auto t = trainer::make(b, r, test::noisy_photos(1, 8)).value();
    do_steps(t, 60);
    auto const& losses = t.losses();
    auto const mean = [](auto first, auto last) {
        return std::accumulate(first, last, 0.0) / static_cast<double>(last - first);
    };
    CHECK(mean(losses.end() - 5, losses.end()) < 0.1 * mean(losses.begin(), losses.begin() + 2));
}

TEST_CASE("a recipe that cannot be is refused, and one that is too large is not tried")
{
    backend b({1});
    auto r = test::tiny_recipe();
    r.batch = 0;
    CHECK_FALSE(trainer::make(b, r, test::noisy_photos(1, 8)));
#if !defined(HAIGA_TEST_SANITIZED)
    auto large = test::tiny_recipe(); // 2^40 weights of 3 x 3 and more
    large.model.unet.block_out_channels = {8, 1 << 20};
    auto const made = trainer::make(b, large, test::noisy_photos(1, 8));
    REQUIRE_FALSE(made);
    CHECK(made.error().code == errc::out_of_memory);
#endif
}
