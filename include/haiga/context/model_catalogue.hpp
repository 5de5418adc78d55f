#pragma once

#include "haiga/context/model_names.hpp"
#include "haiga/context/models_text.hpp"
#include "haiga/json/unique_keys.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace haiga::context {

namespace detail {

inline auto check_prices(prices const& p) -> result<>
{
    for (auto const one : {p.input, p.output, p.cache_write_5m, p.cache_write_1h, p.cache_read,
                           p.batch_input.value_or(0), p.batch_output.value_or(0)}) {
        if (!std::isfinite(one) || one < 0) {
            return fail(errc::invalid, "\"prices\": a price is ", one);
        }
    }
    return {};
}

inline auto check_model(model const& m) -> result<>
{
    if (m.id.empty() || m.context < 1 || m.max_output < 1) {
        return fail(errc::invalid,
                    "needs an \"id\", and a \"context\" and a \"max_output\" of at least 1 token");
    }
    if (m.cache_minimum < 0 || m.image.edge < 1 || m.image.tokens < 1 ||
        !(m.text_scale > 0 && m.text_scale < 100)) {
        return fail(errc::invalid, "\"cache_minimum\", \"image\" or \"text_scale\" out of range");
    }
    HAIGA_TRY_VOID(check_prices(m.prices));
    return m.long_prompt ? check_prices(m.long_prompt->prices) : result<>();
}

inline auto read_model(boost::json::object const& o) -> result<model>
{
    model m;
    HAIGA_TRY(m.id, json::get<std::string>(o, "id"));
    HAIGA_TRY(m.title, json::get<std::string>(o, "title", m.id));
    HAIGA_TRY(m.aliases, json::get<std::vector<std::string>>(o, "aliases", {}));
    HAIGA_TRY(m.retired, json::get<bool>(o, "retired", false));
    HAIGA_TRY(m.context, json::get<std::int64_t>(o, "context"));
    HAIGA_TRY(m.max_output, json::get<std::int64_t>(o, "max_output"));
    HAIGA_TRY_VOID(messages::detail::read_member(m.prices, o, "prices"));
    HAIGA_TRY_VOID(messages::detail::read_member(m.long_prompt, o, "long_prompt"));
    HAIGA_TRY(m.cache_minimum, json::get<std::int64_t>(o, "cache_minimum", m.cache_minimum));
    HAIGA_TRY(m.text_scale, json::get<double>(o, "text_scale", m.text_scale));
    if (o.contains("image")) {
        HAIGA_TRY_VOID(messages::detail::read_member(m.image, o, "image"));
    }
    HAIGA_TRY(auto const tools, json::get<boost::json::object>(o, "tool_prompt", {}));
    HAIGA_TRY(m.tool_prompt.autonomous, json::get(tools, "auto", m.tool_prompt.autonomous));
    HAIGA_TRY(m.tool_prompt.any, json::get(tools, "any", m.tool_prompt.any));
    HAIGA_TRY_VOID(check_model(m));
    return m;
}

} // namespace detail

/// What is known of models: how much they take, what they cost. It is data: built_in() is a text of
/// ours (models_text), and a user's own adds to it or takes its place.
class model_catalogue {
public:
    static constexpr std::size_t most_models = 1000;

    /// {"models": [{"id": ..., "context": ..., "max_output": ..., "prices": {...}}, ...]}
    /// Errors: those of JSON; not_found, mismatch, invalid, naming the model and its member.
    static auto read(std::string_view text) -> result<model_catalogue>
    {
        model_catalogue made;
        HAIGA_TRY_VOID(made.extend(text));
        return made;
    }

    /// Errors: none; a built-in text that cannot be read is a bug.
    static auto built_in() -> model_catalogue
    {
        auto made = read(models_text);
        HAIGA_CHECK(made, made.error().message);
        return *std::move(made);
    }

    /// Adds models; of one that is there, the members that are given replace the old ones, all
    /// members of "prices" at once. Nothing changes where something is wrong.
    /// Errors: as read().
    auto extend(std::string_view text) -> result<>
    {
        HAIGA_TRY(auto const document, json::parse_unique(text));
        HAIGA_TRY(auto const root, json::as<boost::json::object>(document));
        HAIGA_TRY(auto const given, json::get<std::vector<boost::json::object>>(root, "models"));
        auto next = *this;
        for (auto const& entry : given) {
            auto added = next.add(entry);
            if (!added) {
                auto const* const id = entry.if_contains("id");
                return tl::unexpected(std::move(added).error().within(
                    id != nullptr && id->is_string()
                        ? concat("model \"", std::string_view(id->get_string()), '"')
                        : std::string("a model")));
            }
        }
        *this = std::move(next);
        return {};
    }

    [[nodiscard]] auto models() const -> std::span<model const> { return models_; }

    /// By id, by alias, by either without the day, or as other clouds call it.
    /// Errors: not_found, with the names that there are.
    [[nodiscard]] auto find(std::string_view name) const -> result<model>
    {
        auto const found =
            std::ranges::find_if(models_, [&](model const& m) { return is_called(m, name); });
        if (found != models_.end()) {
            return *found;
        }
        std::string known;
        for (auto const& m : models_) {
            known.append(known.empty() ? "" : ", ").append(m.id);
        }
        return fail(errc::not_found, "no model \"", name, "\" in the catalogue; it has ", known);
    }

private:
    auto add(boost::json::object const& entry) -> result<>
    {
        HAIGA_TRY(auto const id, json::get<std::string>(entry, "id"));
        auto const old = std::ranges::find(models_, id, &model::id);
        auto whole = old == models_.end()
                         ? boost::json::object()
                         : entries_[static_cast<std::size_t>(old - models_.begin())];
        for (auto const& member : entry) {
            whole[member.key()] = member.value();
        }
        HAIGA_TRY(auto read, detail::read_model(whole));
        if (old != models_.end()) {
            entries_[static_cast<std::size_t>(old - models_.begin())] = std::move(whole);
            *old = std::move(read);
            return {};
        }
        if (models_.size() == most_models) {
            return fail(errc::too_large, "a catalogue has at most ", most_models, " models");
        }
        entries_.push_back(std::move(whole));
        models_.push_back(std::move(read));
        return {};
    }

    std::vector<boost::json::object> entries_; // as they were given, in the order of models_
    std::vector<model> models_;
};

} // namespace haiga::context
