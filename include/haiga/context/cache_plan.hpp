#pragma once

#include "haiga/context/ledger.hpp"
#include "haiga/messages/request.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace haiga::context {

/// What is expected of the prefix that is to be cached.
struct cache_expectation {
    int requests = 1;  ///< more, while the cache keeps it
    bool hour = false; ///< it is kept for an hour, at another price, instead of five minutes
};

/// A place for a breakpoint: the end of the tools, of the system prompt, or of a block of a
/// message.
struct cache_point {
    part_kind where = part_kind::text; ///< tools, system, or that of a block
    std::size_t message = nowhere;
    std::size_t block = 0;
    token_count prefix{}; ///< everything up to its end

    friend auto operator==(cache_point const&, cache_point const&) -> bool = default;
};

struct cache_plan {
    std::vector<cache_point> points{}; ///< in the order of the request
    double cached = 0;                 ///< tokens up to the last one
    double saved = 0;                  ///< USD, over this request and those expected
    bool hour = false;
};

namespace detail {

inline constexpr std::size_t most_points = 4;
/// How many blocks before a breakpoint the API looks for what an earlier request has cached.
inline constexpr std::size_t look_back = 20;

template <class Block>
concept cacheable = requires(Block& b)
{
    b.cache_control.emplace();
};

/// Breakpoints that are there already.
inline auto points_in(messages::content const& c) -> std::size_t
{
    auto const marked = [](auto const& b) {
        if constexpr (cacheable<std::remove_cvref_t<decltype(b)>>) {
            return b.cache_control.has_value();
        } else {
            return false;
        }
    };
    return static_cast<std::size_t>(std::ranges::count_if(
        c.blocks, [&](auto const& block) { return std::visit(marked, block.value); }));
}

inline auto points_in(messages::prompt const& prompt) -> std::size_t
{
    std::size_t points = prompt.cache_control ? 1 : 0;
    for (std::size_t i = 0; prompt.tools && i < prompt.tools->size(); ++i) {
        auto const* const own = std::get_if<messages::tool>(&(*prompt.tools)[i]);
        points += own != nullptr && own->cache_control ? 1U : 0U;
    }
    points += prompt.system ? points_in(*prompt.system) : 0;
    for (auto const& message : prompt.messages) {
        points += points_in(message.content);
    }
    return points;
}

/// The last block that a breakpoint may stand at: not a thought, nor an empty text.
inline auto last_cacheable(messages::content const& c) -> std::optional<std::size_t>
{
    for (auto i = c.blocks.size(); i-- > 0;) {
        auto const* const text = messages::get_if<messages::text_block>(c.blocks[i]);
        auto const can =
            std::visit([](auto const& b) { return cacheable<std::remove_cvref_t<decltype(b)>>; },
                       c.blocks[i].value);
        if (can && (text == nullptr || !text->text.empty())) {
            return i;
        }
    }
    return std::nullopt;
}

/// Where the request before this one ended: in front of the last answer.
inline auto end_of_previous(std::span<messages::message const> messages) -> std::size_t
{
    auto i = messages.size();
    while (i > 0 && messages[i - 1].role == messages::role::user) {
        --i;
    }
    while (i > 0 && messages[i - 1].role == messages::role::assistant) {
        --i;
    }
    return i;
}

/// Puts points where there is a place, in the order in which they matter.
class cache_planner {
public:
    cache_planner(messages::prompt const& prompt, std::span<known_part const> parts,
                  std::int64_t minimum)
        : prompt_(prompt), minimum_(static_cast<double>(minimum)), free_(most_points),
          upto_(prompt.messages.size())
    {
        free_ -= std::min(free_, points_in(prompt));
        for (auto const& part : parts) {
            tools_ += part.kind == part_kind::tools ? part.tokens : token_count{};
            auto& sum = part.message == nowhere ? before_ : upto_[part.message];
            sum += part.tokens;
        }
        auto sum = before_;
        for (auto& one : upto_) {
            one = sum += one;
        }
    }

    /// At the last place before message `end`.
    void messages_before(std::size_t end)
    {
        while (end > 0) {
            --end;
            if (auto const block = last_cacheable(prompt_.messages[end].content)) {
                add({.message = end, .block = *block, .prefix = upto_[end]});
                return;
            }
        }
    }

    void previous_request()
    {
        auto const end = end_of_previous(prompt_.messages);
        std::size_t blocks = 0;
        for (auto i = end; i < prompt_.messages.size(); ++i) {
            blocks += prompt_.messages[i].content.blocks.size();
        }
        if (blocks > look_back) {
            messages_before(end);
        }
    }

    void system()
    {
        auto const block = prompt_.system ? last_cacheable(*prompt_.system) : std::nullopt;
        if (block) {
            add({.where = part_kind::system, .block = *block, .prefix = before_});
        }
    }

    void tools()
    {
        if (prompt_.tools && !prompt_.tools->empty() &&
            std::holds_alternative<messages::tool>(prompt_.tools->back())) {
            add({.where = part_kind::tools, .block = prompt_.tools->size() - 1, .prefix = tools_});
        }
    }

    [[nodiscard]] auto points() && -> std::vector<cache_point>
    {
        std::ranges::sort(points_, {}, [](cache_point const& c) { return c.prefix.tokens; });
        return std::move(points_);
    }

private:
    void add(cache_point point)
    {
        if (free_ > 0 && point.prefix.least() >= minimum_ &&
            std::ranges::find(points_, point) == points_.end()) {
            points_.push_back(point);
            --free_;
        }
    }

    messages::prompt const& prompt_;
    double minimum_;
    std::size_t free_;
    token_count tools_, before_;
    std::vector<token_count> upto_; ///< the end of each message
    std::vector<cache_point> points_;
};

} // namespace detail

/// Where breakpoints pay, at most so many as the API takes, those included that are there: at the
/// end of the messages, which the next request begins with; where the request before this one
/// ended, if that is further back than the API looks by itself; behind the system prompt and the
/// tools, which outlive what is cut from the conversation. None before the prefix is as long as it
/// must be for this model, even if it was overestimated. Source:
/// platform.claude.com/docs/en/build-with-claude/prompt-caching.
template <token_counter Counter>
auto plan_cache(ledger<Counter> const& book, messages::prompt const& prompt,
                cache_expectation const& expected) -> cache_plan
{
    HAIGA_CHECK(book.messages() == prompt.messages.size(), "a ledger of other messages");
    auto const& p = prices_of(book.model(), book.total().tokens);
    auto const write = expected.hour ? p.cache_write_1h : p.cache_write_5m;
    auto const gain = expected.requests * (p.input - p.cache_read) - (write - p.input);
    cache_plan plan{.hour = expected.hour};
    if (gain <= 0) {
        return plan;
    }
    auto const parts = book.parts();
    detail::cache_planner planner(prompt, parts, book.model().cache_minimum);
    planner.messages_before(prompt.messages.size());
    planner.previous_request();
    planner.system();
    planner.tools();
    plan.points = std::move(planner).points();
    plan.cached = plan.points.empty() ? 0 : plan.points.back().prefix.tokens;
    plan.saved = gain * plan.cached / detail::million;
    return plan;
}

/// Sets the breakpoints of a plan.
inline void mark(messages::prompt& prompt, cache_plan const& plan)
{
    messages::cache_control control;
    if (plan.hour) {
        control.ttl = "1h";
    }
    auto const set = [&](auto& block) {
        if constexpr (detail::cacheable<std::remove_cvref_t<decltype(block)>>) {
            block.cache_control = control;
        }
    };
    for (auto const& point : plan.points) {
        if (point.where == part_kind::tools) {
            std::visit(set, prompt.tools->at(point.block));
        } else {
            auto& content = point.where == part_kind::system
                                ? *prompt.system
                                : prompt.messages.at(point.message).content;
            std::visit(set, content.blocks.at(point.block).value);
        }
    }
}

} // namespace haiga::context
