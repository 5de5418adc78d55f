#pragma once

#include "haiga/base/result.hpp"
#include "haiga/tensor/convert_elements.hpp"
#include "haiga/tensor/shape.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace haiga::model {

/// A tensor of a checkpoint, where it lies: little-endian, aligned to nothing.
struct checkpoint_tensor {
    std::string_view name;
    dtype type = dtype::f32;
    shape dims;
    std::span<std::byte const> bytes;
    /// How far apart, in elements, the neighbours along each axis lie; nothing for C order.
    std::vector<std::int64_t> steps = {};
};

namespace detail {

/// How many elements a tensor reaches over, first and last included; nothing for more than 2^63.
inline auto reach_of(checkpoint_tensor const& t) -> std::optional<std::int64_t>
{
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    auto const count = t.dims.checked_elements();
    if (!count || *count == 0 || t.steps.empty()) {
        return count;
    }
    std::int64_t reach = 1;
    for (int axis = 0; axis < t.dims.rank(); ++axis) {
        auto const step = t.steps[static_cast<std::size_t>(axis)];
        auto const last = t.dims[axis] - 1;
        if (step < 0 || (last > 0 && step > (most - reach) / last)) {
            return std::nullopt;
        }
        reach += last * step;
    }
    return reach;
}

/// Errors: unsupported for a type that holds no real numbers; mismatch for another number of bytes
///         than the shape takes. Both name the tensor.
inline auto check_tensor(checkpoint_tensor const& t) -> result<>
{
    if (t.type > dtype::bf16) {
        return fail(errc::unsupported, '"', t.name, "\" may be F64, F32, F16 or BF16; found ",
                    to_string(t.type));
    }
    auto const rank = static_cast<std::size_t>(t.dims.rank());
    HAIGA_CHECK(t.steps.empty() || t.steps.size() == rank, t.name);
    auto const reach = reach_of(t);
    auto const width = size_of(t.type);
    if (!reach || std::cmp_greater(*reach, std::numeric_limits<std::int64_t>::max() / 8)) {
        return fail(errc::mismatch, '"', t.name, "\" has ", t.bytes.size(),
                    " bytes, which are not those of its shape");
    }
    if (auto const wanted = static_cast<std::size_t>(*reach) * width; t.bytes.size() != wanted) {
        return fail(errc::mismatch, '"', t.name, "\" has ", t.bytes.size(), " bytes, not ", wanted);
    }
    return {};
}

/// Copies elements that do not lie in C order, `count` from number `first` on in that order.
inline void gather(checkpoint_tensor const& t, std::int64_t first, std::int64_t count,
                   std::byte* to)
{
    auto const width = size_of(t.type);
    std::array<std::int64_t, shape::max_rank> at{};
    std::int64_t offset = 0;
    for (int axis = t.dims.rank(); axis-- > 0;) {
        auto const i = static_cast<std::size_t>(axis);
        at[i] = first % t.dims[axis];
        first /= t.dims[axis];
        offset += at[i] * t.steps[i];
    }
    for (; count > 0; --count, to += width) {
        std::memcpy(to, t.bytes.data() + static_cast<std::size_t>(offset) * width, width);
        for (int axis = t.dims.rank(); axis-- > 0;) {
            auto const i = static_cast<std::size_t>(axis);
            offset += t.steps[i];
            if (++at[i] < t.dims[axis]) {
                break;
            }
            offset -= t.steps[i] * std::exchange(at[i], 0);
        }
    }
}

/// A hint: what lies behind is read soon. Rows are read a few columns at a time, too many of them
/// for a processor to guess that. Nothing happens where no memory is.
inline void expect_as_many_behind(std::span<std::byte const> bytes)
{
    constexpr std::size_t cache_line = 64;
    auto const end = reinterpret_cast<std::uintptr_t>(bytes.data()) + bytes.size();
    for (std::size_t i = 0; i < bytes.size(); i += cache_line) {
        prefetch(reinterpret_cast<void const*>(end + i));
    }
}

inline void convert(std::span<std::byte const> bytes, dtype type, std::span<float> to)
{
    haiga::detail::to_words(bytes, type, to, false);
}

inline void convert(std::span<std::byte const> bytes, dtype type, std::span<double> to)
{
    auto const each = [&]<class From>(From) {
        for (std::size_t i = 0; i < to.size(); ++i) {
            From x{};
            std::memcpy(&x, bytes.data() + i * sizeof x, sizeof x);
            if constexpr (std::is_same_v<From, f16>) {
                to[i] = static_cast<double>(static_cast<float>(x));
            } else {
                to[i] = static_cast<double>(x);
            }
        }
    };
    switch (type) {
    case dtype::f64: return each(double{});
    case dtype::f32: return each(float{});
    case dtype::f16: return each(f16{});
    default: return each(bf16{});
    }
}

} // namespace detail

/// Elements of a tensor in C order, from number `first` on, as floats or doubles. check_tensor has
/// passed. A double that a float cannot hold becomes infinite.
template <class T>
void read_elements(checkpoint_tensor const& t, std::int64_t first, std::span<T> to)
{
    auto const width = size_of(t.type);
    if (t.steps.empty()) {
        auto const bytes =
            t.bytes.subspan(static_cast<std::size_t>(first) * width, to.size() * width);
        detail::expect_as_many_behind(bytes);
        return detail::convert(bytes, t.type, to);
    }
    constexpr std::size_t piece = 512;
    std::byte gathered[piece * sizeof(double)];
    for (std::size_t done = 0; done < to.size(); done += piece) {
        auto const part = to.subspan(done, std::min(piece, to.size() - done));
        detail::gather(t, first + static_cast<std::int64_t>(done),
                       static_cast<std::int64_t>(part.size()), gathered);
        detail::convert(std::span(gathered).first(part.size() * width), t.type, part);
    }
}

} // namespace haiga::model
