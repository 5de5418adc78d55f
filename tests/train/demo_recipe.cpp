#include "haiga/train/demo_recipe.hpp"

#include "haiga/train/trainer.hpp"

#include <doctest/doctest.h>

using namespace haiga;

TEST_CASE("the demonstration's recipe can be trained at every size that it is offered at")
{
    for (std::int64_t const size : {16, 32, 48, 64}) {
        for (std::int64_t const photos : {1, 5, 1000}) {
            auto const r = train::demo_recipe(photos, size);
            REQUIRE(train::check(r));
            CHECK(r.model.size == size);
        }
        CHECK_NOTHROW(train::trace_step(train::demo_recipe(5, size)));
    }
}

TEST_CASE("every block type of Stable Diffusion's UNet is in it")
{
    auto const u = train::demo_recipe(5).model.unet;
    auto const has = [](auto const& list, auto const* name) {
        return std::ranges::count(list, std::string(name)) > 0;
    };
    CHECK(has(u.down_block_types, "DownBlock2D"));
    CHECK(has(u.down_block_types, "CrossAttnDownBlock2D"));
    CHECK(has(u.up_block_types, "UpBlock2D"));
    CHECK(has(u.up_block_types, "CrossAttnUpBlock2D"));
    CHECK(u.mid_block_type == "UNetMidBlock2DCrossAttn");
}

TEST_CASE("its scheduler visits only time steps that were trained")
{
    auto const r = train::demo_recipe(5);
    for (int const steps : {1, 12, 50}) {
        auto const s = train::demo_scheduler(r, steps).value();
        REQUIRE(s.steps() == steps);
        CHECK(s.timestep(0) == static_cast<float>(r.last_step - r.first_step - 1));
        for (int i = 0; i < steps; ++i) {
            CHECK(s.timestep(i) >= 0);
        }
    }
    CHECK_FALSE(train::demo_scheduler(r, 501));
}
