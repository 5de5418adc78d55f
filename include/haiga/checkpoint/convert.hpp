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
    auto const ending = output.extension().string();
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

/// Where both have the same naming everything keeps its place, but means that were taken.
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

inline void note_file_losses(conversion_report& report, model_source const& source)
{
    if (source.folder) {
        auto const others = other_files(source);
        for (auto const& file : others ? *others : std::vector<std::filesystem::path>{}) {
            report.notes.push_back(file.string() + " has no place in a single file");
        }
    }
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
    HAIGA_TRY(auto const source, open_model(wanted.input));
    auto const& model = source.model;
    auto const to = form == output_form::folder ? naming::diffusers : naming::original;
    HAIGA_TRY(
        auto bound,
        bind_tensors(source.tensors, model_keys(model), model.follows, wanted.bind)
            .map_error([&](failure&& f) { return std::move(f).within(wanted.input.string()); }));
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
    HAIGA_TRY(auto const tensors, values.tensors(to));
    output_file single;
    single.name = wanted.output;
    single.tensors = tensors;
    auto const all = single.bytes() * (wanted.verify ? 2 : 1);
    std::uint64_t done = 0;
    on_bytes const passed = [&](std::uint64_t bytes) {
        done += bytes;
        return report_progress(std::min(done, all), all);
    };
    if (form != output_form::folder) {
        detail::note_file_losses(report, source);
        single.form = form == output_form::ckpt ? file_form::torch_zip : file_form::safetensors;
        single.metadata = source.folder ? metadata_map{} : source.metadata();
        single.metadata["format"] = "pt";
        HAIGA_TRY_VOID(write_model_file(single, values, wanted.verify, passed));
        return report;
    }
    HAIGA_TRY(auto const told, prediction_of(source));
    auto const prediction = told.value_or(wanted.prediction.value_or(usual_prediction(model)));
    HAIGA_TRY(auto const texts, make_folder_texts(model, prediction, wanted.tokenizer));
    auto const filled = io::publish_folder(wanted.output, [&](auto const& folder) -> result<> {
        HAIGA_TRY_VOID(write_folder_weights(folder, model, values, wanted.most_in_file,
                                            wanted.verify, passed));
        HAIGA_TRY_VOID(source.folder ? copy_other_files(source, folder)
                                     : write_folder_texts(folder, texts));
        return wanted.verify ? detail::check_recognised(folder, model) : result<>{};
    });
    HAIGA_TRY_VOID(filled);
    return report;
}

} // namespace haiga::checkpoint
