#pragma once

#include "haiga/base/failure.hpp"
#include "haiga/base/result.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string_view>

namespace haiga::optim {

enum class rate_shape : std::uint8_t { constant, constant_with_warmup, linear, cosine, polynomial };

inline constexpr std::array<std::string_view, 5> rate_shape_names{
    "constant", "constant_with_warmup", "linear", "cosine", "polynomial"};

/// Errors: invalid, naming what there is.
inline auto rate_shape_from_string(std::string_view name) -> result<rate_shape>
{
    auto const at = std::find(rate_shape_names.begin(), rate_shape_names.end(), name);
    if (at == rate_shape_names.end()) {
        return fail(errc::invalid, "learning rate schedule \"", name,
                    "\": expected constant, constant_with_warmup, linear, cosine or polynomial");
    }
    return static_cast<rate_shape>(at - rate_shape_names.begin());
}

/// The learning rate of each step. The meaning is that of diffusers.optimization.get_scheduler.
struct learning_rate {
    double rate = 1e-4;
    rate_shape shape = rate_shape::constant;
    std::int64_t warmup = 0; ///< steps over which the rate rises from 0 (constant has none)
    std::int64_t total = 1;  ///< steps at whose end linear, cosine and polynomial are down
    double last_rate = 1e-7; ///< polynomial: where it ends
    double power = 1;        ///< polynomial
    double cycles = 0.5;     ///< cosine: waves from warmup to total

    /// For step number `step`, counted from 0.
    [[nodiscard]] auto at(std::int64_t step) const -> double
    {
        if (shape == rate_shape::constant) {
            return rate;
        }
        if (step < warmup) {
            return rate * static_cast<double>(step) /
                   static_cast<double>(std::max<std::int64_t>(1, warmup));
        }
        auto const length = static_cast<double>(std::max<std::int64_t>(1, total - warmup));
        double const gone = static_cast<double>(step - warmup) / length;
        switch (shape) {
        case rate_shape::linear: return rate * std::max(0.0, 1 - gone);
        case rate_shape::cosine:
            return rate * std::max(0.0, 0.5 * (1 + std::cos(2 * std::numbers::pi * cycles * gone)));
        case rate_shape::polynomial:
            return gone > 1 ? last_rate
                            : (rate - last_rate) * std::pow(1 - gone, power) + last_rate;
        default: return rate;
        }
    }
};

} // namespace haiga::optim
