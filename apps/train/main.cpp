#include "apps/native_program.hpp"
#include "apps/train/make_session.hpp"

#include "haiga/base/progress.hpp"
#include "haiga/device/cpu_native.hpp"
#include "haiga/io/available_memory.hpp"
#include "haiga/sample/paint.hpp"
#include "haiga/train/loss_chart.hpp"
#include "haiga/train/memory.hpp"
#include "haiga/train/painting.hpp"
#include "haiga/train/resume.hpp"
#include "haiga/train/score.hpp"

namespace haiga::app {
namespace {

using backend = device::cpu_native;

/// Says what a training takes before it is taken.
auto tell_memory(train::session<> const& session) -> result<>
{
    HAIGA_TRY(auto const photos, session.photos());
    auto const memory = train::memory_of(session.settings(), photos.size());
    std::cout << "needs " << (memory.total() >> 20U) << " MiB of memory, "
              << (memory.activations >> 20U) << " of them for activations" << std::endl;
    return io::check_memory(session.folder().string() + ": the training", memory.total(),
                            io::available_memory("/proc/meminfo"));
}

auto run_session(train_options const& o) -> result<>
{
    using clock = std::chrono::steady_clock;
    HAIGA_TRY(auto session, train::session<>::open(o.session));
    HAIGA_TRY_VOID(tell_memory(session));
    backend b(team_of(o.threads));
    HAIGA_TRY(auto trainer, train::resume(b, session, {o.allow_other, "--allow-other"},
                                          [](auto const& line) { std::cout << line << '\n'; }));
    std::cout << trainer.parameters().size() << " parameters, " << b.team().threads << " threads\n";
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
    HAIGA_TRY_VOID(train::save_painting(o.output, session.settings(), trainer.average()));
    if (o.chart.empty()) {
        return {};
    }
    auto const svg = train::loss_chart(trainer.losses());
    return io::publish_bytes(o.chart, as_bytes(std::string_view(svg)));
}

auto tell_status(train_options const& o) -> result<>
{
    HAIGA_TRY(auto const session, train::session<>::open(o.session));
    HAIGA_TRY(auto const photos, session.photos());
    HAIGA_TRY(auto const state, session.state());
    std::cout << photos.size() << " photographs, " << (state ? state->steps : 0) << " of "
              << session.settings().steps << " steps saved\n";
    for (auto const& [step, where] : state ? state->history : std::vector<train::stay>()) {
        std::cout << "from step " << step << ": " << where.backend << ", " << where.instructions
                  << ", " << where.threads << " threads, " << where.libraries << ", compiler "
                  << where.compiler << '\n';
    }
    return {};
}

auto samples_of(backend& b, train::recipe const& r, std::span<float const> parameters, int count)
    -> result<std::vector<image::pixels>>
{
    using painters = sample::painter<backend>;
    HAIGA_TRY(auto const scheduler, train::demo_scheduler(r));
    HAIGA_TRY_VOID(io::check_memory("painting", painters::memory_of(r.model, count),
                                    io::available_memory("/proc/meminfo")));
    HAIGA_TRY(auto painter, painters::make(b, r.model, parameters, count));
    return painter.paint(scheduler, r.seed, 0, [](int) {});
}

auto tell_score(train_options const& o) -> result<>
{
    HAIGA_TRY(auto const session, train::session<>::open(o.session));
    HAIGA_TRY(auto const photos, session.photos());
    HAIGA_TRY(auto const painting, train::load_painting(o.output));
    backend b(team_of(o.threads));
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
try {
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
} catch (std::exception const& stopped) {
    std::cerr << "haiga-train: " << haiga::failure_of(stopped).to_string() << '\n';
    return 1;
}
