#include "haiga/model/autoencoder_kl.hpp"

#include "haiga/catalog/published_layouts.hpp"
#include "haiga/catalog/vae_config_text.hpp"
#include "haiga/device/gradients.hpp"
#include "haiga/json/parse.hpp"
#include "haiga/model/autoencoder_config_json.hpp"
#include "tests/golden/autoencoder.hpp"
#include "tests/model/golden_test.hpp"

using namespace haiga;

namespace {

auto read_vae_config(std::string_view text) -> model::autoencoder_config
{
    return model::read_autoencoder_config(json::parse(text).value()).value();
}

/// As tests/peers/autoencoder.py has them.
constexpr std::string_view toy_vae = R"({"block_out_channels": [16, 32],
    "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D"],
    "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D"], "latent_channels": 3,
    "norm_num_groups": 8, "scaling_factor": 0.3, "shift_factor": 0.2})";
constexpr std::string_view plain_vae = R"({"block_out_channels": [16, 32],
    "down_block_types": ["DownEncoderBlock2D", "DownEncoderBlock2D"],
    "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D"], "latent_channels": 3,
    "norm_num_groups": 8, "scaling_factor": 0.3, "layers_per_block": 2, "use_quant_conv": false,
    "use_post_quant_conv": false, "mid_block_add_attention": false})";

auto range_of_vae_weight(device::parameter const& p) -> test::uniform_range
{
    auto const has = [&](std::initializer_list<char const*> parts) {
        return std::ranges::any_of(
            parts, [&](char const* part) { return p.name.find(part) != p.name.npos; });
    };
    if (p.shape.rank() == 1) {
        auto const middle = has({"norm"}) && p.name.ends_with("weight") ? 1 : 0;
        auto const width =
            has({"norm", "to_q", "to_k", "to_v", "conv_out", "quant_conv"}) ? 0.3 : 0.005;
        return {middle - width, middle + width};
    }
    auto const gain = has({"conv_in", "conv1", "conv2", "to_out"}) ? 0.02
                      : has({"to_q", "to_k"})                      ? 2.5
                                                                   : 1.7;
    auto const bound = gain / std::sqrt(static_cast<double>(p.shape.elements() / p.shape[0]));
    return {-bound, bound};
}

/// Pictures to latents and back, in one graph.
template <class T>
struct vae_toy {
    model::autoencoder_config config;
    device::graph g;
    device::value picture = device::value::none, noise = device::value::none;
    device::value moments = device::value::none, latents = device::value::none;
    device::value out = device::value::none, seed = device::value::none;
    device::value dpicture = device::value::none;

    explicit vae_toy(std::string_view text, dtype storage = dtype::f32, bool recompute = false)
        : config(read_vae_config(text)), g(storage)
    {
        model::scope const root(g, {.recompute = recompute});
        picture = g.input(g.storage(), {2, 16, 12, 3}, true);
        noise = g.input(g.storage(), {2, 8, 6, 3});
        moments = model::encode_moments(root, config, picture);
        latents = model::sample_latents(g, config, moments, noise);
        out = model::decode_latents(root, config, latents);
        seed = g.input(g.storage(), g.shape_of(out));
        device::backward_pass back(g);
        back.run(out, seed);
        dpicture = back.gradient(picture);
        for (auto const v : {moments, latents, out, dpicture}) {
            g.keep(v);
        }
    }

    auto start(std::uint64_t random) const -> test::on_host<T>
    {
        torch_generator generator(random);
        test::on_host<T> host(g);
        test::draw_weights<T>(host.parameters(), generator, range_of_vae_weight);
        for (auto const v : {picture, noise, seed}) {
            host.write(v, test::draw_normal(generator, g.shape_of(v)));
        }
        host.run();
        return host;
    }
};

struct vae_numbers {
    std::span<double const> moments, latents, out;
    double moments_norm, latents_norm, out_norm;
    std::span<golden::gradient const> gradients;
};

template <class T>
void check_vae_toy(std::string_view text, std::uint64_t random, dtype storage,
                   vae_numbers const& want, double output_tolerance, double gradient_tolerance)
{
    vae_toy<T> const t(text, storage);
    auto host = t.start(random);
    auto const read = [&](device::value v) {
        return test::channels_first(host.read(v), t.g.shape_of(v));
    };
    test::check_output(read(t.moments), want.moments, want.moments_norm, output_tolerance);
    test::check_output(read(t.latents), want.latents, want.latents_norm, output_tolerance);
    test::check_output(read(t.out), want.out, want.out_norm, output_tolerance);
    test::check_gradient(want.gradients[0], read(t.dpicture), gradient_tolerance);
    test::check_parameter_gradients<T>(host.gradients(), want.gradients.subspan(1),
                                       gradient_tolerance);
}

template <class T>
void check_vae_toys(dtype storage, double output_tolerance, double gradient_tolerance)
{
    namespace want = golden::autoencoder;
    check_vae_toy<T>(toy_vae, 31, storage,
                     {want::toy_moments_every_7, want::toy_latents_every_7,
                      want::toy_output_every_7, want::toy_moments_norm, want::toy_latents_norm,
                      want::toy_output_norm, want::toy_gradients},
                     output_tolerance, gradient_tolerance);
    check_vae_toy<T>(plain_vae, 32, storage,
                     {want::plain_moments_every_7, want::plain_latents_every_7,
                      want::plain_output_every_7, want::plain_moments_norm,
                      want::plain_latents_norm, want::plain_output_norm, want::plain_gradients},
                     output_tolerance, gradient_tolerance);
}

} // namespace

TEST_CASE("autoencoders have Diffusers' names, shapes and numbers of parameters")
{
    std::string const configs[] = {
        catalog::vae_config_text({}, catalog::family::sd1, 512),
        catalog::vae_config_text(catalog::flux_vae(), catalog::family::flux, 1024)};
    for (std::size_t i = 0; i < std::size(configs); ++i) {
        auto config = read_vae_config(configs[i]);
        if (i == 1) {
            config.use_quant_conv = config.use_post_quant_conv = false;
        }
        device::graph g;
        model::scope const root(g);
        auto const moments =
            model::encode_moments(root, config, g.input(dtype::f32, {1, 512, 768, 3}));
        CHECK(g.shape_of(moments) == shape{1, 64, 96, 2 * config.latent_channels});
        auto const latents = g.input(dtype::f32, {1, 64, 96, config.latent_channels});
        CHECK(g.shape_of(model::decode_latents(root, config, latents)) == shape{1, 512, 768, 3});
        // published: 83,653,863 for Stable Diffusion; Flux's has 16 latent channels
        test::check_parameters(g, golden::autoencoder::parameter_lists[i]);
    }
}

TEST_CASE("toys of autoencoders give Diffusers' moments, latents, pictures and gradients")
{
    check_vae_toys<float>(dtype::f32, 2e-5, 1e-4); // fp32 throughout, against double precision
}

TEST_CASE("in bf16 the toys of autoencoders are Diffusers' but for rounding")
{
    // numbers between ops are rounded to 2^-9, some dozens on the way through
    check_vae_toys<float>(dtype::bf16, 0.03, 0.06);
}

TEST_CASE("in double precision the toys of autoencoders are Diffusers' but for bits of normals")
{
    check_vae_toys<double>(dtype::f64, 1e-6,
                           1e-6); // see torch_generator: inputs differ by up to 3 units
}

TEST_CASE("an autoencoder's recomputed blocks give the same bytes with a smaller arena")
{
    vae_toy<float> const kept(toy_vae);
    vae_toy<float> const recomputed(toy_vae, dtype::f32, true);
    auto first = kept.start(31);
    auto second = recomputed.start(31);
    CHECK(first.read(kept.out) == second.read(recomputed.out));
    for (std::size_t i = 0; i < first.gradients().size(); ++i) {
        CAPTURE(first.gradients().info(i).name);
        CHECK(std::ranges::equal(first.gradients().stored(i), second.gradients().stored(i)));
    }
    CHECK(second.arena_bytes() < first.arena_bytes());
}

TEST_CASE("what an autoencoder cannot take is a caller's bug")
{
    auto config = read_vae_config(toy_vae);
    auto const encode = [&](shape dims) {
        device::graph g;
        model::encode_moments(model::scope(g), config, g.input(dtype::f32, dims));
    };
    CHECK_THROWS_AS(encode({1, 15, 16, 3}), contract_violation); // odd: cannot be halved
    CHECK_THROWS_AS(encode({1, 16, 16, 4}), contract_violation);
    config.norm_num_groups = 5;
    CHECK_THROWS_AS(encode({1, 16, 16, 3}), contract_violation);
}

TEST_CASE("autoencoders' configurations are read as Diffusers writes them")
{
    auto const sdxl = read_vae_config(catalog::vae_config_text({}, catalog::family::sdxl, 1024));
    CHECK(sdxl.levels() == 4);
    CHECK(sdxl.scale() == 8);
    CHECK(sdxl.scaling_factor == 0.13025);
    CHECK(!sdxl.shift_factor);
    CHECK(sdxl.use_quant_conv);
    CHECK(model::read_autoencoder_config(model::write_autoencoder_config(sdxl)).value() == sdxl);
    CHECK(read_vae_config("{}") == model::autoencoder_config{}); // Diffusers' defaults

    auto const message = [](std::string_view text) {
        auto const read = model::read_autoencoder_config(json::parse(text).value());
        return read ? std::string() : read.error().message;
    };
    CHECK(message(R"({"act_fn": "relu"})").find("relu") != std::string::npos);
    CHECK(message(R"({"down_block_types": ["DownBlock2D"]})").find("DownBlock2D") !=
          std::string::npos);
    CHECK(message(R"({"block_out_channels": [64, 64]})").find("has 2") != std::string::npos);
    CHECK(message(R"({"layers_per_block": 100000})").find("100000") != std::string::npos);
    CHECK(message(R"({"latents_mean": [0.0]})").find("latents_mean") != std::string::npos);
    CHECK(message(R"({"scaling_factor": 0})").find("scaling_factor") != std::string::npos);
    CHECK(message(R"({"temporal": 1})").find("temporal") != std::string::npos);
}
