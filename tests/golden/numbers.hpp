#pragma once

#include <cstddef>
#include <cstdint>

namespace golden {

/// hash: FNV-1a (64 bits) of the sorted lines "name [shape]\n".
struct parameter_list {
    char const* model;
    std::size_t tensors;
    std::int64_t elements;
    std::uint64_t hash;
};

/// entries: the first, the middle (at size / 2) and the last, in the checkpoint's order.
struct gradient {
    char const* name;
    double norm;
    double entries[3];
};

} // namespace golden
