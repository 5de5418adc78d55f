#pragma once

#include "haiga/nn/ops.hpp"

namespace haiga::nn {

/// A program of any of this library's ops.
///
/// Errors: those of device::program::make.
/// Cost: brings in every kernel of a backend, in every type: a minute of compiling. Several source
///       files can share it: one says `template auto haiga::nn::make_program(B&, ...)` with the
///       types below, the others the same behind `extern`.
template <device::backend B>
auto make_program(B& b, device::graph const& g, device::flat_buffers buffers)
    -> result<device::program<B>>
{
    return device::program<B>::make(b, g, buffers, all_ops{});
}

} // namespace haiga::nn
