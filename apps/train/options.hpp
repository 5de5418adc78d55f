#pragma once

#include <CLI/CLI.hpp>

#include <cstdint>
#include <filesystem>
#include <string>

namespace haiga::app {

/// What haiga-train was asked for.
struct train_options {
    std::filesystem::path session, photos, output, sheet, chart;
    bool draw = false, allow_other = false, recompute = false;
    int size = 48, threads = 0, count = 64;
    std::int64_t steps = 0, batch = 0, save_every = 0;
    double rate = 0;
    std::uint64_t seed = 0;
    std::string storage = "f32";
};

/// haiga-train new|run|status|score SESSION ...; `commands` tells afterwards which was given.
struct train_commands {
    CLI::App app{"Trains a small diffusion model on photographs, in sessions that survive a kill."};
    CLI::App* make = app.add_subcommand("new", "Prepare photographs and make a session");
    CLI::App* run = app.add_subcommand("run", "Train, from the last saved step on");
    CLI::App* status = app.add_subcommand("status", "Tell how far a session is");
    CLI::App* score = app.add_subcommand("score", "Compare samples with the photographs");

    explicit train_commands(train_options& o)
    {
        app.require_subcommand(1);
        for (auto* const command : {make, run, status, score}) {
            command->add_option("SESSION", o.session, "its folder")->required()->check(named());
            command->add_option("--threads", o.threads, "0: all cores")->check(CLI::Range(0, 256));
        }
        declare_new(o);
        run->add_option("-o,--output", o.output, "the trained model, safetensors")
            ->required()
            ->check(named());
        run->add_option("--chart", o.chart, "SVG of the loss")->check(named());
        run->add_flag("--allow-other", o.allow_other,
                      "go on under another number of threads, compiler or machine");
        score->add_option("--model", o.output, "the trained model")->required()->check(named());
        score->add_option("--count", o.count, "of samples")->check(CLI::Range(1, 4096));
    }

private:
    void declare_new(train_options& o)
    {
        auto* const from = make->add_option_group("subject", "what is learned");
        from->add_option("--photos", o.photos, "a folder of photographs")->check(named());
        from->add_flag("--draw", o.draw, "draw a subject instead");
        from->require_option(1);
        make->add_option("--size", o.size, "of the pictures, in pixels")->check(CLI::Range(8, 512));
        make->add_option("--steps", o.steps, "of the whole training")->check(CLI::PositiveNumber);
        make->add_option("--batch", o.batch)->check(CLI::Range(1, 4096));
        make->add_option("--rate", o.rate, "learning rate")->check(CLI::PositiveNumber);
        make->add_option("--save-every", o.save_every, "steps")->check(CLI::PositiveNumber);
        make->add_option("--seed", o.seed);
        make->add_option("--storage", o.storage, "of activations")
            ->check(CLI::IsMember({"f32", "bf16"}));
        make->add_flag("--recompute", o.recompute,
                       "compute blocks again in the backward pass: less memory, more time");
        make->add_option("--sheet", o.sheet, "PNG of the prepared photographs")->check(named());
    }

    static auto named() -> CLI::Validator
    {
        return {[](std::string& name) { return name.empty() ? "no name is given" : ""; }, "PATH"};
    }
};

} // namespace haiga::app
