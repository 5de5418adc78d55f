#pragma once

// The compiled form of a schema, for whoever evaluates it: schema/evaluate.hpp over whole values,
// and a reader of pieces of text over the same arrays.
//
// A program is a set of flat arrays that name each other by index. A *block* is one schema: where
// its instructions lie in `code`, twice. [full, full_end) is one instruction a keyword, in the
// order in which they are judged, with everything that a report needs. [fast, fast_end) decides the
// same question with fewer: `type` is the block's own mask `types`, allOf and $ref are calls,
// properties, patternProperties, additionalProperties, required and their counts are one walk over
// an object's members. Both refer to the same plans. An instance is valid against a block when all
// instructions of either range say so; an instruction says so of every instance of another type.
//
// Instructions up to `last_leaf` look at their instance alone or at names in it. The others apply
// blocks: to the instance itself (in place: call, any_of, one_of, negation, conditional,
// dependent_schemas) or to what it holds. Blocks that apply each other in place in a circle do not
// exist: compile refuses them, but for circles through call_dynamic, which evaluation must bound.
//
// Blocks of unevaluatedItems and unevaluatedProperties need marks, which members and elements of an
// instance have been evaluated by what was in place: see block::needs_marks. Where a schema has
// nothing else in place they are compiled as items and additionalProperties.

#include "haiga/base/config.hpp"
#include "haiga/schema/formats.hpp"
#include "haiga/schema/keyword.hpp"
#include "haiga/schema/name_table.hpp"
#include "haiga/schema/number.hpp"
#include "haiga/schema/pattern.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace haiga::schema {

/// a and b of each, after its name.
enum class opcode : std::uint8_t {
    never,             ///< nothing is valid
    types,             ///< mask
    constant,          ///< value
    enumeration,       ///< of enumerations
    multiple_of,       ///< value, decimal
    maximum,           ///< value
    exclusive_maximum, ///< value
    minimum,           ///< value
    exclusive_minimum, ///< value
    length,            ///< least, most characters; most may be `none`
    pattern,           ///< of patterns, name of its text
    format,            ///< of formats, name
    content,           ///< 1: in base64, 2: JSON; asserted
    item_count,        ///< least, most
    unique_items,
    property_count,     ///< least, most
    required,           ///< first name, count
    dependent_required, ///< of dependents, count
    annotation,         ///< value, name of the keyword; valid; only in full code
    range,              ///< of ranges; only in fast code
    last_leaf = range,

    object,                ///< of objects; fast code: all of its plan
    properties,            ///< of objects; full code: what the plan says of one keyword
    pattern_properties,    ///< as above
    additional_properties, ///< as above
    property_names,        ///< block
    prefix_items,          ///< of lists, count
    items,                 ///< block, first index
    contains,              ///< of contains
    call,                  ///< block, index in its list
    call_dynamic,          ///< block unless the dynamic scope has another, anchor
    all_of,                ///< of lists, count; full code
    choose,                ///< of choices; fast code
    any_of,                ///< of lists, count
    one_of,                ///< of lists, count
    negation,              ///< block
    conditional,           ///< of conditionals
    dependent_schemas,     ///< of dependents, count
    unevaluated_items,     ///< block
    unevaluated_properties ///< block
};

struct instruction {
    opcode op;
    keyword word; ///< that a report names
    std::uint32_t a = 0, b = 0;
};

/// Kinds of values as bits, by boost::json::kind; and a double that is a whole number.
using type_mask = std::uint16_t;
inline constexpr type_mask whole_double = 1U << 8U;
inline constexpr type_mask any_type = 0x1ff;

HAIGA_ALWAYS_INLINE auto has_type(boost::json::value const& v, type_mask mask) -> bool
{
    auto const kind = static_cast<unsigned>(v.kind());
    return (unsigned{mask} >> kind & 1U) != 0 ||
           ((mask & whole_double) != 0 && v.is_double() && is_whole(v.get_double()));
}

struct block {
    static constexpr std::uint8_t most_height = 8, no_height = 255;

    std::uint32_t fast = 0, fast_end = 0, full = 0, full_end = 0;
    std::uint32_t resource = 0; ///< whose dynamic scope it is in
    type_mask types = any_type; ///< fast code: checked first
    /// Fast code: how many blocks it applies within one another, 0 where it applies none; higher
    /// ones, circles, and programs with marks or dynamic references have no height.
    std::uint8_t height = no_height;
    bool needs_marks = false; ///< has unevaluatedItems or unevaluatedProperties
};

/// Where the block's schema stands: below its parent's, or at a pointer of its resource.
struct block_origin {
    std::uint32_t parent = none;
    std::uint32_t path = none; ///< name: a JSON pointer, relative to the parent
};

struct property_slot {
    std::uint32_t block = none; ///< none: only required, not in `properties`
    bool required = false;
};

struct pattern_slot {
    std::uint32_t pattern = 0;
    std::uint32_t block = 0;
    std::uint32_t source = 0; ///< name
};

/// What a schema says of an object's members. `names` and the slots run in parallel.
struct object_plan {
    name_table names;
    std::uint32_t slots = 0;
    std::uint32_t patterns = 0, pattern_count = 0;
    std::uint32_t additional = none; ///< block for members that neither names
    std::uint32_t required = 0;      ///< how many slots are
    std::uint32_t least = 0, most = none;
};

/// minimum, maximum and their exclusive forms at once, for whole numbers and doubles alike: limits
/// that both can tell exactly. Numbers beyond int64 are judged by full code.
struct range_plan {
    std::int64_t whole_low, whole_high; ///< inclusive
    double low, high;                   ///< inclusive
};

/// any_of or one_of whose branches are objects told apart by the text that one property must have:
/// at most the branch of that text can hold.
struct choice_plan {
    std::uint32_t property = 0; ///< name
    name_table texts;
    std::uint32_t blocks = 0; ///< of lists, by text
};

/// values: scalars and others alike; strings may also be found among names.
struct enumeration_plan {
    std::uint32_t values = 0, count = 0;
    name_table strings;
    bool only_strings = false;
};

struct contains_plan {
    std::uint32_t block = 0;
    std::uint32_t least = 1, most = none;
    bool marks = false;                       ///< for unevaluatedItems, since 2020-12
    bool has_least = false, has_most = false; ///< said by minContains, maxContains
};

struct conditional_plan {
    std::uint32_t condition = 0;
    std::uint32_t consequent = none, alternative = none;
};

/// Where an object has `name`, it must have the names [needed, needed + count) or be valid against
/// `block`.
struct dependent {
    std::uint32_t name = 0;
    std::uint32_t needed = 0, count = 0;
    std::uint32_t block = none;
};

/// A $dynamicAnchor of a resource, or its $recursiveAnchor, which is called "".
struct dynamic_anchor {
    std::uint32_t anchor = 0, resource = 0, block = 0;
};

struct format_rule {
    format_check check = nullptr;
    std::uint32_t name = 0;
};

struct program {
    std::vector<block> blocks; ///< the first is the schema's
    std::vector<instruction> code;
    std::vector<std::uint32_t> lists; ///< blocks
    name_store names;
    std::vector<object_plan> objects;
    std::vector<property_slot> slots;
    std::vector<pattern_slot> pattern_slots;
    std::vector<enumeration_plan> enumerations;
    std::vector<range_plan> ranges;
    std::vector<choice_plan> choices;
    std::vector<contains_plan> contains;
    std::vector<conditional_plan> conditionals;
    std::vector<dependent> dependents;
    std::vector<boost::json::value> values;
    std::vector<decimal> decimals;
    std::vector<pattern> patterns;
    std::vector<format_rule> formats;
    std::vector<dynamic_anchor> dynamic_anchors; ///< by anchor, then resource
    std::vector<block_origin> origins;           ///< of blocks
    std::vector<std::string> resources;          ///< their URIs
    bool needs_marks = false;                    ///< some block does
    bool is_dynamic = false;                     ///< there is a call_dynamic
};

/// The block that a resource has for an anchor, `none` if it has none.
inline auto find_dynamic_anchor(program const& p, std::uint32_t anchor, std::uint32_t resource)
    -> std::uint32_t
{
    auto const& all = p.dynamic_anchors;
    auto const at = std::lower_bound(all.begin(), all.end(), std::pair(anchor, resource),
                                     [](dynamic_anchor const& x, auto const& wanted) {
                                         return std::pair(x.anchor, x.resource) < wanted;
                                     });
    return at != all.end() && at->anchor == anchor && at->resource == resource ? at->block : none;
}

/// The schema's own place: its resource's URI, '#', and the pointer from the resource's root.
inline auto absolute_location(program const& p, std::uint32_t which) -> std::string
{
    std::vector<std::string_view> steps;
    auto const resource = p.blocks[which].resource;
    for (auto at = which; at != none && p.blocks[at].resource == resource;) {
        auto const parent = p.origins[at].parent;
        if (parent == none || p.blocks[parent].resource == resource) {
            steps.push_back(p.names[p.origins[at].path]);
        }
        at = parent;
    }
    std::string text = p.resources[resource] + '#';
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
        text.append(*step);
    }
    return text;
}

} // namespace haiga::schema
