#pragma once

#include "haiga/context/model.hpp"
#include "haiga/context/token_counter.hpp"
#include "haiga/messages/usage.hpp"

#include <cstdint>

namespace haiga::context {

/// Units: USD.
struct cost {
    double input = 0;
    double output = 0;

    [[nodiscard]] auto total() const -> double { return input + output; }
    auto operator+=(cost const& other) -> cost&
    {
        input += other.input;
        output += other.output;
        return *this;
    }
};

namespace detail {

inline constexpr double million = 1e6;

inline auto batch_factor(double normal, std::optional<double> batch) -> double
{
    return batch && normal > 0 ? *batch / normal : 0.5;
}

} // namespace detail

/// What a request cost. Where the API does not say for how long it cached, it is for five minutes.
/// A batch's discount is taken off the cache's prices too.
inline auto cost_of(messages::usage const& usage, model const& m) -> cost
{
    auto const& p = prices_of(m, static_cast<double>(messages::total_input(usage)));
    auto const written = usage.cache_creation_input_tokens.value_or(0);
    auto const for_an_hour =
        usage.cache_creation ? usage.cache_creation->ephemeral_1h_input_tokens : 0;
    auto const dollars = [](std::int64_t tokens, double price) {
        return static_cast<double>(tokens) * price / detail::million;
    };
    cost paid{dollars(usage.input_tokens, p.input) +
                  dollars(written - for_an_hour, p.cache_write_5m) +
                  dollars(for_an_hour, p.cache_write_1h) +
                  dollars(usage.cache_read_input_tokens.value_or(0), p.cache_read),
              dollars(usage.output_tokens, p.output)};
    if (usage.service_tier == "batch") {
        paid.input *= detail::batch_factor(p.input, p.batch_input);
        paid.output *= detail::batch_factor(p.output, p.batch_output);
    }
    return paid;
}

/// What a request would cost. Units: USD; the input's error is the estimate's.
struct next_cost {
    double input = 0;
    double input_error = 0;
    double output = 0; ///< at most

    [[nodiscard]] auto most() const -> double { return input + input_error + output; }
};

/// What happens to the part of the input that ends at the last cache breakpoint.
enum class cache_use : std::uint8_t { none, write_5m, write_1h, read };

/// cached: tokens up to the last breakpoint, of all those of the input.
inline auto cost_of_next(token_count input, double cached, std::int64_t max_output, model const& m,
                         cache_use use, bool batch = false) -> next_cost
{
    auto const& p = prices_of(m, input.tokens);
    auto const prefix = use == cache_use::none ? 0 : std::min(cached, input.tokens);
    auto const price = use == cache_use::write_5m   ? p.cache_write_5m
                       : use == cache_use::write_1h ? p.cache_write_1h
                                                    : p.cache_read;
    auto const factor = batch ? detail::batch_factor(p.input, p.batch_input) : 1;
    auto const output = batch ? detail::batch_factor(p.output, p.batch_output) : 1;
    return {((input.tokens - prefix) * p.input + prefix * price) * factor / detail::million,
            input.error * p.input * factor / detail::million,
            static_cast<double>(max_output) * p.output * output / detail::million};
}

} // namespace haiga::context
