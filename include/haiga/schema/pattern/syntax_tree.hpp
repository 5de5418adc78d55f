#pragma once

#include "haiga/schema/pattern/code_points.hpp"

#include <cstdint>
#include <limits>
#include <vector>

namespace haiga::schema::regex {

enum class node_kind : std::uint8_t {
    character,    ///< first_number: the code point
    set,          ///< first_number: which of the sets
    sequence,     ///< of its children
    alternatives, ///< its children, each a sequence
    group,        ///< first_number: its number; one child
    repeat,       ///< first_number to second_number times; one child
    text_begin,
    text_end,
    word_boundary, ///< negated: \B
    look,          ///< negated, behind; one child
    reference,     ///< first_number: the group
};

inline constexpr std::uint32_t no_node = std::numeric_limits<std::uint32_t>::max();
inline constexpr std::uint32_t unbounded = std::numeric_limits<std::uint32_t>::max();

struct node {
    node_kind kind{};
    bool negated = false;
    bool behind = false;
    bool lazy = false;
    std::uint32_t first_number = 0;
    std::uint32_t second_number = 0;
    std::uint32_t groups_before = 0; ///< how many groups begin before what is repeated
    std::uint32_t groups_after = 0;  ///< and before its end
    std::uint32_t child = no_node;   ///< the first of its children
    std::uint32_t last_child = no_node;
    std::uint32_t next = no_node; ///< the next child of its parent
};

/// A pattern as it was written.
struct syntax_tree {
    std::vector<node> nodes;
    std::vector<code_points> sets;
    std::uint32_t root = no_node; ///< alternatives
    std::uint32_t groups = 0;     ///< that capture
    bool has_references = false;
};

} // namespace haiga::schema::regex
