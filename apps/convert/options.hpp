#pragma once

#include "apps/lora_option.hpp"

#include "haiga/checkpoint/convert.hpp"

#include <CLI/CLI.hpp>

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

} // namespace haiga::app
