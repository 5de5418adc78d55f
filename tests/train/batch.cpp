#include "haiga/train/batch.hpp"

#include "tests/train/tiny.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace {

using namespace haiga;
using sched::prediction;

struct drawn : train::batch {
    drawn(train::recipe const& r, std::vector<image::pixels> const& photos, std::int64_t step)
        : train::batch(r.batch, r.model.size)
    {
        train::batch_maker(r, train::schedule_of(r).value(), photos).fill(step, *this);
    }

    [[nodiscard]] auto sample(tensor<float> const& of, std::int64_t i) const
        -> std::span<float const>
    {
        auto const each = static_cast<std::size_t>(of.elements() / timesteps.elements());
        return of.flat().subspan(static_cast<std::size_t>(i) * each, each);
    }
    [[nodiscard]] auto time(std::int64_t i) const -> int { return static_cast<int>(timesteps(i)); }
};

auto same(train::batch const& a, train::batch const& b) -> bool
{
    return std::ranges::equal(a.noisy.flat(), b.noisy.flat()) &&
           std::ranges::equal(a.target.flat(), b.target.flat()) &&
           std::ranges::equal(a.timesteps.flat(), b.timesteps.flat()) &&
           std::ranges::equal(a.weights.flat(), b.weights.flat());
}

/// What the model should learn to see at the sample number i of all.
auto clean_values(std::vector<image::pixels> const& photos, std::int64_t i) -> std::vector<float>
{
    return train::to_unit_range(photos[static_cast<std::size_t>(i) % photos.size()]);
}

auto recipe_of(prediction target, std::int64_t batch) -> train::recipe
{
    auto r = test::tiny_recipe();
    r.target = target;
    r.batch = batch;
    return r;
}

} // namespace

TEST_CASE("a batch depends on the seed and the step, not on what was drawn before")
{
    auto r = test::tiny_recipe();
    auto const photos = test::noisy_photos(4, 8);
    train::batch_maker maker(r, train::schedule_of(r).value(), photos);
    train::batch later(r.batch, 8);
    for (std::int64_t const step : {7, 3, 1'000'000, 7}) {
        maker.fill(step, later);
        CHECK(same(later, drawn(r, photos, step)));
    }
    CHECK_FALSE(same(later, drawn(r, photos, 8)));
    r.seed ^= std::uint64_t{1} << 63U; // the whole seed counts
    CHECK_FALSE(same(later, drawn(r, photos, 7)));
}

TEST_CASE("every photograph is shown in turn")
{
    auto const r = recipe_of(prediction::sample, 3); // whose target is the photograph
    auto const photos = test::noisy_photos(5, 8);
    for (std::int64_t step = 0; step < 7; ++step) {
        drawn const b(r, photos, step);
        for (std::int64_t i = 0; i < r.batch; ++i) {
            auto const wanted = clean_values(photos, step * 3 + i);
            CHECK(std::ranges::equal(b.sample(b.target, i), wanted));
        }
    }
}

TEST_CASE("pixels become numbers from -1 to 1")
{
    image::pixels picture(1, 1, 3);
    picture.values = {0, 51, 255};
    // 51 / 127.5 - 1 = -0.6, rounded once in the quotient
    CHECK(train::to_unit_range(picture) == std::vector<float>{-1, 51 / 127.5F - 1, 1});
}

TEST_CASE("the noisy picture and the target tell the clean one and the noise")
{
    auto const photos = test::noisy_photos(3, 8);
    for (auto const kind : {prediction::epsilon, prediction::sample, prediction::v}) {
        auto r = recipe_of(kind, 6);
        r.first_step = 100;
        r.last_step = 700; // alpha_bar from 0.90 to 0.006: both can be told well enough
        auto const schedule = train::schedule_of(r).value();
        drawn const b(r, photos, 4);
        double squares = 0;
        for (std::int64_t i = 0; i < r.batch; ++i) {
            CAPTURE(i);
            auto const m = sched::mixture_at(schedule.alpha_bar(b.time(i)));
            auto const clean = sched::clean_from(kind, m);
            auto const noise = sched::noise_from(kind, m);
            auto const wanted = clean_values(photos, 4 * 6 + i);
            auto const seen = b.sample(b.noisy, i);
            auto const told = b.sample(b.target, i);
            double worst = 0;
            for (std::size_t p = 0; p < wanted.size(); ++p) {
                auto const x0 = clean.sample * seen[p] + clean.output * told[p];
                auto const epsilon = noise.sample * seen[p] + noise.output * told[p];
                auto const mixed = m.signal * x0 + m.noise * epsilon;
                worst = std::max({worst, std::abs(x0 - wanted[p]), std::abs(mixed - seen[p])});
                squares += double{epsilon} * epsilon;
            }
            // a few roundings of numbers up to 7, divided by a signal of at least 0.08
            CHECK(worst < 32 * 0x1p-24F * 7 / 0.08F);
        }
        // the mean of 1152 squares of standard normals: 5 standard deviations of sqrt(2 / 1152)
        CHECK(std::abs(squares / 1152 - 1) < 5 * std::sqrt(2.0 / 1152));
    }
}

TEST_CASE("the time steps of a batch are spread evenly")
{
    auto const r = recipe_of(prediction::v, 8);
    auto const photos = test::noisy_photos(8, 8);
    for (std::int64_t step = 0; step < 50; ++step) {
        drawn const b(r, photos, step);
        std::set<int> strata;
        for (std::int64_t i = 0; i < 8; ++i) {
            strata.insert(b.time(i) / 125); // 1000 steps, 8 strata
        }
        CHECK(strata == std::set{0, 1, 2, 3, 4, 5, 6, 7});
    }
}

TEST_CASE("every photograph meets every kind of time step, and within a stratum all")
{
    auto r = recipe_of(prediction::v, 4);
    r.first_step = 10;
    r.last_step = 50; // 40 time steps: strata of 10
    auto const photos = test::noisy_photos(4, 8);
    std::set<std::pair<std::int64_t, int>> met;
    for (std::int64_t step = 0; step < 1500; ++step) {
        drawn const b(r, photos, step);
        for (std::int64_t i = 0; i < 4; ++i) {
            met.emplace(i, b.time(i));
        }
    }
    CHECK(met.size() == 4 * 40); // a pair stays away with probability (39/40)^1500 < 1e-16
}

TEST_CASE("more samples than time steps: all within the schedule")
{
    auto r = recipe_of(prediction::v, 8);
    r.first_step = 997;
    auto const photos = test::noisy_photos(1, 8);
    for (std::int64_t step = 0; step < 30; ++step) {
        drawn const b(r, photos, step);
        for (std::int64_t i = 0; i < 8; ++i) {
            CHECK(b.time(i) >= 0);
            CHECK(b.time(i) < 3);
        }
    }
}

TEST_CASE("the error of x_0 counts min(snr, gamma), whatever is predicted")
{
    auto const photos = test::noisy_photos(2, 8);
    for (auto const kind : {prediction::epsilon, prediction::sample, prediction::v}) {
        auto r = recipe_of(kind, 16);
        r.min_snr_gamma = 5;
        r.last_step = 990; // the signal can still be divided by
        auto const schedule = train::schedule_of(r).value();
        drawn const b(r, photos, 0);
        for (std::int64_t i = 0; i < 16; ++i) {
            auto const alpha_bar = schedule.alpha_bar(b.time(i));
            auto const m = sched::mixture_at(alpha_bar);
            // an error d of the output is an error clean_from().output * d of x_0
            double const gain = sched::clean_from(kind, m).output;
            auto const counts = std::min(alpha_bar / (1 - alpha_bar), 5.0);
            // alpha_bar and its root are floats: 1 - alpha_bar loses up to 13 bits at the first
            CHECK(b.weights(i) == doctest::Approx(counts * gain * gain).epsilon(1e-3));
        }
    }
    auto plain = recipe_of(prediction::v, 4);
    drawn const b(plain, photos, 0);
    CHECK(std::ranges::count(b.weights.flat(), 1.0F) == 4);
}

TEST_CASE("weights are numbers where no signal is left")
{
    auto const photos = test::noisy_photos(1, 8);
    for (auto const kind : {prediction::epsilon, prediction::sample, prediction::v}) {
        auto r = recipe_of(kind, 1);
        r.schedule.zero_terminal_snr = true;
        r.first_step = 999;
        r.min_snr_gamma = 5;
        REQUIRE(train::schedule_of(r)->alpha_bar(0) == 0);
        drawn const b(r, photos, 0);
        CHECK(b.weights(0) == (kind == prediction::epsilon ? 1 : 0));
    }
}

TEST_CASE("photographs of another size, and none, are a caller's bug")
{
    auto const r = test::tiny_recipe();
    auto const schedule = train::schedule_of(r).value();
    auto const make = [&](std::vector<image::pixels> const& photos) {
        train::batch_maker(r, schedule, photos);
    };
    CHECK_THROWS_AS(make(test::noisy_photos(2, 16)), contract_violation);
    CHECK_THROWS_AS(make({}), contract_violation);
    CHECK_THROWS_AS(make({image::pixels(8, 8, 1)}), contract_violation);
}
