#pragma once

#include "haiga/device/op.hpp"

namespace haiga::device {

/// y = a + b, elementwise. Backward: both gradients are y's.
///
/// Shapes: a, b, y the same. y may lie where a or b does.
struct add_op {
    static constexpr std::string_view name = "add";
    static constexpr std::array in_place{sharing{0, 0}, sharing{0, 1}};
    static void differentiate(backward_pass& back, record const& r);
};

/// y = x, in y's own memory and element type.
struct copy_op {
    static constexpr std::string_view name = "copy";
};

} // namespace haiga::device
