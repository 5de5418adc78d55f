#pragma once

#include "haiga/schema/compilation.hpp"

#include <cmath>
#include <limits>
#include <optional>

namespace haiga::schema::detail {

/// A count as a schema says it; 2.0 is one. What is larger than any value can be is cut.
inline auto read_count(compilation& c, keyword word, std::uint32_t otherwise)
    -> result<std::uint32_t>
{
    auto const* const v = c[word];
    if (v == nullptr) {
        return otherwise;
    }
    static boost::json::value const zero = 0;
    static boost::json::value const largest = none - 1;
    if (!is_number(*v) || compare(*v, zero) < 0 || (v->is_double() && !is_whole(v->get_double()))) {
        return c.wrong(word, "a whole number that is not negative");
    }
    if (compare(*v, largest) > 0) {
        return none - 1;
    }
    return v->is_double() ? static_cast<std::uint32_t>(v->get_double())
                          : v->to_number<std::uint32_t>();
}

/// A pair of limits: one instruction a keyword, and one of both.
inline auto compile_limits(compilation& c, opcode op, keyword least, keyword most) -> result<>
{
    HAIGA_TRY(auto const low, read_count(c, least, 0));
    HAIGA_TRY(auto const high, read_count(c, most, none));
    if (c[least] != nullptr) {
        c.full.push_back({op, least, low, none});
    }
    if (c[most] != nullptr) {
        c.full.push_back({op, most, 0, high});
    }
    if (low != 0 || high != none) {
        c.fast.push_back({op, c[least] != nullptr ? least : most, low, high});
    }
    return {};
}

inline auto mask_of(std::string_view type) -> type_mask
{
    using boost::json::kind;
    auto const bit = [](kind k) { return static_cast<type_mask>(1U << static_cast<unsigned>(k)); };
    auto const whole = static_cast<type_mask>(bit(kind::int64) | bit(kind::uint64));
    return type == "null"      ? bit(kind::null)
           : type == "boolean" ? bit(kind::bool_)
           : type == "integer" ? static_cast<type_mask>(whole | whole_double)
           : type == "number"  ? static_cast<type_mask>(whole | bit(kind::double_) | whole_double)
           : type == "string"  ? bit(kind::string)
           : type == "array"   ? bit(kind::array)
           : type == "object"  ? bit(kind::object)
                               : type_mask{0};
}

inline auto compile_type(compilation& c) -> result<>
{
    auto const* const v = c[keyword::type];
    if (v == nullptr) {
        return {};
    }
    type_mask mask = 0;
    auto const add = [&](boost::json::value const& name) {
        auto const one = name.is_string() ? mask_of(name.get_string()) : type_mask{0};
        mask = static_cast<type_mask>(mask | one);
        return one != 0;
    };
    auto const* const several = v->if_array();
    if (several == nullptr
            ? !add(*v)
            : several->empty() || !std::all_of(several->begin(), several->end(), add)) {
        return c.wrong(keyword::type, "the name of a type, or an array of them");
    }
    c.full.push_back({opcode::types, keyword::type, mask, 0});
    c.out.blocks[c.current].types = mask;
    return {};
}

inline auto compile_values(compilation& c) -> result<>
{
    if (auto const* const v = c[keyword::constant]) {
        HAIGA_TRY(auto const index, c.add_value(keyword::constant, *v));
        c.emit(opcode::constant, keyword::constant, index);
    }
    auto const* const v = c[keyword::enumeration];
    if (v == nullptr) {
        return {};
    }
    if (!v->is_array()) {
        return c.wrong(keyword::enumeration, "an array");
    }
    enumeration_plan plan;
    plan.values = static_cast<std::uint32_t>(c.out.values.size());
    plan.count = static_cast<std::uint32_t>(v->get_array().size());
    std::uint32_t strings = 0;
    for (auto const& one : v->get_array()) {
        HAIGA_TRY_VOID(c.add_value(keyword::enumeration, one));
        if (auto const* const text = one.if_string()) {
            c.out.names.add(*text);
            ++strings;
        }
    }
    plan.strings = name_table::of_last(strings, c.out.names);
    plan.only_strings = strings == plan.count;
    c.out.enumerations.push_back(plan);
    c.emit(opcode::enumeration, keyword::enumeration,
           static_cast<std::uint32_t>(c.out.enumerations.size() - 1));
    return {};
}

/// One range for all limits on numbers. Only where a limit is the same number as int64 and as
/// double, which most are; none otherwise.
inline auto range_of(compilation const& c) -> std::optional<range_plan>
{
    constexpr double exact = 9007199254740992; // 2^53
    constexpr auto infinite = std::numeric_limits<double>::infinity();
    range_plan r{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(),
                 -infinite, infinite};
    for (auto const word : {keyword::minimum, keyword::exclusive_minimum, keyword::maximum,
                            keyword::exclusive_maximum}) {
        if (c[word] == nullptr) {
            continue;
        }
        bool const low = word == keyword::minimum || word == keyword::exclusive_minimum;
        bool const open = word == keyword::exclusive_minimum || word == keyword::exclusive_maximum;
        auto const limit = c[word]->is_double()  ? c[word]->get_double()
                           : c[word]->is_int64() ? static_cast<double>(c[word]->get_int64())
                                                 : infinite;
        if (std::abs(limit) > exact - 1) {
            return std::nullopt;
        }
        auto const whole = static_cast<std::int64_t>(low ? std::ceil(limit) : std::floor(limit));
        auto const skip = open && is_whole(limit) ? 1 : 0;
        auto const next = open ? std::nextafter(limit, low ? infinite : -infinite) : limit;
        if (low) {
            r.whole_low = std::max(r.whole_low, whole + skip);
            r.low = std::max(r.low, next);
        } else {
            r.whole_high = std::min(r.whole_high, whole - skip);
            r.high = std::min(r.high, next);
        }
    }
    return r;
}

inline auto compile_numbers(compilation& c) -> result<>
{
    auto const before = c.fast.size();
    for (auto const& [op, word] :
         {std::pair(opcode::minimum, keyword::minimum),
          std::pair(opcode::exclusive_minimum, keyword::exclusive_minimum),
          std::pair(opcode::maximum, keyword::maximum),
          std::pair(opcode::exclusive_maximum, keyword::exclusive_maximum)}) {
        if (auto const* const v = c[word]) {
            if (!is_number(*v)) {
                return c.wrong(word, "a number");
            }
            HAIGA_TRY(auto const index, c.add_value(word, *v));
            c.emit(op, word, index);
        }
    }
    if (auto const range = range_of(c); range && c.fast.size() > before) {
        c.fast.resize(before);
        c.fast.push_back(
            {opcode::range, keyword::minimum, static_cast<std::uint32_t>(c.out.ranges.size()), 0});
        c.out.ranges.push_back(*range);
    }
    if (auto const* const v = c[keyword::multiple_of]) {
        static boost::json::value const zero = 0;
        if (!is_number(*v) || compare(*v, zero) <= 0) {
            return c.wrong(keyword::multiple_of, "a number above 0");
        }
        c.out.decimals.push_back(decimal::of(*v));
        HAIGA_TRY(auto const index, c.add_value(keyword::multiple_of, *v));
        c.emit(opcode::multiple_of, keyword::multiple_of, index,
               static_cast<std::uint32_t>(c.out.decimals.size() - 1));
    }
    return {};
}

/// Adds a pattern to the program. Errors: invalid, or what its engine says.
inline auto add_pattern(compilation& c, keyword word, std::string_view source)
    -> result<std::uint32_t>
{
    auto made = pattern::compile(source);
    if (!made) {
        return tl::unexpected(
            std::move(made).error().within(concat(c.where(), ": \"", name_of(word), '"')));
    }
    c.out.patterns.push_back(std::move(*made));
    return static_cast<std::uint32_t>(c.out.patterns.size() - 1);
}

inline void annotate(compilation& c, keyword word, boost::json::value const& v,
                     std::string_view name)
{
    if (!c.options.annotations) {
        return;
    }
    if (auto const index = c.add_value(word, v)) { // what is too deep is left out
        c.full.push_back({opcode::annotation, word, *index, c.out.names.add(name)});
    }
}

inline auto compile_format(compilation& c) -> result<>
{
    auto const* const v = c[keyword::format];
    if (v == nullptr) {
        return {};
    }
    if (!v->is_string()) {
        return c.wrong(keyword::format, "a string");
    }
    auto const check = find_format(v->get_string(), c.rules().dialect);
    bool const asserted =
        c.options.assert_formats || c.rules().known.contains(vocabulary::format_assertion);
    if (asserted && check != nullptr) {
        auto const name = c.out.names.add(v->get_string());
        c.out.formats.push_back({check, name});
        c.emit(opcode::format, keyword::format,
               static_cast<std::uint32_t>(c.out.formats.size() - 1), name);
    } else {
        annotate(c, keyword::format, *v, name_of(keyword::format));
    }
    return {};
}

inline auto compile_strings(compilation& c) -> result<>
{
    HAIGA_TRY_VOID(compile_limits(c, opcode::length, keyword::min_length, keyword::max_length));
    if (auto const* const v = c[keyword::pattern]) {
        if (!v->is_string()) {
            return c.wrong(keyword::pattern, "a string");
        }
        HAIGA_TRY(auto const index, add_pattern(c, keyword::pattern, v->get_string()));
        c.emit(opcode::pattern, keyword::pattern, index, c.out.names.add(v->get_string()));
    }
    HAIGA_TRY_VOID(compile_format(c));
    if (c.options.assert_content) {
        auto const says = [&](keyword word, std::string_view text) {
            return c[word] != nullptr && c[word]->is_string() && c[word]->get_string() == text;
        };
        std::uint32_t const what =
            (says(keyword::content_encoding, "base64") ? 1U : 0U) |
            (says(keyword::content_media_type, "application/json") ? 2U : 0U);
        if (what != 0) {
            c.emit(opcode::content,
                   (what & 1U) != 0 ? keyword::content_encoding : keyword::content_media_type,
                   what);
        }
    }
    return {};
}

inline auto compile_arrays(compilation& c) -> result<>
{
    HAIGA_TRY_VOID(compile_limits(c, opcode::item_count, keyword::min_items, keyword::max_items));
    if (auto const* const v = c[keyword::unique_items]) {
        if (!v->is_bool()) {
            return c.wrong(keyword::unique_items, "true or false");
        }
        if (v->get_bool()) {
            c.emit(opcode::unique_items, keyword::unique_items);
        }
    }
    return {};
}

/// An array of names, which become the last names of the program.
inline auto add_names(compilation& c, keyword word, boost::json::value const& v)
    -> result<std::uint32_t>
{
    if (!v.is_array()) {
        return c.wrong(word, "an array of strings");
    }
    for (auto const& name : v.get_array()) {
        if (!name.is_string()) {
            return c.wrong(word, "an array of strings");
        }
        c.out.names.add(name.get_string());
    }
    return static_cast<std::uint32_t>(c.out.names.names.size() - v.get_array().size());
}

} // namespace haiga::schema::detail
