#pragma once

#include "haiga/image/render/distance.hpp"

namespace haiga::image::render {

/// A glazed figure of a sitting puppy, about 1.8 high, on the ground y = 0, looking along +z.
class puppy {
public:
    /// Units: radians.
    struct pose {
        float turn = 0; ///< of the head, to the puppy's left
        float nod = 0;
        float lean = 0; ///< of the head, towards a shoulder
        float wag = 0;  ///< of the tail
    };

    /// A ball around all of it, however it is posed.
    static constexpr vec3 centre = {0, 0.88F, -0.02F};
    static constexpr float reach = 1.22F;

    explicit puppy(pose p)
        : head_(frame::turned(p.turn, p.nod, p.lean)), tail_tip_{0.42F * std::sin(p.wag), 0.62F,
                                                                 -0.62F - 0.3F * std::cos(p.wag)}
    {
    }

    [[nodiscard]] auto distance(vec3 p) const -> float
    {
        vec3 const h = in_head(p);
        float const trunk = body(p);
        if (to_sphere(h, {0, 0.31F, 0.10F}, 0.63F) > trunk + head_blend) {
            return trunk; // too far from all of the head to matter
        }
        return nearest(parts(trunk, h));
    }

    struct paint {
        vec3 colour;
        float gloss = 0;
    };

    /// Of the part that is nearest.
    [[nodiscard]] auto painted(vec3 p) const -> paint
    {
        auto const d = parts(body(p), in_head(p));
        float const least = nearest(d);
        return least == d.dark     ? paint{{0.012F, 0.010F, 0.010F}, 1.2F}
               : least == d.collar ? paint{{0.60F, 0.025F, 0.030F}, 0.35F}
               : least == d.tag    ? paint{{0.95F, 0.62F, 0.12F}, 0.9F}
               : least == d.ears   ? paint{{0.155F, 0.058F, 0.024F}, 0.2F}
                                   : paint{coat_colour(p), 0.22F};
    }

private:
    struct distances {
        float coat = 0;
        float ears = 0;
        float collar = 0;
        float tag = 0;
        float dark = 0; ///< nose and eyes
    };

    static constexpr float head_blend = 0.12F;
    static constexpr vec3 neck = {0, 1.06F, 0.10F};

    /// From the neck, along the head's own directions.
    [[nodiscard]] auto in_head(vec3 p) const -> vec3 { return head_.to_local(p - neck); }

    static auto nearest(distances const& d) -> float
    {
        return std::min({d.coat, d.ears, d.collar, d.tag, d.dark});
    }

    [[nodiscard]] static auto parts(float trunk, vec3 h) -> distances
    {
        vec3 const one_side = {std::abs(h.x), h.y, h.z};
        float const eyes = to_sphere(one_side, {0.155F, 0.425F, 0.335F}, 0.062F);
        float const nose = to_ellipsoid(h, {0, 0.325F, 0.625F}, {0.092F, 0.068F, 0.06F});
        vec3 const slanted = {one_side.x - 0.25F * (0.62F - h.y), h.y, h.z};
        float const ears = to_ellipsoid(slanted, {0.33F, 0.32F, 0.0F}, {0.085F, 0.31F, 0.175F});
        return {.coat = joined(trunk, skull(h), head_blend),
                .ears = 0.9F * ears, // the slant stretches
                .collar = to_ring(h, {0, 0.045F, 0.015F}, 0.255F, 0.055F),
                .tag = to_ellipsoid(h, {0, -0.045F, 0.315F}, {0.07F, 0.08F, 0.035F}),
                .dark = std::min(eyes, nose)};
    }

    [[nodiscard]] static auto skull(vec3 h) -> float
    {
        float const ball = to_ellipsoid(h, {0, 0.40F, 0.06F}, {0.37F, 0.345F, 0.345F});
        float const snout = to_limb(h, {0, 0.27F, 0.25F}, {0, 0.25F, 0.50F}, 0.185F, 0.135F);
        return joined(ball, snout, 0.10F);
    }

    [[nodiscard]] auto body(vec3 p) const -> float
    {
        vec3 const q = {std::abs(p.x), p.y, p.z};
        float d = to_limb(p, {0, 0.44F, -0.24F}, {0, 1.0F, 0.07F}, 0.42F, 0.25F);
        if (p.y - 0.93F > d + 0.1F) {
            return d; // far above the legs and the tail
        }
        d = joined(d, to_ellipsoid(q, {0.34F, 0.31F, -0.10F}, {0.20F, 0.31F, 0.33F}), 0.08F);
        d = joined(d, to_ellipsoid(q, {0.43F, 0.10F, 0.20F}, {0.13F, 0.10F, 0.22F}), 0.06F);
        float const leg = to_limb(q, {0.17F, 0.78F, 0.20F}, {0.17F, 0.12F, 0.30F}, 0.15F, 0.105F);
        float const paw = to_ellipsoid(q, {0.17F, 0.095F, 0.36F}, {0.13F, 0.095F, 0.17F});
        d = joined(d, joined(leg, paw, 0.06F), 0.05F);
        return joined(d, to_limb(p, {0, 0.22F, -0.60F}, tail_tip_, 0.10F, 0.06F), 0.10F);
    }

    /// Gold, with a white blaze, chest and paws, and a dark patch around one eye and on the back.
    [[nodiscard]] auto coat_colour(vec3 p) const -> vec3
    {
        constexpr vec3 gold = {0.66F, 0.30F, 0.085F};
        constexpr vec3 white = {0.86F, 0.80F, 0.70F};
        constexpr vec3 brown = {0.20F, 0.075F, 0.03F};
        constexpr float edge = 0.02F;
        auto const within = [](float distance) { return smooth_step(edge, -edge, distance); };
        vec3 const h = in_head(p);
        float const muzzle = to_ellipsoid(h, {0, 0.25F, 0.48F}, {0.26F, 0.19F, 0.25F});
        float const blaze = to_limb(h, {0, 0.3F, 0.5F}, {0, 0.75F, 0.15F}, 0.10F, 0.02F);
        float const chest = to_ellipsoid(p, {0, 0.78F, 0.34F}, {0.19F, 0.36F, 0.22F});
        float const patch = to_ellipsoid(h, {0.19F, 0.45F, 0.34F}, {0.15F, 0.17F, 0.2F});
        float const saddle = to_ellipsoid(p, {0.05F, 0.70F, -0.52F}, {0.36F, 0.36F, 0.34F});
        vec3 c = mix(gold, brown, std::max(within(patch), within(saddle)));
        float const socks = smooth_step(0.30F, 0.26F, p.y) * smooth_step(-0.05F, 0.08F, p.z);
        return mix(c, white, std::max({within(muzzle), within(blaze), within(chest), socks}));
    }

    frame head_;
    vec3 tail_tip_;
};

} // namespace haiga::image::render
