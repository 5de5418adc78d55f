#pragma once

#include "haiga/base/config.hpp"
#include "haiga/schema/hash.hpp"

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace haiga::schema {

inline constexpr auto none = static_cast<std::uint32_t>(-1);

/// Texts, each once and with its place in a list, found by hash. All tables of a program share
/// these arrays: see name_table.
struct name_store {
    struct name {
        std::uint64_t head;         ///< text_head
        std::uint32_t offset, size; ///< in `text`
        [[nodiscard]] auto in(std::string const& all) const -> std::string_view
        {
            return {all.data() + offset, size};
        }
    };

    auto add(std::string_view text_of_name) -> std::uint32_t
    {
        names.push_back({text_head(text_of_name), static_cast<std::uint32_t>(text.size()),
                         static_cast<std::uint32_t>(text_of_name.size())});
        text.append(text_of_name);
        return static_cast<std::uint32_t>(names.size() - 1);
    }

    [[nodiscard]] auto operator[](std::uint32_t i) const -> std::string_view
    {
        return names[i].in(text);
    }

    std::string text;
    std::vector<name> names;
    std::vector<std::uint32_t> buckets; ///< of all tables; `none` where empty
};

/// The names [begin, begin + count) of a store, found by hash.
struct name_table {
    std::uint32_t begin = 0, count = 0;
    std::uint32_t buckets = 0, mask = 0; ///< the buckets' number less one, which is no power of two

    /// Makes the table of the last `count` names. Of equal names the first is found.
    static auto of_last(std::uint32_t count, name_store& store) -> name_table
    {
        name_table table;
        table.count = count;
        table.begin = static_cast<std::uint32_t>(store.names.size()) - count;
        table.buckets = static_cast<std::uint32_t>(store.buckets.size());
        table.mask = std::bit_ceil(count * 2 + 1) - 1;
        store.buckets.resize(store.buckets.size() + table.mask + 1, none);
        for (std::uint32_t i = 0; i < count; ++i) {
            auto at = static_cast<std::uint32_t>(hash_text(store[table.begin + i])) & table.mask;
            while (store.buckets[table.buckets + at] != none) {
                at = (at + 1) & table.mask;
            }
            store.buckets[table.buckets + at] = i;
        }
        return table;
    }

    /// The place of a text among the names, `none` if it is not there. `likely`: where it may be.
    [[nodiscard]] HAIGA_ALWAYS_INLINE auto find(std::string_view text, std::uint32_t likely,
                                                name_store const& store) const -> std::uint32_t
    {
        auto const head = text_head(text);
        return likely < count && is_at(likely, head, text, store) ? likely
                                                                  : search(head, text, store);
    }

private:
    [[nodiscard]] HAIGA_ALWAYS_INLINE auto is_at(std::uint32_t i, std::uint64_t head,
                                                 std::string_view text,
                                                 name_store const& store) const -> bool
    {
        auto const& name = store.names[begin + i];
        return name.head == head && name.size == text.size() &&
               (text.size() <= 8 || name.in(store.text) == text);
    }

    [[nodiscard]] auto search(std::uint64_t head, std::string_view text,
                              name_store const& store) const -> std::uint32_t
    {
        for (auto at = static_cast<std::uint32_t>(hash_text(text)) & mask;; at = (at + 1) & mask) {
            auto const i = store.buckets[buckets + at];
            if (i == none || is_at(i, head, text, store)) {
                return i;
            }
        }
    }
};

} // namespace haiga::schema
