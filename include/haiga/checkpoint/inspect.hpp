#pragma once

#include "haiga/checkpoint/convert_lora.hpp"

#include <sstream>

namespace haiga::checkpoint {

/// What a checkpoint is, as JSON: form, architecture, parts, types, tensors, metadata. Of a file
/// that is no known model everything but the architecture, and why. Errors: those of open_model,
/// but for what only recognition says.
inline auto inspect(std::filesystem::path const& path) -> result<boost::json::object>
{
    boost::json::object told{{"path", path.string()}};
    auto const opened = open_model(path);
    std::vector<stored_tensor> tensors;
    metadata_map metadata;
    if (opened) {
        auto const& model = opened->model;
        auto const& first = opened->weights.front().set.files().front();
        tensors = opened->tensors;
        metadata = opened->metadata();
        HAIGA_TRY(auto const prediction, prediction_of(*opened));
        told["form"] = opened->folder ? "Diffusers folder" : std::string(to_string(first.form()));
        told["naming"] = model.follows == naming::diffusers ? "Diffusers" : "original";
        told["family"] = model.family ? boost::json::value(to_string(*model.family)) : nullptr;
        told["inpainting"] = model.inpaints();
        told["prediction"] = prediction ? boost::json::value(to_string(*prediction)) : nullptr;
        auto& parts = told["parts"].emplace_array();
        for (auto const& part : model.parts) {
            parts.push_back({{"component", part.component}, {"kind", to_string(part.kind)}});
        }
    } else {
        auto const lora = find_lora(path);
        if (std::error_code error; !lora && std::filesystem::is_directory(path, error)) {
            return tl::unexpected(opened.error());
        }
        HAIGA_TRY(auto set, detail::open_weights(lora.value_or(path)));
        tensors.assign(set.tensors().begin(), set.tensors().end());
        metadata = set.files().front().metadata();
        told["form"] = to_string(set.files().front().form());
        if (auto const family = lora_family(tensors)) {
            told["family"] = to_string(*family);
            told["parts"] = {{{"component", nullptr}, {"kind", "LoRA"}}};
        } else {
            told["unknown"] = opened.error().to_string();
        }
    }
    std::map<std::string_view, std::int64_t> types;
    for (auto const& tensor : tensors) {
        ++types[to_string(tensor.type)];
    }
    auto& dtypes = told["dtypes"].emplace_object();
    for (auto const& [type, count] : types) {
        dtypes[type] = count;
    }
    auto& about = told["metadata"].emplace_object();
    for (auto const& [key, value] : metadata) {
        about[key] = value;
    }
    auto& list = told["tensors"].emplace_array();
    for (auto const& tensor : tensors) {
        list.push_back({{"name", tensor.name},
                        {"dtype", to_string(tensor.type)},
                        {"shape", boost::json::array(tensor.dims.begin(), tensor.dims.end())}});
    }
    return told;
}

/// The same as lines of text.
inline auto as_report(boost::json::object const& told) -> std::string
{
    std::ostringstream text;
    for (auto const& member : told) {
        if (member.key() == "tensors" || member.key() == "metadata" || member.key() == "parts") {
            continue;
        }
        text << std::string_view(member.key()) << ": "
             << (member.value().is_string() ? std::string(member.value().get_string())
                                            : boost::json::serialize(member.value()))
             << '\n';
    }
    if (auto const* const parts = told.if_contains("parts")) {
        for (auto const& part : parts->get_array()) {
            text << "part: " << boost::json::serialize(part.at("component")) << ", "
                 << std::string(part.at("kind").get_string()) << '\n';
        }
    }
    for (auto const& member : told.at("metadata").get_object()) {
        text << "metadata: " << one_line(member.key(), 200) << " = "
             << one_line(std::string(member.value().get_string()), 200) << '\n';
    }
    text << told.at("tensors").get_array().size() << " tensors\n";
    for (auto const& tensor : told.at("tensors").get_array()) {
        text << "  " << one_line(tensor.at("name").get_string()) << ' '
             << std::string(tensor.at("dtype").get_string()) << ' '
             << boost::json::serialize(tensor.at("shape")) << '\n';
    }
    return std::move(text).str();
}

} // namespace haiga::checkpoint
