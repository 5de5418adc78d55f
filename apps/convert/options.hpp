#pragma once

#include "haiga/checkpoint/convert.hpp"

#include <CLI/CLI.hpp>

#include <cmath>

namespace haiga::app {

/// What haiga-convert was asked for.
struct convert_options {
    checkpoint::conversion wanted;
    std::vector<std::string> loras;
    std::vector<std::filesystem::path> paths, compared;
    std::filesystem::path inspected, tokenizer;
    bool json = false, skip_verify = false;

    void declare(CLI::App& app)
    {
        using enum dtype;
        using enum catalog::prediction;
        std::map<std::string, dtype> const types = {{"f16", f16}, {"bf16", bf16}, {"f32", f32}};
        std::map<std::string, catalog::prediction> const predictions = {
            {"epsilon", epsilon}, {"v_prediction", v_prediction}};
        auto* const converts =
            app.add_option("INPUT OUTPUT", paths,
                           "OUTPUT: .safetensors, .ckpt, or a folder (Diffusers)")
                ->expected(2);
        app.add_option("--dtype", wanted.values.type, "of real numbers")
            ->transform(CLI::CheckedTransformer(types));
        app.add_flag("--allow-overflow", wanted.values.allow_overflow,
                     "numbers that --dtype cannot hold become infinite");
        app.add_flag("--ema", wanted.bind.ema, "take the means over the training");
        app.add_option("--lora", loras, "FILE[:WEIGHT], added to the model; may be repeated")
            ->allow_extra_args(false);
        app.add_flag("--no-verify", skip_verify, "do not read back what was written");
        app.add_option("--prediction", wanted.prediction, "where INPUT does not tell")
            ->transform(CLI::CheckedTransformer(predictions));
        app.add_option("--tokenizer", tokenizer,
                       "CLIP's bpe_simple_vocab_16e6.txt, for a folder made from a file");
        auto* const inspects =
            app.add_option("--inspect", inspected, "tell what it is, its tensors, its metadata");
        app.add_flag("--json", json, "as JSON")->needs(inspects);
        auto* const verifies =
            app.add_option("--verify", compared, "A B: the same model?")->expected(2);
        converts->excludes(inspects)->excludes(verifies);
        inspects->excludes(verifies);
    }
};

/// FILE[:WEIGHT]. A colon that no number follows is part of the name.
inline auto parse_lora(std::string const& text) -> checkpoint::lora_choice
{
    auto const colon = text.rfind(':');
    char* end = nullptr;
    double const weight =
        colon == std::string::npos ? 1 : std::strtod(text.c_str() + colon + 1, &end);
    bool const number =
        end != nullptr && end != text.c_str() + colon + 1 && *end == '\0' && std::isfinite(weight);
    return number ? checkpoint::lora_choice{text.substr(0, colon), weight}
                  : checkpoint::lora_choice{text, 1};
}

} // namespace haiga::app
