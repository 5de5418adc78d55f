#pragma once

#include "haiga/schema/number.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace haiga::schema {

/// What `equal` keeps between calls, so that it allocates nothing the second time.
using equal_scratch = std::vector<std::pair<boost::json::value const*, boost::json::value const*>>;

namespace detail {

/// Whether two values look alike from outside; what they hold is left in `inside` to be compared.
inline auto equal_outside(boost::json::value const& a, boost::json::value const& b,
                          equal_scratch& inside) -> bool
{
    if (is_number(a)) {
        return is_number(b) && compare(a, b) == 0;
    }
    if (a.kind() != b.kind()) {
        return false;
    }
    if (auto const* const text = a.if_string()) {
        return *text == b.get_string();
    }
    if (auto const* const flag = a.if_bool()) {
        return *flag == b.get_bool();
    }
    if (auto const* const items = a.if_array()) {
        auto const& others = b.get_array();
        for (std::size_t i = 0; items->size() == others.size() && i < items->size(); ++i) {
            inside.emplace_back(&(*items)[i], &others[i]);
        }
        return items->size() == others.size();
    }
    if (auto const* const object = a.if_object()) {
        auto const& others = b.get_object();
        if (object->size() != others.size()) {
            return false;
        }
        for (auto const& member : *object) {
            auto const* const other = others.if_contains(member.key());
            if (other == nullptr) {
                return false;
            }
            inside.emplace_back(&member.value(), other);
        }
    }
    return true;
}

} // namespace detail

/// JSON's equality: numbers by what they are worth, objects whatever the order of their members.
/// Order: as many steps as the smaller of the two has values; no recursion.
inline auto equal(boost::json::value const& a, boost::json::value const& b, equal_scratch& scratch)
    -> bool
{
    scratch.clear();
    if (!detail::equal_outside(a, b, scratch)) {
        return false;
    }
    while (!scratch.empty()) {
        auto const [x, y] = scratch.back();
        scratch.pop_back();
        if (!detail::equal_outside(*x, *y, scratch)) {
            return false;
        }
    }
    return true;
}

} // namespace haiga::schema
