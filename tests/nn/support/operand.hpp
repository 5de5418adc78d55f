#pragma once

#include "haiga/base/philox.hpp"
#include "haiga/tensor/tensor.hpp"

#include <cstdlib>
#include <cstring>
#include <random>
#include <string>

namespace haiga::test {

/// The seed of this run: fresh each time, or HAIGA_TEST_SEED to see a failure again.
inline auto test_seed() -> std::uint64_t
{
    static std::uint64_t const seed = [] {
        auto const* const given = std::getenv("HAIGA_TEST_SEED");
        return given != nullptr ? std::stoull(given) : std::uint64_t{std::random_device{}()};
    }();
    return seed;
}

/// An input of an op under test and how its random elements are drawn.
struct operand {
    enum class kind {
        activation, ///< of the graph's storage type, with a gradient
        parameter,  ///< with a gradient in the flat buffer
        constant,   ///< of a type of its own, without a gradient
    } how = kind::activation;
    haiga::shape shape = {};
    double mean = 0;
    double deviation = 1;
    dtype type = dtype::f32; ///< of constants
    std::uint32_t below = 0; ///< for constants: whole numbers in [0, below), unless it is 0

    [[nodiscard]] auto has_gradient() const -> bool { return how != kind::constant; }
};

inline auto activation(shape dims, double mean = 0, double deviation = 1) -> operand
{
    return {.how = operand::kind::activation, .shape = dims, .mean = mean, .deviation = deviation};
}
inline auto parameter(shape dims, double mean = 0, double deviation = 1) -> operand
{
    return {.how = operand::kind::parameter, .shape = dims, .mean = mean, .deviation = deviation};
}
inline auto constant(shape dims, double mean = 0, double deviation = 1) -> operand
{
    return {.how = operand::kind::constant, .shape = dims, .mean = mean, .deviation = deviation};
}
/// Whole numbers in [0, below).
inline auto numbers_below(std::uint32_t below, shape dims, dtype type = dtype::i32) -> operand
{
    return {.how = operand::kind::constant, .shape = dims, .type = type, .below = below};
}

/// Calls f with a value of the C++ type that elements of this dtype have.
template <class F>
void with_element(dtype type, F const& f)
{
    switch (type) {
    case dtype::f64: return f(double{});
    case dtype::f32: return f(float{});
    case dtype::bf16: return f(bf16{});
    case dtype::i32: return f(std::int32_t{});
    case dtype::i64: return f(std::int64_t{});
    default: HAIGA_CHECK(false, to_string(type));
    }
}

/// Elements of a type, as bytes; rounded if the type is narrower.
inline auto encode(std::span<double const> values, dtype type) -> std::vector<std::byte>
{
    std::vector<std::byte> bytes(values.size() * size_of(type));
    with_element(type, [&]<class T>(T) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            T element;
            if constexpr (std::is_same_v<T, bf16>) {
                element = bf16(static_cast<float>(values[i]));
            } else {
                element = static_cast<T>(values[i]);
            }
            std::memcpy(bytes.data() + i * sizeof(T), &element, sizeof(T));
        }
    });
    return bytes;
}

inline auto decode(std::span<std::byte const> bytes, dtype type) -> std::vector<double>
{
    std::vector<double> values(bytes.size() / size_of(type));
    with_element(type, [&]<class T>(T) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            T element;
            std::memcpy(&element, bytes.data() + i * sizeof(T), sizeof(T));
            values[i] = static_cast<double>(element);
        }
    });
    return values;
}

/// What an element of this type can hold of x.
inline auto rounded(std::vector<double> const& x, dtype type) -> std::vector<double>
{
    return decode(encode(x, type), type);
}

/// Fresh elements for an operand; `which` tells operands of one test apart.
inline auto draw(operand const& o, std::uint32_t which) -> std::vector<double>
{
    auto const n = static_cast<std::size_t>(o.shape.elements());
    std::vector<float> random(n);
    auto sequence = philox{test_seed(), 0}.at(0, which);
    sequence.fill_normal(random);
    std::vector<double> values(n);
    for (std::size_t i = 0; i < n; ++i) {
        values[i] =
            o.below > 0 ? sequence.below(o.below) : o.mean + o.deviation * double{random[i]};
    }
    return values;
}

} // namespace haiga::test
