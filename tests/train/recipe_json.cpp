#include "haiga/train/recipe_json.hpp"

#include "haiga/json/parse.hpp"
#include "haiga/json/write.hpp"
#include "haiga/train/demo_recipe.hpp"
#include "haiga/train/trainer.hpp"
#include "tests/train/tiny.hpp"

#include <doctest/doctest.h>

#include <tuple>

namespace {

using namespace haiga;

/// Every member. One that is added to a recipe does not compile here until it is compared.
auto members(train::recipe const& r)
{
    auto const& [model, schedule, target, first, last, gamma, steps, batch, save_every, seed,
                 storage, recompute, rate, adamw, clip, average] = r;
    auto const& [unet, size, tokens, frequencies] = model;
    auto const& [betas, length, first_beta, last_beta, zero_snr, own_betas] = schedule;
    static_cast<void>(own_betas); // check() refuses them
    auto const& [top, shape, warmup, total, last_rate, power, cycles] = rate;
    static_cast<void>(total); // steps
    auto const& [beta1, beta2, epsilon, decay] = adamw;
    auto const& [most, least, after, by_power, inv_gamma, average_power] = average;
    return std::tuple_cat(
        std::tuple(unet, size, tokens, frequencies, betas, length, first_beta, last_beta, zero_snr),
        std::tuple(target, first, last, gamma, steps, batch, save_every, seed, storage, recompute),
        std::tuple(top, shape, warmup, last_rate, power, cycles, beta1, beta2, epsilon, decay),
        std::tuple(clip, most, least, after, by_power, inv_gamma, average_power));
}

/// Nothing in it is what it is in another recipe, nor what another member is.
auto unlike_any_other() -> train::recipe
{
    auto r = test::tiny_recipe();
    r.schedule = {sched::schedule_config::shape::exponential, 777, 0.00031, 0.0173, true, {}};
    r.target = sched::prediction::epsilon;
    r.first_step = 11;
    r.last_step = 701;
    r.min_snr_gamma = 4.7;
    r.steps = 123'456'789'012;
    r.batch = 5;
    r.save_every = 13;
    r.seed = 0xfedc'ba98'7654'3210;
    r.storage = dtype::bf16;
    r.recompute = true;
    r.rate = {0.1, optim::rate_shape::polynomial, 19, 123'456'789'012, 3.3e-6, 1.7, 2.3};
    r.adamw = {0.83, 0.97, 1.3e-7, 0.031};
    r.clip_norm = 0.77;
    r.average = {0.91, 0.07, 23, true, 1.9, 0.61};
    return r;
}

auto through_text(train::recipe const& r) -> result<train::recipe>
{
    HAIGA_TRY(auto const value, json::parse(json::pretty(train::to_json(r))));
    return train::recipe_from_json(value.as_object());
}

auto message(boost::json::object const& object) -> std::string
{
    auto const read = train::recipe_from_json(object);
    return read ? "it was read" : read.error().to_string();
}

auto one_line_naming(std::string const& text, std::string_view key) -> bool
{
    return text.find(concat('"', key, '"')) != std::string::npos &&
           text.find('\n') == std::string::npos;
}

} // namespace

TEST_CASE("a recipe is the same after JSON")
{
    for (auto const& r : {test::tiny_recipe(), unlike_any_other(), train::demo_recipe(5)}) {
        auto const again = through_text(r);
        REQUIRE_MESSAGE(again.has_value(), (again ? "" : again.error().message));
        CHECK(members(*again) == members(r));
        CHECK(again->rate.total == r.steps);
        CHECK(json::pretty(train::to_json(*again)) == json::pretty(train::to_json(r)));
    }
}

TEST_CASE("every double comes back to the last bit")
{
    auto random = philox{1, 1}.at(0, 0);
    auto r = test::tiny_recipe();
    int wrong = 0;
    for (int i = 0; i < 1000; ++i) {
        std::uint64_t const words = std::uint64_t{random()} << 32U | random();
        r.rate.rate = std::ldexp(static_cast<double>(words), -64 - static_cast<int>(words % 40));
        wrong += through_text(r)->rate.rate == r.rate.rate ? 0 : 1;
    }
    CHECK(wrong == 0);
}

TEST_CASE("every key is needed, and its absence is one line that names it")
{
    auto const whole = train::to_json(test::tiny_recipe());
    for (auto const& member : whole) {
        CAPTURE(std::string_view(member.key()));
        auto without = whole;
        without.erase(member.key());
        auto const text = message(without);
        CHECK(one_line_naming(text, member.key()));
        CHECK(text.find("missing") != std::string::npos);
    }
}

TEST_CASE("a value of another type is one line that names the key")
{
    auto const whole = train::to_json(test::tiny_recipe());
    boost::json::array const values{nullptr, "x", -1.5, {1, 2}, boost::json::object{}};
    for (auto const& member : whole) {
        for (auto const& value : values) {
            auto const& was = member.value();
            if (was.is_object() && value.is_object()) {
                continue; // an empty UNet configuration is Diffusers' own, of other channels
            }
            auto changed = whole;
            changed[member.key()] = value;
            auto const text = message(changed);
            CAPTURE(text);
            CAPTURE(std::string_view(member.key()));
            CHECK(text != "it was read");
            CHECK(text.find('\n') == std::string::npos);
            if (value.kind() != boost::json::kind::double_) { // a number may be out of range
                CHECK(one_line_naming(text, member.key()));
            }
        }
    }
}

TEST_CASE("numbers out of range are refused, each by its name")
{
    auto const whole = train::to_json(test::tiny_recipe());
    auto const with = [&](std::string_view key, boost::json::value const& value) {
        auto changed = whole;
        changed[key] = value;
        return message(changed);
    };
    for (auto const* const key : {"learning_rate", "adam_epsilon", "clip_norm", "lr_power"}) {
        CHECK(with(key, 0.0) == concat('"', key, "\" is out of range"));
    }
    for (auto const* const key : {"learning_rate", "adam_epsilon", "clip_norm"}) {
        for (double const value : {1e39, 1e300, 1e-39, 1e-50}) { // infinite or next to 0 as floats
            CHECK(with(key, value) == concat('"', key, "\" is out of range"));
        }
    }
    CHECK(with("weight_decay", 1e39) == "\"weight_decay\" is out of range");
    CHECK(with("beta1", 1.0) == "\"beta1\" is out of range");
    CHECK(with("beta2", -0.1) == "\"beta2\" is out of range");
    CHECK(with("average_decay", 1.1) == "\"average_decay\" is out of range");
    CHECK(with("min_snr_gamma", -1.0) == "\"min_snr_gamma\" is out of range");
    CHECK(with("warmup_steps", -1) == "\"warmup_steps\" is out of range");
    CHECK(with("size", 9) == "size 9: expected 8 to 1024 and a multiple of 2");
    CHECK(with("size", 4) == "size 4: expected 8 to 1024 and a multiple of 2");
    CHECK(with("text_tokens", 0) == "text_tokens 0: expected 1 to 1024");
    CHECK(with("coordinate_frequencies", 17) == "frequencies 17: expected 0 to 16");
    CHECK(with("coordinate_frequencies", 1) == "a UNet of 11 to 3 channels: expected 7 to 3");
    CHECK(with("steps", 0) ==
          "steps 0, batch 3, save_every 2: expected 1 or more (a batch of at most 4096)");
    CHECK(with("batch", 4097).starts_with("steps 6, batch 4097"));
    CHECK(with("first_timestep", 1000) == "time steps 1000 to 1000 of 1000");
    CHECK(with("last_timestep", 1001) == "time steps 0 to 1001 of 1000");
    CHECK(with("storage", "F64") == "storage F64: expected F32 or BF16");
    CHECK(with("storage", "f32") == "\"storage\": expected F32 or BF16; found f32");
    CHECK(with("prediction_type", "v") ==
          "\"prediction_type\": expected epsilon, sample, v_prediction, flow_prediction; found v");
}

TEST_CASE("a schedule that does not fall is refused, not computed with")
{
    auto const with = [](sched::schedule_config c) {
        auto r = test::tiny_recipe();
        r.schedule = c;
        auto const checked = train::check(r);
        return checked ? "fine" : checked.error().message;
    };
    for (bool const zero_snr : {false, true}) {
        CHECK(with({.first_beta = 1e-300, .last_beta = 1e-300, .zero_terminal_snr = zero_snr}) ==
              "noise schedule: alpha_bar is 1 before step 0 and 1 at it, expected less");
        CHECK(with({.steps = 1'000'000, .zero_terminal_snr = zero_snr})
                  .starts_with("noise schedule: alpha_bar is "));
        CHECK(with({.zero_terminal_snr = zero_snr}) == "fine");
    }
    CHECK(with({.steps = 2, .trained_betas = {0.1F, 0.2F}}) ==
          "recipe: trained_betas; expected a schedule with a name");
    auto edge = train::to_json(test::tiny_recipe()); // its two roots are one float
    edge["num_train_timesteps"] = 2;
    edge["last_timestep"] = 2;
    edge["beta_start"] = 0.5;
    edge["beta_end"] = 6e-8;
    edge["rescale_betas_zero_snr"] = true;
    CHECK(message(edge).starts_with("noise schedule: rescaled alpha_bar is 1 before step 0"));
}

TEST_CASE("what a painter cannot be told is refused")
{
    auto const with = [](auto const& change) {
        auto r = test::tiny_recipe();
        change(r.model.unet);
        auto const checked = train::check(r);
        return checked ? "fine" : checked.error().message;
    };
    using unet = model::unet_config;
    constexpr auto no_classes = "\"class_embed_type\", \"num_class_embeds\" and "
                                "\"addition_embed_type\" must be null in a painter";
    CHECK(with([](unet& u) { u.num_class_embeds = 3; }) == no_classes);
    CHECK(with([](unet& u) { u.class_embed_type = "timestep"; }) == no_classes);
    CHECK(with([](unet& u) {
              u.cross_attention_dim = {12, 16};
          }) == "\"cross_attention_dim\" must be one in a painter");
    CHECK(with([](unet& u) { u.cross_attention_dim = {12, 12}; }) == "fine");
    CHECK(with([](unet& u) { u.norm_eps = 0; }) == "\"norm_eps\" must be between 0 and 1; found 0");
    CHECK(with([](unet& u) { // more halvings than an integer has bits
              u.block_out_channels.assign(100, 8);
              u.down_block_types.assign(100, "DownBlock2D");
              u.up_block_types.assign(100, "UpBlock2D");
          }) == "size 8: expected 8 to 1024 and a multiple of 2048");
}

TEST_CASE("what is checked can be traced")
{
    auto const trace = [](auto const& change) {
        auto r = test::tiny_recipe();
        change(r);
        REQUIRE(train::check(r));
        CHECK_NOTHROW(train::trace_step(r));
    };
    trace([](train::recipe& r) { r.storage = dtype::bf16; });
    trace([](train::recipe& r) { r.recompute = true; });
    trace([](train::recipe& r) { r.model.unet.mid_block_type.reset(); });
    trace([](train::recipe& r) {
        r.model.frequencies = 0;
        r.model.unet.in_channels = 3;
    });
    trace([](train::recipe& r) { // the narrowest of all
        r.model.unet.block_out_channels = {2, 1};
        r.model.unet.norm_num_groups = 1;
        r.model.unet.attention_head_dim = 1;
        r.model.unet.cross_attention_dim = 1;
    });
}
