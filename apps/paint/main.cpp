#include "apps/native_program.hpp"
#include "apps/paint/diffusion.hpp"
#include "apps/paint/options.hpp"

#include "haiga/base/progress.hpp"
#include "haiga/device/cpu_native.hpp"
#include "haiga/image/contact_sheet.hpp"
#include "haiga/image/encode_png.hpp"
#include "haiga/image/png_text.hpp"
#include "haiga/io/available_memory.hpp"
#include "haiga/io/check_writable.hpp"
#include "haiga/sample/paint.hpp"
#include "haiga/train/demo_recipe.hpp"
#include "haiga/train/painting.hpp"

#include <iostream>

namespace haiga::app {
namespace {

using backend = device::cpu_native;

/// What haiga-train has made: as many pictures as asked for, side by side.
auto paint_sheet(paint_options const& o) -> result<>
{
    using clock = std::chrono::steady_clock;
    HAIGA_TRY(auto const painting, train::load_painting(o.model));
    HAIGA_TRY(auto const scheduler, train::demo_scheduler(painting.recipe, o.steps.value_or(12)));
    backend b(o.threads > 0 ? parallelism{o.threads} : parallelism::all_cores());
    constexpr int most = 16;
    int const count = o.count.value_or(most);
    auto const together = std::min(count, most);
    using painters = sample::painter<backend>;
    auto const side = static_cast<std::uint64_t>(painting.recipe.model.size);
    auto const sheet = 2 * static_cast<std::uint64_t>(count + o.columns) * side * side * 3;
    HAIGA_TRY_VOID(io::check_memory(o.model.string() + ": painting",
                                    painters::memory_of(painting.recipe.model, together) + sheet,
                                    io::available_memory("/proc/meminfo")));
    HAIGA_TRY(auto painter,
              painters::make(b, painting.recipe.model, painting.parameters, together));
    auto const rounds = (count + together - 1) / together;
    progress meter(std::int64_t{rounds} * scheduler.steps(), clock::now());
    std::vector<image::pixels> pictures;
    for (int round = 0; round < rounds; ++round) {
        auto const made = painter.paint(scheduler, o.seed,
                                        static_cast<std::uint32_t>(round * together), [&](int) {
                                            meter.update(meter.done() + 1, clock::now());
                                            if (meter.due(clock::now())) {
                                                std::cout << meter.line(clock::now()) << std::endl;
                                            }
                                        });
        pictures.insert(pictures.end(), made.begin(), made.end());
    }
    pictures.resize(static_cast<std::size_t>(count));
    return image::save_png(o.output, image::contact_sheet(pictures, o.columns));
}

/// How a picture was painted, as it says itself.
auto show(std::filesystem::path const& file) -> result<>
{
    constexpr std::uint64_t largest = 1 << 30;
    HAIGA_TRY(auto const bytes, io::read_file(file, largest));
    HAIGA_TRY(auto const notes, image::read_png_text(bytes).map_error([&](failure&& f) {
        return std::move(f).within(file.string());
    }));
    auto const note = std::ranges::find(notes, "parameters", &image::text_chunk::key);
    if (note == notes.end()) {
        return fail(errc::not_found, file.string(), ": does not say how it was painted");
    }
    std::cout << note->text << '\n';
    return {};
}

auto paint(paint_options const& o) -> result<>
{
    if (!o.shown.empty()) {
        return show(o.shown);
    }
    if (o.model.empty()) {
        return fail(errc::invalid, "no --model is given, nor --info");
    }
    HAIGA_TRY_VOID(io::check_writable(o.output));
    if (o.prompt) {
        return paint_diffusion(o);
    }
    std::error_code error;
    if (std::filesystem::is_directory(o.model, error)) {
        return fail(errc::invalid, o.model.string(), ": a Stable Diffusion wants a prompt");
    }
    return paint_sheet(o);
}

} // namespace
} // namespace haiga::app

int main(int argc, char** argv)
try {
    using namespace haiga;
    CLI::App app{
        "Paints pictures with a Stable Diffusion, or with a model that haiga-train has made."};
    app::paint_options options;
    options.declare(app);
    CLI11_PARSE(app, argc, argv);
    auto const done = app::paint(options);
    if (!done) {
        std::cerr << "haiga-paint: " << done.error().to_string() << '\n';
    }
    return done ? 0 : 1;
} catch (std::exception const& stopped) {
    std::cerr << "haiga-paint: " << haiga::failure_of(stopped).to_string() << '\n';
    return 1;
}
