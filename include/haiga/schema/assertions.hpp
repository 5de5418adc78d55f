#pragma once

#include "haiga/base/config.hpp"
#include "haiga/base/result.hpp"
#include "haiga/schema/content.hpp"
#include "haiga/schema/evaluation_scratch.hpp"
#include "haiga/schema/program.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstddef>
#include <limits>
#include <optional>
#include <span>

namespace haiga::schema::detail {

/// Whether a text has from least to most characters.
/// Order: looks at the text only where its bytes do not decide.
inline auto has_length(std::string_view text, std::uint32_t least, std::uint32_t most) -> bool
{
    if (text.size() < least || (text.size() + 3) / 4 > most) {
        return false;
    }
    if (text.size() <= most && (text.size() + 3) / 4 >= least) {
        return true;
    }
    std::size_t characters = 0;
    for (char const c : text) {
        characters += (static_cast<unsigned char>(c) & 0xc0U) != 0x80 ? 1U : 0U;
    }
    return characters >= least && characters <= most;
}

/// A limit beyond 2^53 makes no range: what only uint64 can tell is above every upper limit.
inline auto is_in(range_plan const& r, boost::json::value const& v) -> bool
{
    if (auto const* const whole = v.if_int64()) {
        return *whole >= r.whole_low && *whole <= r.whole_high;
    }
    if (auto const* const d = v.if_double()) {
        return *d >= r.low && *d <= r.high;
    }
    auto const* const u = v.if_uint64();
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    return u == nullptr || (*u > static_cast<std::uint64_t>(most)
                                ? r.whole_high == most
                                : static_cast<std::int64_t>(*u) >= r.whole_low &&
                                      static_cast<std::int64_t>(*u) <= r.whole_high);
}

[[gnu::noinline]] inline auto is_among_others(program const& p, enumeration_plan const& plan,
                                              boost::json::value const& v, equal_scratch& pairs)
    -> bool
{
    for (auto const& one : std::span(p.values).subspan(plan.values, plan.count)) {
        if (equal(v, one, pairs)) {
            return true;
        }
    }
    return false;
}

inline auto is_among(program const& p, enumeration_plan const& plan, boost::json::value const& v,
                     equal_scratch& pairs) -> bool
{
    if (auto const* const text = v.if_string()) {
        return plan.strings.find(*text, none, p.names) != none;
    }
    return !plan.only_strings && is_among_others(p, plan, v, pairs);
}

inline auto has_names(program const& p, boost::json::object const& object, std::uint32_t first,
                      std::uint32_t count) -> bool
{
    for (auto i = first; i < first + count; ++i) {
        if (object.find(p.names[i]) == object.end()) {
            return false;
        }
    }
    return true;
}

inline auto has_dependents(program const& p, boost::json::object const& object,
                           instruction const& i) -> bool
{
    for (auto const& one : std::span(p.dependents).subspan(i.a, i.b)) {
        if (object.contains(p.names[one.name]) && !has_names(p, object, one.needed, one.count)) {
            return false;
        }
    }
    return true;
}

/// Judges a value by an instruction that applies no block. `stopped`: a pattern's limit.
class assertions {
public:
    assertions(program const& p, evaluation_scratch& scratch) : p_(p), scratch_(scratch) {}

    /// The commonest here, and the others out of the way.
    HAIGA_ALWAYS_INLINE auto holds(instruction const& i, boost::json::value const& v) -> bool
    {
        switch (i.op) {
        case opcode::length: {
            auto const* const text = v.if_string();
            return text == nullptr || has_length(*text, i.a, i.b);
        }
        case opcode::range: return is_in(p_.ranges[i.a], v);
        case opcode::item_count: {
            auto const* const items = v.if_array();
            return items == nullptr || (items->size() >= i.a && items->size() <= i.b);
        }
        case opcode::enumeration:
            return is_among(p_, p_.enumerations[i.a], v, scratch_.unique.pairs);
        default: return rest_holds(i, v);
        }
    }

    /// Whether a text has a pattern in it.
    auto matches(std::uint32_t pattern, std::string_view text) -> bool
    {
        auto const found = p_.patterns[pattern].found_in(text, scratch_.patterns);
        if (!found && !stopped_) {
            stopped_ = found.error();
        }
        return found && *found;
    }

    void stop(failure why) { stopped_ = std::move(why); }
    [[nodiscard]] auto stopped() -> std::optional<failure>& { return stopped_; }

private:
    [[gnu::noinline]] auto rest_holds(instruction const& i, boost::json::value const& v) -> bool
    {
        switch (i.op) {
        case opcode::never: return false;
        case opcode::types: return has_type(v, static_cast<type_mask>(i.a));
        case opcode::constant: return equal(v, p_.values[i.a], scratch_.unique.pairs);
        case opcode::multiple_of:
            return !is_number(v) || is_multiple(v, p_.values[i.a], p_.decimals[i.b]);
        case opcode::maximum: return !is_number(v) || compare(v, p_.values[i.a]) <= 0;
        case opcode::exclusive_maximum: return !is_number(v) || compare(v, p_.values[i.a]) < 0;
        case opcode::minimum: return !is_number(v) || compare(v, p_.values[i.a]) >= 0;
        case opcode::exclusive_minimum: return !is_number(v) || compare(v, p_.values[i.a]) > 0;
        default: break;
        }
        if (auto const* const text = v.if_string()) {
            return holds_of_text(i, *text);
        }
        if (auto const* const items = v.if_array()) {
            return i.op != opcode::unique_items || !find_equal_items(*items, scratch_.unique);
        }
        auto const* const object = v.if_object();
        return object == nullptr || holds_of_object(i, *object);
    }

    auto holds_of_text(instruction const& i, std::string_view text) -> bool
    {
        switch (i.op) {
        case opcode::pattern: return matches(i.a, text);
        case opcode::format: return p_.formats[i.a].check(text);
        case opcode::content: return is_content(text, i.a, scratch_.text);
        default: return true;
        }
    }

    auto holds_of_object(instruction const& i, boost::json::object const& object) -> bool
    {
        switch (i.op) {
        case opcode::property_count: return object.size() >= i.a && object.size() <= i.b;
        case opcode::required: return has_names(p_, object, i.a, i.b);
        case opcode::dependent_required: return has_dependents(p_, object, i);
        default: return true;
        }
    }

    program const& p_;
    evaluation_scratch& scratch_;
    std::optional<failure> stopped_;
};

} // namespace haiga::schema::detail
