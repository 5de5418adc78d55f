#pragma once

#include "haiga/base/utf8.hpp"
#include "haiga/json/get.hpp"
#include "haiga/tokenizer/huggingface/pre_tokenizers.hpp"
#include "haiga/tokenizer/pretokenize/known_patterns.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

// What parts of a tokenizer.json have in common.

namespace haiga::tokenizer::huggingface::detail {

using boost::json::object;
using boost::json::value;

/// The member that is an object, not copied. Errors: not_found; mismatch.
inline auto object_in(object const& in, std::string_view key) -> result<object const*>
{
    auto const* const found = in.if_contains(key);
    if (found == nullptr) {
        return fail(errc::not_found, '"', key, "\" is missing");
    }
    if (!found->is_object()) {
        return fail(errc::mismatch, '"', key, "\": expected an object");
    }
    return &found->get_object();
}

/// The same of an array.
inline auto array_in(object const& in, std::string_view key) -> result<boost::json::array const*>
{
    auto const* const found = in.if_contains(key);
    if (found == nullptr) {
        return fail(errc::not_found, '"', key, "\" is missing");
    }
    if (!found->is_array()) {
        return fail(errc::mismatch, '"', key, "\": expected an array");
    }
    return &found->get_array();
}

inline auto type_of(value const& part) -> result<std::string>
{
    auto const* const fields = part.if_object();
    if (fields == nullptr) {
        return fail(errc::mismatch, "expected an object with a \"type\"");
    }
    return json::get<std::string>(*fields, "type");
}

/// A text that is one character.
inline auto character_in(object const& in, std::string_view key) -> result<char32_t>
{
    HAIGA_TRY(auto const text, json::get<std::string>(in, key));
    std::string_view rest = text;
    auto const c = rest.empty() ? U'\0' : take_utf8(rest);
    if (text.empty() || !rest.empty()) {
        return fail(errc::mismatch, '"', key, "\": expected one character, found \"",
                    one_line(text, 80), '"');
    }
    return c;
}

/// One of some names, as its place among them.
template <std::size_t N>
auto name_in(object const& in, std::string_view key, std::array<std::string_view, N> const& names)
    -> result<std::size_t>
{
    HAIGA_TRY(auto const name, json::get<std::string>(in, key));
    auto const found = std::ranges::find(names, name);
    if (found == names.end()) {
        return fail(errc::unsupported, '"', key, "\": \"", one_line(name, 80), "\" is not known");
    }
    return static_cast<std::size_t>(found - names.begin());
}

inline auto separator_use_in(object const& in) -> result<separator_use>
{
    constexpr std::array<std::string_view, 5> names = {"Removed", "Isolated", "MergedWithPrevious",
                                                       "MergedWithNext", "Contiguous"};
    HAIGA_TRY(auto const which, name_in(in, "behavior", names));
    return static_cast<separator_use>(which);
}

/// {"String": ...} or {"Regex": ...}. Errors: unsupported for a pattern that is not known.
inline auto pattern_in(object const& in) -> result<std::variant<literal_pattern, std::string>>
{
    HAIGA_TRY(auto const* const pattern, object_in(in, "pattern"));
    if (pattern->if_contains("String") != nullptr) {
        HAIGA_TRY(auto text, json::get<std::string>(*pattern, "String"));
        if (text.empty()) {
            return fail(errc::unsupported, "an empty pattern");
        }
        return literal_pattern{std::move(text)};
    }
    HAIGA_TRY(auto text, json::get<std::string>(*pattern, "Regex"));
    return text;
}

/// A pattern for replacing.
inline auto text_pattern_in(object const& in) -> result<text_pattern>
{
    HAIGA_TRY(auto pattern, pattern_in(in));
    if (auto* const literal = std::get_if<literal_pattern>(&pattern)) {
        return text_pattern(std::move(*literal));
    }
    HAIGA_TRY(auto run, read_run_pattern(std::get<std::string>(pattern)));
    return text_pattern(std::move(run));
}

/// Reads a part that may be a "Sequence" of parts: each that is none by itself. Depth is that of
/// the document, which the parser limits.
template <class Each>
auto each_part(value const& part, std::string_view members, Each const& each) -> result<>
{
    HAIGA_TRY(auto const type, type_of(part));
    if (type != "Sequence") {
        return each(part.get_object(), type).map_error([&](failure&& f) {
            return std::move(f).within(one_line(type, 80));
        });
    }
    HAIGA_TRY(auto const* const all, array_in(part.get_object(), members));
    for (auto const& one : *all) {
        HAIGA_TRY_VOID(each_part(one, members, each));
    }
    return {};
}

inline auto refuse_type(std::string_view type)
{
    return fail(errc::unsupported, "the type \"", one_line(type, 80), "\" is not known");
}

} // namespace haiga::tokenizer::huggingface::detail
