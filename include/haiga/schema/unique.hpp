#pragma once

#include "haiga/schema/equal.hpp"
#include "haiga/schema/hash.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace haiga::schema {

struct unique_scratch {
    equal_scratch pairs;
    hash_scratch values;
    std::vector<std::pair<std::uint64_t, std::uint32_t>> hashes; ///< and the element's index
    std::vector<std::pair<std::size_t, std::size_t>> alike;      ///< ranges of one hash
};

namespace detail {

inline auto find_equal_pairwise(boost::json::array const& items, unique_scratch& scratch,
                                std::size_t begin, std::size_t end)
    -> std::optional<std::pair<std::size_t, std::size_t>>
{
    for (auto i = begin; i < end; ++i) {
        for (auto j = begin; j < i; ++j) {
            auto const a = scratch.hashes.empty() ? j : scratch.hashes[j].second;
            auto const b = scratch.hashes.empty() ? i : scratch.hashes[i].second;
            if (equal(items[a], items[b], scratch.pairs)) {
                return std::pair(std::min(a, b), std::max(a, b));
            }
        }
    }
    return std::nullopt;
}

} // namespace detail

/// Two elements that are equal, if there are any.
///
/// Elements are hashed, those of one hash again and deeper, so that what only one element has is
/// never looked at for long; few elements are compared in pairs at once.
/// Order: n log n elements, and the size of what equal-looking ones have in common.
inline auto find_equal_items(boost::json::array const& items, unique_scratch& scratch)
    -> std::optional<std::pair<std::size_t, std::size_t>>
{
    constexpr std::size_t few = 8;
    auto& hashes = scratch.hashes;
    hashes.clear();
    if (items.size() <= few) {
        return detail::find_equal_pairwise(items, scratch, 0, items.size());
    }
    for (std::uint32_t i = 0; i < items.size(); ++i) {
        hashes.emplace_back(0, i);
    }
    scratch.alike.assign(1, {0, items.size()});
    for (std::size_t depth = 1; !scratch.alike.empty(); depth *= 8) {
        auto const rounds = scratch.alike.size();
        for (std::size_t round = 0; round < rounds; ++round) {
            auto const [begin, end] = scratch.alike[round];
            bool const deepest = depth > std::size_t{1} << 30U;
            if (end - begin <= few || deepest) {
                if (auto found = detail::find_equal_pairwise(items, scratch, begin, end)) {
                    return found;
                }
                continue;
            }
            for (auto i = begin; i < end; ++i) {
                hashes[i].first = hash_to_depth(items[hashes[i].second], depth, scratch.values);
            }
            auto const at = [&](std::size_t i) {
                return hashes.begin() + static_cast<std::ptrdiff_t>(i);
            };
            std::sort(at(begin), at(end));
            for (auto first = begin; first < end;) {
                auto last = first + 1;
                while (last < end && hashes[last].first == hashes[first].first) {
                    ++last;
                }
                // Neighbours first: of many that are equal two are soon found.
                if (last - first > 1) {
                    if (equal(items[hashes[first].second], items[hashes[first + 1].second],
                              scratch.pairs)) {
                        return std::pair<std::size_t, std::size_t>(
                            std::min(hashes[first].second, hashes[first + 1].second),
                            std::max(hashes[first].second, hashes[first + 1].second));
                    }
                    scratch.alike.emplace_back(first, last);
                }
                first = last;
            }
        }
        scratch.alike.erase(scratch.alike.begin(),
                            scratch.alike.begin() + static_cast<std::ptrdiff_t>(rounds));
    }
    return std::nullopt;
}

} // namespace haiga::schema
