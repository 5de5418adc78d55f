#include "haiga/sample/generation_text.hpp"

#include "haiga/sched/sampler_names.hpp"
#include "haiga/sched/schedule_names.hpp"
#include "tests/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace haiga;

namespace {

auto a_request(std::string_view sampler) -> sample::picture_request
{
    sample::picture_request r;
    r.prompt = "a red dog";
    r.scheduler = sched::named_scheduler_config(sampler).value();
    return r;
}

} // namespace

TEST_CASE("a picture says how it was made, in the form that web UIs read")
{
    auto r = a_request("dpmpp_2m_karras");
    r.negative = "blue";
    r.steps = 30;
    r.guidance.scale = 5.5F;
    CHECK(sample::generation_text(r, 42, "models/v1-5.safetensors") ==
          "a red dog\nNegative prompt: blue\n"
          "Steps: 30, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 5.5, Seed: 42, "
          "Size: 512x512, Model: v1-5, Version: haiga 0.1.0");
    r = a_request("euler_a");
    r.init = image::pixels(8, 8, 3);
    r.strength = 0.75;
    r.clip_skip = 1;
    CHECK(sample::generation_text(r, 7, "my, model.ckpt") ==
          "a red dog\n"
          "Steps: 20, Sampler: Euler a, CFG scale: 7.5, Seed: 7, Size: 512x512, "
          "Model: \"my, model\", Denoising strength: 0.75, Clip skip: 2, Version: haiga 0.1.0");
}

TEST_CASE("what PNG cannot hold is replaced in a note")
{
    auto r = a_request("ddim");
    r.prompt = std::string("a\0b\xff", 4) + "犬";
    auto const note = sample::generation_note(r, 1, "m");
    CHECK(note.key == "parameters");
    CHECK(note.text.starts_with("ab\xef\xbf\xbd犬\n"));
    CHECK(image::encode_png(image::pixels(1, 1, 3), {note}).has_value());
}

// The digest: sha256sum of 65,536 zeros.
TEST_CASE("a model is told by a checksum of its middle")
{
    haiga_test::temporary_folder const folder;
    std::ofstream(folder / "m.ckpt", std::ios::binary) << std::string(0x110000, '\0');
    CHECK(sample::short_model_hash(folder / "m.ckpt") == "de2f2560");
    std::ofstream(folder / "short.ckpt", std::ios::binary) << std::string(0x10ffff, '\0');
    CHECK(sample::short_model_hash(folder / "short.ckpt").empty());
    CHECK(sample::short_model_hash(folder.path()).empty());
}

TEST_CASE("a schedule is chosen by name, where the sampler has one")
{
    auto config = a_request("dpmpp_2m").scheduler;
    REQUIRE(sched::set_schedule(config, "Karras"));
    CHECK(sched::schedule_title(config) == "Karras");
    REQUIRE(sched::set_schedule(config, "normal"));
    CHECK(sched::schedule_title(config).empty());
    REQUIRE(sched::set_schedule(config, "trailing"));
    auto ddim = a_request("ddim").scheduler;
    REQUIRE(sched::set_schedule(ddim, "trailing"));
    CHECK(std::get<sched::ddim_options>(ddim.method).timesteps == sched::spacing::trailing);
    CHECK(sched::set_schedule(ddim, "karras").error().to_string() ==
          "schedule \"karras\": this sampler has no sigmas to choose");
    CHECK(sched::set_schedule(ddim, "karas").error().code == errc::not_found);
}
