#pragma once

#include <CLI/CLI.hpp>

#include <cstdint>
#include <filesystem>

namespace haiga::app {

/// What haiga-paint was asked for.
struct paint_options {
    std::filesystem::path model, output = "painting.png";
    int count = 16, columns = 4, steps = 12, threads = 0;
    std::uint64_t seed = 0;

    void declare(CLI::App& app)
    {
        CLI::Validator const named(
            [](std::string& name) { return name.empty() ? "no name is given" : ""; }, "PATH");
        app.add_option("--model", model, "what haiga-train has made")->required()->check(named);
        app.add_option("-o,--output", output, "PNG, pictures side by side")->check(named);
        app.add_option("--count", count, "of pictures")->check(CLI::Range(1, 4096));
        app.add_option("--columns", columns)->check(CLI::Range(1, 4096));
        app.add_option("--steps", steps, "of the scheduler")->check(CLI::PositiveNumber);
        app.add_option("--seed", seed);
        app.add_option("--threads", threads, "0: all cores")->check(CLI::Range(0, 256));
    }
};

} // namespace haiga::app
