#pragma once

#include "haiga/context/token_counter.hpp"

#include <string>

/// The least that models haiga::context::token_counter, and what must not.
namespace archetypes {

/// Every byte is a token.
struct token_counter {
    [[nodiscard]] auto count(std::string_view text) const -> haiga::context::token_count
    {
        return {static_cast<double>(text.size()), 0};
    }
};
static_assert(haiga::context::token_counter<token_counter>);

struct counter_without_error {
    [[nodiscard]] auto count(std::string_view text) const -> std::size_t { return text.size(); }
};
struct counter_that_changes {
    auto count(std::string_view) -> haiga::context::token_count { return {}; }
};
struct counter_of_strings {
    [[nodiscard]] auto count(std::string const&) const -> haiga::context::token_count { return {}; }
};
static_assert(!haiga::context::token_counter<counter_without_error>);
static_assert(!haiga::context::token_counter<counter_that_changes>);
static_assert(!haiga::context::token_counter<counter_of_strings>);

} // namespace archetypes
