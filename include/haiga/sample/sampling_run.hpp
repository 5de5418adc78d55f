#pragma once

#include "haiga/sample/denoiser.hpp"
#include "haiga/sample/guidance.hpp"
#include "haiga/sample/inpainting.hpp"
#include "haiga/sample/picture_noise.hpp"
#include "haiga/sample/prompt_encoder.hpp"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

namespace haiga::sample {

/// Where the steps of a run are: what previews are made from.
struct sampling_step {
    int done = 0, of = 0;         ///< evaluations of the model
    std::span<float const> clean; ///< what the picture is thought to be; [height, width, channels]
};

/// How many evaluations a step of a method has.
inline auto evaluations_a_step(sched::any_scheduler const& s) -> int
{
    bool const two = s.get_if<sched::heun>() != nullptr || s.get_if<sched::dpm2>() != nullptr ||
                     s.get_if<sched::dpm2_ancestral>() != nullptr ||
                     s.get_if<sched::dpm_sde>() != nullptr ||
                     s.get_if<sched::flow_heun>() != nullptr;
    return two ? 2 : 1;
}

/// What all pictures of a request share while they are sampled.
struct sampling_plan {
    sched::any_scheduler scheduler;
    int first = 0; ///< the evaluation to begin with
    sample::guidance guidance;
    encoded_prompt told;
    encoded_prompt untold; ///< what pictures are to be unlike; not asked where guidance is off
};

/// Where one picture begins, and what of it is start.   Shapes: all [pixels, ...], as latents.
struct starting_point {
    std::vector<float> noise;     ///< standard normal
    std::vector<float> latents{}; ///< of a picture that is begun from; empty without one
    std::vector<float> mask{};    ///< 1 where it is painted anew; empty: everywhere
    std::vector<float> hidden{};  ///< an inpainting UNet's: latents of what the mask leaves
    bool from_noise = true;       ///< and not from the latents
};

/// The steps of one picture.
template <device::host_backend B>
class sampling_run {
public:
    sampling_run(denoiser<B>& unet, sampling_plan const& plan, std::size_t channels)
        : unet_(&unet), plan_(&plan),
          pixels_(static_cast<std::size_t>(unet.sizes().height * unet.sizes().width)),
          size_(pixels_ * channels), sample_(size_), clean_(size_), noise_(size_), guided_(size_),
          past_(plan.scheduler.kept(), size_)
    {
    }

    /// told(sampling_step) -> whether to go on, after each evaluation.
    /// Shapes: latents [height, width, channels].
    /// Errors: cancelled where told says no; those of the backend.
    template <class Told>
    auto run(starting_point const& start, picture_noise& noise, Told const& told)
        -> result<std::vector<float>>
    {
        auto const& scheduler = plan_->scheduler;
        begin(start);
        for (int i = plan_->first; i < scheduler.steps(); ++i) {
            HAIGA_TRY_VOID(predict(i, start));
            if (scheduler.at(i).takes_noise()) {
                noise.draw(scheduler, i, noise_);
                sched::step(scheduler, i, sample_, guided_, clean_, past_, noise_);
            } else {
                sched::step(scheduler, i, sample_, guided_, clean_, past_);
            }
            keep_known(i, start);
            if (!told(sampling_step{i + 1 - plan_->first, scheduler.steps() - plan_->first,
                                    clean_})) {
                return fail(errc::cancelled, "painting was cancelled at step ", i + 1, " of ",
                            scheduler.steps());
            }
        }
        return sample_;
    }

private:
    void begin(starting_point const& start)
    {
        auto const& scheduler = plan_->scheduler;
        auto const mixed = scheduler.mixture_before(plan_->first);
        if (start.from_noise) {
            sched::combine(sample_, scheduler.initial_sigma(), start.noise, 0.0F, start.noise);
        } else {
            sched::combine(sample_, mixed.signal, start.latents, mixed.noise, start.noise);
        }
    }

    /// The guided prediction of evaluation i.
    auto predict(int i, starting_point const& start) -> result<>
    {
        gather_conditions(i);
        sched::scale_input(plan_->scheduler, i, sample_, clean_); // which the step writes anew
        std::span<float const> input = clean_;
        if (!start.hidden.empty()) {
            joined_.resize(2 * size_ + pixels_);
            join_masked(clean_, start.mask, start.hidden, joined_);
            input = joined_;
        }
        outputs_.resize(conditions_.size() * size_);
        HAIGA_TRY_VOID(unet_->predict(input, plan_->scheduler.timestep(i), conditions_, outputs_));
        combine_predictions();
        return {};
    }

    void gather_conditions(int i)
    {
        conditions_.clear();
        auto const step = static_cast<std::size_t>(i / evaluations_a_step(plan_->scheduler));
        auto const add = [&](encoded_prompt const& prompt, conditioned_steps const& steps) {
            auto const at = steps.at[std::min(step, steps.at.size() - 1)];
            conditions_.push_back(&prompt.conditions[at]);
        };
        if (plan_->guidance.is_on()) {
            add(plan_->untold, plan_->untold.composed.front());
        }
        for (auto const& composed : plan_->told.composed) {
            add(plan_->told, composed);
        }
    }

    void combine_predictions()
    {
        auto const of = [&](std::size_t c) {
            return std::span(outputs_).subspan(c * size_, size_);
        };
        std::ranges::copy(of(0), guided_.begin());
        auto const& composed = plan_->told.composed;
        if (plan_->guidance.is_on()) {
            for (std::size_t c = 0; c < composed.size(); ++c) {
                guide(plan_->guidance.scale, composed[c].weight, of(0), of(c + 1), guided_);
            }
            rescale_guided(plan_->guidance.rescale, of(1), guided_);
        } else {
            mix_unguided();
        }
    }

    /// Composed prompts without guidance: their mean by weight.
    void mix_unguided()
    {
        auto const& composed = plan_->told.composed;
        if (composed.size() == 1) {
            return;
        }
        float all = 0;
        for (auto const& c : composed) {
            all += c.weight;
        }
        std::ranges::fill(guided_, 0.0F);
        for (std::size_t c = 0; c < composed.size(); ++c) {
            auto const told = std::span<float const>(outputs_).subspan(c * size_, size_);
            sched::combine(guided_, 1.0F, guided_, all != 0 ? composed[c].weight / all : 0, told);
        }
    }

    /// Without an inpainting UNet: what the mask leaves is put back, as noisy as the sample is.
    void keep_known(int i, starting_point const& start)
    {
        if (start.mask.empty() || !start.hidden.empty()) {
            return;
        }
        bool const last = i + 1 == plan_->scheduler.steps();
        auto const mixed = last ? sched::mixture{} : plan_->scheduler.mixture_before(i + 1);
        sched::combine(noise_, mixed.signal, start.latents, mixed.noise, start.noise);
        keep_unmasked(start.mask, noise_, sample_);
    }

    denoiser<B>* unet_;
    sampling_plan const* plan_;
    std::size_t pixels_, size_;
    std::vector<float> sample_, clean_, noise_, guided_, outputs_, joined_;
    std::vector<text_condition const*> conditions_;
    sched::history<float> past_;
};

} // namespace haiga::sample
