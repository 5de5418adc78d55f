#include "haiga/sched/sampler_names.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>

using namespace haiga::sched;

namespace {

auto sampler_message(std::string_view name) -> std::string
{
    auto const config = named_scheduler_config(name);
    REQUIRE_FALSE(config);
    return config.error().message;
}

} // namespace

TEST_CASE("every name that people know makes a scheduler")
{
    for (auto const& known : sampler_names) {
        CAPTURE(known.name);
        auto const config = named_scheduler_config(known.name);
        REQUIRE(config);
        CHECK(make_scheduler(*config, 10));
        CHECK(plain_sampler_name(known.name) == known.name);
    }
    CHECK(plain_sampler_name("DPM++ 2M SDE Karras") == "dpmpp_2m_sde_karras");
}

TEST_CASE("a name says what its scheduler is, and the model's file the rest")
{
    auto const file = boost::json::parse(R"({
        "_class_name": "PNDMScheduler", "beta_schedule": "scaled_linear", "beta_start": 0.00085,
        "beta_end": 0.012, "steps_offset": 1, "prediction_type": "v_prediction"})");
    auto const config = named_scheduler_config("DPM++ 2M SDE Karras", file.as_object()).value();
    auto const options = std::get<dpm_multistep_options>(config.method);
    CHECK(options.equation == dpm_equation::data_sde);
    CHECK(options.order == 2);
    CHECK(options.kind == prediction::v);
    CHECK(options.path.sigmas == sigma_spacing::karras);
    CHECK(options.path.steps_offset == 1);
    CHECK(config.schedule.betas == schedule_config::shape::scaled_linear);
    auto const ancestral = named_scheduler_config("Euler a", file.as_object()).value();
    CHECK(std::holds_alternative<euler_ancestral_options>(ancestral.method));
    auto const edm = named_scheduler_config("edm_euler_exponential").value();
    CHECK(std::get<edm_euler_options>(edm.method).model.sigmas == sigma_spacing::exponential);
}

TEST_CASE("a name that is not known is told with the nearest")
{
    CHECK(sampler_message("dpmp_2m") ==
          "sampler \"dpmp_2m\" is not known; nearest is \"dpmpp_2m\"");
    CHECK(sampler_message("dpm++2m karras") ==
          "sampler \"dpm++2m karras\" is not known; nearest is \"dpmpp_2m_karras\"");
    CHECK(sampler_message("Euler Ancestal").ends_with("nearest is \"euler_ancestral\""));
    CHECK(sampler_message("ddim_karras") ==
          "sampler \"ddim_karras\": this method has no sigmas to choose");
}
