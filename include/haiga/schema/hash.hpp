#pragma once

#include "haiga/base/config.hpp"
#include "haiga/schema/number.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace haiga::schema {

/// A product's two halves folded into one. Source: wyhash, github.com/wangyi-fudan/wyhash.
inline auto mix(std::uint64_t a, std::uint64_t b) -> std::uint64_t
{
    auto const product =
        static_cast<detail::uint128>(a ^ 0x9e3779b97f4a7c15U) * (b ^ 0xc2b2ae3d27d4eb4fU);
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

namespace detail {

HAIGA_ALWAYS_INLINE auto load(char const* from, std::size_t bytes) -> std::uint64_t
{
    std::uint64_t word = 0;
    std::memcpy(&word, from, bytes);
    return word;
}

} // namespace detail

/// What tells most texts apart: of up to 8 bytes, with the size, all of it; of longer ones the
/// first 8 bytes.
inline auto text_head(std::string_view text) -> std::uint64_t
{
    auto const* const p = text.data();
    auto const n = text.size();
    if (n >= 8) {
        return detail::load(p, 8);
    }
    if (n >= 4) {
        return detail::load(p, 4) | detail::load(p + n - 4, 4) << 32U;
    }
    auto const at = [&](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(p[i])}; };
    return n == 0 ? 0 : at(0) | at(n / 2) << 8U | at(n - 1) << 16U;
}

/// A text's hash: one product for up to 16 bytes, as most names of members are.
inline auto hash_text(std::string_view text) -> std::uint64_t
{
    auto const* p = text.data();
    auto n = text.size();
    std::uint64_t seed = n;
    for (; n > 16; n -= 16, p += 16) {
        seed = mix(detail::load(p, 8) ^ seed, detail::load(p + 8, 8));
    }
    if (n >= 8) {
        return mix(detail::load(p, 8) ^ seed, detail::load(p + n - 8, 8));
    }
    if (n >= 4) {
        return mix(detail::load(p, 4) ^ seed << 32U, detail::load(p + n - 4, 4));
    }
    std::uint64_t word = seed << 32U;
    for (std::size_t i = 0; i < n; ++i) {
        word |= std::uint64_t{static_cast<unsigned char>(p[i])} << 8U * i;
    }
    return mix(word, n);
}

/// What is left to hash: a value below one or more members or elements, and what these make of it.
struct hash_step {
    boost::json::value const* value;
    std::uint64_t path;
    std::size_t depth;
};
using hash_scratch = std::vector<hash_step>;

/// A hash that equal values share, of what lies at most `depth` brackets deep: sums over members,
/// so that their order does not count.
/// Order: the values down to that depth; no recursion.
inline auto hash_to_depth(boost::json::value const& value, std::size_t depth, hash_scratch& scratch)
    -> std::uint64_t
{
    std::uint64_t sum = 0;
    scratch.assign(1, {&value, 1, 0});
    while (!scratch.empty()) {
        auto const [v, path, above] = scratch.back();
        scratch.pop_back();
        std::uint64_t own = 0;
        if (auto const* const text = v->if_string()) {
            own = hash_text(*text);
        } else if (is_number(*v)) {
            auto const d = v->is_int64()    ? static_cast<double>(v->get_int64())
                           : v->is_uint64() ? static_cast<double>(v->get_uint64())
                                            : v->get_double();
            own = std::bit_cast<std::uint64_t>(d == 0 ? 0.0 : d);
        } else if (auto const* const items = v->if_array()) {
            own = items->size();
            for (std::size_t i = 0; above < depth && i < items->size(); ++i) {
                scratch.push_back({&(*items)[i], mix(path, i + 1), above + 1});
            }
        } else if (auto const* const object = v->if_object()) {
            own = object->size() + 1;
            for (auto const& member : *object) {
                auto const below = mix(path, hash_text(member.key()));
                sum += below;
                if (above < depth) {
                    scratch.push_back({&member.value(), below, above + 1});
                }
            }
        } else {
            own = v->is_null() ? 3 : v->get_bool() ? 5 : 7;
        }
        sum += mix(path + (is_number(*v) ? 11 : static_cast<std::uint64_t>(v->kind())), own);
    }
    return sum;
}

} // namespace haiga::schema
