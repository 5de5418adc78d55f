#include "haiga/model/clip_text.hpp"

#include "haiga/catalog/published_layouts.hpp"
#include "haiga/catalog/text_config_text.hpp"
#include "haiga/device/gradients.hpp"
#include "haiga/json/parse.hpp"
#include "haiga/model/clip_text_config_json.hpp"
#include "tests/golden/text_encoder.hpp"
#include "tests/model/golden_test.hpp"

using namespace haiga;

namespace {

auto read_text_config(std::string_view text) -> model::clip_text_config
{
    return model::read_clip_text_config(json::parse(text).value()).value();
}

/// As tests/peers/text_encoder.py has them.
constexpr std::string_view toy_l = R"({"vocab_size": 50, "hidden_size": 32,
    "intermediate_size": 48, "num_hidden_layers": 3, "num_attention_heads": 4,
    "max_position_embeddings": 11, "hidden_act": "quick_gelu", "layer_norm_eps": 0.02,
    "eos_token_id": 2})";
constexpr std::string_view toy_g = R"({"architectures": ["CLIPTextModelWithProjection"],
    "vocab_size": 50, "hidden_size": 40, "intermediate_size": 56, "num_hidden_layers": 4,
    "num_attention_heads": 2, "max_position_embeddings": 9, "hidden_act": "gelu",
    "layer_norm_eps": 0.03, "eos_token_id": 7, "projection_dim": 24})";
std::vector<double> const toy_ids{1, 30, 4, 49, 49, 7, 7,  0, 5, //
                                  1, 12, 7, 9,  48, 3, 49, 7, 49};

auto range_of_text_weight(device::parameter const& p) -> test::uniform_range
{
    auto const has = [&](char const* part) { return p.name.find(part) != p.name.npos; };
    if (p.shape.rank() == 1) {
        auto const middle = has("norm") && p.name.ends_with("weight") ? 1 : 0;
        return {middle - 0.3, middle + 0.3};
    }
    if (has("embedding")) {
        return {-1, 1};
    }
    auto const bound =
        (has("q_proj") || has("k_proj") ? 2.5 : 1.7) / std::sqrt(static_cast<double>(p.shape[1]));
    return {-bound, bound};
}

template <class T>
constexpr auto storage_of = std::is_same_v<T, double> ? dtype::f64 : dtype::f32;

/// Stable Diffusion 1's: one encoder; its state is seeded.
template <class T>
void check_text_toy_sd(double output_tolerance, double gradient_tolerance,
                       dtype storage = storage_of<T>)
{
    namespace want = golden::text_encoder;
    auto const config = read_text_config(toy_l);
    device::graph g(storage);
    auto const ids = g.input(dtype::i32, {2, 9});
    model::scope const root(g);
    auto const made = model::clip_text(root, config, ids);
    auto const state = model::text_state(root, config, made);
    auto const skipped = model::text_state(root, config, made, 1);
    auto const seed = g.input(g.storage(), g.shape_of(state));
    for (auto const v : {state, skipped, made.pooler_output}) {
        g.keep(v);
    }
    device::backward_pass back(g);
    back.run(state, seed);

    torch_generator generator(21);
    test::on_host<T> host(g);
    test::draw_weights<T>(host.parameters(), generator, range_of_text_weight);
    host.write(seed, test::draw_normal(generator, g.shape_of(seed)));
    host.write(ids, toy_ids);
    host.run();
    test::check_output(host.read(state), want::toy_sd_output_every_7, want::toy_sd_output_norm,
                       output_tolerance);
    test::check_output(host.read(skipped), want::toy_sd_skipped_every_7, want::toy_sd_skipped_norm,
                       output_tolerance);
    test::check_output(host.read(made.pooler_output), want::toy_sd_pooled_every_7,
                       want::toy_sd_pooled_norm, output_tolerance);
    test::check_parameter_gradients<T>(host.gradients(), want::toy_sd_gradients,
                                       gradient_tolerance);
}

/// Stable Diffusion XL's: two encoders' states side by side, and the second's projection.
template <class T>
void check_text_toy_xl(double output_tolerance, double gradient_tolerance,
                       dtype storage = storage_of<T>)
{
    namespace want = golden::text_encoder;
    device::graph g(storage);
    auto const ids = g.input(dtype::i32, {2, 9});
    model::scope const root(g);
    auto const first = model::clip_text(root / "text_encoder", read_text_config(toy_l), ids);
    auto const second = model::clip_text(root / "text_encoder_2", read_text_config(toy_g), ids);
    auto const joined = model::joined_text_state(g, first, second);
    REQUIRE(g.shape_of(joined) == shape{2, 9, 72});
    auto const everything =
        nn::concat(g, device::reshape(g, joined, {2, 9 * 72}), second.text_embeds);
    g.keep(everything);
    auto const seed = g.input(g.storage(), g.shape_of(everything));
    device::backward_pass back(g);
    back.run(everything, seed);

    torch_generator generator(22);
    test::on_host<T> host(g);
    test::draw_weights<T>(host.parameters(), generator, range_of_text_weight, "text_encoder.");
    test::draw_weights<T>(host.parameters(), generator, range_of_text_weight, "text_encoder_2.");
    host.write(seed, test::draw_normal(generator, g.shape_of(seed)));
    host.write(ids, toy_ids);
    host.run();
    test::check_output(host.read(everything), want::toy_xl_output_every_7, want::toy_xl_output_norm,
                       output_tolerance);
    test::check_parameter_gradients<T>(host.gradients(), want::toy_xl_gradients,
                                       gradient_tolerance);
}

} // namespace

TEST_CASE("text encoders have transformers' names, shapes and numbers of parameters")
{
    std::string const configs[] = {
        catalog::text_config_text(catalog::clip_l(), catalog::clip_origin::openai),
        catalog::text_config_text(catalog::clip_h(), catalog::clip_origin::openclip),
        catalog::text_config_text(catalog::clip_g(), catalog::clip_origin::openclip)};
    for (std::size_t i = 0; i < std::size(configs); ++i) {
        auto const config = read_text_config(configs[i]);
        device::graph g;
        auto const made = model::clip_text(model::scope(g), config, g.input(dtype::i32, {1, 77}));
        test::check_parameters(g, golden::text_encoder::parameter_lists[i]);
        CHECK(g.shape_of(made.last_hidden_state) == shape{1, 77, config.hidden_size});
        CHECK(made.hidden_states.size() == static_cast<std::size_t>(config.num_hidden_layers) + 1);
    }
}

TEST_CASE("toys of text encoders give transformers' states and gradients")
{
    check_text_toy_sd<float>(2e-5, 1e-4); // fp32 throughout, against double precision
    check_text_toy_xl<float>(2e-5, 1e-4);
}

TEST_CASE("in bf16 the toys of text encoders are transformers' but for rounding")
{
    // numbers between ops are rounded to 2^-9, some dozens on the way through
    check_text_toy_sd<float>(0.03, 0.06, dtype::bf16);
    check_text_toy_xl<float>(0.03, 0.06, dtype::bf16);
}

TEST_CASE("in double precision the toys of text encoders are transformers'")
{
    check_text_toy_sd<double>(1e-8, 1e-6); // digits printed; normals differ by up to 3 units
    check_text_toy_xl<double>(1e-8, 1e-6);
}

TEST_CASE("layers behind those that are skipped are not computed")
{
    auto const config = read_text_config(toy_l);
    auto const planned = [&](std::size_t clip_skip) {
        device::graph g;
        model::scope const root(g, {.trained = false});
        auto const made = model::clip_text(root, config, g.input(dtype::i32, {1, 9}));
        g.keep(model::text_state(root, config, made, clip_skip));
        auto const live = device::plan(g).live;
        return std::count(live.begin(), live.end(), 0);
    };
    CHECK(planned(0) == 1); // pooling
    CHECK(planned(2) > 20); // and the norm and two layers of eleven ops each
    CHECK_THROWS_AS(planned(4), contract_violation);
}

TEST_CASE("what a text encoder cannot take is a caller's bug")
{
    auto config = read_text_config(toy_l);
    auto const trace = [&](std::int64_t tokens) {
        device::graph g;
        model::clip_text(model::scope(g), config, g.input(dtype::i32, {1, tokens}));
    };
    CHECK_THROWS_AS(trace(12), contract_violation); // more tokens than positions
    config.num_attention_heads = 5;
    CHECK_THROWS_AS(trace(9), contract_violation);
}

TEST_CASE("text encoders' configurations are read as transformers writes them")
{
    auto const l = read_text_config(
        catalog::text_config_text(catalog::clip_l(), catalog::clip_origin::openai));
    CHECK(l.hidden_act == "quick_gelu");
    CHECK(l.num_attention_heads == 12);
    CHECK(!l.with_projection);
    auto const g = read_text_config(
        catalog::text_config_text(catalog::clip_g(), catalog::clip_origin::openclip));
    CHECK(g.hidden_act == "gelu");
    CHECK(g.num_attention_heads == 20);
    CHECK(g.projection_dim == 1280);
    CHECK(g.with_projection);
    CHECK(model::read_clip_text_config(model::write_clip_text_config(g)).value() == g);
    CHECK(read_text_config("{}") == model::clip_text_config{}); // transformers' defaults

    auto const message = [](std::string_view text) {
        auto const read = model::read_clip_text_config(json::parse(text).value());
        return read ? std::string() : read.error().message;
    };
    CHECK(message(R"({"hidden_act": "gelu_new"})").find("gelu_new") != std::string::npos);
    CHECK(message(R"({"hidden_size": 30})").find("num_attention_heads") != std::string::npos);
    CHECK(message(R"({"architectures": ["T5EncoderModel"]})").find("T5") != std::string::npos);
    CHECK(message(R"({"num_hidden_layers": 100000})").find("100000") != std::string::npos);
    CHECK(message(R"({"eos_token_id": [2, 3]})").find("eos_token_id") != std::string::npos);
    CHECK(message(R"({"d_kv": 64})").find("d_kv") != std::string::npos);
}
