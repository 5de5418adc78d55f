#pragma once

#include "haiga/schema/compile_objects.hpp"

namespace haiga::schema::detail {

/// An array of schemas, which become the last of the lists.
inline auto add_list(compilation& c, keyword word)
    -> result<std::pair<std::uint32_t, std::uint32_t>>
{
    auto const* const v = c[word];
    if (!v->is_array()) {
        return c.wrong(word, "an array of schemas");
    }
    auto const first = static_cast<std::uint32_t>(c.out.lists.size());
    auto const& items = v->get_array();
    for (std::size_t i = 0; i < items.size(); ++i) {
        c.out.lists.push_back(c.child(items[i], word, i));
    }
    return std::pair(first, static_cast<std::uint32_t>(items.size()));
}

inline auto compile_contains(compilation& c) -> result<>
{
    auto const* const v = c[keyword::contains];
    if (v == nullptr) {
        return {};
    }
    contains_plan plan;
    HAIGA_TRY(plan.least, read_count(c, keyword::min_contains, 1));
    HAIGA_TRY(plan.most, read_count(c, keyword::max_contains, none));
    plan.has_least = c[keyword::min_contains] != nullptr;
    plan.has_most = c[keyword::max_contains] != nullptr;
    plan.marks = c.rules().dialect == dialect::draft2020_12;
    plan.block = c.child(*v, keyword::contains);
    c.out.contains.push_back(plan);
    c.emit(opcode::contains, keyword::contains,
           static_cast<std::uint32_t>(c.out.contains.size() - 1));
    return {};
}

/// prefixItems and items, or items as an array and additionalItems; contains; unevaluatedItems
/// where nothing else is in place.
inline auto compile_items(compilation& c) -> result<>
{
    using k = keyword;
    bool const tuple = c[k::items] != nullptr && c[k::items]->is_array() &&
                       c.rules().dialect != dialect::draft2020_12;
    auto const prefix = tuple ? k::items : k::prefix_items;
    auto rest = !tuple                              ? k::items
                : c[k::additional_items] != nullptr ? k::additional_items
                                                    : k::unknown;
    if (rest == k::unknown || c[rest] == nullptr) {
        bool const only = !has_in_place(c) &&
                          (c[k::contains] == nullptr || c.rules().dialect != dialect::draft2020_12);
        rest = only && c[k::unevaluated_items] != nullptr ? k::unevaluated_items : k::unknown;
    }
    std::uint32_t count = 0;
    if (c[prefix] != nullptr) {
        HAIGA_TRY(auto const list, add_list(c, prefix));
        count = list.second;
        c.emit(opcode::prefix_items, prefix, list.first, count);
    }
    if (rest != k::unknown) {
        c.emit(opcode::items, rest, c.child(*c[rest], rest), count);
    }
    return compile_contains(c);
}

inline auto compile_reference(compilation& c, keyword word) -> result<>
{
    auto const* const v = c[word];
    if (v == nullptr) {
        return {};
    }
    if (!v->is_string()) {
        return c.wrong(word, "a string");
    }
    std::string_view const reference = v->get_string();
    HAIGA_TRY(auto const found, c.referred(reference));
    auto const [block, resource] = found;
    // A dynamic reference is one only if what it leads to is a dynamic anchor of that name.
    std::string anchor;
    bool dynamic = false;
    if (word == keyword::dynamic_ref) {
        auto const hash = reference.find('#');
        anchor = hash == std::string_view::npos ? "" : percent_decoded(reference.substr(hash + 1));
        dynamic = !anchor.empty() && !anchor.starts_with('/') &&
                  c.schemas.is_dynamic_anchor(resource, anchor);
    } else if (word == keyword::recursive_ref) {
        dynamic = c.schemas.resources()[resource].recursive_anchor;
    }
    if (dynamic) {
        c.out.is_dynamic = true;
        c.emit(opcode::call_dynamic, word, block, c.anchor_index(anchor));
    } else {
        c.emit(opcode::call, word, block);
    }
    return {};
}

inline auto compile_branches(compilation& c) -> result<>
{
    using k = keyword;
    if (c[k::all_of] != nullptr) {
        HAIGA_TRY(auto const list, add_list(c, k::all_of));
        c.full.push_back({opcode::all_of, k::all_of, list.first, list.second});
        for (std::uint32_t i = 0; i < list.second; ++i) {
            c.fast.push_back({opcode::call, k::all_of, c.out.lists[list.first + i], i});
        }
    }
    for (auto const& [op, word] :
         {std::pair(opcode::any_of, k::any_of), std::pair(opcode::one_of, k::one_of)}) {
        if (c[word] != nullptr) {
            HAIGA_TRY(auto const list, add_list(c, word));
            c.emit(op, word, list.first, list.second);
        }
    }
    if (c[k::not_] != nullptr) {
        c.emit(opcode::negation, k::not_, c.child(*c[k::not_], k::not_));
    }
    if (c[k::if_] != nullptr) {
        conditional_plan plan;
        plan.condition = c.child(*c[k::if_], k::if_);
        plan.consequent = c[k::then_] != nullptr ? c.child(*c[k::then_], k::then_) : none;
        plan.alternative = c[k::else_] != nullptr ? c.child(*c[k::else_], k::else_) : none;
        c.out.conditionals.push_back(plan);
        c.emit(opcode::conditional, k::if_,
               static_cast<std::uint32_t>(c.out.conditionals.size() - 1));
    }
    return {};
}

/// Last, for they ask what all others have evaluated.
inline auto compile_unevaluated(compilation& c) -> result<>
{
    for (auto const& [op, word] :
         {std::pair(opcode::unevaluated_items, keyword::unevaluated_items),
          std::pair(opcode::unevaluated_properties, keyword::unevaluated_properties)}) {
        auto const is_done = [&](auto const& i) { return i.word == word; };
        if (c[word] == nullptr || std::any_of(c.full.begin(), c.full.end(), is_done)) {
            continue;
        }
        c.emit(op, word, c.child(*c[word], word));
        c.out.blocks[c.current].needs_marks = true;
        c.out.needs_marks = true;
    }
    return {};
}

} // namespace haiga::schema::detail
