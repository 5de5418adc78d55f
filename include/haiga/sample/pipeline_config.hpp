#pragma once

#include "haiga/catalog/base_models.hpp"
#include "haiga/checkpoint/prediction_of.hpp"
#include "haiga/model/autoencoder_config_json.hpp"
#include "haiga/model/clip_text_config_json.hpp"
#include "haiga/model/unet_config_json.hpp"
#include "haiga/sample/denoiser.hpp"
#include "haiga/sample/load_part.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace haiga::sample {

/// What a Stable Diffusion is made of, wherever its files say it.
struct pipeline_config {
    catalog::family family = catalog::family::sd1;
    model::unet_config unet;
    model::autoencoder_config vae;
    std::vector<std::pair<std::string, model::clip_text_config>> text; ///< by component
    boost::json::object scheduler;                                     ///< scheduler_config.json
    bool zeros_for_empty = false; ///< what is told where there is no negative prompt
    bool scores_aesthetics = false;

    /// The UNet sees a mask and what the mask leaves.
    [[nodiscard]] auto inpaints() const -> bool { return unet.in_channels != unet.out_channels; }
    /// SDXL's way of reading texts.
    [[nodiscard]] auto joins_text() const -> bool { return unet.addition_embed_type.has_value(); }
    /// Units: pixels a side.
    [[nodiscard]] auto native_size() const -> int
    {
        return static_cast<int>(unet.sample_size.value_or(64) * vae.scale());
    }
};

namespace detail {

/// A JSON file of a folder; nothing where it is not there.
/// Errors: those of reading and parsing, which name the file.
inline auto read_object(std::filesystem::path const& file)
    -> result<std::optional<boost::json::object>>
{
    constexpr std::uint64_t largest = 1 << 20;
    if (std::error_code error; !std::filesystem::exists(file, error)) {
        return std::nullopt;
    }
    auto const named = [&](failure&& f) { return std::move(f).within(file.string()); };
    HAIGA_TRY(auto const text, io::read_file(file, largest));
    HAIGA_TRY(auto const value, json::parse_unique(as_text(text)).map_error(named));
    HAIGA_TRY(auto object, json::as<boost::json::object>(value).map_error(named));
    return std::optional(std::move(object));
}

/// The scheduler that the folder names, else the one that models of this kind are published with.
inline auto scheduler_object(checkpoint::model_source const& source, catalog::family family,
                             std::optional<catalog::prediction> told) -> result<boost::json::object>
{
    std::optional<boost::json::object> found;
    if (source.folder) {
        HAIGA_TRY(found, read_object(source.path / "scheduler" / "scheduler_config.json"));
    }
    if (!found) {
        HAIGA_TRY(auto const said, checkpoint::prediction_of(source));
        auto const kind = told ? *told : said.value_or(checkpoint::usual_prediction(source.model));
        HAIGA_TRY(auto const value, json::parse(catalog::scheduler_config_text(
                                        catalog::default_scheduler(family, kind), kind)));
        return value.as_object();
    }
    if (told) {
        (*found)["prediction_type"] = to_string(*told);
    }
    return *std::move(found);
}

inline auto read_index_flags(checkpoint::model_source const& source, pipeline_config& made)
    -> result<>
{
    made.zeros_for_empty = made.family == catalog::family::sdxl;
    made.scores_aesthetics = made.family == catalog::family::sdxl_refiner;
    if (!source.folder) {
        return {};
    }
    auto const file = source.path / "model_index.json";
    HAIGA_TRY(auto const index, read_object(file));
    if (index) {
        auto const named = [&](failure&& f) { return std::move(f).within(file.string()); };
        HAIGA_TRY(made.zeros_for_empty,
                  json::get<bool>(*index, "force_zeros_for_empty_prompt", made.zeros_for_empty)
                      .map_error(named));
        HAIGA_TRY(made.scores_aesthetics,
                  json::get<bool>(*index, "requires_aesthetics_score", made.scores_aesthetics)
                      .map_error(named));
    }
    return {};
}

/// Errors: unsupported for what is no whole Stable Diffusion; not_found naming what is missing.
inline auto check_parts(checkpoint::model_source const& source) -> result<>
{
    auto const& family = source.model.family;
    if (family == catalog::family::flux) {
        return fail(errc::unsupported, source.path.string(),
                    ": a Flux; expected a Stable Diffusion 1, 2 or XL");
    }
    if (source.model.parts.size() == 1) {
        return fail(errc::unsupported, source.path.string(), ": a ",
                    to_string(source.model.parts.front().kind),
                    " alone; expected a whole Stable Diffusion");
    }
    for (char const* const needed : {"unet", "vae"}) {
        if (source.model.part(needed) == nullptr) {
            return fail(errc::not_found, source.path.string(), ": has no ", needed);
        }
    }
    bool const reads = source.model.part("text_encoder") != nullptr ||
                       source.model.part("text_encoder_2") != nullptr;
    return reads ? result<>()
                 : result<>(fail(errc::not_found, source.path.string(), ": has no text_encoder"));
}

/// Errors: mismatch where the parts do not go together.
inline auto check_together(checkpoint::model_source const& source, pipeline_config const& c)
    -> result<>
{
    std::int64_t width = 0;
    for (auto const& [component, text] : c.text) {
        width += text.hidden_size;
    }
    auto const wanted = c.unet.cross_attention_dim.at(0);
    if (width != wanted) {
        return fail(errc::mismatch, source.path.string(), ": the UNet looks at text of ", wanted,
                    " channels, the text encoders have ", width);
    }
    if (c.vae.latent_channels != c.unet.out_channels) {
        return fail(errc::mismatch, source.path.string(), ": the UNet paints ", c.unet.out_channels,
                    " channels, the VAE decodes ", c.vae.latent_channels);
    }
    return {};
}

} // namespace detail

/// The configurations of an opened Stable Diffusion. told: what the model's output stands for,
/// where the user knows better than the files.
///
/// Errors: not_found for a part that is missing; unsupported for models of another kind; mismatch
///         where parts do not go together; those of reading configurations. They name the file.
inline auto read_pipeline(checkpoint::model_source const& source,
                          std::optional<catalog::prediction> told = {}) -> result<pipeline_config>
{
    auto const named = [&](failure&& f) { return std::move(f).within(source.path.string()); };
    HAIGA_TRY_VOID(detail::check_parts(source));
    pipeline_config made;
    made.family = source.model.family.value_or(catalog::family::sd1);
    HAIGA_TRY(auto const unet, part_config(source, "unet"));
    HAIGA_TRY(made.unet, model::read_unet_config(unet).map_error(named));
    HAIGA_TRY_VOID(check_denoiser(made.unet).map_error(named));
    HAIGA_TRY(auto const vae, part_config(source, "vae"));
    HAIGA_TRY(made.vae, model::read_autoencoder_config(vae).map_error(named));
    for (char const* const component : {"text_encoder", "text_encoder_2"}) {
        if (source.model.part(component) != nullptr) {
            HAIGA_TRY(auto const text, part_config(source, component));
            HAIGA_TRY(auto config, model::read_clip_text_config(text).map_error(named));
            made.text.emplace_back(component, std::move(config));
        }
    }
    HAIGA_TRY_VOID(detail::check_together(source, made));
    HAIGA_TRY(made.scheduler, detail::scheduler_object(source, made.family, told));
    HAIGA_TRY_VOID(detail::read_index_flags(source, made));
    return made;
}

} // namespace haiga::sample
