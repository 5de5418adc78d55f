#include "haiga/sched/config_json.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>

#include <cmath>
#include <string_view>
#include <utility>

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
    CHECK(message(R"({"_class_name": "DDPMScheduler", "variance_type": "learned_log"})")
              .starts_with("scheduler: variance_type \"learned_log\", expected one of"));
    CHECK(message(R"({"_class_name": "DDPMScheduler", "dynamic_thresholding_ratio": 2})")
              .starts_with("scheduler: clip_sample_range 1, dynamic_thresholding_ratio 2"));
    CHECK(message(R"({"_class_name": "EulerDiscreteScheduler", "use_beta_sigmas": true,
                      "use_karras_sigmas": true})") ==
          "scheduler: both use_karras_sigmas and use_beta_sigmas");
    CHECK(message(R"({"_class_name": "EulerDiscreteScheduler", "sigma_max": 0})") ==
          "scheduler: sigma_max 0, expected above 0");
}

TEST_CASE("what diffusers has and no scheduler here is refused by its key, whatever is read")
{
    std::pair<std::string_view, std::string_view> const refused[] = {
        {R"("variance_type": "learned")",
         "scheduler: variance_type \"learned\": models that tell a variance beside the noise"},
        {R"("variance_type": "learned_range")", "scheduler: variance_type \"learned_range\": "
                                                "models that tell a variance beside the noise"},
        {R"("invert_sigmas": true)", "scheduler: invert_sigmas"},
        {R"("solver_p": {"_class_name": "DDIMScheduler"})", "scheduler: solver_p"},
        {R"("tau_func": "linear")", "scheduler: tau_func"}};
    for (auto const& [option, want] : refused) {
        auto const text = haiga::concat(R"({"_class_name": "DDPMScheduler", )", option, '}');
        for (int m = 0; m < static_cast<int>(detail::classes.size()); ++m) {
            auto const config = read(text, static_cast<method>(m));
            REQUIRE_FALSE(config);
            CHECK(config.error().message == want);
            CHECK(config.error().code == haiga::errc::unsupported);
        }
    }
    CHECK(read(R"({"_class_name": "UniPCMultistepScheduler", "solver_p": null,
                   "variance_type": null, "invert_sigmas": false})"));
}

TEST_CASE("options that one class has are refused by those without")
{
    auto const fault = [](std::string_view text) {
        return make_scheduler(read(text).value(), 10).error().message;
    };
    CHECK(fault(R"({"_class_name": "LMSDiscreteScheduler", "use_lu_lambdas": true})") ==
          "scheduler: this method has Karras, exponential and beta sigmas only");
    CHECK(fault(R"({"_class_name": "EulerDiscreteScheduler", "use_flow_sigmas": true})") ==
          "scheduler: this method has Karras, exponential and beta sigmas only");
    CHECK(fault(R"({"_class_name": "HeunDiscreteScheduler",
                    "prediction_type": "flow_prediction"})") ==
          "scheduler: this method takes epsilon, sample and v, no flow");
    CHECK(fault(R"({"_class_name": "DPMSolverMultistepScheduler",
                    "algorithm_type": "dpmsolver"})") ==
          "dpm_multistep: a solver by noise cannot end at sigma 0; final_sigmas_type must be "
          "sigma_min");
    CHECK(fault(R"({"_class_name": "UniPCMultistepScheduler", "use_flow_sigmas": true,
                    "use_dynamic_shifting": true})") ==
          "scheduler: use_dynamic_shifting needs mu, which depends on the size of the picture");
    CHECK(fault(R"({"_class_name": "UniPCMultistepScheduler", "use_flow_sigmas": true,
                    "flow_shift": 0})") == "scheduler: flow_shift 0, expected above 0");
}

TEST_CASE("files as they are published are read")
{
    // the keys and values of stabilityai/stable-diffusion-xl-base-1.0
    auto const sdxl = read(R"({"_class_name": "EulerDiscreteScheduler",
        "_diffusers_version": "0.19.0.dev0", "beta_end": 0.012, "beta_schedule": "scaled_linear",
        "beta_start": 0.00085, "clip_sample": false, "interpolation_type": "linear",
        "num_train_timesteps": 1000, "prediction_type": "epsilon", "sample_max_value": 1.0,
        "set_alpha_to_one": false, "skip_prk_steps": true, "steps_offset": 1,
        "timestep_spacing": "leading", "trained_betas": null, "use_karras_sigmas": false})");
    CHECK(make_scheduler(sdxl.value(), 30).value().timestep(0) == 958); // 29 * 33 + 1
    // black-forest-labs/FLUX.1-dev: mu is to come from the number of tokens
    auto flux = read(R"({"_class_name": "FlowMatchEulerDiscreteScheduler",
        "_diffusers_version": "0.30.0.dev0", "base_image_seq_len": 256, "base_shift": 0.5,
        "max_image_seq_len": 4096, "max_shift": 1.15, "num_train_timesteps": 1000, "shift": 3.0,
        "use_dynamic_shifting": true})")
                    .value();
    CHECK_FALSE(make_scheduler(flux, 28));
    auto& path = std::get<flow_euler_options>(flux.method).path;
    path.mu = path.by_tokens(4096);
    CHECK(*path.mu == doctest::Approx(1.15));
    CHECK(make_scheduler(flux, 28));
    // what diffusers 0.24 saves of latent-consistency's scheduler
    auto const lcm_file = read(R"({"_class_name": "LCMScheduler", "_diffusers_version": "0.24.0",
        "beta_end": 0.012, "beta_schedule": "scaled_linear", "beta_start": 0.00085,
        "clip_sample": false, "clip_sample_range": 1.0, "dynamic_thresholding_ratio": 0.995,
        "interpolation_type": "linear", "num_train_timesteps": 1000,
        "original_inference_steps": 50, "prediction_type": "epsilon",
        "rescale_betas_zero_snr": false, "sample_max_value": 1.0, "set_alpha_to_one": false,
        "skip_prk_steps": true, "steps_offset": 1, "thresholding": false,
        "timestep_scaling": 10.0, "timestep_spacing": "leading", "trained_betas": null,
        "use_karras_sigmas": false})");
    CHECK(make_scheduler(lcm_file.value(), 4).value().timestep(0) == 999);
    // stabilityai/stable-video-diffusion-img2vid: sigmas of its own, told as logarithms
    auto const svd = read(R"({"_class_name": "EulerDiscreteScheduler",
        "_diffusers_version": "0.24.0.dev0", "beta_end": 0.012, "beta_schedule": "scaled_linear",
        "beta_start": 0.00085, "clip_sample": false, "interpolation_type": "linear",
        "num_train_timesteps": 1000, "prediction_type": "v_prediction", "set_alpha_to_one": false,
        "sigma_max": 700.0, "sigma_min": 0.002, "skip_prk_steps": true, "steps_offset": 1,
        "timestep_spacing": "leading", "timestep_type": "continuous", "trained_betas": null,
        "use_karras_sigmas": true})");
    CHECK(make_scheduler(svd.value(), 25).value().timestep(0) ==
          doctest::Approx(0.25 * std::log(700)));
    auto const tree = read(R"({"_class_name": "DPMSolverSDEScheduler", "noise_sampler_seed": 7})");
    CHECK(std::get<dpm_sde_options>(tree->method).seed == 7);
}
