#include "tests/golden/unet_variants.hpp"
#include "haiga/base/torch_generator.hpp"
#include "haiga/device/gradients.hpp"
#include "haiga/model/unet.hpp"
#include "tests/model/golden_test.hpp"
#include "tests/model/unet_configs.hpp"
#include "tests/model/unet_toy_inputs.hpp"

using namespace haiga;

namespace {

/// As VARIANTS of tests/peers/unet_variants.py, one level or two.
constexpr std::string_view two_levels = R"("block_out_channels": [16, 32],
    "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
    "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],)";
constexpr std::string_view attention_inside = R"("block_out_channels": [16, 32],
    "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"],
    "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"],)";
constexpr std::string_view one_level = R"("block_out_channels": [16],
    "down_block_types": ["DownBlock2D"], "up_block_types": ["UpBlock2D"],)";

struct unet_variant {
    std::string_view levels, settings;
    std::uint64_t seed;
    std::span<double const> output;
    double norm;
    std::span<golden::gradient const> gradients;

    /// Of a side; an odd one is halved and comes back.
    [[nodiscard]] auto size() const -> std::int64_t { return seed == 41 ? 7 : 8; }

    [[nodiscard]] auto config() const -> model::unet_config
    {
        return test::read_config(concat("{", levels, settings,
                                        R"(, "layers_per_block": 1, "norm_num_groups": 8,
                                        "cross_attention_dim": 24})"));
    }
};

auto unet_variants() -> std::vector<unet_variant>
{
    namespace want = golden::unet_variants;
    return {
        {two_levels, R"("attention_head_dim": 4, "in_channels": 9)", 41,
         want::inpainting_output_every_7, want::inpainting_output_norm, want::inpainting_gradients},
        {two_levels, R"("attention_head_dim": [2, 8], "use_linear_projection": true)", 42,
         want::sd2_output_every_7, want::sd2_output_norm, want::sd2_gradients},
        {attention_inside, R"("attention_head_dim": [2, 4], "use_linear_projection": true,
            "transformer_layers_per_block": [1, 2], "addition_embed_type": "text_time",
            "addition_time_embed_dim": 6, "projection_class_embeddings_input_dim": 56)",
         43, want::sdxl_output_every_7, want::sdxl_output_norm, want::sdxl_gradients},
        {one_level, R"("attention_head_dim": 4, "class_embed_type": "timestep")", 44,
         want::class_timestep_output_every_7, want::class_timestep_output_norm,
         want::class_timestep_gradients},
        {one_level, R"("attention_head_dim": 4, "class_embed_type": "identity")", 45,
         want::class_identity_output_every_7, want::class_identity_output_norm,
         want::class_identity_gradients},
        {one_level, R"("attention_head_dim": 4, "class_embed_type": "projection",
            "projection_class_embeddings_input_dim": 12)",
         46, want::class_projection_output_every_7, want::class_projection_output_norm,
         want::class_projection_gradients},
        {one_level, R"("attention_head_dim": 4, "class_embed_type": "simple_projection",
            "projection_class_embeddings_input_dim": 12)",
         47, want::class_simple_output_every_7, want::class_simple_output_norm,
         want::class_simple_gradients},
    };
}

/// draw of tests/peers/parity_models.py: what is added up is small, queries and keys are large.
auto range_of_unet_weight(device::parameter const& p) -> test::uniform_range
{
    auto const has = [&](std::initializer_list<char const*> parts) {
        return std::ranges::any_of(
            parts, [&](char const* part) { return p.name.find(part) != p.name.npos; });
    };
    constexpr double stream = 0.05;
    bool const small = p.name != "conv_in.bias" &&
                       has({"conv_in", "conv1", "conv2", "conv_shortcut", "proj_in", "proj_out",
                            "to_out", "ff.net.2", "samplers.0.conv", "time_emb_proj"});
    if (p.shape.rank() == 1) {
        auto const middle = has({"norm"}) && p.name.ends_with("weight") ? 1 : 0;
        auto const width = has({"norm"}) ? 0.3 : small ? 0.3 * stream : 0.1;
        return {middle - width, middle + width};
    }
    auto const gain = (has({"to_q", "to_k"}) ? 3.0 : 1.7) * (small ? stream : 1);
    auto const bound = gain / std::sqrt(static_cast<double>(p.shape.elements() / p.shape[0]));
    return {-bound, bound};
}

/// A UNet and its backward pass, with what is to be compared, in the order of the golden numbers.
struct variant_graph {
    model::unet_config config;
    device::graph g;
    model::unet_inputs in;
    device::value out = device::value::none, dy = device::value::none;
    std::vector<device::value> wanted, gradients;

    variant_graph(unet_variant const& v, dtype storage)
        : config(v.config()), g(storage), in(test::declare_unet_inputs(g, config, {2, v.size(), 5}))
    {
        out = model::unet(model::scope(g), config, in);
        g.keep(out);
        dy = g.input(storage, g.shape_of(out));
        device::backward_pass back(g);
        back.run(out, dy);
        for (auto const v_in :
             {in.sample, in.encoder_hidden_states, in.text_embeds, in.class_labels}) {
            if (v_in != device::value::none && g.info(v_in).needs_gradient) {
                wanted.push_back(v_in);
                gradients.push_back(back.gradient(v_in));
                g.keep(gradients.back());
            }
        }
    }

    template <class T>
    auto start(std::uint64_t seed) const -> test::on_host<T>
    {
        torch_generator generator(seed);
        test::on_host<T> host(g);
        test::draw_weights<T>(host.parameters(), generator, range_of_unet_weight);
        for (auto const v : wanted) {
            host.write(v, test::draw_normal(generator, g.shape_of(v)));
        }
        host.write(dy, test::draw_normal(generator, g.shape_of(dy)));
        host.write(in.timesteps, std::vector<double>{3, 801});
        if (config.class_embed_type == "timestep") {
            host.write(in.class_labels, std::vector<double>{40, 7});
        }
        if (config.addition_embed_type) {
            host.write(in.time_ids, std::vector<double>{512, 512, 0, 16, 512, 512, //
                                                        640, 480, 8, 0, 512, 512});
        }
        host.run();
        return host;
    }
};

template <class T>
void check_unet_variants(dtype storage, double output_tolerance, double gradient_tolerance)
{
    for (auto const& v : unet_variants()) {
        CAPTURE(v.settings);
        variant_graph const traced(v, storage);
        auto host = traced.start<T>(v.seed);
        auto const read = [&](device::value value) {
            return test::channels_first(host.read(value), traced.g.shape_of(value));
        };
        test::check_output(read(traced.out), v.output, v.norm, output_tolerance);
        for (std::size_t i = 0; i < traced.gradients.size(); ++i) {
            test::check_gradient(v.gradients[i], read(traced.gradients[i]), gradient_tolerance);
        }
        test::check_parameter_gradients<T>(
            host.gradients(), v.gradients.subspan(traced.gradients.size()), gradient_tolerance);
    }
}

} // namespace

TEST_CASE("UNets that inpaint, that look at sizes, that are told of classes are Diffusers'")
{
    check_unet_variants<float>(dtype::f32, 2e-5, 1e-4); // fp32 throughout, against double precision
}

TEST_CASE("in double precision these UNets are Diffusers' but for the last bits of normals")
{
    check_unet_variants<double>(dtype::f64, 1e-6, 1e-6); // inputs differ by up to 3 units
}

TEST_CASE("in bf16 these UNets are Diffusers' but for rounding")
{
    // numbers between ops are rounded to 2^-8, some dozens on the way through; which way, differs
    // with the compiler, and the gradients of biases are sums that cancel
    check_unet_variants<float>(dtype::bf16, 0.03, 0.12);
}
