#include "haiga/model/unet.hpp"

#include "haiga/base/torch_generator.hpp"
#include "haiga/device/gradients.hpp"
#include "haiga/model/initialise.hpp"
#include "tests/golden/unet.hpp"
#include "tests/model/golden_test.hpp"
#include "tests/model/unet_configs.hpp"
#include "tests/model/unet_toy_inputs.hpp"

#include <algorithm>
#include <cmath>
#include <string>

using namespace haiga;

TEST_CASE("parameters have Diffusers' names, shapes and number")
{
    std::string_view const configs[] = {test::sd_1_5, test::sd_2_1, test::sdxl_base, test::toy_sd,
                                        test::toy_xl};
    for (std::size_t i = 0; i < std::size(configs); ++i) {
        auto const& want = golden::unet::parameter_lists[i];
        auto const config = test::read_config(configs[i]);
        device::graph g;
        auto const out =
            model::unet(model::scope(g), config, test::declare_unet_inputs(g, config, {1, 64, 77}));
        test::check_parameters(g, want); // published: 859,520,964; 865,910,724; 2,567,463,684
        CHECK(g.shape_of(out) == shape{1, 64, 64, config.out_channels});
    }
}

TEST_CASE("a trace for another batch lays out the same parameters")
{
    auto const config = test::read_config(test::toy_sd);
    device::graph small;
    device::graph large;
    model::unet(model::scope(small), config, test::declare_unet_inputs(small, config, {1, 8, 3}));
    model::unet(model::scope(large), config, test::declare_unet_inputs(large, config, {4, 32, 9}));
    CHECK(device::place_parameters(small) == device::place_parameters(large));
    CHECK(test::hash_of(small.parameters()) == test::hash_of(large.parameters()));
    model::unet(model::scope(small), config, test::declare_unet_inputs(small, config, {2, 8, 3}));
    CHECK(small.parameters().size() == large.parameters().size()); // shared in one graph
}

TEST_CASE("what a UNet cannot take is a caller's bug")
{
    auto config = test::read_config(test::toy_sd);
    auto const trace = [&](test::unet_extents e) {
        device::graph g;
        return g.shape_of(
            model::unet(model::scope(g), config, test::declare_unet_inputs(g, config, e)));
    };
    CHECK(trace({1, 9, 3}) == shape{1, 9, 9, 4}); // odd sides are halved, and come back
    config.norm_num_groups = 5;
    CHECK_THROWS_AS(trace({1, 8, 3}), contract_violation);
}

namespace {

/// A toy as tests/peers/unet.py builds it: weights, then inputs, from one generator.
template <class T>
struct toy {
    model::unet_config config;
    torch_generator generator;
    device::graph g{std::is_same_v<T, double> ? dtype::f64 : dtype::f32};
    model::unet_inputs in = test::declare_unet_inputs(g, config);
    device::value out = device::value::none;
    device::value dy = device::value::none;
    device::value dsample = device::value::none;
    device::value dcontext = device::value::none;

    toy(std::string_view text, std::uint64_t seed, bool recompute = false)
        : config(test::read_config(text)), generator(seed)
    {
        out = model::unet(model::scope(g, {.recompute = recompute}), config, in);
        g.keep(out);
        dy = g.input(g.storage(), g.shape_of(out));
        device::backward_pass back(g);
        back.run(out, dy);
        dsample = back.gradient(in.sample);
        dcontext = back.gradient(in.encoder_hidden_states);
        g.keep(dsample);
        g.keep(dcontext);
    }

    auto start() -> test::on_host<T>
    {
        test::on_host<T> host(g);
        model::initialise(host.parameters(), generator);
        perturb(host.parameters());
        host.write(in.sample, draw(in.sample));
        host.write(in.encoder_hidden_states, draw(in.encoder_hidden_states));
        host.write(in.timesteps, std::vector<double>{3, 801});
        if (config.num_class_embeds) {
            host.write(in.class_labels, std::vector<double>{7, 2});
        }
        if (config.addition_embed_type) {
            host.write(in.text_embeds, draw(in.text_embeds));
            host.write(in.time_ids, std::vector<double>{512, 512, 0, 16, 512, 512, //
                                                        640, 480, 8, 0, 512, 512});
        }
        host.write(dy, draw(dy));
        host.run();
        return host;
    }

    auto draw(device::value v) -> std::vector<double>
    {
        return test::draw_normal(generator, g.shape_of(v));
    }

    /// In the order of names: moves norms, enlarges queries and keys.
    void perturb(model::flat_parameters<T> const& parameters)
    {
        std::vector<std::size_t> order(parameters.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::ranges::sort(order, {}, [&](std::size_t i) { return parameters.info(i).name; });
        for (auto const i : order) {
            auto const& name = parameters.info(i).name;
            auto const has = [&](char const* part) { return name.find(part) != name.npos; };
            auto const values = parameters.stored(i);
            if (has("norm")) {
                std::vector<float> moves(values.size());
                generator.fill_uniform(moves, -0.3F, 0.3F);
                for (std::size_t j = 0; j < values.size(); ++j) {
                    values[j] = static_cast<T>(static_cast<float>(values[j]) + moves[j]);
                }
            } else if (has("to_q") || has("to_k")) {
                std::ranges::for_each(values, [](T& x) { x *= 3; });
            }
        }
    }
};

template <class T>
void check_gradients(toy<T> const& t, test::on_host<T>& host,
                     std::span<golden::gradient const> want, double tolerance)
{
    auto const of_input = [&](device::value gradient) {
        return test::channels_first(host.read(gradient), t.g.shape_of(gradient));
    };
    test::check_gradient(want[0], of_input(t.dsample), tolerance);
    test::check_gradient(want[1], of_input(t.dcontext), tolerance);
    test::check_parameter_gradients<T>(host.gradients(), want.subspan(2), tolerance);
}

template <class T>
void check_toys(double output_tolerance, double gradient_tolerance)
{
    {
        toy<T> t(test::toy_sd, 11);
        auto host = t.start();
        test::check_output(test::channels_first(host.read(t.out), t.g.shape_of(t.out)),
                           golden::unet::toy_sd_output_every_7, golden::unet::toy_sd_output_norm,
                           output_tolerance);
        check_gradients<T>(t, host, golden::unet::toy_sd_gradients, gradient_tolerance);
    }
    {
        toy<T> t(test::toy_xl, 12);
        auto host = t.start();
        test::check_output(test::channels_first(host.read(t.out), t.g.shape_of(t.out)),
                           golden::unet::toy_xl_output_every_7, golden::unet::toy_xl_output_norm,
                           output_tolerance);
        check_gradients<T>(t, host, golden::unet::toy_xl_gradients, gradient_tolerance);
    }
}

} // namespace

TEST_CASE("toys of every block type give Diffusers' output and gradients")
{
    check_toys<float>(2e-5, 1e-4); // fp32 throughout, against double precision
}

TEST_CASE("in double precision the toys are Diffusers' but for the last bits of normals")
{
    check_toys<double>(1e-6, 1e-6); // see torch_generator: inputs differ by up to 3 units
}

TEST_CASE("recomputed blocks give the same bytes with a smaller arena")
{
    toy<float> kept(test::toy_sd, 11);
    toy<float> recomputed(test::toy_sd, 11, true);
    auto first = kept.start();
    auto second = recomputed.start();
    CHECK(first.read(kept.out) == second.read(recomputed.out));
    for (std::size_t i = 0; i < first.gradients().size(); ++i) {
        CAPTURE(first.gradients().info(i).name);
        CHECK(std::ranges::equal(first.gradients().stored(i), second.gradients().stored(i)));
    }
    CHECK(second.arena_bytes() < first.arena_bytes());
}
