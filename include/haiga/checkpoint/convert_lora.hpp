#pragma once

#include "haiga/catalog/fit.hpp"
#include "haiga/checkpoint/architecture_of.hpp"
#include "haiga/checkpoint/convert.hpp"
#include "haiga/checkpoint/lora/rename.hpp"

namespace haiga::checkpoint {

/// The file of a LoRA in a folder of Diffusers.
inline constexpr std::string_view lora_in_folder = "pytorch_lora_weights.safetensors";

/// Where a path has a LoRA: the file, or the one in a folder that is no model. Nothing where it is
/// something else.
inline auto find_lora(std::filesystem::path const& path) -> std::optional<std::filesystem::path>
{
    std::error_code error;
    auto const folder = std::filesystem::is_directory(path, error);
    auto const file = folder ? path / lora_in_folder : path;
    if (folder && (std::filesystem::exists(path / "model_index.json", error) ||
                   detail::weights_in(path) || !check_inside(path, file))) {
        return std::nullopt;
    }
    auto const opened = tensor_file::open(file);
    bool const named = opened && std::ranges::any_of(opened->tensors(), [](auto const& tensor) {
                           return tensor.name.find("lora") != std::string::npos;
                       });
    return named ? std::optional(file) : std::nullopt;
}

/// Converts a LoRA between the names of kohya's scripts, which a single file has, and those of
/// Diffusers, which a folder has.
/// Errors: invalid for options that a LoRA has no use for; those of tensor_file, read_lora,
/// lora_for_diffusers and write_model_file.
inline auto convert_lora(conversion const& wanted, std::filesystem::path const& file,
                         on_progress const& report_progress) -> result<conversion_report>
{
    auto const named = [&](failure&& f) { return std::move(f).within(file.string()); };
    if (!wanted.loras.empty() || wanted.bind.ema) {
        return fail(errc::invalid, file.string(),
                    ": a LoRA, to which nothing is added and which "
                    "has no EMA weights");
    }
    HAIGA_TRY(auto const form, output_form_of(wanted.output));
    HAIGA_TRY_VOID(detail::check_apart(wanted.input, wanted.output));
    HAIGA_TRY(auto const source, tensor_file::open(file));
    HAIGA_TRY(auto const family, lora_family(source.tensors()).map_error(named));
    auto const keys = model_keys(architecture_of(catalog::detail::model_of(family)));
    HAIGA_TRY(auto const names, lora_names::of(keys.rows));
    HAIGA_TRY(auto const read,
              read_lora(source.tensors(), source.metadata(), names).map_error(named));
    bool const folder = form == output_form::folder;
    HAIGA_TRY(auto const renamed, folder ? lora_for_diffusers(read).map_error(named)
                                         : result<renamed_lora>(lora_for_kohya(read, family)));
    bound_model bound;
    for (auto const& tensor : renamed.tensors) {
        bound.map.rows.push_back({tensor.name, tensor.name, tensor.dims});
        bound.blocks.push_back(tensor);
    }
    model_values const values(bound, wanted.values);
    output_file out;
    out.name = wanted.output;
    HAIGA_TRY(out.tensors, values.tensors(out.follows));
    out.form = form == output_form::ckpt ? file_form::torch_zip : file_form::safetensors;
    out.metadata = renamed.metadata;
    out.metadata["format"] = "pt";
    std::uint64_t done = 0;
    auto const all = out.bytes() * (wanted.verify ? 2 : 1);
    on_bytes const passed = [&](std::uint64_t bytes) {
        done += bytes;
        return report_progress(std::min(done, all), all);
    };
    if (!folder) {
        HAIGA_TRY_VOID(write_model_file(out, values, wanted.verify, passed));
        return conversion_report{};
    }
    HAIGA_TRY_VOID(io::publish_folder(wanted.output, [&](auto const& into) {
        out.name = into / lora_in_folder;
        return write_model_file(out, values, wanted.verify, passed);
    }));
    return conversion_report{};
}

/// convert_model or convert_lora, by what the input is.
inline auto convert(conversion const& wanted, on_progress const& report_progress)
    -> result<conversion_report>
{
    auto const lora = find_lora(wanted.input);
    return lora ? convert_lora(wanted, *lora, report_progress)
                : convert_model(wanted, report_progress);
}

} // namespace haiga::checkpoint
