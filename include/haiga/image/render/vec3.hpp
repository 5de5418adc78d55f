#pragma once

#include <algorithm>
#include <cmath>

namespace haiga::image::render {

/// A point, a direction, or a colour in linear light.
struct vec3 {
    float x = 0;
    float y = 0;
    float z = 0;

    friend constexpr auto operator+(vec3 a, vec3 b) -> vec3
    {
        return {a.x + b.x, a.y + b.y, a.z + b.z};
    }
    friend constexpr auto operator-(vec3 a, vec3 b) -> vec3
    {
        return {a.x - b.x, a.y - b.y, a.z - b.z};
    }
    friend constexpr auto operator*(vec3 a, vec3 b) -> vec3
    {
        return {a.x * b.x, a.y * b.y, a.z * b.z};
    }
    friend constexpr auto operator*(vec3 a, float s) -> vec3 { return {a.x * s, a.y * s, a.z * s}; }
    friend constexpr auto operator/(vec3 a, vec3 b) -> vec3
    {
        return {a.x / b.x, a.y / b.y, a.z / b.z};
    }
    friend constexpr auto operator-(vec3 a) -> vec3 { return {-a.x, -a.y, -a.z}; }
};

constexpr auto dot(vec3 a, vec3 b) -> float { return a.x * b.x + a.y * b.y + a.z * b.z; }

constexpr auto cross(vec3 a, vec3 b) -> vec3
{
    return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

inline auto length(vec3 a) -> float { return std::sqrt(dot(a, a)); }

inline auto normalised(vec3 a) -> vec3 { return a * (1 / length(a)); }

constexpr auto mix(vec3 a, vec3 b, float share_of_b) -> vec3 { return a + (b - a) * share_of_b; }

/// 0 up to first, 1 from last on, a cubic with flat ends between them.
inline auto smooth_step(float first, float last, float x) -> float
{
    float const t = std::clamp((x - first) / (last - first), 0.0F, 1.0F);
    return t * t * (3 - 2 * t);
}

/// Three directions at right angles.
struct frame {
    vec3 right;
    vec3 up;
    vec3 forward;

    /// What a vector is along these directions, and the way back.
    [[nodiscard]] constexpr auto to_local(vec3 a) const -> vec3
    {
        return {dot(a, right), dot(a, up), dot(a, forward)};
    }
    [[nodiscard]] constexpr auto to_world(vec3 a) const -> vec3
    {
        return right * a.x + up * a.y + forward * a.z;
    }

    /// Turned to its left (yaw), then nodding down (pitch), then leaning (roll). Units: radians.
    static auto turned(float yaw, float pitch, float roll) -> frame
    {
        vec3 const ahead = {std::sin(yaw) * std::cos(pitch), -std::sin(pitch),
                            std::cos(yaw) * std::cos(pitch)};
        vec3 const side = {std::cos(yaw), 0, -std::sin(yaw)};
        vec3 const above = cross(ahead, side);
        return {side * std::cos(roll) + above * std::sin(roll),
                above * std::cos(roll) - side * std::sin(roll), ahead};
    }
};

} // namespace haiga::image::render
