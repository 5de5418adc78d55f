#pragma once

#include "haiga/checkpoint/model_source.hpp"
#include "haiga/json/quote_non_finite.hpp"

namespace haiga::checkpoint {

namespace detail {

inline auto prediction_named(std::string_view name) -> std::optional<catalog::prediction>
{
    using catalog::prediction;
    for (auto const kind : {prediction::epsilon, prediction::v_prediction, prediction::flow}) {
        if (name == to_string(kind)) {
            return kind;
        }
    }
    return name == "v" ? std::optional(prediction::v_prediction) : std::nullopt;
}

} // namespace detail

/// What the model's output stands for, where the checkpoint tells it: a folder in its scheduler's
/// configuration, a file in its metadata or by the tensor v_pred that some trainers leave there.
/// Nothing else in a UNet tells it.
/// Errors: those of reading the scheduler's configuration, which name the file.
/// Source: the Stability AI Model Metadata Standard 1.0.0, for modelspec.prediction_type.
inline auto prediction_of(model_source const& source) -> result<std::optional<catalog::prediction>>
{
    if (source.model.family == catalog::family::flux) {
        return catalog::prediction::flow;
    }
    if (source.folder) {
        constexpr std::uint64_t largest = 1 << 20;
        auto const file = source.path / "scheduler" / "scheduler_config.json";
        if (std::error_code error; !std::filesystem::exists(file, error)) {
            return std::nullopt;
        }
        auto const named = [&](failure&& f) { return std::move(f).within(file.string()); };
        HAIGA_TRY(auto const text, io::read_file(file, largest));
        HAIGA_TRY(auto const config,
                  json::parse(json::quote_non_finite(as_text(text))).map_error(named));
        HAIGA_TRY(auto const object, json::as<boost::json::object>(config).map_error(named));
        HAIGA_TRY(auto const told,
                  json::get<std::string>(object, "prediction_type", "epsilon").map_error(named));
        return detail::prediction_named(told);
    }
    auto const said = source.metadata().find("modelspec.prediction_type");
    if (said != source.metadata().end()) {
        return detail::prediction_named(said->second);
    }
    bool const marked =
        std::ranges::find(source.tensors, "v_pred", &stored_tensor::name) != source.tensors.end();
    return marked ? std::optional(catalog::prediction::v_prediction) : std::nullopt;
}

/// What is taken where the checkpoint does not tell: what most models of the family were trained
/// with. Stable Diffusion 2 comes as both; its models at 768 are the more.
inline auto usual_prediction(architecture const& a) -> catalog::prediction
{
    if (a.family == catalog::family::flux) {
        return catalog::prediction::flow;
    }
    return a.family == catalog::family::sd2 && !a.inpaints() ? catalog::prediction::v_prediction
                                                             : catalog::prediction::epsilon;
}

} // namespace haiga::checkpoint
