// What docs/modules.md shows of pictures, graphs, layers, schedulers, optimizers and models.

#include "tests/model/unet_configs.hpp"
#include "tests/temporary_folder.hpp"

#include "haiga/device/add.hpp"
#include "haiga/device/cpu_native.hpp"
#include "haiga/device/program.hpp"
#include "haiga/image/contact_sheet.hpp"
#include "haiga/image/encode_png.hpp"
#include "haiga/image/load_folder.hpp"
#include "haiga/image/resize.hpp"
#include "haiga/model/unet.hpp"
#include "haiga/nn/linear.hpp"
#include "haiga/nn/loss.hpp"
#include "haiga/optim/adamw.hpp"
#include "haiga/optim/clip_norm.hpp"
#include "haiga/sched/sampler_names.hpp"

#include <doctest/doctest.h>

using namespace haiga;

namespace {

auto thumbnails(std::filesystem::path const& folder, std::filesystem::path const& sheet) -> result<>
{
    HAIGA_TRY(auto const set, image::load_folder(folder, {.size = 64}));
    std::vector<image::pixels> pictures;
    for (auto const& photo : set.photos) {
        pictures.push_back(photo.picture);
    }
    return image::save_png(sheet, image::contact_sheet(pictures, 5));
}

auto twice(float number) -> result<float>
{
    device::graph g;
    auto const x = g.input(dtype::f32, {4, 8});
    auto const sum = device::add(g, x, x);
    g.keep(sum);

    device::cpu_native backend;
    using program = device::program<device::cpu_native>;
    HAIGA_TRY(auto made, program::make(backend, g, {}, device::op_list<device::add_op>{}));
    std::ranges::fill(made.view(x).as<float>().flat(), number);
    made.run();
    return made.view(sum).as<float const>()(3, 7);
}

/// A model that brings the sample a step nearer to nothing.
void predict(std::vector<float> const& sample, float, std::vector<float>& output)
{
    output = sample;
}

auto sampled(std::vector<float> sample) -> result<std::vector<float>>
{
    HAIGA_TRY(auto const config, sched::named_scheduler_config("dpmpp_2m_karras"));
    HAIGA_TRY(auto const scheduler, sched::make_scheduler(config, 20));
    std::vector<float> input(sample.size()), output(sample.size()), clean(sample.size());
    sched::history past(scheduler.kept(), sample.size());
    for (int i = 0; i < scheduler.steps(); ++i) {
        sched::scale_input(scheduler, i, sample, input);
        predict(input, scheduler.timestep(i), output);
        sched::step(scheduler, i, sample, output, clean, past);
    }
    return clean;
}

auto arena_of(std::string_view config_json) -> result<std::size_t>
{
    HAIGA_TRY(auto const json, json::parse(config_json));
    HAIGA_TRY(auto const config, model::read_unet_config(json));
    device::graph g(dtype::bf16);
    auto const sample = g.input(dtype::bf16, {1, 64, 64, config.in_channels});
    auto const text = g.input(dtype::bf16, {1, 77, config.cross_attention_dim.at(0)});
    g.keep(model::unet(
        model::scope(g, {.trained = false}), config,
        {.sample = sample, .timesteps = g.input(dtype::f32, {1}), .encoder_hidden_states = text}));
    return device::plan(g).arena_bytes;
}

} // namespace

TEST_CASE("docs: a folder of pictures")
{
    haiga_test::temporary_folder const folder;
    CHECK(!thumbnails(folder / "none", folder / "sheet.png"));
}

TEST_CASE("docs: a program") { CHECK(twice(1.5F) == 3); }

TEST_CASE("docs: a layer and its gradients")
{
    device::graph g;
    auto const x = g.input(dtype::f32, {8, 3});
    auto const target = g.input(dtype::f32, {8, 2});
    auto const each = g.input(dtype::f32, {8}); // how much each sample counts
    auto const seed = g.input(dtype::f32, {1}); // d loss / d loss
    auto const weight =
        g.parameter({.name = "weight", .shape = {2, 3}, .layout = device::layout::in_out});
    auto const loss = nn::mse_loss(g, nn::linear(g, x, weight), target, each);
    g.keep(loss);
    device::backward_pass(g).run(loss, seed);
    CHECK(device::plan(g).parameter_bytes >= 2 * 3 * sizeof(float));
}

TEST_CASE("docs: a scheduler steps any array")
{
    auto const clean = sampled(std::vector<float>(16, 1.0F));
    REQUIRE(clean);
    CHECK(clean->size() == 16);
}

TEST_CASE("docs: an optimizer over flat buffers")
{
    aligned_vector<float> parameters(100, 1.0F), gradients(100, 0.5F);
    optim::adamw optimizer(parameters.size(), {.weight_decay = 0});
    optim::norm_of norm(gradients.size());
    auto const team = parallelism::all_cores();
    optimizer.step(
        team, parameters, gradients,
        {.learning_rate = 1e-4, .gradient_scale = optim::clip_factor(norm(team, gradients), 1.0)});
    CHECK(parameters[0] == doctest::Approx(1 - 1e-4)); // Adam's first step is the rate
}

TEST_CASE("docs: what a UNet takes to run")
{
    auto const bytes = arena_of(test::sd_1_5);
    REQUIRE(bytes);
    CHECK(*bytes > 0);
}
