#pragma once

#include "haiga/catalog/family.hpp"

#include <cstdint>
#include <string_view>

namespace haiga::catalog {

/// The schedulers that models are published with. flow_shifted has time steps that depend on the
/// size of the picture.
enum class scheduler : std::uint8_t { pndm, ddim, euler, flow, flow_shifted };

/// Diffusers' name.
constexpr auto class_name(scheduler kind) -> std::string_view
{
    switch (kind) {
    case scheduler::pndm: return "PNDMScheduler";
    case scheduler::ddim: return "DDIMScheduler";
    case scheduler::euler: return "EulerDiscreteScheduler";
    case scheduler::flow:
    case scheduler::flow_shifted: return "FlowMatchEulerDiscreteScheduler";
    }
    return "unknown";
}

/// Where no more is known of a model than this. A Flux that is told the strength of guidance (dev)
/// is published as flow_shifted.
constexpr auto default_scheduler(family kind, prediction told) -> scheduler
{
    switch (kind) {
    case family::sd1:
    case family::sd2: return told == prediction::v_prediction ? scheduler::ddim : scheduler::pndm;
    case family::sdxl:
    case family::sdxl_refiner: return scheduler::euler;
    case family::flux: return scheduler::flow;
    }
    return scheduler::ddim;
}

} // namespace haiga::catalog
