#include "haiga/sched/prediction.hpp"

#include "haiga/sched/noise_schedule.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace haiga::sched;

TEST_CASE("the target of each kind of model gives back the picture and the noise")
{
    std::vector<float> const clean{-1, 0.25F, 0.5F};
    std::vector<float> const noise{0.3F, -2, 1};
    std::vector<float> noisy(3);
    std::vector<float> target(3);
    for (int t : {0, 10, 500, 999}) {
        auto const m = mixture_at(scaled_linear().alpha_bar(t));
        CHECK(m.signal * m.signal + m.noise * m.noise == doctest::Approx(1).epsilon(1e-6));
        add_noise(m, clean, noise, noisy);
        for (auto const kind : {prediction::epsilon, prediction::sample, prediction::v}) {
            training_target(kind, m, clean, noise, target);
            auto const x0 = clean_from(kind, m);
            auto const eps = noise_from(kind, m);
            for (std::size_t i = 0; i < 3; ++i) {
                // float32: 1e-6, divided by signal (at least 0.068) or noise (at least 0.029)
                CHECK(x0.sample * noisy[i] + x0.output * target[i] ==
                      doctest::Approx(clean[i]).epsilon(1e-5));
                CHECK(eps.sample * noisy[i] + eps.output * target[i] ==
                      doctest::Approx(noise[i]).epsilon(3e-5));
            }
        }
    }
}

TEST_CASE("velocity is the derivative of the mixture along its circle")
{
    // Salimans and Ho 2022, arXiv:2202.00512, appendix D: v = alpha eps - sigma x
    std::vector<float> v(1);
    velocity({0.8F, 0.6F}, std::vector{2.0F}, std::vector{3.0F}, v);
    CHECK(v[0] == doctest::Approx(0.8 * 3 - 0.6 * 2));
}
