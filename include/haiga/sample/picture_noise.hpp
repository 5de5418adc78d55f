#pragma once

#include "haiga/base/torch_generator.hpp"
#include "haiga/sched/any_scheduler.hpp"
#include "haiga/sched/brownian_tree.hpp"

#include <optional>
#include <span>
#include <vector>

namespace haiga::sample {

/// What Diffusers draws for one picture, from torch's generator of its seed: planes of channels,
/// here with the channels of a pixel side by side.
///
/// Shapes: [height, width, channels], pixels = height * width.
class picture_noise {
public:
    picture_noise(std::uint64_t seed, std::size_t pixels, std::size_t channels)
        : seed_(seed), generator_(seed), pixels_(pixels), planes_(pixels * channels)
    {
    }

    /// Standard normal noise, the next of the seed.
    void draw(std::span<float> out)
    {
        generator_.fill_normal(planes_);
        interleave(out);
    }

    /// What step i of a scheduler takes. DPM++ SDE draws from a tree of the seed: what lies between
    /// two sigmas is the same however many steps lead there.
    void draw(sched::any_scheduler const& scheduler, int i, std::span<float> out)
    {
        auto const* const by_tree = scheduler.get_if<sched::dpm_sde>();
        if (by_tree == nullptr) {
            return draw(out);
        }
        if (!tree_) {
            tree_.emplace(seed_, by_tree->least_sigma(), by_tree->most_sigma(), planes_.size());
        }
        tree_->noise(by_tree->noise_from(i), by_tree->noise_to(i), planes_);
        interleave(out);
    }

private:
    void interleave(std::span<float> out) const
    {
        HAIGA_CHECK(out.size() == planes_.size(), out.size(), " numbers");
        auto const channels = planes_.size() / pixels_;
        for (std::size_t c = 0; c < channels; ++c) {
            for (std::size_t p = 0; p < pixels_; ++p) {
                out[p * channels + c] = planes_[c * pixels_ + p];
            }
        }
    }

    std::uint64_t seed_;
    torch_generator generator_;
    std::size_t pixels_;
    std::vector<float> planes_;
    std::optional<sched::brownian_tree> tree_;
};

} // namespace haiga::sample
