#pragma once

#include "haiga/image/render/puppy.hpp"

#include <numbers>
#include <optional>

namespace haiga::image::render {

struct ray {
    vec3 from;
    vec3 along; ///< of length 1

    [[nodiscard]] auto at(float t) const -> vec3 { return from + along * t; }
};

struct camera {
    vec3 eye;
    frame axes;
    float zoom = 2; ///< distance of a picture plane that is 2 wide

    /// Looks at a point from `away`; pitch is how far it looks down. Units: radians.
    static auto around(vec3 target, float yaw, float pitch, float roll, float away, float zoom)
        -> camera
    {
        auto const axes = frame::turned(yaw + std::numbers::pi_v<float>, pitch, roll);
        return {target - axes.forward * away, axes, zoom};
    }

    /// Through (x, y) of the picture plane: -1..1 from left to right and from bottom to top.
    [[nodiscard]] auto through(float x, float y) const -> ray
    {
        return {eye, normalised(axes.forward * zoom - axes.right * x + axes.up * y)};
    }
};

/// A figure on a ground that rises into a backdrop without a seam, under one lamp and a soft sky.
struct stage {
    puppy figure;
    vec3 to_lamp; ///< of length 1
    vec3 backdrop;
    vec3 ground;

    /// The light that comes back along a ray, exposed for a display: 0..1, linear.
    [[nodiscard]] auto look(ray r) const -> vec3
    {
        if (auto const t = meet(r)) {
            return exposed(figure_light(r.at(*t), r.along));
        }
        if (r.along.y >= 0) {
            return exposed(backdrop_light(r));
        }
        vec3 const p = r.at(-r.from.y / r.along.y);
        float const far = smooth_step(1.5F, 6.5F, std::sqrt(p.x * p.x + p.z * p.z));
        return exposed(mix(ground_light(p), backdrop_light(r), far));
    }

    /// Where a ray meets the figure, by steps as long as there is room.
    [[nodiscard]] auto meet(ray r) const -> std::optional<float>
    {
        auto [t, last] = passage(r);
        for (int step = 0; step < 96 && t < last; ++step) {
            float const room = figure.distance(r.at(t));
            if (room < 0.0006F) {
                return t;
            }
            t += room;
        }
        return std::nullopt;
    }

private:
    static constexpr vec3 lamp = {2.9F, 2.65F, 2.3F};

    struct interval {
        float first = 1;
        float last = 0; ///< before first: empty
    };

    /// The part of a ray in the ball around the figure.
    static auto passage(ray r) -> interval
    {
        vec3 const offset = r.from - puppy::centre;
        float const nearest = -dot(offset, r.along);
        float const half_squared =
            puppy::reach * puppy::reach - dot(offset, offset) + nearest * nearest;
        if (half_squared <= 0) {
            return {};
        }
        float const half = std::sqrt(half_squared);
        return {std::max(nearest - half, 0.0F), nearest + half};
    }

    /// How much of the lamp, which is not a point, a place sees: 0..1.
    /// Source: Quilez 2010, soft shadows in ray-marched distance fields: the least ratio of the
    /// room beside the ray to the way along it.
    [[nodiscard]] auto lamp_seen(vec3 p, vec3 normal) const -> float
    {
        constexpr float sharpness = 9;
        ray const r = {p + normal * 0.006F, to_lamp};
        auto [t, last] = passage(r);
        t = std::max(t, 0.01F);
        float least = 1;
        for (int step = 0; step < 64 && t < last; ++step) {
            float const room = figure.distance(r.at(t));
            least = std::min(least, sharpness * room / t);
            if (least < 0.004F) {
                return 0;
            }
            t += std::clamp(room, 0.012F, 0.2F);
        }
        return smooth_step(0, 1, least);
    }

    /// How much of the sky a place sees: less where the figure or the ground is closer than the
    /// distance walked along the normal.
    /// Source: Evans 2006, Fast approximations for global illumination on dynamic scenes.
    [[nodiscard]] auto sky_seen(vec3 p, vec3 normal) const -> float
    {
        if (length(p - puppy::centre) > puppy::reach + 0.34F) {
            return 1;
        }
        float hidden = 0;
        float weight = 1;
        for (float const walked : {0.03F, 0.10F, 0.20F, 0.34F}) {
            vec3 const q = p + normal * walked;
            float const room = std::min(figure.distance(q), normal.y < 0.9F ? q.y : walked);
            hidden += weight * std::max(walked - room, 0.0F);
            weight *= 0.62F;
        }
        return std::clamp(1 - 1.9F * hidden, 0.0F, 1.0F);
    }

    [[nodiscard]] auto normal_at(vec3 p) const -> vec3
    {
        constexpr float h = 0.0015F; // four corners of a tetrahedron: the fewest that give a slope
        constexpr vec3 corners[] = {{1, -1, -1}, {-1, -1, 1}, {-1, 1, -1}, {1, 1, 1}};
        vec3 n;
        for (vec3 const corner : corners) {
            n = n + corner * figure.distance(p + corner * h);
        }
        return normalised(n);
    }

    [[nodiscard]] auto figure_light(vec3 p, vec3 along) const -> vec3
    {
        vec3 const n = normal_at(p);
        auto const [colour, gloss] = figure.painted(p);
        float const seen = sky_seen(p, n);
        float const lit = dot(n, to_lamp) > 0 ? dot(n, to_lamp) * lamp_seen(p, n) : 0.0F;
        float const graze = std::pow(1 + std::min(dot(n, along), 0.0F), 4.0F);
        vec3 const sky = mix(backdrop, {1, 1, 1}, 0.55F);
        vec3 const ambient =
            sky * (0.42F * (0.6F + 0.4F * n.y)) + ground * (0.28F * (0.5F - 0.5F * n.y));
        vec3 const shine = lamp * (gloss * lit * std::pow(half_way(n, along), 70.0F)) +
                           sky * (seen * (0.25F * graze + 0.04F * gloss));
        return colour * (lamp * lit + ambient * seen) + shine;
    }

    [[nodiscard]] auto half_way(vec3 n, vec3 along) const -> float
    {
        return std::max(dot(n, normalised(to_lamp - along)), 0.0F);
    }

    [[nodiscard]] auto ground_light(vec3 p) const -> vec3
    {
        constexpr vec3 up = {0, 1, 0};
        vec3 const sky = mix(backdrop, {1, 1, 1}, 0.55F);
        float const pool = 1 - 0.45F * smooth_step(0.8F, 4.5F, length(p));
        float const lit = to_lamp.y * lamp_seen(p, up) * pool;
        return ground * (lamp * (0.62F * lit) + sky * (0.40F * sky_seen(p, up)));
    }

    [[nodiscard]] auto backdrop_light(ray r) const -> vec3
    {
        return backdrop * (1.15F - 0.9F * std::clamp(r.along.y + 0.15F, 0.0F, 0.7F));
    }

    /// Bright light fades into white instead of being cut off.
    static auto exposed(vec3 light) -> vec3
    {
        auto const film = [](float c) { return 1 - std::exp(-1.35F * c); };
        return {film(light.x), film(light.y), film(light.z)};
    }
};

} // namespace haiga::image::render
