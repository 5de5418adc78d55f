#pragma once

#include "haiga/base/parallel.hpp"
#include "haiga/tokenizer/tokenizer.hpp"

namespace haiga::tokenizer {

/// The tokens of many texts, in their order.
template <tokenizer T>
auto encode_all(T const& t, std::span<std::string_view const> texts, parallelism team)
    -> std::vector<std::vector<token_id>>
{
    std::vector<std::vector<token_id>> all(texts.size());
    parallel_for(team, static_cast<std::ptrdiff_t>(texts.size()), [&](std::ptrdiff_t i, int) {
        auto const at = static_cast<std::size_t>(i);
        all[at] = t.encode(texts[at]);
    });
    return all;
}

/// How many tokens each of many texts has.
template <tokenizer T>
auto count_all(T const& t, std::span<std::string_view const> texts, parallelism team)
    -> std::vector<std::size_t>
{
    std::vector<std::size_t> all(texts.size());
    parallel_for(team, static_cast<std::ptrdiff_t>(texts.size()), [&](std::ptrdiff_t i, int) {
        auto const at = static_cast<std::size_t>(i);
        all[at] = t.count(texts[at]);
    });
    return all;
}

/// On which side of a text something is cut off, or filled up.
enum class side : std::uint8_t { left, right };

/// Takes away what is above a limit.
inline void truncate(std::vector<token_id>& ids, std::size_t limit, side from = side::right)
{
    if (ids.size() > limit) {
        auto const surplus = static_cast<std::ptrdiff_t>(ids.size() - limit);
        from == side::left ? ids.erase(ids.begin(), ids.begin() + surplus)
                           : ids.erase(ids.end() - surplus, ids.end());
    }
}

/// Rows of one length, one behind the other, as models take them.
struct token_rows {
    std::size_t length = 0;
    std::vector<token_id> ids;
    std::vector<std::uint8_t> mask; ///< 1: a token of the text, 0: one that fills up
};

struct padding_options {
    token_id id = 0;
    side at = side::right;
    std::size_t multiple = 1; ///< lengths are multiples of it
    std::size_t least = 0;    ///< and no shorter
};

/// Fills all texts up to the length of the longest.
inline auto pad(std::span<std::vector<token_id> const> texts, padding_options const& o)
    -> token_rows
{
    HAIGA_CHECK(o.multiple > 0);
    token_rows rows{.length = o.least, .ids = {}, .mask = {}};
    for (auto const& ids : texts) {
        rows.length = std::max(rows.length, ids.size());
    }
    rows.length = (rows.length + o.multiple - 1) / o.multiple * o.multiple;
    for (auto const& ids : texts) {
        auto const fill = rows.length - ids.size();
        auto const before = o.at == side::left ? fill : 0;
        rows.ids.insert(rows.ids.end(), before, o.id);
        rows.mask.insert(rows.mask.end(), before, 0);
        rows.ids.insert(rows.ids.end(), ids.begin(), ids.end());
        rows.mask.insert(rows.mask.end(), ids.size(), 1);
        rows.ids.insert(rows.ids.end(), fill - before, o.id);
        rows.mask.insert(rows.mask.end(), fill - before, 0);
    }
    return rows;
}

} // namespace haiga::tokenizer
