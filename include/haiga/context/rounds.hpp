#pragma once

#include "haiga/base/result.hpp"
#include "haiga/messages/message.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace haiga::context {

/// Messages that go or stay together: [first, last). A turn begins with what the user says; a round
/// is the model's answer with the results of the tools that it calls.
struct round {
    std::size_t first = 0;
    std::size_t last = 0;
    std::size_t turn = 0;
    bool opening = false; ///< what the user says, not a round of the model
};

namespace detail {

inline auto has_tool_result(messages::message const& m) -> bool
{
    return std::ranges::any_of(m.content.blocks, [](auto const& block) {
        return messages::get_if<messages::tool_result_block>(block) != nullptr;
    });
}

/// The end of the neighbours from `i` on that have its role: the API takes them for one message.
inline auto end_of_run(std::span<messages::message const> messages, std::size_t i) -> std::size_t
{
    auto const who = messages[i].role;
    while (i < messages.size() && messages[i].role == who) {
        ++i;
    }
    return i;
}

/// Ids of one run, in order. Cost of a search: the logarithm of their number.
class tool_ids {
public:
    void add(std::string_view id) { ids_.push_back(id); }
    void sort() { std::ranges::sort(ids_); }
    [[nodiscard]] auto has(std::string_view id) const -> bool
    {
        return std::ranges::binary_search(ids_, id);
    }
    [[nodiscard]] auto ids() const -> std::vector<std::string_view> const& { return ids_; }

private:
    std::vector<std::string_view> ids_;
};

template <class Block>
auto ids_in(std::span<messages::message const> run, std::string Block::*id) -> tool_ids
{
    tool_ids found;
    for (auto const& message : run) {
        for (auto const& block : message.content.blocks) {
            if (auto const* const one = messages::get_if<Block>(block)) {
                found.add(one->*id);
            }
        }
    }
    return found;
}

} // namespace detail

/// All messages, in order.
inline auto rounds_of(std::span<messages::message const> messages) -> std::vector<round>
{
    std::vector<round> all;
    std::size_t turns = 0;
    for (std::size_t i = 0; i < messages.size();) {
        round next{i, detail::end_of_run(messages, i), 0, messages[i].role == messages::role::user};
        while (!next.opening && next.last < messages.size() &&
               detail::has_tool_result(messages[next.last])) {
            ++next.last;
        }
        turns += next.opening || all.empty() ? std::size_t{1} : std::size_t{0};
        next.turn = turns - 1;
        i = next.last;
        all.push_back(next);
    }
    return all;
}

/// Whether every tool's result stands right behind its call, and every call but those at the very
/// end has one; else the API answers 400. Errors: mismatch, naming the message and the id.
inline auto check_tool_pairs(std::span<messages::message const> messages) -> result<>
{
    detail::tool_ids calls;
    for (std::size_t i = 0; i < messages.size();) {
        auto const end = detail::end_of_run(messages, i);
        auto const run = messages.subspan(i, end - i);
        auto results = detail::ids_in(run, &messages::tool_result_block::tool_use_id);
        for (auto const id : results.ids()) {
            if (!calls.has(id)) {
                return fail(errc::mismatch, "message ", i, ": a tool_result for \"", id,
                            "\", which the message before does not call");
            }
        }
        results.sort();
        for (auto const id : calls.ids()) {
            if (!results.has(id)) {
                return fail(errc::mismatch, "message ", i, ": no tool_result for \"", id,
                            "\", which the message before calls");
            }
        }
        calls = detail::ids_in(run, &messages::tool_use_block::id);
        calls.sort();
        i = end;
    }
    return {};
}

} // namespace haiga::context
