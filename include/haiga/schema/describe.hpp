#pragma once

#include "haiga/schema/evaluation_scratch.hpp"
#include "haiga/schema/program.hpp"
#include "haiga/schema/unique.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <span>
#include <string>
#include <vector>

namespace haiga::schema {

/// What a keyword wants of a value, and what the value is instead: "expected X, found Y".
struct description {
    std::string expected;
    std::string found;
};

namespace detail {

/// The first characters of a text, in quotes, as JSON writes them.
inline auto quoted(std::string_view text, std::size_t most = 60) -> std::string
{
    auto end = std::min(text.size(), most);
    while (end > 0 && end < text.size() &&
           (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) {
        --end;
    }
    auto const dots = end < text.size() ? "..." : "";
    return boost::json::serialize(boost::json::string(text.substr(0, end))) + dots;
}

inline auto counted(std::size_t count, std::string_view one, std::string_view many) -> std::string
{
    return concat(count, ' ', count == 1 ? one : many);
}

inline auto code_points(std::string_view text) -> std::size_t
{
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0U) != 0x80;
    }));
}

/// A value in few words.
inline auto brief(boost::json::value const& v) -> std::string
{
    if (auto const* const text = v.if_string()) {
        return quoted(*text);
    }
    if (auto const* const items = v.if_array()) {
        return items->empty() ? "[]"
                              : "an array of " + counted(items->size(), "element", "elements");
    }
    if (auto const* const object = v.if_object()) {
        return object->empty() ? "{}"
                               : "an object of " + counted(object->size(), "member", "members");
    }
    if (auto const* const d = v.if_double()) {
        char digits[32];
        return {digits, std::to_chars(digits, digits + sizeof digits, *d).ptr};
    }
    return boost::json::serialize(v);
}

inline auto brief_with_kind(boost::json::value const& v) -> std::string
{
    return v.is_string()   ? "the string " + brief(v)
           : is_number(v)  ? "the number " + brief(v)
           : v.is_array()  ? v.get_array().empty() ? std::string("an empty array") : brief(v)
            : v.is_object() ? v.get_object().empty() ? std::string("an empty object") : brief(v)
                            : brief(v);
}

/// "a, b or c"
inline auto joined(std::vector<std::string> const& parts, std::string_view last,
                   std::size_t most = 12) -> std::string
{
    std::string text;
    for (std::size_t i = 0; i < parts.size() && i < most; ++i) {
        text.append(i == 0 ? "" : i + 1 == parts.size() ? last : ", ").append(parts[i]);
    }
    return parts.size() > most ? concat(text, " and ", parts.size() - most, " more") : text;
}

inline auto type_names(type_mask mask) -> std::string
{
    using boost::json::kind;
    auto const has = [&](kind k) { return (unsigned{mask} >> static_cast<unsigned>(k) & 1U) != 0; };
    std::vector<std::string> names;
    if (has(kind::string)) {
        names.emplace_back("a string");
    }
    if (has(kind::double_) || has(kind::int64)) {
        names.emplace_back(has(kind::double_) ? "a number" : "an integer");
    }
    if (has(kind::bool_)) {
        names.emplace_back("true or false");
    }
    if (has(kind::object)) {
        names.emplace_back("an object");
    }
    if (has(kind::array)) {
        names.emplace_back("an array");
    }
    if (has(kind::null)) {
        names.emplace_back("null");
    }
    return joined(names, " or ");
}

inline auto limits_of(instruction const& i, std::string_view one, std::string_view many)
    -> std::string
{
    return i.b == none ? "at least " + counted(i.a, one, many)
                       : "at most " + counted(i.b, one, many);
}

inline auto missing_names(program const& p, boost::json::object const& object, std::uint32_t first,
                          std::uint32_t count) -> std::vector<std::string>
{
    std::vector<std::string> missing;
    for (auto i = first; i < first + count; ++i) {
        if (!object.contains(p.names[i])) {
            missing.push_back(quoted(p.names[i]));
        }
    }
    return missing;
}

inline auto describe_required(program const& p, boost::json::object const& object,
                              std::uint32_t first, std::uint32_t count) -> description
{
    auto const missing = missing_names(p, object, first, count);
    return {
        concat(missing.size() == 1 ? "the property " : "the properties ", joined(missing, " and ")),
        missing.size() == 1 ? "an object without it" : "an object without them"};
}

inline auto describe_dependents(program const& p, boost::json::object const& object,
                                instruction const& i) -> description
{
    for (auto const& one : std::span(p.dependents).subspan(i.a, i.b)) {
        if (object.contains(p.names[one.name]) &&
            !missing_names(p, object, one.needed, one.count).empty()) {
            auto text = describe_required(p, object, one.needed, one.count);
            text.expected += concat(" beside ", quoted(p.names[one.name]));
            return text;
        }
    }
    return {};
}

inline auto describe_count(program const& p, evaluation_note const& note, instruction const& i)
    -> description
{
    if (i.op == opcode::contains) {
        auto const& plan = p.contains[i.a];
        auto const few = note.count < plan.least;
        return {concat(few ? "at least " : "at most ",
                       counted(few ? plan.least : plan.most, "element", "elements"),
                       " that \"contains\" allows"),
                counted(note.count, "of them", "of them")};
    }
    auto const exactly = i.op == opcode::one_of;
    return {concat("a value that ", exactly ? "exactly " : "", "one of ", i.b, " schemas allows"),
            concat(brief_with_kind(*note.instance), ", which ",
                   note.count == 0 ? std::string("none") : std::to_string(note.count),
                   " of them allow", note.count == 1 ? "s" : "")};
}

inline auto describe_values(program const& p, instruction const& i) -> std::string
{
    auto const& plan = p.enumerations[i.a];
    std::vector<std::string> names;
    for (auto const& one : std::span(p.values).subspan(plan.values, plan.count)) {
        names.push_back(brief(one));
    }
    return names.size() == 1 ? names[0] : "one of " + joined(names, ", ", 20);
}

} // namespace detail

/// Of a keyword that does not hold.
inline auto describe(program const& p, evaluation_note const& note) -> description
{
    using namespace detail;
    auto const& i = p.code[note.instruction];
    auto const& v = *note.instance;
    auto const kind = brief_with_kind(v);
    auto const value = [&] { return brief(p.values[i.a]); };
    switch (i.op) {
    case opcode::never: return {"nothing", kind};
    case opcode::types: return {type_names(static_cast<type_mask>(i.a)), kind};
    case opcode::constant: return {value(), kind};
    case opcode::enumeration: return {describe_values(p, i), kind};
    case opcode::multiple_of: return {"a multiple of " + value(), brief(v)};
    case opcode::maximum: return {"at most " + value(), brief(v)};
    case opcode::exclusive_maximum: return {"less than " + value(), brief(v)};
    case opcode::minimum: return {"at least " + value(), brief(v)};
    case opcode::exclusive_minimum: return {"more than " + value(), brief(v)};
    case opcode::length:
        return {limits_of(i, "character", "characters"),
                concat(code_points(v.get_string()), " in ", brief(v))};
    case opcode::pattern: return {"text that matches " + quoted(p.names[i.b], 200), brief(v)};
    case opcode::format: return {concat("text in the format ", quoted(p.names[i.b])), brief(v)};
    case opcode::content:
        return {i.a == 1   ? "text in base64"
                : i.a == 2 ? "text that is JSON"
                           : "JSON in base64",
                brief(v)};
    case opcode::item_count:
        return {limits_of(i, "element", "elements"), std::to_string(v.get_array().size())};
    case opcode::unique_items: {
        unique_scratch scratch;
        auto const same = find_equal_items(v.get_array(), scratch);
        return {"elements that all differ",
                same ? concat("equal ones at ", same->first, " and ", same->second) : ""};
    }
    case opcode::property_count:
        return {limits_of(i, "property", "properties"), std::to_string(v.get_object().size())};
    case opcode::required: return describe_required(p, v.get_object(), i.a, i.b);
    case opcode::dependent_required: return describe_dependents(p, v.get_object(), i);
    case opcode::contains:
    case opcode::any_of:
    case opcode::one_of: return describe_count(p, note, i);
    case opcode::negation: return {"a value that \"not\" does not describe", kind};
    default: return {"a value that its schemas allow", kind};
    }
}

} // namespace haiga::schema
