#pragma once

#include "haiga/image/resize.hpp"
#include "haiga/io/available_memory.hpp"
#include "haiga/sample/pipeline_files.hpp"
#include "haiga/sample/pipeline_graphs.hpp"
#include "haiga/sample/pixel_values.hpp"
#include "haiga/sample/sampling_run.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace haiga::sample {

/// A picture that is being painted.
struct painting_step {
    int picture = 0, pictures = 0;
    sampling_step at;
};

/// Paints with a Stable Diffusion: from a text, from a picture, or into one.
///
/// The same seed gives the same picture as Diffusers' pipelines with a generator of the CPU, but
/// that clip_skip holds for the negative prompt too, and that prompts are read as web UIs read
/// them. The pictures of a request do not depend on one another. Memory: told before anything is
/// loaded. Text encoders are there while prompts are encoded, then
///         the VAE's encoder where it is asked, then the UNet and the VAE's decoder.
template <device::host_backend B>
class stable_diffusion {
public:
    /// Reads the prompts. available: bytes of memory, where it is known.
    /// Errors: those of check() and check_clip_skip, of the scheduler and of read_prompts;
    ///         out_of_memory with what is needed. files outlive what is made.
    static auto make(B& b, pipeline_files const& files, picture_request request,
                     pipeline_options const& options, std::optional<std::uint64_t> available)
        -> result<stable_diffusion>
    {
        stable_diffusion made(b, files, std::move(request), options);
        HAIGA_TRY_VOID(made.check_request());
        HAIGA_TRY(made.scheduler_,
                  sched::make_scheduler(made.request_.scheduler, made.request_.steps));
        HAIGA_TRY_VOID(made.choose_start());
        auto const read = [&](std::string const& prompt) {
            return read_prompts(files.tokenizers, prompt, made.request_.steps)
                .map_error([&](failure&& f) { return std::move(f).within("prompt"); });
        };
        HAIGA_TRY(made.told_, read(made.request_.prompt));
        HAIGA_TRY(made.untold_, read(made.request_.negative));
        if (made.untold_[0].size() > 1) {
            return fail(errc::unsupported, "negative prompt: AND composes prompts, not this one");
        }
        HAIGA_TRY_VOID(io::check_memory(files.source.path.string() + ": painting",
                                        made.graphs().memory(), available));
        return made;
    }

    /// Paints all pictures of the request. told(painting_step) -> whether to go on, after each
    /// evaluation of the UNet; made(number, picture) -> result<>, as soon as each is there.
    /// Errors: those of reading weights; out_of_memory; cancelled; invalid where a picture is not
    ///         made of numbers; those of made.
    template <class Told, class Made>
    auto paint(Told const& told, Made const& made) -> result<>
    {
        HAIGA_TRY(auto const plan, plan_sampling());
        HAIGA_TRY(auto const begun, begin_from());
        HAIGA_TRY_VOID(open_decoder());
        auto const sizes = graphs().denoiser();
        denoiser_graph const traced(config().unet, sizes);
        HAIGA_TRY(auto const weights, load({.component = "unet"}, traced.graph));
        HAIGA_TRY(auto unet, denoiser<B>::make(*b_, config().unet, sizes, weights));
        sampling_run<B> run(unet, plan, graphs().channels());
        for (int i = 0; i < request_.count; ++i) {
            picture_noise noise(request_.seed + static_cast<std::uint64_t>(i),
                                graphs().latent_pixels(), graphs().channels());
            auto const start = start_of(begun, noise);
            HAIGA_TRY(auto const latents, run.run(start, noise, [&](sampling_step const& at) {
                return told(painting_step{i, request_.count, at});
            }));
            HAIGA_TRY(auto const picture, decode(latents));
            HAIGA_TRY_VOID(made(i, picture));
        }
        return {};
    }

    /// The picture of latents, as those of a painting_step: a preview, while paint() runs.
    /// Errors: invalid where they are not finite numbers; those of the backend.
    auto decode(std::span<float const> latents) -> result<image::pixels>
    {
        HAIGA_CHECK(decoder_.has_value(), "nothing is being painted");
        if (!std::ranges::all_of(latents, [](float x) { return std::isfinite(x); })) {
            return fail(errc::invalid, files_->source.path.string(),
                        ": what it paints is not made of finite numbers");
        }
        std::vector<float> picture(static_cast<std::size_t>(request_.width) *
                                   static_cast<std::size_t>(request_.height) * 3);
        HAIGA_TRY_VOID(decoder_->decode(latents, picture));
        return to_pixels(picture, request_.width, request_.height);
    }

    [[nodiscard]] auto request() const -> picture_request const& { return request_; }
    /// Evaluations of the UNet for all pictures.
    [[nodiscard]] auto evaluations() const -> std::int64_t
    {
        return std::int64_t{request_.count} * (scheduler_->steps() - first_);
    }

private:
    /// A picture that is begun from, encoded.
    struct beginning {
        std::optional<latent_distribution> picture, hidden;
        paint_mask mask;
    };

    stable_diffusion(B& b, pipeline_files const& files, picture_request request,
                     pipeline_options const& options)
        : b_(&b), files_(&files), request_(std::move(request)), options_(options)
    {
    }

    [[nodiscard]] auto load(part_choice const& choice, device::graph const& g) const
        -> result<page_array<float>>
    {
        return load_part(files_->source, choice, g, files_->loras, b_->team());
    }
    [[nodiscard]] auto config() const -> pipeline_config const& { return files_->config; }
    [[nodiscard]] auto graphs() const -> pipeline_graphs
    {
        return {config(), request_, std::max(windows_of(told_), windows_of(untold_)), options_};
    }

    auto check_request() const -> result<>
    {
        HAIGA_TRY_VOID(check(request_, static_cast<int>(config().vae.scale())));
        HAIGA_TRY_VOID(check_extents(config(), request_));
        for (auto const& [component, text] : config().text) {
            HAIGA_TRY_VOID(check_clip_skip(
                text, pipeline_graphs(config(), request_, 1, options_).reading(text)));
        }
        if (config().inpaints() && !request_.mask) {
            return fail(errc::invalid, files_->source.path.string(),
                        ": an inpainting model wants a picture and a mask");
        }
        return {};
    }

    /// Errors: invalid where the strength leaves no step; unsupported for Runge-Kutta.
    auto choose_start() -> result<>
    {
        if (!request_.init) {
            return {};
        }
        auto const* const pndm = std::get_if<sched::pndm_options>(&request_.scheduler.method);
        if (pndm != nullptr && !pndm->skip_prk_steps) {
            return fail(errc::unsupported,
                        "PNDM with Runge-Kutta steps begins with noise alone, not "
                        "with a picture; \"plms\" does");
        }
        auto const strength = request_.strength_or_default();
        auto const left = static_cast<int>(request_.steps * strength);
        first_ = (request_.steps - left) * evaluations_a_step(*scheduler_);
        return left > 0 && first_ < scheduler_->steps()
                   ? result<>()
                   : fail(errc::invalid, "strength ", strength, " leaves none of ", request_.steps,
                          " steps");
    }

    /// The prompts, encoded; the text encoders are gone when it is done.
    auto plan_sampling() -> result<sampling_plan>
    {
        std::vector<page_array<float>> weights(config().text.size());
        prompt_encoder<B> encoder;
        for (std::size_t i = 0; i < weights.size(); ++i) {
            auto const& [component, text] = config().text[i];
            auto traced = graphs().text(text);
            HAIGA_TRY(weights[i], load({.component = component}, traced.graph));
            HAIGA_TRY(auto made, text_encoder<B>::make(*b_, std::move(traced), weights[i]));
            encoder.add(files_->tokenizers[i], std::move(made));
        }
        auto const windows = std::max(windows_of(told_), windows_of(untold_));
        sampling_plan plan{scheduler_->from(first_), first_, request_.guidance, {}, {}};
        HAIGA_TRY(plan.told, encoder.encode(told_, request_.steps, windows));
        HAIGA_TRY(plan.untold, encoder.encode(untold_, request_.steps, windows));
        if (config().zeros_for_empty && request_.negative.empty()) {
            auto& empty = plan.untold.conditions[0];
            std::ranges::fill(empty.states, 0.0F);
            std::ranges::fill(empty.pooled, 0.0F);
        }
        tell_sizes(plan.told, 6);
        tell_sizes(plan.untold, 2.5F);
        return plan;
    }

    /// What SDXL is told besides: how large the picture was, from where it was cut, how large it
    /// is; its refiner, how good it looks.
    void tell_sizes(encoded_prompt& prompt, float score) const
    {
        auto const h = static_cast<float>(request_.height);
        auto const w = static_cast<float>(request_.width);
        for (auto& condition : prompt.conditions) {
            condition.time_ids = config().scores_aesthetics ? std::vector<float>{h, w, 0, 0, score}
                                                            : std::vector<float>{h, w, 0, 0, h, w};
        }
    }

    auto begin_from() -> result<beginning>
    {
        beginning made;
        if (!request_.init) {
            return made;
        }
        auto traced = graphs().encoder();
        part_choice const choice{.component = "vae", .without = {"decoder.", "post_quant_conv."}};
        HAIGA_TRY(auto const weights, load(choice, traced.graph));
        HAIGA_TRY(auto encoder, latent_encoder<B>::make(*b_, std::move(traced), weights));
        auto const fitted = [&](image::pixels const& picture) {
            return image::resize(picture, request_.width, request_.height);
        };
        auto const picture = from_pixels(fitted(*request_.init));
        if (request_.mask) {
            made.mask = read_mask(fitted(*request_.mask), static_cast<int>(config().vae.scale()));
        }
        if (!starts_from_noise() || !config().inpaints()) {
            HAIGA_TRY(made.picture, encoder.encode(picture));
        }
        if (config().inpaints()) {
            HAIGA_TRY(made.hidden, encoder.encode(hide_masked(made.mask, picture)));
        }
        return made;
    }

    [[nodiscard]] auto starts_from_noise() const -> bool
    {
        return !request_.init || (request_.mask && request_.strength_or_default() == 1);
    }

    /// Draws in the order in which Diffusers does: of the latents, of the noise, of what the mask
    /// leaves (which is drawn even where nobody looks at it).
    auto start_of(beginning const& begun, picture_noise& noise) const -> starting_point
    {
        starting_point start;
        start.from_noise = starts_from_noise();
        start.mask = begun.mask.latents;
        start.noise.resize(graphs().latent_pixels() * graphs().channels());
        if (begun.picture) {
            noise.draw(start.noise);
            start.latents = begun.picture->draw(config().vae, start.noise);
        }
        noise.draw(start.noise);
        if (request_.mask) {
            std::vector<float> of_hidden(start.noise.size());
            noise.draw(of_hidden);
            if (begun.hidden) {
                start.hidden = begun.hidden->draw(config().vae, of_hidden);
            }
        }
        return start;
    }

    auto open_decoder() -> result<>
    {
        part_choice const choice{.component = "vae", .without = {"encoder.", "quant_conv."}};
        HAIGA_TRY(decoder_weights_, load(choice, graphs().decoder().graph));
        HAIGA_TRY(auto made, latent_decoder<B>::make(*b_, config().vae, graphs().latent_height(),
                                                     graphs().latent_width(), decoder_weights_,
                                                     graphs().tiles()));
        decoder_.emplace(std::move(made));
        return {};
    }

    B* b_;
    pipeline_files const* files_;
    picture_request request_;
    pipeline_options options_;
    std::optional<sched::any_scheduler> scheduler_;
    int first_ = 0;
    prompt_readings told_, untold_;
    page_array<float> decoder_weights_;
    std::optional<latent_decoder<B>> decoder_;
};

} // namespace haiga::sample
