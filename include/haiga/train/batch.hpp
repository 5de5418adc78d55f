#pragma once

#include "haiga/base/philox.hpp"
#include "haiga/image/pixels.hpp"
#include "haiga/tensor/tensor.hpp"
#include "haiga/train/recipe.hpp"

namespace haiga::train {

/// What one step shows the model. Shapes: pictures [N, size, size, 3], the others [N].
struct batch {
    tensor<float> noisy, target, timesteps, weights;

    batch(std::int64_t n, std::int64_t size)
        : noisy({n, size, size, 3}), target({n, size, size, 3}), timesteps({n}), weights({n})
    {
    }
};

/// 0..255 -> -1..1, as Diffusers' pictures are.
inline auto to_unit_range(image::pixels const& picture) -> std::vector<float>
{
    std::vector<float> values;
    values.reserve(picture.values.size());
    for (auto const v : picture.values) {
        values.push_back(static_cast<float>(v) / 127.5F - 1);
    }
    return values;
}

/// Draws noisy photographs. Everything about sample i of step s depends on (seed, s, i) alone.
class batch_maker {
public:
    batch_maker(recipe const& r, time_schedule schedule, std::span<image::pixels const> photos)
        : recipe_(r), schedule_(std::move(schedule))
    {
        for (auto const& photo : photos) {
            HAIGA_CHECK(photo.width == r.model.size && photo.height == r.model.size &&
                        photo.channels == 3);
            photos_.push_back(to_unit_range(photo));
        }
        HAIGA_CHECK(!photos_.empty());
        noise_.resize(photos_.front().size());
    }

    /// Every photograph in turn; time steps spread evenly over the batch, jittered within it.
    void fill(std::int64_t step, batch& b)
    {
        auto const n = b.timesteps.elements();
        auto const each = static_cast<std::size_t>(b.noisy.elements() / n);
        for (std::int64_t i = 0; i < n; ++i) {
            auto const index = static_cast<std::size_t>(i);
            auto const t = draw_timestep(step, i, n);
            auto const mix = sched::mixture_at(schedule_.alpha_bar(t));
            philox{recipe_.seed, noise_stream}
                .at(static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(i))
                .fill_normal(noise_);
            auto const& clean = photos_[static_cast<std::size_t>(step * n + i) % photos_.size()];
            sched::add_noise(mix, clean, noise_, b.noisy.flat().subspan(index * each, each));
            sched::training_target(recipe_.target, mix, clean, noise_,
                                   b.target.flat().subspan(index * each, each));
            b.timesteps.flat()[index] = static_cast<float>(t);
            b.weights.flat()[index] = weight(mix);
        }
    }

private:
    static constexpr std::uint32_t noise_stream = 1;
    static constexpr std::uint32_t time_stream = 2;
    static constexpr std::uint32_t stratum_stream = 5; // 3 and 4 are for sampling

    [[nodiscard]] auto draw_timestep(std::int64_t step, std::int64_t i, std::int64_t n) const -> int
    {
        float jitter = 0;
        philox{recipe_.seed, time_stream}
            .at(static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(i))
            .fill_uniform({&jitter, 1});
        // photographs come in turn as well: another stratum each time, or each would keep its own
        auto const offset = philox{recipe_.seed, stratum_stream}
                                .at(static_cast<std::uint32_t>(step), 0)
                                .block(0)[0];
        auto const stratum = (i + offset % n) % n;
        auto const where = (static_cast<double>(stratum) + jitter) / static_cast<double>(n);
        return std::min(static_cast<int>(where * schedule_.steps()), schedule_.steps() - 1);
    }

    /// The weight of a sample's squared error, such that x_0's counts min(snr, gamma).
    [[nodiscard]] auto weight(sched::mixture m) const -> float
    {
        auto const gamma = recipe_.min_snr_gamma;
        if (gamma <= 0) {
            return 1;
        }
        double const snr = double{m.signal} * m.signal / (double{m.noise} * m.noise);
        double const kept = std::min(snr, gamma);
        switch (recipe_.target) {
        case sched::prediction::epsilon: // 1 as well where no signal is left
            return snr > gamma ? static_cast<float>(gamma / snr) : 1.0F;
        case sched::prediction::v: return static_cast<float>(kept / (snr + 1));
        case sched::prediction::sample: return static_cast<float>(kept);
        case sched::prediction::flow: {
            double const of_noise = double{m.noise} / (m.signal + m.noise);
            return static_cast<float>(kept * of_noise * of_noise);
        }
        }
        return 1;
    }

    recipe recipe_;
    time_schedule schedule_;
    std::vector<std::vector<float>> photos_;
    std::vector<float> noise_;
};

} // namespace haiga::train
