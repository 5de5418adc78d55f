#pragma once

#include "haiga/base/config.hpp"
#include "haiga/image/render/vec3.hpp"

namespace haiga::image::render {

// How far a point is from a surface: negative inside. What is only a bound is never far above the
// true distance near the surface, so that a march along a ray does not step through it.
// Source: Hart 1996, Sphere tracing, doi:10.1007/s003710050084.

HAIGA_ALWAYS_INLINE auto to_sphere(vec3 p, vec3 centre, float radius) -> float
{
    return length(p - centre) - radius;
}

/// A bound: exact on the surface and, to first order, near it.
HAIGA_ALWAYS_INLINE auto to_ellipsoid(vec3 p, vec3 centre, vec3 radii) -> float
{
    vec3 const inverse = vec3{1, 1, 1} / radii; // known when compiled, once this is inlined
    vec3 const q = (p - centre) * inverse;
    float const level = length(q);
    float const slope = length(q * inverse);
    return slope > 0 ? level * (level - 1) / slope : -std::min({radii.x, radii.y, radii.z});
}

/// A ball that grows or shrinks steadily on its way from a to b. A bound for unequal radii: a cone
/// through both balls, whose slope shortens the distance a little.
HAIGA_ALWAYS_INLINE auto to_limb(vec3 p, vec3 a, vec3 b, float radius_a, float radius_b) -> float
{
    vec3 const ab = b - a;
    float const along = std::clamp(dot(p - a, ab) * (1 / dot(ab, ab)), 0.0F, 1.0F);
    return length(p - a - ab * along) - (radius_a + (radius_b - radius_a) * along);
}

/// A ring around the y axis through its centre.
HAIGA_ALWAYS_INLINE auto to_ring(vec3 p, vec3 centre, float radius, float thickness) -> float
{
    vec3 const q = p - centre;
    float const out = std::sqrt(q.x * q.x + q.z * q.z) - radius;
    return std::sqrt(out * out + q.y * q.y) - thickness;
}

/// Both surfaces as one, with a seam as wide as `blend` filled in.
HAIGA_ALWAYS_INLINE auto joined(float a, float b, float blend) -> float
{
    float const overlap = std::max(blend - std::abs(a - b), 0.0F);
    return std::min(a, b) - overlap * overlap * (0.25F / blend);
}

} // namespace haiga::image::render
