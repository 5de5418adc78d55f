#pragma once

#include <CLI/CLI.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace haiga::app {

/// What haiga-paint was asked for.
struct paint_options {
    std::filesystem::path model, output = "painting.png", init, mask, tokenizer, shown;
    std::string negative, sampler, schedule, size, storage = "f32", prediction;
    std::optional<std::string> prompt;
    std::vector<std::string> loras;
    std::optional<int> count, steps;
    std::optional<double> guidance, strength;
    double rescale = 0;
    int columns = 4, clip_skip = 0, preview_every = 0, threads = 0;
    std::uint64_t seed = 0;

    void declare(CLI::App& app)
    {
        CLI::Validator const named(
            [](std::string& name) { return name.empty() ? "no name is given" : ""; }, "PATH");
        app.add_option("PROMPT", prompt, "what to paint; a painting of haiga-train needs none");
        auto* const from =
            app.add_option("--model", model,
                           "a Diffusers folder, a .safetensors or .ckpt file, or what "
                           "haiga-train has made")
                ->check(named);
        app.add_option("-o,--output", output, "PNG; of several, their seeds are added to the name")
            ->check(named);
        declare_picture(app);
        app.add_option("--init", init, "a picture to begin from")->check(named);
        app.add_option("--strength", strength,
                       "how far from it: above 0, to 1 (0.8; 1 with a mask)");
        app.add_option("--mask", mask, "what to paint anew of it: the light part")->check(named);
        app.add_option("--lora", loras, "FILE[:WEIGHT], added to the model; may be repeated")
            ->allow_extra_args(false);
        app.add_option("--tokenizer", tokenizer,
                       "for a single file: CLIP's bpe_simple_vocab_16e6.txt, or a tokenizer folder")
            ->check(named);
        app.add_option("--prediction", prediction, "of the model, where its files do not tell")
            ->check(CLI::IsMember({"epsilon", "v_prediction"}));
        app.add_option("--dtype", storage, "of activations")->check(CLI::IsMember({"f32", "bf16"}));
        app.add_option("--preview-every", preview_every, "steps: writes OUTPUT.preview.png")
            ->check(CLI::PositiveNumber);
        app.add_option("--threads", threads, "0: all cores")->check(CLI::Range(0, 256));
        auto* const shows =
            app.add_option("--info", shown, "print how a PNG was painted")->check(named);
        shows->excludes(from);
    }

private:
    void declare_picture(CLI::App& app)
    {
        app.add_option("--negative", negative, "what the picture is to be unlike");
        app.add_option("--steps", steps, "of the sampler (20)")->check(CLI::PositiveNumber);
        app.add_option("--sampler", sampler, "as euler_a, dpmpp_2m; by default the model's own");
        app.add_option("--schedule", schedule, "as karras, exponential, trailing");
        app.add_option("--cfg", guidance, "how strongly the prompt guides (7.5; 1: not)");
        app.add_option("--cfg-rescale", rescale, "0 to 1: brings strong guidance back");
        app.add_option("--seed", seed, "of the first picture; each has the next");
        app.add_option("--size", size, "WxH in pixels; by default the model's, or that of --init");
        app.add_option("--count", count, "of pictures")->check(CLI::Range(1, 4096));
        app.add_option("--columns", columns, "of a painting's sheet")->check(CLI::Range(1, 4096));
        app.add_option("--clip-skip", clip_skip, "layers of the text encoder to leave out")
            ->check(CLI::Range(0, 64));
    }
};

} // namespace haiga::app
