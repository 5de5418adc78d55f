#pragma once

#include "haiga/messages/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace haiga::messages {

/// Tokens that were written into the cache, by how long it keeps them.
struct cache_creation {
    std::int64_t ephemeral_5m_input_tokens = 0;
    std::int64_t ephemeral_1h_input_tokens = 0;
    boost::json::object extra{};
};
BOOST_DESCRIBE_STRUCT(cache_creation, (), (ephemeral_5m_input_tokens, ephemeral_1h_input_tokens))

/// What a request took. Units: tokens; input_tokens are those that were neither read from the cache
/// nor written into it.
struct usage {
    std::int64_t input_tokens = 0;
    std::int64_t output_tokens = 0;
    std::optional<std::int64_t> cache_creation_input_tokens{};
    std::optional<std::int64_t> cache_read_input_tokens{};
    std::optional<messages::cache_creation> cache_creation{};
    std::optional<std::string> service_tier{}; ///< "standard", "priority", "batch"
    boost::json::object extra{};
};
BOOST_DESCRIBE_STRUCT(usage, (),
                      (input_tokens, output_tokens, cache_creation_input_tokens,
                       cache_read_input_tokens, cache_creation, service_tier))

/// All that the model was given: system, tools and messages, wherever they were read from.
inline auto total_input(usage const& u) -> std::int64_t
{
    return u.input_tokens + u.cache_creation_input_tokens.value_or(0) +
           u.cache_read_input_tokens.value_or(0);
}

} // namespace haiga::messages
