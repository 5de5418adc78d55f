#include "haiga/optim/ema.hpp"

#include "tests/golden/optim.hpp"

#include <doctest/doctest.h>

#include <iterator>
#include <vector>

using namespace haiga::optim;

TEST_CASE("ema_decay is that of diffusers")
{
    ema_decay const plain{.most = 0.995, .after_step = 3};
    ema_decay const power{.least = 0.2, .power_law = true, .inv_gamma = 2, .power = 0.75};
    for (std::size_t i = 0; i < std::size(golden::optim::ema_decays); ++i) {
        CAPTURE(i);
        auto const step = static_cast<std::int64_t>(i) + 1;
        CHECK(plain.at(step) == doctest::Approx(golden::optim::ema_decays[i]).epsilon(1e-14));
        CHECK(power.at(step) == doctest::Approx(golden::optim::ema_power_decays[i]).epsilon(1e-14));
    }
    CHECK(plain.at(100'000) == golden::optim::ema_decay_late[0]);
}

TEST_CASE("update_average moves by 1 - decay, whatever the threads")
{
    std::vector<float> average(2 * chunk_elements + 3, 1);
    std::vector<float> const parameters(average.size(), 2);
    update_average({3}, average, parameters, 0.75);
    CHECK(average == std::vector<float>(average.size(), 1.25F));
    CHECK_THROWS_AS(update_average({1}, average, std::vector<float>(2), 0),
                    haiga::contract_violation);
}
