#pragma once

#include "haiga/checkpoint/lora_edits.hpp"
#include "haiga/checkpoint/model_folder.hpp"
#include "haiga/checkpoint/prediction_of.hpp"

namespace haiga::checkpoint {

/// What OUTPUT shall be, by its name's ending.
enum class output_form : std::uint8_t { safetensors, ckpt, folder };

/// Errors: invalid for an ending that nothing is written as.
inline auto output_form_of(std::filesystem::path const& output) -> result<output_form>
{
    auto ending = output.extension().string();
    std::ranges::transform(ending, ending.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (ending == ".safetensors") {
        return output_form::safetensors;
    }
    if (ending == ".ckpt") {
        return output_form::ckpt;
    }
    for (auto const* const other : {".bin", ".pt", ".pth", ".gguf", ".onnx", ".zip", ".json"}) {
        if (ending == other) {
            return fail(errc::invalid, output.string(),
                        ": expected .safetensors, .ckpt, or a folder's name");
        }
    }
    return output_form::folder;
}

struct conversion {
    std::filesystem::path input;
    std::filesystem::path output;
    value_options values;
    bind_options bind;
    bool verify = true;
    std::vector<lora_choice> loras;                   ///< added in their order
    std::optional<catalog::prediction> prediction;    ///< where the input does not tell
    std::optional<catalog::clip_tokenizer> tokenizer; ///< for a folder made from a file
    std::uint64_t most_in_file = 10'000'000'000;      ///< bytes, of a folder's files
};

/// What a conversion did, for a person.
struct conversion_report {
    std::vector<omitted_tensor> omitted; ///< what the output has no place for
    std::vector<std::string> notes;      ///< what was assumed, what is missing
};

/// Bytes done, of how many. Errors: cancelled ends the conversion.
using on_progress = std::function<result<>(std::uint64_t done, std::uint64_t all)>;

namespace detail {

/// Where both have the same naming everything keeps its place. (Not where EMA was taken: what it
/// replaces goes.)
inline void keep_omitted(bound_model& model)
{
    for (auto const& [tensor, why] : std::exchange(model.omitted, {})) {
        model.map.rows.push_back({tensor.name, tensor.name, tensor.dims});
        model.blocks.push_back(tensor);
    }
}

/// That what was written is told to be the same model. Errors: mismatch.
inline auto check_recognised(std::filesystem::path const& written, architecture const& as)
    -> result<>
{
    HAIGA_TRY(auto const back, open_model(written));
    HAIGA_TRY_VOID(bind_tensors(back.tensors, model_keys(back.model), back.model.follows));
    bool same = back.model.family == as.family && back.model.parts.size() == as.parts.size();
    for (auto const& part : as.parts) {
        auto const* const found = back.model.part(part.component);
        same = same && found != nullptr && found->layout == part.layout;
    }
    return same
               ? result<>()
               : fail(errc::mismatch, written.string(), ": is not the model that it was made from");
}

/// Errors: invalid where writing the output would change the input.
inline auto check_apart(std::filesystem::path const& input, std::filesystem::path const& output)
    -> result<>
{
    std::error_code error;
    auto const from = std::filesystem::weakly_canonical(input, error);
    auto const to = std::filesystem::weakly_canonical(output, error);
    if (!error && std::ranges::mismatch(from, to).in1 == from.end()) {
        return fail(errc::invalid, output.string(), ": is the input, or lies in it");
    }
    return {};
}

/// What is written beside the weights of a folder, and what it is told of that.
struct folder_plan {
    folder_texts texts;                        ///< made, where the input is a file
    std::vector<std::filesystem::path> copied; ///< where it is a folder
};

inline auto plan_folder(conversion const& wanted, model_source const& source,
                        conversion_report& report) -> result<folder_plan>
{
    folder_plan plan;
    auto const& model = source.model;
    if (model.follows == naming::diffusers && source.folder) {
        HAIGA_TRY(auto others, find_other_files(source));
        for (auto const& file : others.dropped) {
            if (!std::ranges::any_of(source.weights,
                                     [&](auto const& w) { return w.name == source.path / file; })) {
                report.notes.push_back(file.string() + " is not copied");
            }
        }
        plan.copied = std::move(others.kept);
        return plan;
    }
    HAIGA_TRY(auto const told, prediction_of(source));
    auto const usual = wanted.prediction.value_or(usual_prediction(model));
    if (!told && !wanted.prediction && model.part("unet") != nullptr) {
        report.notes.push_back(concat("nothing tells what the UNet predicts; taken for ",
                                      to_string(usual), ", --prediction says otherwise"));
    }
    if (model.whole && !wanted.tokenizer) {
        report.notes.emplace_back("no vocabulary in tokenizer/; --tokenizer adds it");
    }
    HAIGA_TRY(plan.texts, make_folder_texts(model, told.value_or(usual), wanted.tokenizer));
    return plan;
}

/// Metadata of a single file: those of the one it was made from, and what a folder's scheduler
/// says.
inline auto file_metadata(model_source const& source) -> result<metadata_map>
{
    auto metadata = source.folder ? metadata_map{} : source.metadata();
    HAIGA_TRY(auto const told, prediction_of(source));
    if (source.folder && told && source.model.part("unet") != nullptr) {
        bool const velocity = *told == catalog::prediction::v_prediction;
        metadata["modelspec.prediction_type"] = velocity ? "v" : "epsilon";
    }
    metadata["format"] = "pt"; // without it transformers refuses a file
    return metadata;
}

} // namespace detail

/// Converts a model; the output has its name once it is whole, on disk and, unless that was not
/// wanted, compared with the input.
/// Memory: a few tensors at a time, whatever the model's size.
/// Errors: those of open_model, bind_tensors, model_values and of what is written; nothing is left
/// then.
inline auto convert_model(conversion const& wanted, on_progress const& report_progress)
    -> result<conversion_report>
{
    HAIGA_TRY(auto const form, output_form_of(wanted.output));
    HAIGA_TRY_VOID(detail::check_apart(wanted.input, wanted.output));
    HAIGA_TRY(auto const source, open_model(wanted.input));
    auto const& model = source.model;
    auto const named = [&](failure&& f) { return std::move(f).within(wanted.input.string()); };
    auto const to = form == output_form::folder ? naming::diffusers : naming::original;
    if (to == naming::original && model.whole && model.family == catalog::family::flux) {
        return fail(errc::unsupported, wanted.input.string(),
                    ": Flux is published as several files; convert its transformer/ alone");
    }
    HAIGA_TRY(auto bound,
              bind_tensors(source.tensors, model_keys(model), model.follows, wanted.bind)
                  .map_error(named));
    for (auto const& weights : source.weights) {
        for (auto const& file : weights.set.files()) {
            bound.files.push_back(&file.mapped());
        }
    }
    conversion_report report;
    if (to == model.follows && !wanted.bind.ema) {
        detail::keep_omitted(bound);
    }
    report.omitted = bound.omitted;
    HAIGA_TRY(auto const loras, lora_set::open(wanted.loras, model, bound.map.rows));
    model_values const values(bound, wanted.values, loras.edits());
    output_file single;
    single.name = wanted.output;
    HAIGA_TRY(single.tensors, values.tensors(to));
    auto const all = single.bytes() * (wanted.verify ? 2 : 1);
    std::uint64_t done = 0;
    on_bytes const passed = [&](std::uint64_t bytes) {
        done += bytes;
        return report_progress(std::min(done, all), all);
    };
    if (form != output_form::folder) {
        if (source.folder) {
            report.notes.emplace_back(
                "configurations and tokenizers have no place in a single file");
        }
        single.form = form == output_form::ckpt ? file_form::torch_zip : file_form::safetensors;
        HAIGA_TRY(single.metadata, detail::file_metadata(source));
        HAIGA_TRY_VOID(write_model_file(single, values, wanted.verify, passed));
        return report;
    }
    HAIGA_TRY(auto const plan, detail::plan_folder(wanted, source, report));
    HAIGA_TRY_VOID(io::publish_folder(wanted.output, [&](auto const& folder) -> result<> {
        auto const written =
            write_folder_weights(folder, model, values, wanted.most_in_file, wanted.verify, passed);
        auto const copied = written ? copy_files(source.path, folder, plan.copied) : written;
        auto const told = copied ? write_folder_texts(folder, plan.texts) : copied;
        return told && wanted.verify ? detail::check_recognised(folder, model) : told;
    }));
    return report;
}

} // namespace haiga::checkpoint
