#pragma once

#include "haiga/schema/compile_assertions.hpp"

namespace haiga::schema::detail {

/// Whether something beside this keyword is applied to the same instance, and may evaluate what
/// unevaluatedItems or unevaluatedProperties ask about.
inline auto has_in_place(compilation const& c) -> bool
{
    using k = keyword;
    for (auto const word : {k::ref, k::dynamic_ref, k::recursive_ref, k::all_of, k::any_of,
                            k::one_of, k::if_, k::dependent_schemas, k::dependencies}) {
        if (c[word] != nullptr) {
            return true;
        }
    }
    return false;
}

inline auto object_of_schemas(compilation const& c, keyword word)
    -> result<boost::json::object const*>
{
    auto const* const v = c[word];
    if (v != nullptr && !v->is_object()) {
        return c.wrong(word, "an object of schemas");
    }
    return v != nullptr ? &v->get_object() : nullptr;
}

/// The names of `properties`, then those that are only required.
inline auto add_slots(compilation& c, object_plan& plan, boost::json::object const* properties)
    -> result<>
{
    auto const first = static_cast<std::uint32_t>(c.out.slots.size());
    auto const declared =
        static_cast<std::uint32_t>(properties != nullptr ? properties->size() : 0);
    std::vector<std::uint32_t> blocks;
    for (std::uint32_t i = 0; i < declared; ++i) {
        auto const& member = properties->begin()[i];
        blocks.push_back(c.child(member.value(), keyword::properties, member.key()));
    }
    for (std::uint32_t i = 0; i < declared; ++i) {
        c.out.names.add(properties->begin()[i].key());
        c.out.slots.push_back({blocks[i], false});
    }
    plan.slots = first;
    plan.names = name_table::of_last(declared, c.out.names);
    auto const* const required = c[keyword::required];
    if (required == nullptr) {
        return {};
    }
    if (!required->is_array()) {
        return c.wrong(keyword::required, "an array of strings");
    }
    std::vector<std::string_view> others;
    for (auto const& name : required->get_array()) {
        if (!name.is_string()) {
            return c.wrong(keyword::required, "an array of strings");
        }
        auto const at = plan.names.find(name.get_string(), none, c.out.names);
        if (at == none) {
            others.push_back(name.get_string());
        } else if (!std::exchange(c.out.slots[first + at].required, true)) {
            ++plan.required;
        }
    }
    std::sort(others.begin(), others.end());
    others.erase(std::unique(others.begin(), others.end()), others.end());
    if (!others.empty()) {
        for (auto const name : others) {
            c.out.names.add(name);
            c.out.slots.push_back({none, true});
            ++plan.required;
        }
        plan.names =
            name_table::of_last(declared + static_cast<std::uint32_t>(others.size()), c.out.names);
    }
    return {};
}

inline auto add_pattern_slots(compilation& c, object_plan& plan,
                              boost::json::object const* patterns) -> result<>
{
    plan.patterns = static_cast<std::uint32_t>(c.out.pattern_slots.size());
    for (std::size_t i = 0; patterns != nullptr && i < patterns->size(); ++i) {
        auto const& member = patterns->begin()[i];
        auto const block = c.child(member.value(), keyword::pattern_properties, member.key());
        HAIGA_TRY(auto const index, add_pattern(c, keyword::pattern_properties, member.key()));
        c.out.pattern_slots.push_back({index, block, c.out.names.add(member.key())});
        ++plan.pattern_count;
    }
    return {};
}

/// required, in full code.
inline auto compile_required(compilation& c) -> result<>
{
    if (auto const* const v = c[keyword::required]) {
        HAIGA_TRY(auto const first, add_names(c, keyword::required, *v));
        auto const count = static_cast<std::uint32_t>(v->get_array().size());
        c.full.push_back({opcode::required, keyword::required, first, count});
    }
    return {};
}

/// properties, patternProperties, additionalProperties, required, minProperties, maxProperties;
/// unevaluatedProperties where nothing else is in place.
inline auto compile_objects(compilation& c) -> result<>
{
    using k = keyword;
    HAIGA_TRY(auto const* const properties, object_of_schemas(c, k::properties));
    HAIGA_TRY(auto const* const patterns, object_of_schemas(c, k::pattern_properties));
    object_plan plan;
    auto rest = c[k::additional_properties] != nullptr ? k::additional_properties : k::unknown;
    if (rest == k::unknown && c[k::unevaluated_properties] != nullptr && !has_in_place(c)) {
        rest = k::unevaluated_properties;
    }
    if (properties == nullptr && patterns == nullptr && rest == k::unknown) { // leaves will do
        HAIGA_TRY_VOID(compile_required(c));
        if (c[k::required] != nullptr) {
            c.fast.push_back(c.full.back());
        }
        return compile_limits(c, opcode::property_count, k::min_properties, k::max_properties);
    }
    HAIGA_TRY_VOID(add_slots(c, plan, properties));
    HAIGA_TRY_VOID(add_pattern_slots(c, plan, patterns));
    if (rest != k::unknown) {
        plan.additional = c.child(*c[rest], rest);
    }
    HAIGA_TRY_VOID(compile_required(c));
    auto const before = c.fast.size();
    HAIGA_TRY_VOID(compile_limits(c, opcode::property_count, k::min_properties, k::max_properties));
    if (c.fast.size() > before) {
        plan.least = c.fast.back().a;
        plan.most = c.fast.back().b;
        c.fast.pop_back();
    }
    plan.least = std::max(plan.least, plan.required);
    auto const index = static_cast<std::uint32_t>(c.out.objects.size());
    c.out.objects.push_back(plan);
    if (properties != nullptr) {
        c.full.push_back({opcode::properties, k::properties, index, 0});
    }
    if (patterns != nullptr) {
        c.full.push_back({opcode::pattern_properties, k::pattern_properties, index, 0});
    }
    if (rest != k::unknown) {
        c.full.push_back({opcode::additional_properties, rest, index, 0});
    }
    c.fast.push_back({opcode::object, k::properties, index, 0});
    return {};
}

inline auto compile_property_names(compilation& c) -> result<>
{
    if (auto const* const v = c[keyword::property_names]) {
        c.emit(opcode::property_names, keyword::property_names,
               c.child(*v, keyword::property_names));
    }
    return {};
}

/// dependentRequired, dependentSchemas, and the older `dependencies`, which is both.
inline auto compile_dependents(compilation& c) -> result<>
{
    for (auto const word :
         {keyword::dependent_required, keyword::dependent_schemas, keyword::dependencies}) {
        HAIGA_TRY(auto const* const all, object_of_schemas(c, word));
        std::vector<dependent> names;
        std::vector<dependent> schemas;
        for (std::size_t i = 0; all != nullptr && i < all->size(); ++i) {
            auto const& member = all->begin()[i];
            dependent one;
            if (word == keyword::dependent_required ||
                (word == keyword::dependencies && member.value().is_array())) {
                HAIGA_TRY(one.needed, add_names(c, word, member.value()));
                one.count = static_cast<std::uint32_t>(member.value().get_array().size());
                one.name = c.out.names.add(member.key());
                names.push_back(one);
            } else {
                one.block = c.child(member.value(), word, member.key());
                one.name = c.out.names.add(member.key());
                schemas.push_back(one);
            }
        }
        for (auto const& [op, list] : {std::pair(opcode::dependent_required, &names),
                                       std::pair(opcode::dependent_schemas, &schemas)}) {
            if (!list->empty()) {
                c.emit(op, word, static_cast<std::uint32_t>(c.out.dependents.size()),
                       static_cast<std::uint32_t>(list->size()));
                c.out.dependents.insert(c.out.dependents.end(), list->begin(), list->end());
            }
        }
    }
    return {};
}

} // namespace haiga::schema::detail
