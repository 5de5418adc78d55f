#pragma once

#include "haiga/json/get.hpp"
#include "haiga/json/parse.hpp"
#include "haiga/json/unique_keys.hpp"
#include "haiga/model/unet_config_json.hpp"
#include "haiga/train/recipe.hpp"

#include <array>

namespace haiga::train {

namespace detail {

inline constexpr std::array<std::string_view, 4> prediction_names{
    "epsilon", "sample", "v_prediction", "flow_prediction"};
inline constexpr std::array<std::string_view, 6> schedule_names{
    "linear", "scaled_linear", "squaredcos_cap_v2", "sigmoid", "laplace", "exp"};

/// f(key, member) for every number of a recipe; the names are Diffusers' where it has one.
template <class Recipe, class F>
void for_each_number(Recipe& r, F&& f)
{
    f("size", r.model.size);
    f("text_tokens", r.model.text_tokens);
    f("coordinate_frequencies", r.model.frequencies);
    f("steps", r.steps);
    f("batch", r.batch);
    f("save_every", r.save_every);
    f("seed", r.seed);
    f("recompute", r.recompute);
    f("num_train_timesteps", r.schedule.steps);
    f("beta_start", r.schedule.first_beta);
    f("beta_end", r.schedule.last_beta);
    f("rescale_betas_zero_snr", r.schedule.zero_terminal_snr);
    f("first_timestep", r.first_step);
    f("last_timestep", r.last_step);
    f("min_snr_gamma", r.min_snr_gamma);
    f("learning_rate", r.rate.rate);
    f("warmup_steps", r.rate.warmup);
    f("lr_end", r.rate.last_rate);
    f("lr_power", r.rate.power);
    f("lr_num_cycles", r.rate.cycles);
    f("beta1", r.adamw.beta1);
    f("beta2", r.adamw.beta2);
    f("adam_epsilon", r.adamw.epsilon);
    f("weight_decay", r.adamw.weight_decay);
    f("clip_norm", r.clip_norm);
    f("average_decay", r.average.most);
    f("average_min_decay", r.average.least);
    f("average_after_step", r.average.after_step);
    f("average_power_law", r.average.power_law);
    f("average_inv_gamma", r.average.inv_gamma);
    f("average_power", r.average.power);
}

/// One of a list of names, as its position. Errors: invalid, listing them.
template <class Enum, std::size_t N>
auto choice(boost::json::object const& from, std::string_view key,
            std::array<std::string_view, N> const& names, Enum& to) -> result<>
{
    HAIGA_TRY(auto const found, json::get<std::string>(from, key));
    std::string list;
    for (std::size_t i = 0; i < N; ++i) {
        if (names[i] == found) {
            to = static_cast<Enum>(i);
            return {};
        }
        list += concat(i == 0 ? "" : ", ", names[i]);
    }
    return fail(errc::invalid, '"', key, "\": expected ", list, "; found ", one_line(found, 80));
}

template <class Enum, std::size_t N>
auto name_of(std::array<std::string_view, N> const& names, Enum of) -> std::string_view
{
    return names.at(static_cast<std::size_t>(of));
}

} // namespace detail

/// Everything of a recipe. The learning rate's total is its steps, and is not written.
inline auto to_json(recipe const& r) -> boost::json::object
{
    boost::json::object object;
    detail::for_each_number(r, [&](std::string_view key, auto const& member) {
        object[key] = boost::json::value(member);
    });
    object["beta_schedule"] = detail::name_of(detail::schedule_names, r.schedule.betas);
    object["prediction_type"] = detail::name_of(detail::prediction_names, r.target);
    object["lr_scheduler"] = detail::name_of(optim::rate_shape_names, r.rate.shape);
    object["storage"] = to_string(r.storage);
    object["unet"] = model::write_unet_config(r.model.unet);
    return object;
}

/// The inverse. Errors: not_found and mismatch for keys, those of check(recipe) and of the UNet's
/// configuration; each names the key.
inline auto recipe_from_json(boost::json::object const& from) -> result<recipe>
{
    recipe r;
    result<> outcome;
    detail::for_each_number(r, [&]<class T>(std::string_view key, T& member) {
        if (outcome) {
            outcome = json::get<T>(from, key).map([&](T value) { member = value; });
        }
    });
    HAIGA_TRY_VOID(std::move(outcome));
    HAIGA_TRY_VOID(detail::choice(from, "beta_schedule", detail::schedule_names, r.schedule.betas));
    HAIGA_TRY_VOID(detail::choice(from, "prediction_type", detail::prediction_names, r.target));
    HAIGA_TRY_VOID(detail::choice(from, "lr_scheduler", optim::rate_shape_names, r.rate.shape));
    HAIGA_TRY(auto const storage, json::get<std::string>(from, "storage"));
    auto const type = dtype_from_string(storage);
    if (!type) {
        return fail(errc::invalid, "\"storage\": expected F32 or BF16; found ",
                    one_line(storage, 80));
    }
    r.storage = *type;
    r.rate.total = r.steps;
    HAIGA_TRY(auto const unet, json::get<boost::json::object>(from, "unet"));
    HAIGA_TRY(r.model.unet, model::read_unet_config(unet).map_error(
                                [](failure&& f) { return std::move(f).within("\"unet\""); }));
    HAIGA_TRY_VOID(check(r));
    return r;
}

/// The same for text. Errors: also those of json::parse_unique.
inline auto read_recipe(std::string_view text) -> result<recipe>
{
    HAIGA_TRY(auto const value, json::parse_unique(text));
    HAIGA_TRY(auto const object, json::as<boost::json::object>(value));
    return recipe_from_json(object);
}

} // namespace haiga::train
