#include "haiga/sched/config_json.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>

using namespace haiga::sched;

namespace {

auto read(std::string_view text, std::optional<method> as = {}) -> haiga::result<scheduler_config>
{
    return read_scheduler_config(boost::json::parse({text.data(), text.size()}).as_object(), as);
}

auto message(std::string_view text) -> std::string
{
    auto const config = read(text);
    REQUIRE_FALSE(config);
    return config.error().message;
}

/// The keys that the scheduler_config.json of Stable Diffusion 1.5 has, in diffusers' format.
constexpr std::string_view stable_diffusion = R"({
    "_class_name": "PNDMScheduler", "_diffusers_version": "0.6.0",
    "beta_end": 0.012, "beta_schedule": "scaled_linear", "beta_start": 0.00085,
    "num_train_timesteps": 1000, "set_alpha_to_one": false, "skip_prk_steps": true,
    "steps_offset": 1, "trained_betas": null, "clip_sample": false
})";

} // namespace

TEST_CASE("Stable Diffusion's file, read for the schedulers there are")
{
    auto const ddim = read(stable_diffusion, method::ddim).value();
    CHECK(ddim.schedule.betas == schedule_config::shape::scaled_linear);
    CHECK(make_schedule(ddim.schedule).value() == scaled_linear());
    auto const options = std::get<ddim_options>(ddim.method);
    CHECK_FALSE(options.set_alpha_to_one);
    CHECK_FALSE(options.bound.clip);
    CHECK(options.steps_offset == 1);
    CHECK(make_scheduler(ddim, 20).value().timestep(0) == 951); // 19 * 50 + 1

    auto const euler = make_scheduler(read(stable_diffusion, method::euler).value(), 20).value();
    CHECK(euler.timestep(0) == 999);
    CHECK(euler.initial_sigma() == doctest::Approx(14.6146).epsilon(1e-5)); // diffusers 0.42.1
    auto const pndm = make_scheduler(read(stable_diffusion).value(), 20).value();
    CHECK(pndm.timestep(0) == 951);
    CHECK(pndm.steps() == 21);
    CHECK(message(R"({"_class_name": "VQDiffusionScheduler"})")
              .starts_with("scheduler: _class_name \"VQDiffusionScheduler\", expected one of "
                           "DDPMScheduler, DDIMScheduler, EulerDiscreteScheduler"));
}

TEST_CASE("missing keys have the defaults of diffusers")
{
    auto const ddpm = std::get<ddpm_options>(read(R"({"_class_name": "DDPMScheduler"})")->method);
    CHECK(ddpm.bound.clip == 1);
    CHECK(ddpm.timesteps == spacing::leading);
    auto const euler =
        std::get<euler_options>(read(R"({"_class_name": "EulerDiscreteScheduler"})")->method);
    CHECK(euler.timesteps == spacing::linspace);
    CHECK(euler.sigmas == euler_options::sigma_spacing::of_timesteps);
}

TEST_CASE("options are read by their names")
{
    auto const euler = std::get<euler_options>(
        read(R"({"_class_name": "EulerDiscreteScheduler", "prediction_type": "v_prediction",
                 "use_karras_sigmas": true, "sigma_min": 0.002, "sigma_max": 80,
                 "timestep_type": "continuous", "timestep_spacing": "trailing",
                 "final_sigmas_type": "sigma_min"})")
            ->method);
    CHECK(euler.kind == prediction::v);
    CHECK(euler.sigmas == euler_options::sigma_spacing::karras);
    CHECK(euler.sigma_min == 0.002);
    CHECK(euler.sigma_max == 80);
    CHECK(euler.continuous_timesteps);
    CHECK(euler.timesteps == spacing::trailing);
    CHECK(euler.last == euler_options::last_sigma::sigma_min);
}

TEST_CASE("what is wrong is told with its key")
{
    CHECK(message("{}") == "\"_class_name\" is missing");
    CHECK(message(R"({"_class_name": "DDIMScheduler", "beta_start": "x"})") ==
          "\"beta_start\": expected a number");
    auto const own = read(R"({"_class_name": "DDIMScheduler", "trained_betas": [0.1, 2]})").value();
    CHECK(make_schedule(own.schedule).error().message ==
          "noise schedule: 2 trained_betas for 2 steps, expected as many, within (0, 1)");
    CHECK(message(R"({"_class_name": "DDPMScheduler", "variance_type": "learned_range"})")
              .starts_with("scheduler: variance_type \"learned_range\", expected one of"));
    CHECK(message(R"({"_class_name": "DDPMScheduler", "dynamic_thresholding_ratio": 2})")
              .starts_with("scheduler: clip_sample_range 1, dynamic_thresholding_ratio 2"));
    CHECK(message(R"({"_class_name": "EulerDiscreteScheduler", "use_beta_sigmas": true,
                      "use_karras_sigmas": true})") ==
          "scheduler: both use_karras_sigmas and use_beta_sigmas");
    CHECK(message(R"({"_class_name": "EulerDiscreteScheduler", "sigma_max": 0})") ==
          "scheduler: sigma_max 0, expected above 0");
}
