#include "apps/train/options.hpp"

#include "haiga/base/progress.hpp"
#include "haiga/device/cpu_native.hpp"
#include "haiga/image/contact_sheet.hpp"
#include "haiga/image/encode_png.hpp"
#include "haiga/image/line_chart.hpp"
#include "haiga/image/load_folder.hpp"
#include "haiga/image/still_life.hpp"
#include "haiga/sample/paint.hpp"
#include "haiga/train/demo_recipe.hpp"
#include "haiga/train/painting.hpp"
#include "haiga/train/resume.hpp"
#include "haiga/train/score.hpp"

#include <iostream>

namespace haiga::app {
namespace {

using backend = device::cpu_native;

auto team_of(train_options const& o) -> parallelism
{
    return o.threads > 0 ? parallelism{o.threads} : parallelism::all_cores();
}

auto prepared_photos(train_options const& o) -> result<std::vector<image::pixels>>
{
    std::vector<image::pixels> photos;
    if (o.draw) {
        for (int i = 0; i < 5; ++i) {
            auto const drawn = image::still_life(i, 4 * o.size, team_of(o));
            photos.push_back(image::resize(drawn, o.size, o.size));
        }
        return photos;
    }
    HAIGA_TRY(auto const set, image::load_folder(o.photos, {.size = o.size}));
    for (auto const& failure : set.failures) {
        std::cerr << "left out: " << failure.to_string() << '\n';
    }
    for (auto const& photo : set.photos) {
        photos.push_back(photo.picture);
    }
    return photos;
}

auto make_session(train_options const& o) -> result<>
{
    HAIGA_TRY(auto const photos, prepared_photos(o));
    auto r = train::demo_recipe(std::ssize(photos), o.size);
    r.steps = o.steps > 0 ? o.steps : r.steps;
    r.batch = o.batch > 0 ? o.batch : r.batch;
    r.save_every = o.save_every > 0 ? o.save_every : r.save_every;
    r.rate.rate = o.rate > 0 ? o.rate : r.rate.rate;
    r.rate.total = r.steps;
    r.seed = o.seed;
    r.storage = o.storage == "bf16" ? dtype::bf16 : dtype::f32;
    HAIGA_TRY_VOID(train::check(r));
    HAIGA_TRY_VOID(train::session<>::create(o.session, r, photos).map([](auto const&) {}));
    if (!o.sheet.empty()) {
        HAIGA_TRY_VOID(image::save_png(o.sheet, image::contact_sheet(photos, 5)));
    }
    std::cout << o.session.string() << ": " << photos.size() << " photographs of " << o.size
              << " pixels, " << r.steps << " steps of " << r.batch << '\n';
    return {};
}

auto run_session(train_options const& o) -> result<>
{
    using clock = std::chrono::steady_clock;
    HAIGA_TRY(auto session, train::session<>::open(o.session));
    backend b(team_of(o));
    HAIGA_TRY(auto trainer, train::resume(b, session, o.allow_other));
    std::cout << trainer.parameters().size() << " parameters, " << trainer.arena_bytes() / (1 << 20)
              << " MiB of activations, " << b.team().threads << " threads\n";
    progress meter(session.settings().steps, clock::now(), trainer.steps_done());
    double smooth = 0;
    HAIGA_TRY_VOID(train::run_to_end(b, session, trainer, [&](train::step_report const& step) {
        smooth = smooth == 0 ? step.loss : 0.98 * smooth + 0.02 * step.loss;
        meter.show("loss", smooth);
        meter.update(trainer.steps_done(), clock::now());
        if (meter.due(clock::now(), std::chrono::seconds(5))) {
            std::cout << meter.line(clock::now()) << std::endl;
        }
    }));
    if (!o.chart.empty()) {
        std::vector<double> const losses(trainer.losses().begin(), trainer.losses().end());
        auto const svg = image::line_chart({"loss of each step", losses},
                                           {.title = "Training",
                                            .x_label = "steps",
                                            .y_label = "loss",
                                            .y_scale = image::axis_scale::logarithmic});
        HAIGA_TRY_VOID(io::publish_bytes(o.chart, as_bytes(std::string_view(svg))));
    }
    return train::save_painting(o.output, session.settings(), trainer.average());
}

auto tell_status(train_options const& o) -> result<>
{
    HAIGA_TRY(auto const session, train::session<>::open(o.session));
    HAIGA_TRY(auto const photos, session.photos());
    HAIGA_TRY(auto const state, session.state());
    std::cout << photos.size() << " photographs, " << (state ? state->steps : 0) << " of "
              << session.settings().steps << " steps saved\n";
    return {};
}

auto samples_of(backend& b, train::recipe const& r, std::span<float const> parameters, int count)
    -> result<std::vector<image::pixels>>
{
    HAIGA_TRY(auto const scheduler, train::demo_scheduler(r));
    HAIGA_TRY(auto painter, sample::painter<backend>::make(b, r.model, parameters, count));
    return painter.paint(scheduler, r.seed, 0, [](int) {});
}

auto tell_score(train_options const& o) -> result<>
{
    HAIGA_TRY(auto const session, train::session<>::open(o.session));
    HAIGA_TRY(auto const photos, session.photos());
    HAIGA_TRY(auto const painting, train::load_painting(o.output));
    backend b(team_of(o));
    HAIGA_TRY(auto const untrained, train::trainer<backend>::make(b, session.settings(), photos));
    HAIGA_TRY(auto const after, samples_of(b, painting.recipe, painting.parameters, o.count));
    HAIGA_TRY(auto const before, samples_of(b, painting.recipe, untrained.parameters(), o.count));
    auto const trained = train::score_of(after, photos);
    std::cout << "mean best correlation of " << o.count
              << " samples with a photograph: " << trained.mean
              << " (untrained: " << train::score_of(before, photos).mean << ")\n"
              << "photographs that are the nearest of some sample: " << trained.reached << " of "
              << photos.size() << '\n';
    return {};
}

} // namespace
} // namespace haiga::app

int main(int argc, char** argv)
{
    using namespace haiga;
    app::train_options options;
    app::train_commands commands(options);
    CLI11_PARSE(commands.app, argc, argv);
    auto const done = commands.make->parsed()     ? app::make_session(options)
                      : commands.run->parsed()    ? app::run_session(options)
                      : commands.status->parsed() ? app::tell_status(options)
                                                  : app::tell_score(options);
    if (!done) {
        std::cerr << "haiga-train: " << done.error().to_string() << '\n';
    }
    return done ? 0 : 1;
}
