#pragma once

#include "haiga/context/cache_plan.hpp"
#include "haiga/context/window_plan.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>

namespace haiga::context {

namespace detail {

/// 1234567 as "1,234,567".
inline auto grouped(double number) -> std::string
{
    auto digits = std::to_string(std::llround(number));
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > (number < 0 ? 1 : 0);
         at -= 3) {
        digits.insert(static_cast<std::size_t>(at), ",");
    }
    return digits;
}

inline auto padded(std::string text, std::size_t width, bool left = false) -> std::string
{
    auto const missing = text.size() < width ? width - text.size() : 0;
    return text.insert(left ? text.size() : 0, missing, ' ');
}

inline auto dollars(double usd) -> std::string
{
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "USD %.6f", usd);
    return text.data();
}

inline auto row(std::string_view name, token_count tokens) -> std::string
{
    auto const error = tokens.exact() ? std::string() : concat("+- ", grouped(tokens.error));
    return concat(padded(std::string(name), 34, true), padded(grouped(tokens.tokens), 12),
                  error.empty() ? "" : "  ", error, '\n');
}

inline auto kind_name(known_part const& part) -> std::string
{
    auto name = concat("  ", to_string(part.kind));
    if (part.size) {
        name += concat(' ', part.size->width, " x ", part.size->height);
    } else if (part.kind == part_kind::image) {
        name += " of unknown size";
    }
    return name;
}

/// Tools and system prompt in a row each, then the messages, under each of them what is no text.
inline auto part_rows(std::span<known_part const> parts,
                      std::span<messages::message const> messages) -> std::string
{
    token_count tools, system;
    std::vector<token_count> whole(messages.size());
    std::vector<std::string> inside(messages.size());
    for (auto const& part : parts) {
        if (part.message == nowhere) {
            (part.kind == part_kind::tools ? tools : system) += part.tokens;
            continue;
        }
        whole[part.message] += part.tokens;
        if (part.kind != part_kind::text && part.kind != part_kind::frame) {
            inside[part.message] += row(kind_name(part), part.tokens);
        }
    }
    std::string rows;
    rows += tools.tokens > 0 ? row("tools", tools) : "";
    rows += system.tokens > 0 ? row("system", system) : "";
    for (std::size_t i = 0; i < messages.size(); ++i) {
        rows += row(concat("message ", i, ' ', to_string(messages[i].role)), whole[i]) + inside[i];
    }
    return rows;
}

inline auto cut_rows(window_plan const& plan) -> std::string
{
    std::string rows;
    for (auto const& c : plan.cuts) {
        auto const where =
            c.kind == cut_kind::shrink_image
                ? concat(" in message ", c.first, " to ", c.to.width, " x ", c.to.height)
            : c.last == c.first + 1 ? concat(" message ", c.first)
                                    : concat(" messages ", c.first, " to ", c.last - 1);
        rows += row(concat("  ", to_string(c.kind), where), c.saved);
    }
    return rows;
}

inline auto cost_row(std::string_view name, next_cost const& cost) -> std::string
{
    return concat("  ", padded(std::string(name), 26, true), "input ", dollars(cost.input),
                  cost.input_error > 0 ? concat(" +- ", dollars(cost.input_error).substr(4)) : "",
                  ", output at most ", dollars(cost.output), '\n');
}

inline auto cost_rows(token_count input, std::int64_t output, model const& m,
                      cache_plan const& cache) -> std::string
{
    using enum cache_use;
    auto const cost = [&](cache_use use, bool batch) {
        return cost_of_next(input, cache.cached, output, m, use, batch);
    };
    auto rows = cost_row("without cache", cost(none, false));
    if (!cache.points.empty()) {
        rows += cost_row("prefix written to cache", cost(cache.hour ? write_1h : write_5m, false));
        rows += cost_row("prefix read from cache", cost(read, false));
    }
    return rows + cost_row("in a batch", cost(none, true));
}

inline auto cache_rows(cache_plan const& cache) -> std::string
{
    if (cache.points.empty()) {
        return "no cache breakpoint pays\n";
    }
    std::string rows = concat("cache breakpoints, which save ", dollars(cache.saved), '\n');
    for (auto const& point : cache.points) {
        rows += row(point.message == nowhere
                        ? concat("  after ", to_string(point.where))
                        : concat("  after block ", point.block, " of message ", point.message),
                    point.prefix);
    }
    return rows;
}

} // namespace detail

/// For a person: the parts, what fits, what would be cut, cache breakpoints, and what it all costs.
template <token_counter Counter>
auto window_table(ledger<Counter> const& book, std::span<messages::message const> messages,
                  window_plan const& plan, cache_plan const& cache) -> std::string
{
    auto const& m = book.model();
    auto const limit = static_cast<double>(plan.limit);
    auto const output = m.context - plan.limit;
    auto const parts = book.parts();
    auto text = concat(m.id, m.retired ? " (retired)" : "", ": a window of ",
                       detail::grouped(static_cast<double>(m.context)), " tokens, ",
                       detail::grouped(static_cast<double>(output)), " of them for the answer\n\n");
    text += detail::part_rows(parts, messages);
    text += detail::row("all of it", plan.before);
    text += detail::row("fits", {limit, 0});
    if (!plan.cuts.empty()) {
        text += concat("\nwould be cut\n", detail::cut_rows(plan));
        text += plan.summary ? detail::row("  and told in a summary of",
                                           {static_cast<double>(*plan.summary), 0})
                             : "";
        text += detail::row("what is left", plan.after);
    }
    text += plan.fits ? "it fits\n" : "IT DOES NOT FIT\n";
    text += concat('\n', detail::cache_rows(cache));
    text += concat("\nspent so far                ", detail::dollars(book.spent().total()), '\n');
    text += concat("the next request\n", detail::cost_rows(book.total(), output, m, cache));
    return text;
}

} // namespace haiga::context
