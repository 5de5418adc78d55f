#pragma once

#include "apps/lora_option.hpp"
#include "apps/paint/options.hpp"

#include "haiga/base/progress.hpp"
#include "haiga/device/cpu_native.hpp"
#include "haiga/image/decode.hpp"
#include "haiga/io/read_file.hpp"
#include "haiga/sample/generation_text.hpp"
#include "haiga/sample/stable_diffusion.hpp"
#include "haiga/sched/schedule_names.hpp"

#include <atomic>
#include <charconv>
#include <csignal>
#include <iostream>

namespace haiga::app {

/// Set by Ctrl-C: the picture that is being painted is given up, those that are done stay.
inline std::atomic<bool> interrupted = false;

inline auto load_picture(std::filesystem::path const& file) -> result<std::optional<image::pixels>>
{
    constexpr std::uint64_t largest = 1 << 28;
    if (file.empty()) {
        return std::nullopt;
    }
    HAIGA_TRY(auto const bytes, io::read_file(file, largest));
    HAIGA_TRY(auto picture, image::decode(bytes).map_error(
                                [&](failure&& f) { return std::move(f).within(file.string()); }));
    return std::optional(std::move(picture));
}

/// "WxH".   Errors: invalid.
inline auto parse_size(std::string const& text, sample::picture_request& r) -> result<>
{
    auto const* const end = text.data() + text.size();
    auto const [cross, bad_width] = std::from_chars(text.data(), end, r.width);
    bool good = bad_width == std::errc() && cross != end && *cross == 'x';
    if (good) {
        auto const [stop, bad_height] = std::from_chars(cross + 1, end, r.height);
        good = bad_height == std::errc() && stop == end;
    }
    return good ? result<>()
                : fail(errc::invalid, "--size ", one_line(text, 80), ": expected WxH, as 512x512");
}

/// The size that was asked for, else that of the picture that is begun from, cut to what the model
/// can paint, else the model's own.
inline auto choose_size(paint_options const& o, sample::pipeline_config const& c,
                        sample::picture_request& r) -> result<>
{
    r.width = r.height = c.native_size();
    if (!o.size.empty()) {
        return parse_size(o.size, r);
    }
    if (r.init) {
        auto const multiple = static_cast<int>(c.vae.scale());
        r.width = std::max(r.init->width / multiple, 1) * multiple;
        r.height = std::max(r.init->height / multiple, 1) * multiple;
    }
    return {};
}

inline auto request_of(paint_options const& o, sample::pipeline_files const& files)
    -> result<sample::picture_request>
{
    sample::picture_request r;
    r.prompt = *o.prompt;
    r.negative = o.negative;
    r.steps = o.steps.value_or(r.steps);
    r.guidance = {static_cast<float>(o.guidance.value_or(7.5)), static_cast<float>(o.rescale)};
    r.seed = o.seed;
    r.count = o.count.value_or(1);
    r.clip_skip = o.clip_skip;
    r.strength = o.strength;
    HAIGA_TRY(r.init, load_picture(o.init));
    HAIGA_TRY(r.mask, load_picture(o.mask));
    HAIGA_TRY_VOID(choose_size(o, files.config, r));
    auto const& file = files.config.scheduler;
    HAIGA_TRY(r.scheduler, o.sampler.empty() ? sched::read_scheduler_config(file)
                                             : sched::named_scheduler_config(o.sampler, file));
    if (!o.schedule.empty()) {
        HAIGA_TRY_VOID(sched::set_schedule(r.scheduler, o.schedule));
    }
    return r;
}

/// "painting.png" of seed 7 is "painting-7.png", where there are several.
inline auto name_of(paint_options const& o, sample::picture_request const& r, int number)
    -> std::filesystem::path
{
    auto name = o.output;
    if (r.count > 1) {
        auto const seed = r.seed + static_cast<std::uint64_t>(number);
        name.replace_filename(
            concat(o.output.stem().string(), '-', seed, o.output.extension().string()));
    }
    return name;
}

/// Tells how far it is, and shows what the picture looks like so far.
template <class Painter>
class step_teller {
    using clock = std::chrono::steady_clock;

public:
    step_teller(paint_options const& o, Painter& painter)
        : painter_(&painter), every_(o.preview_every), meter_(painter.evaluations(), clock::now())
    {
        preview_ = o.output;
        preview_.replace_extension(".preview.png");
    }
    step_teller(step_teller const&) = delete;
    auto operator=(step_teller const&) -> step_teller& = delete;
    ~step_teller()
    {
        std::error_code ignored; // it is only of use while the picture is not there
        std::filesystem::remove(every_ > 0 ? preview_ : std::filesystem::path(), ignored);
    }

    auto operator()(sample::painting_step const& step) -> bool
    {
        meter_.update(meter_.done() + 1, clock::now());
        if (meter_.due(clock::now())) {
            std::cout << meter_.line(clock::now()) << std::endl;
        }
        if (every_ > 0 && step.at.done % every_ == 0 && step.at.done < step.at.of) {
            auto const shown = painter_->decode(step.at.clean).and_then([&](auto const& picture) {
                return image::save_png(preview_, picture);
            });
            if (!shown) {
                std::cerr << "no preview: " << shown.error().to_string() << '\n';
                every_ = 0;
            }
        }
        return !interrupted;
    }

private:
    Painter* painter_;
    int every_;
    progress meter_;
    std::filesystem::path preview_;
};

inline auto paint_diffusion(paint_options const& o) -> result<>
{
    using backend = device::cpu_native;
    sample::open_options opening;
    opening.tokenizer = o.tokenizer;
    if (!o.prediction.empty()) {
        opening.prediction = o.prediction == "epsilon" ? catalog::prediction::epsilon
                                                       : catalog::prediction::v_prediction;
    }
    std::ranges::transform(o.loras, std::back_inserter(opening.loras), parse_lora);
    HAIGA_TRY(auto const files, sample::open_pipeline(o.model, opening));
    HAIGA_TRY(auto request, request_of(o, files));
    backend b(o.threads > 0 ? parallelism{o.threads} : parallelism::all_cores());
    using painters = sample::stable_diffusion<backend>;
    HAIGA_TRY(auto painter,
              painters::make(b, files, std::move(request),
                             {.storage = o.storage == "bf16" ? dtype::bf16 : dtype::f32},
                             io::available_memory("/proc/meminfo")));
    std::signal(SIGINT, [](int) { interrupted = true; });
    step_teller<painters> tell(o, painter);
    return painter.paint([&](sample::painting_step const& step) { return tell(step); },
                         [&](int number, image::pixels const& picture) {
                             auto const& r = painter.request();
                             auto const seed = r.seed + static_cast<std::uint64_t>(number);
                             auto const file = name_of(o, r, number);
                             std::cout << file.string() << '\n';
                             return image::save_png(file, picture,
                                                    {sample::generation_note(r, seed, o.model)});
                         });
}

} // namespace haiga::app
