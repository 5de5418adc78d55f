#pragma once

#include <cstddef>

namespace haiga::kernel {

/// Neighbouring elements in memory, moved as one.
template <class T, int V>
struct alignas(sizeof(T) * V) packed {
    T at[static_cast<std::size_t>(V)];
};

/// The same in registers, as fp32.
template <int V>
struct lane {
    float at[static_cast<std::size_t>(V)];
};

/// from is aligned to V elements.
template <int V, class T>
constexpr auto load(T const* from) -> lane<V>
{
    auto const elements = *reinterpret_cast<packed<T, V> const*>(from);
    lane<V> x;
    for (int i = 0; i < V; ++i) {
        x.at[i] = static_cast<float>(elements.at[i]);
    }
    return x;
}

template <class T, int V>
constexpr void store(T* to, lane<V> const& x)
{
    packed<T, V> elements;
    for (int i = 0; i < V; ++i) {
        elements.at[i] = static_cast<T>(x.at[i]);
    }
    *reinterpret_cast<packed<T, V>*>(to) = elements;
}

/// Running totals of one thread.
template <class Number, int W>
struct totals {
    Number at[static_cast<std::size_t>(W)] = {};

    constexpr void add(totals const& other)
    {
        for (int i = 0; i < W; ++i) {
            at[i] += other.at[i];
        }
    }
};

} // namespace haiga::kernel
