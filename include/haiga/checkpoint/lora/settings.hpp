#pragma once

#include "haiga/checkpoint/lora/adapter.hpp"
#include "haiga/json/get.hpp"
#include "haiga/json/parse.hpp"
#include "haiga/json/write.hpp"

#include <boost/json/array.hpp>

#include <cmath>

namespace haiga::checkpoint {

/// Where diffusers keeps PEFT's LoraConfig of each component, for its files have no alphas.
inline constexpr std::string_view lora_settings_key = "lora_adapter_metadata";

namespace detail {

/// A module as PEFT's patterns name it whichever transformers runs it: without the text_model that
/// release 5 took away, which a pattern need not begin with.
inline auto bare_module(lora_target const& t) -> std::string_view
{
    constexpr std::string_view shell = "text_model.";
    auto const module = t.module();
    bool const shelled = t.component() != "unet" && module.starts_with(shell);
    return shelled ? module.substr(shell.size()) : module;
}

/// Whether PEFT's pattern means this module: regular expressions that are names, or ends of names,
/// and no others.
/// Source: peft, utils/other.py, get_pattern_key.
inline auto means(std::string_view pattern, lora_target const& t) -> result<bool>
{
    auto name = pattern;
    bool const from_start = name.starts_with('^');
    name.remove_prefix(from_start ? 1 : 0);
    name.remove_suffix(name.ends_with('$') ? 1 : 0);
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";
    if (name.empty() || name.find_first_not_of(plain) != std::string_view::npos) {
        return fail(errc::unsupported, "\"", pattern, "\": a pattern that is not a name");
    }
    return name == t.module() || name == bare_module(t) ||
           (!from_start && t.module().ends_with(concat('.', name)));
}

} // namespace detail

/// The alphas that the metadata of a file tell.
class lora_settings {
public:
    /// Errors: those of JSON.
    [[nodiscard]] static auto read(metadata_map const& metadata) -> result<lora_settings>
    {
        lora_settings settings;
        if (auto const at = metadata.find(std::string(lora_settings_key)); at != metadata.end()) {
            HAIGA_TRY(auto const value, json::parse(at->second).map_error(named));
            HAIGA_TRY(settings.all_, json::as<boost::json::object>(value).map_error(named));
        }
        return settings;
    }

    /// Nothing where they do not tell. Errors: unsupported for DoRA and for patterns that are not
    /// names; mismatch.
    [[nodiscard]] auto alpha(lora_target const& target, std::int64_t rank) const
        -> result<std::optional<double>>
    {
        return find_alpha(target, rank).map_error(named);
    }

private:
    static auto named(failure&& f) -> failure { return std::move(f).within(lora_settings_key); }

    [[nodiscard]] auto find_alpha(lora_target const& target, std::int64_t rank) const
        -> result<std::optional<double>>
    {
        auto const key = [&](std::string_view k) { return concat(target.component(), '.', k); };
        if (!all_.contains(key("r")) && !all_.contains(key("lora_alpha"))) {
            return std::nullopt;
        }
        constexpr double of_peft = 8;
        HAIGA_TRY(auto const dora, json::get<bool>(all_, key("use_dora"), false));
        if (dora) {
            return fail(errc::unsupported, '"', key("use_dora"), "\": DoRA is not supported");
        }
        HAIGA_TRY(auto alpha, json::get<double>(all_, key("lora_alpha"), of_peft));
        HAIGA_TRY(auto const own, json::get<boost::json::object>(all_, key("alpha_pattern"), {}));
        for (auto const& member : own) {
            HAIGA_TRY(bool const meant, detail::means(member.key(), target));
            if (meant) {
                HAIGA_TRY(alpha, json::get<double>(own, member.key()));
                break;
            }
        }
        HAIGA_TRY(auto const by_root, json::get<bool>(all_, key("use_rslora"), false));
        return by_root ? alpha * std::sqrt(static_cast<double>(rank)) : alpha;
    }

    boost::json::object all_;
};

namespace detail {

/// What most have, the least of several.
template <class Value>
auto most_common(std::span<lora_adapter const* const> adapters, Value const& value)
{
    std::map<decltype(value(*adapters[0])), int> counts;
    for (auto const* a : adapters) {
        ++counts[value(*a)];
    }
    auto const fewer = [](auto const& a, auto const& b) { return a.second < b.second; };
    return std::ranges::max_element(counts, fewer)->first;
}

inline void add_settings(boost::json::object& all, std::span<lora_adapter const* const> adapters)
{
    auto const key = [&](std::string_view k) {
        return concat(adapters[0]->target.component(), '.', k);
    };
    auto const rank = most_common(adapters, [](auto const& a) { return a.rank(); });
    auto const alpha = most_common(adapters, [](auto const& a) { return a.alpha; });
    boost::json::object alphas;
    boost::json::object ranks;
    boost::json::array modules;
    for (auto const* a : adapters) {
        auto const module = bare_module(a->target);
        modules.emplace_back(module);
        if (a->alpha != alpha) {
            alphas[module] = a->alpha;
        }
        if (a->rank() != rank) {
            ranks[module] = a->rank();
        }
    }
    all[key("alpha_pattern")] = std::move(alphas);
    all[key("lora_alpha")] = alpha;
    all[key("r")] = rank;
    all[key("rank_pattern")] = std::move(ranks);
    all[key("target_modules")] = std::move(modules);
}

} // namespace detail

/// The settings with which diffusers gives a LoRA whose file has no alphas the same effect; nothing
/// where every alpha is the rank, which it takes without being told. Diffusers before 0.34 does not
/// read them.
/// Source: diffusers 0.42.1, loaders/lora_base.py, _save_lora_weights; utils/peft_utils.py.
inline auto write_lora_settings(lora const& l) -> std::optional<std::string>
{
    auto const tells = [](auto const& a) { return a.alpha != static_cast<double>(a.rank()); };
    if (std::ranges::none_of(l.adapters, tells)) {
        return std::nullopt;
    }
    std::map<std::string_view, std::vector<lora_adapter const*>> components;
    for (auto const& a : l.adapters) {
        components[a.target.component()].push_back(&a);
    }
    boost::json::object all;
    for (auto const& [component, adapters] : components) {
        detail::add_settings(all, adapters);
    }
    return json::pretty(all);
}

} // namespace haiga::checkpoint
