#pragma once

#include "haiga/context/window_plan.hpp"
#include "haiga/messages/request.hpp"

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace haiga::context {

/// Stands for a hook that is not there: a plan that needs it cannot be carried out.
struct no_hook {};

namespace detail {

inline auto image_at(messages::message& message, cut const& what) -> messages::image_block*
{
    auto& block = message.content.blocks.at(what.block);
    if (what.inner == nowhere) {
        return messages::get_if<messages::image_block>(block);
    }
    auto* const tool = messages::get_if<messages::tool_result_block>(block);
    return tool != nullptr && tool->content
               ? messages::get_if<messages::image_block>(tool->content->blocks.at(what.inner))
               : nullptr;
}

template <class Shrink>
auto shrink_image(messages::message& message, cut const& what, Shrink const& shrink) -> result<>
{
    if constexpr (std::same_as<Shrink, no_hook>) {
        return fail(errc::unsupported, "message ", what.first,
                    ": to shrink an image, somebody must be given who can");
    } else {
        auto* const image = image_at(message, what);
        HAIGA_CHECK(image != nullptr, "a plan for other messages");
        HAIGA_TRY(*image, shrink(std::as_const(*image), what.to));
        return {};
    }
}

} // namespace detail

/// Carries out a plan: `shrink(image_block const&, pixel_size) -> result<image_block>` and
/// `summarise(span<message const>, tokens) -> result<string>` are asked where the plan needs them.
///
/// A summary becomes a message of the user where the first dropped one was; what was dropped is
/// gone. Errors: too_large, for a plan that does not fit; unsupported, for one that needs a hook
/// which is not
///         there; those of the hooks.
template <class Shrink = no_hook, class Summarise = no_hook>
auto apply_window(window_plan const& plan, messages::prompt prompt, Shrink const& shrink = {},
                  Summarise const& summarise = {}) -> result<messages::prompt>
{
    if (!plan.fits) {
        return fail(errc::too_large, "the conversation needs ", plan.after.most(),
                    " tokens at most, of which ", plan.limit, " fit");
    }
    std::vector<bool> gone(prompt.messages.size(), false);
    for (auto const& what : plan.cuts) {
        HAIGA_CHECK(what.last <= prompt.messages.size(), "a plan for other messages");
        if (what.kind == cut_kind::shrink_image) {
            HAIGA_TRY_VOID(detail::shrink_image(prompt.messages[what.first], what, shrink));
        } else {
            std::fill(gone.begin() + static_cast<std::ptrdiff_t>(what.first),
                      gone.begin() + static_cast<std::ptrdiff_t>(what.last), true);
        }
    }
    std::vector<messages::message> kept, dropped;
    std::optional<std::size_t> first_gap;
    for (std::size_t i = 0; i < gone.size(); ++i) {
        if (gone[i] && !first_gap) {
            first_gap = kept.size();
        }
        (gone[i] ? dropped : kept).push_back(std::move(prompt.messages[i]));
    }
    if (plan.summary && first_gap) {
        if constexpr (std::same_as<Summarise, no_hook>) {
            return fail(errc::unsupported, "to summarise, somebody must be given who can");
        } else {
            HAIGA_TRY(auto text,
                      summarise(std::span<messages::message const>(dropped), *plan.summary));
            messages::message told;
            told.content = messages::plain_text(std::move(text));
            kept.insert(kept.begin() + static_cast<std::ptrdiff_t>(*first_gap), std::move(told));
        }
    }
    prompt.messages = std::move(kept);
    return prompt;
}

} // namespace haiga::context
