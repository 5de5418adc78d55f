#pragma once

#include "haiga/base/bytes.hpp"
#include "haiga/base/result.hpp"
#include "haiga/context/cache_plan.hpp"
#include "haiga/context/claude_counter.hpp"
#include "haiga/context/conversation.hpp"
#include "haiga/context/model_catalogue.hpp"
#include "haiga/context/window_plan.hpp"
#include "haiga/context/window_table.hpp"
#include "haiga/io/read_file.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace haiga::app {

/// haiga-words window CONVERSATION.json --model NAME
struct window_options {
    std::filesystem::path file;
    std::filesystem::path models;
    std::string model;
    context::window_policy policy;
    context::cache_expectation cache;
    bool keep_all = false;

    void declare(CLI::App& app)
    {
        app.add_option("CONVERSATION", file, "a request's body, or an array of messages, as JSON")
            ->required();
        app.add_option("--model", model, "its id; else as CONVERSATION says");
        app.add_option("--models", models, "a catalogue of models (JSON) beside the built-in one");
        app.add_option("--max-output", policy.max_output, "tokens to keep free for the answer")
            ->check(CLI::PositiveNumber);
        app.add_option("--shrink-images", policy.shrink_images,
                       "where it does not fit, to so many pixels of the longer side")
            ->check(CLI::PositiveNumber);
        app.add_option("--summarise", policy.summarise,
                       "what is dropped would be told in so many tokens")
            ->check(CLI::PositiveNumber);
        app.add_option("--pin", policy.pinned, "messages that stay, counted from 0");
        app.add_flag("--drop-nothing", keep_all, "only tell");
        app.add_flag("--trust-estimates", policy.trust_estimates,
                     "do not add the error of an estimate");
        app.add_option("--requests", cache.requests, "how often the cached prefix is used again");
        app.add_flag("--hour", cache.hour, "cache for an hour");
    }
};

/// A failure that says which file it is about.
template <class T>
auto about(std::filesystem::path const& file, result<T>&& read) -> result<T>
{
    return std::move(read).map_error(
        [&](failure&& f) { return std::move(f).within(file.string()); });
}

inline auto window(window_options const& o) -> result<bool>
{
    constexpr std::uint64_t largest = std::uint64_t{1} << 28;
    auto catalogue = context::model_catalogue::built_in();
    if (!o.models.empty()) {
        HAIGA_TRY(auto const own, io::read_file(o.models, largest));
        HAIGA_TRY_VOID(about(o.models, catalogue.extend(as_text(own))));
    }
    HAIGA_TRY(auto const text, io::read_file(o.file, largest));
    HAIGA_TRY(auto const conversation, about(o.file, context::read_conversation(as_text(text))));
    auto const name = o.model.empty() ? conversation.model.value_or("") : o.model;
    if (name.empty()) {
        return fail(errc::not_found, "neither --model nor the conversation names a model");
    }
    HAIGA_TRY(auto const model, catalogue.find(name));
    auto policy = o.policy;
    policy.drop_turns = policy.drop_rounds = !o.keep_all;
    policy.max_output = policy.max_output ? policy.max_output : conversation.max_tokens;
    if (policy.max_output.value_or(0) > model.max_output) {
        return fail(errc::too_large, model.id, " answers with at most ", model.max_output,
                    " tokens, not ", *policy.max_output);
    }
    auto const book = context::ledger_of(conversation, model, context::claude_counter{});
    auto const& messages = conversation.prompt.messages;
    auto const plan = context::plan_window(book, messages, policy);
    auto const cache = context::plan_cache(book, conversation.prompt, o.cache);
    std::cout << context::window_table(book, messages, plan, cache);
    return plan.fits;
}

} // namespace haiga::app
