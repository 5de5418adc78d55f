#pragma once

#include "haiga/base/result.hpp"
#include "haiga/json/write.hpp"
#include "haiga/schema/place.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace haiga::schema {

/// Whose subset of JSON Schema a reply can be forced into.
///
/// Source: platform.claude.com/docs/en/build-with-claude/structured-outputs;
///         platform.openai.com/docs/guides/structured-outputs.
enum class vendor : unsigned char { anthropic, openai };

/// Something that the strict form does not say.
struct unexpressed {
    std::string pointer; ///< into the schema that was given
    std::string what;

    friend auto operator==(unexpressed const&, unexpressed const&) -> bool = default;
};

struct strict_schema {
    boost::json::object schema;
    std::vector<unexpressed> lost;
};

namespace detail {

constexpr auto is_in(std::string_view word, std::initializer_list<std::string_view> words) -> bool
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// Rewrites a schema, part by part.
class strict_writer {
public:
    static constexpr int most_depth = 128;

    explicit strict_writer(vendor who) : who_(who) {}

    auto write(boost::json::value const& given, place const& at) -> result<boost::json::value>
    {
        if (at.depth() > most_depth) {
            return fail(errc::too_large, "a schema more than ", most_depth, " levels deep");
        }
        if (!given.is_object()) {
            if (given.is_bool() && given.get_bool()) {
                lose(at, "any value");
                return boost::json::object{};
            }
            auto const pointer = at.pointer();
            return fail(errc::unsupported, pointer, pointer.empty() ? "" : ": ",
                        given.is_bool() ? "false, which nothing conforms to," : "what is there",
                        " is no schema that a strict form has");
        }
        auto const whole = merged(given.get_object());
        boost::json::object strict;
        std::string told; // what moves into the description
        for (auto const& member : whole) {
            HAIGA_TRY_VOID(keyword(strict, told, member, at));
        }
        close(strict, whole, at);
        describe(strict, told);
        return strict;
    }

    [[nodiscard]] auto lost() && -> std::vector<unexpressed> { return std::move(lost_); }

private:
    using object = boost::json::object;
    using pair = boost::json::key_value_pair;

    /// allOf of plain objects says what one object with all of their members says; closed one by
    /// one, they would contradict each other. Anything else is left as it is.
    static auto merged(object const& given) -> object
    {
        auto const* const all = given.if_contains("allOf");
        auto const is_plain = [](boost::json::value const& part) {
            return part.is_object() &&
                   (part.get_object().contains("properties") ||
                    part.get_object().contains("required")) &&
                   std::ranges::all_of(part.get_object(), [](auto const& member) {
                       return is_in(member.key(),
                                    {"type", "properties", "required", "title", "description"}) &&
                              (member.key() != "type" || member.value() == "object");
                   });
        };
        if (all == nullptr || !all->is_array() ||
            !std::ranges::all_of(all->get_array(), is_plain)) {
            return given;
        }
        auto whole = given;
        whole.erase("allOf");
        whole["type"] = "object";
        for (auto const& part : all->get_array()) {
            for (std::string_view const key : {"properties", "required"}) {
                if (auto const* const more = part.get_object().if_contains(key);
                    more != nullptr && !add(whole, key, *more)) {
                    return given;
                }
            }
        }
        return whole;
    }

    /// Properties of other names, or names that are required.
    static auto add(object& whole, std::string_view key, boost::json::value const& more) -> bool
    {
        auto& into = whole[key];
        if (into.is_null()) {
            into = more;
            return true;
        }
        if (more.is_object() && into.is_object()) {
            return std::ranges::all_of(more.get_object(), [&](auto const& one) {
                auto const [at, is_new] = into.get_object().insert(one);
                return is_new || at->value() == one.value();
            });
        }
        if (!more.is_array() || !into.is_array()) {
            return false;
        }
        for (auto const& one : more.get_array()) {
            into.get_array().push_back(one);
        }
        return true;
    }

    void lose(place const& at, std::string what)
    {
        lost_.push_back({at.pointer(), std::move(what)});
    }

    auto keyword(object& strict, std::string& told, pair const& member, place const& at) -> result<>
    {
        std::string_view const key = member.key();
        auto const here = at.member(key);
        if (is_in(key, {"properties", "$defs", "definitions"})) {
            return schemas_by_name(strict, member, here);
        }
        if (is_in(key, {"anyOf", "oneOf"}) || (key == "allOf" && who_ == vendor::anthropic)) {
            return alternatives(strict, member, here);
        }
        if (key == "items" && !member.value().is_array()) {
            HAIGA_TRY(strict["items"], write(member.value(), here));
            return {};
        }
        if (is_in(key, {"$schema", "$id", "id", "$comment", "examples", "deprecated", "readOnly",
                        "writeOnly", "additionalProperties", "required"})) {
            return {}; // says nothing about values, or is seen to by close()
        }
        if (is_kept(member)) {
            strict[key] = member.value();
            return {};
        }
        auto text = json::pretty(member.value());
        text.pop_back();
        told.append(told.empty() ? "" : ", ").append(key).append(": ").append(one_line(text, 200));
        if (key != "default") {
            lose(here, "moved into the description");
        }
        return {};
    }

    /// Keywords that stay as they are.
    [[nodiscard]] auto is_kept(pair const& member) const -> bool
    {
        std::string_view const key = member.key();
        auto const& v = member.value();
        if (key == "$ref") {
            return v.is_string() && (v.get_string() == "#" || v.get_string().starts_with("#/"));
        }
        if (key == "format") {
            return v.is_string() &&
                   is_in(std::string_view(v.get_string()),
                         {"date-time", "time", "date", "duration", "email", "hostname", "ipv4",
                          "ipv6", "uuid", who_ == vendor::anthropic ? "uri" : "uuid"});
        }
        if (key == "minItems" && who_ == vendor::anthropic) {
            return v == 0 || v == 1;
        }
        return is_in(key, {"type", "enum", "const", "title", "description"}) ||
               (who_ == vendor::openai &&
                is_in(key, {"pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
                            "multipleOf", "minItems", "maxItems"}));
    }

    auto schemas_by_name(object& strict, pair const& member, place const& here) -> result<>
    {
        if (!member.value().is_object()) {
            return fail(errc::mismatch, here.pointer(), ": expected an object of schemas");
        }
        object all;
        for (auto const& one : member.value().get_object()) {
            HAIGA_TRY(all[one.key()], write(one.value(), here.member(one.key())));
        }
        strict[member.key()] = std::move(all);
        return {};
    }

    auto alternatives(object& strict, pair const& member, place const& here) -> result<>
    {
        if (!member.value().is_array()) {
            return fail(errc::mismatch, here.pointer(), ": expected an array of schemas");
        }
        boost::json::array all;
        for (auto const& one : member.value().get_array()) {
            HAIGA_TRY(auto schema, write(one, here.item(all.size())));
            all.push_back(std::move(schema));
        }
        if (member.key() == "oneOf") {
            lose(here, "one of these became any of these");
        }
        if (member.key() == "oneOf" && strict.contains("anyOf")) {
            return fail(errc::unsupported, here.pointer(), ": beside anyOf");
        }
        strict[member.key() == "allOf" ? "allOf" : "anyOf"] = std::move(all);
        return {};
    }

    /// What every object must say, whether it did or not.
    void close(object& strict, object const& given, place const& at)
    {
        auto const* const type = given.if_contains("type");
        auto const is_object = given.contains("properties") || given.contains("required") ||
                               given.contains("additionalProperties") || names(type, "object");
        if (!is_object) {
            return;
        }
        auto const* const others = given.if_contains("additionalProperties");
        if (others != nullptr && *others != false) {
            lose(at.member("additionalProperties"), "members of other names");
        }
        auto properties =
            strict.contains("properties") ? strict["properties"].as_object() : object();
        auto const wanted = strings(given.if_contains("required"));
        for (auto const& name : wanted) {
            if (!properties.contains(name)) {
                properties[name] = object();
                lose(at.member("required"), concat("\"", name, "\" has no schema"));
            }
        }
        boost::json::array required;
        for (auto& property : properties) {
            auto const is_needed = wanted.contains(std::string_view(property.key()));
            if (!is_needed && who_ == vendor::openai) {
                make_nullable(property.value());
                lose(at.member("properties").member(property.key()), "null instead of left out");
            }
            if (is_needed || who_ == vendor::openai) {
                required.emplace_back(property.key());
            }
        }
        strict["type"] = strict.contains("type") ? strict["type"] : boost::json::value("object");
        strict["properties"] = std::move(properties);
        strict["required"] = std::move(required);
        strict["additionalProperties"] = false;
    }

    /// Whether a string is this word, or an array has it.
    static auto names(boost::json::value const* v, std::string_view word) -> bool
    {
        if (v == nullptr || !v->is_array()) {
            return v != nullptr && v->is_string() && v->get_string() == word;
        }
        return std::ranges::any_of(v->get_array(), [&](auto const& one) {
            return one.is_string() && one.get_string() == word;
        });
    }

    static auto strings(boost::json::value const* v) -> std::set<std::string, std::less<>>
    {
        std::set<std::string, std::less<>> all;
        for (std::size_t i = 0; v != nullptr && v->is_array() && i < v->get_array().size(); ++i) {
            if (v->get_array()[i].is_string()) {
                all.emplace(v->get_array()[i].get_string());
            }
        }
        return all;
    }

    static void make_nullable(boost::json::value& schema)
    {
        auto& o = schema.as_object();
        auto* const forms = o.if_contains("anyOf");
        boost::json::value const null = boost::json::object{{"type", "null"}};
        if (forms != nullptr && o.size() == 1) {
            auto& list = forms->as_array();
            if (std::ranges::find(list, null) == list.end()) {
                list.push_back(null);
            }
        } else if (!o.empty() && !names(o.if_contains("type"), "null")) {
            boost::json::value whole = std::move(schema);
            schema = boost::json::object{{"anyOf", {std::move(whole), null}}};
        }
    }

    static void describe(object& strict, std::string const& told)
    {
        if (told.empty()) {
            return;
        }
        auto const* const old = strict.if_contains("description");
        auto const before = old != nullptr && old->is_string()
                                ? std::string(old->get_string()) + ' '
                                : std::string();
        strict["description"] = concat(before, '{', told, '}');
    }

    vendor who_;
    std::vector<unexpressed> lost_;
};

} // namespace detail

} // namespace haiga::schema
