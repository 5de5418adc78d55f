#pragma once

#include "haiga/messages/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace haiga::context {

/// Units: USD per million tokens.
struct prices {
    double input = 0;
    double output = 0;
    double cache_write_5m = 0;
    double cache_write_1h = 0;
    double cache_read = 0;
    std::optional<double> batch_input{};  ///< half of input where missing
    std::optional<double> batch_output{}; ///< half of output where missing
    boost::json::object extra{};
};
BOOST_DESCRIBE_STRUCT(prices, (),
                      (input, output, cache_write_5m, cache_write_1h, cache_read, batch_input,
                       batch_output))

/// Other prices for a request whose whole input is above so many tokens.
struct long_prompt {
    std::int64_t above = 0;
    context::prices prices{};
    boost::json::object extra{};
};
BOOST_DESCRIBE_STRUCT(long_prompt, (), (above, prices))

/// A larger picture is scaled down before the model sees it. Units: pixels; tokens.
struct image_limits {
    std::int64_t edge = 1568;
    std::int64_t tokens = 1568;
    boost::json::object extra{};
};
BOOST_DESCRIBE_STRUCT(image_limits, (), (edge, tokens))

/// What the API adds to the system prompt where there are tools.
struct tool_prompt {
    std::int64_t autonomous = 346; ///< the model may call one: "auto"
    std::int64_t any = 313;        ///< it must: "any", "tool"
};

struct model {
    std::string id;
    std::string title;
    std::vector<std::string> aliases{};
    bool retired = false;
    std::int64_t context = 0;    ///< tokens of input and output together
    std::int64_t max_output = 0; ///< tokens
    context::prices prices{};
    std::optional<context::long_prompt> long_prompt{};
    std::int64_t cache_minimum = 4096; ///< tokens; a shorter prefix is not cached
    double text_scale = 1;
    image_limits image{};
    context::tool_prompt tool_prompt{};
};

/// What a request with so many tokens of input is charged by.
inline auto prices_of(model const& m, double input_tokens) -> prices const&
{
    return m.long_prompt && input_tokens > static_cast<double>(m.long_prompt->above)
               ? m.long_prompt->prices
               : m.prices;
}

} // namespace haiga::context
