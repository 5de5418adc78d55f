#include "haiga/sample/paint.hpp"

#include "apps/native_program.hpp"
#include "haiga/base/torch_generator.hpp"
#include "haiga/device/cpu_native.hpp"
#include "haiga/model/initialise.hpp"
#include "haiga/sched/config.hpp"
#include "haiga/tensor/tensor.hpp"

#include <doctest/doctest.h>

namespace {

using namespace haiga;
using backend = device::cpu_native;
using trained_painter = sample::painter<backend>;

auto tiny() -> model::painter_config
{
    model::painter_config c;
    c.size = 8;
    c.frequencies = 0;
    c.text_tokens = 1;
    c.unet.in_channels = 3;
    c.unet.out_channels = 3;
    c.unet.block_out_channels = {8, 16};
    c.unet.down_block_types = {"DownBlock2D", "CrossAttnDownBlock2D"};
    c.unet.up_block_types = {"CrossAttnUpBlock2D", "UpBlock2D"};
    c.unet.layers_per_block = 1;
    c.unet.norm_num_groups = 4;
    c.unet.cross_attention_dim = 8;
    c.unet.attention_head_dim = 2;
    return c;
}

auto first_parameters(model::painter_config const& c) -> aligned_vector<float>
{
    device::graph g;
    auto const sample = g.input(dtype::f32, {1, c.size, c.size, 3});
    model::painter(model::scope(g), c, sample, g.input(dtype::f32, {1}));
    aligned_vector<float> parameters(model::flat_size<float>(g));
    torch_generator generator(3);
    model::initialise(model::flat_parameters<float>(g, parameters), generator);
    return parameters;
}

/// eta 1 draws noise at every step: that too may depend on nothing but the picture's number.
auto ancestral(int steps = 3, float eta = 1) -> sched::any_scheduler
{
    return sched::ddim::make(sched::linear(), {.kind = sched::prediction::v, .eta = eta}, steps)
        .value();
}

struct studio {
    backend b;
    model::painter_config config = tiny();
    aligned_vector<float> parameters = first_parameters(config);

    explicit studio(int threads = 1) : b({threads}) {}

    auto paint(std::int64_t together, std::uint64_t seed, std::uint32_t first,
               sched::any_scheduler const& s = ancestral()) -> std::vector<image::pixels>
    {
        return trained_painter::make(b, config, parameters, together)
            ->paint(s, seed, first, [](int) {});
    }
};

} // namespace

TEST_CASE("a picture is the same alone, beside others, and whichever is first")
{
    studio s;
    auto const four = s.paint(4, 11, 0);
    REQUIRE(four.size() == 4);
    for (std::uint32_t i = 0; i < 4; ++i) {
        CHECK(s.paint(1, 11, i) == std::vector{four[i]});
    }
    auto const later = s.paint(2, 11, 2);
    CHECK(later == std::vector{four[2], four[3]});
    CHECK(four[0] != four[1]);
    CHECK(s.paint(1, 12, 0).front() != four[0]);
}

TEST_CASE("a painter paints the same picture again, on any number of threads")
{
    studio s;
    auto painter = trained_painter::make(s.b, s.config, s.parameters, 2).value();
    auto const none = [](int) {};
    auto const once = painter.paint(ancestral(), 5, 0, none);
    CHECK(painter.paint(ancestral(), 6, 0, none) != once);
    CHECK(painter.paint(ancestral(), 5, 0, none) == once);
    CHECK(studio(3).paint(2, 5, 0) == once);
}

TEST_CASE("a painter tells every step, and changes no parameter")
{
    studio s;
    auto const before = s.parameters;
    std::vector<int> told;
    auto painter = trained_painter::make(s.b, s.config, s.parameters, 1).value();
    auto const pictures = painter.paint(ancestral(5, 0), 1, 0, [&](int i) { told.push_back(i); });
    CHECK(told == std::vector{0, 1, 2, 3, 4});
    CHECK(s.parameters == before);
    CHECK(pictures.front().width == 8);
    CHECK(pictures.front().height == 8);
    CHECK(pictures.front().channels == 3);
}

TEST_CASE("a model that tells one clean picture paints that picture, with every scheduler")
{
    studio s;
    device::graph g;
    auto const sample = g.input(dtype::f32, {1, 8, 8, 3});
    model::painter(model::scope(g), s.config, sample, g.input(dtype::f32, {1}));
    model::flat_parameters<float> const all(g, s.parameters);
    for (std::size_t i = 0; i < all.size(); ++i) { // the output is the last bias alone
        if (all.info(i).name.starts_with("unet.conv_out.")) {
            std::ranges::fill(all.stored(i), 0.0F);
        }
        if (all.info(i).name == "unet.conv_out.bias") {
            std::ranges::copy(std::array{-1.0F, 0.2F, 1.0F}, all.stored(i).begin());
        }
    }
    constexpr auto kind = sched::prediction::sample;
    sched::scheduler_config const configs[] = {
        {{}, sched::ddpm_options{.kind = kind}},
        {{}, sched::ddim_options{.kind = kind}},
        {{}, sched::ddim_options{.kind = kind, .eta = 1}},
        {{}, sched::euler_options{.kind = kind}},
    };
    for (auto const& config : configs) {
        CAPTURE(config.method.index());
        auto const picture = s.paint(1, 9, 0, sched::make_scheduler(config, 7).value()).front();
        int furthest = 0;
        for (int p = 0; p < 64; ++p) {
            int const wanted[] = {0, 153, 255}; // (0.2 + 1) * 127.5
            for (int c = 0; c < 3; ++c) {
                furthest = std::max(furthest, std::abs(picture(p % 8, p / 8, c) - wanted[c]));
            }
        }
        // the last step ends at x_0; rounding may cross a half
        CHECK(furthest <= 1);
    }
}

TEST_CASE("numbers become pixels: rounded, and brought in from beyond")
{
    std::vector<float> const values{-1,   1,     0,    -7,   7,   1 / 127.5F - 1, 0.6F / 127.5F - 1,
                                    0.5F, -0.5F, 0.1F, 0.2F, 0.3F};
    auto const picture = sample::to_pixels(values, 2, 2);
    CHECK(picture.values ==
          std::vector<std::uint8_t>{0, 255, 128, 0, 255, 1, 1, 191, 64, 140, 153, 166});
}

TEST_CASE("a configuration that cannot be is refused")
{
    studio s;
    auto wrong = s.config;
    wrong.size = 9;
    auto const made = trained_painter::make(s.b, wrong, s.parameters, 1);
    REQUIRE_FALSE(made);
    CHECK(made.error().message == "size 9: expected 8 to 1024 and a multiple of 2");
    CHECK_THROWS_AS(static_cast<void>(
                        trained_painter::make(s.b, s.config, std::span(s.parameters).first(10), 1)),
                    contract_violation);
}
