#pragma once

#include "apps/train/options.hpp"

#include "haiga/image/contact_sheet.hpp"
#include "haiga/image/encode_png.hpp"
#include "haiga/image/load_folder.hpp"
#include "haiga/image/still_life.hpp"
#include "haiga/train/demo_recipe.hpp"
#include "haiga/train/session.hpp"

#include <iostream>

namespace haiga::app {

inline auto team_of(int threads) -> parallelism
{
    return threads > 0 ? parallelism{threads} : parallelism::all_cores();
}

inline auto prepared_photos(train_options const& o) -> result<std::vector<image::pixels>>
{
    std::vector<image::pixels> photos;
    if (o.draw) {
        for (int i = 0; i < 5; ++i) {
            auto const drawn = image::still_life(i, 4 * o.size, team_of(o.threads));
            photos.push_back(image::resize(drawn, o.size, o.size));
        }
        return photos;
    }
    auto const told = [](failure const& refused) {
        std::cerr << "left out: " << refused.to_string() << '\n';
    };
    HAIGA_TRY(auto const set, image::load_folder(o.photos, {.size = o.size}, image::centre_crop{},
                                                 image::lanczos3{}, told));
    for (auto const& photo : set.photos) {
        photos.push_back(photo.picture);
    }
    return photos;
}

inline auto recipe_for(train_options const& o, std::int64_t photos) -> result<train::recipe>
{
    auto r = train::demo_recipe(photos, o.size);
    r.steps = o.steps > 0 ? o.steps : r.steps;
    r.batch = o.batch > 0 ? o.batch : r.batch;
    r.save_every = o.save_every > 0 ? o.save_every : r.save_every;
    r.rate.rate = o.rate > 0 ? o.rate : r.rate.rate;
    r.rate.total = r.steps;
    r.seed = o.seed;
    r.storage = o.storage == "bf16" ? dtype::bf16 : dtype::f32;
    r.recompute = o.recompute;
    HAIGA_TRY_VOID(train::check(r));
    return r;
}

/// haiga-train new. The session comes last: whatever fails before, the command can be given again.
inline auto make_session(train_options const& o) -> result<>
{
    HAIGA_TRY_VOID(train::session<>::check_free(o.session));
    HAIGA_TRY(auto const photos, prepared_photos(o));
    HAIGA_TRY(auto const r, recipe_for(o, std::ssize(photos)));
    if (!o.sheet.empty()) {
        HAIGA_TRY_VOID(image::save_png(o.sheet, image::contact_sheet(photos, 5)));
    }
    HAIGA_TRY_VOID(train::session<>::create(o.session, r, photos).map([](auto const&) {}));
    std::cout << o.session.string() << ": " << photos.size() << " photographs of " << o.size
              << " pixels, " << r.steps << " steps of " << r.batch << '\n';
    return {};
}

} // namespace haiga::app
