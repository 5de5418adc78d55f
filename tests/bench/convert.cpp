// A full-size Stable Diffusion 1.5 from a folder to one file, beside a copy of the same bytes, and
// beside Diffusers' own script where build/peers/scripts has it.

#include "haiga/checkpoint/safetensors_reader.hpp"
#include "tests/bench/support/report.hpp"
#include "tests/bench/support/stable_diffusion.hpp"
#include "tests/bench/support/stopwatch.hpp"

#include <iostream>

#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

namespace haiga::bench {
namespace {

using path = std::filesystem::path;

constexpr int rounds = 3;
path const here = "build/bench/convert";
constexpr auto script = "build/peers/scripts/convert_diffusers_to_original_stable_diffusion.py";

/// What a command took.
struct cost {
    double seconds = 0;
    double peak_mib = 0; ///< resident at its most, mapped files included
};

/// Errors: invalid where the command fails.
auto run(std::vector<std::string> const& command) -> result<cost>
{
    std::vector<char*> arguments;
    for (auto const& word : command) {
        arguments.push_back(const_cast<char*>(word.c_str()));
    }
    arguments.push_back(nullptr);
    stopwatch const watch;
    pid_t child = 0;
    int status = 0;
    rusage used{};
    if (::posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), environ) != 0 ||
        ::wait4(child, &status, 0, &used) != child || status != 0) {
        return fail(errc::invalid, command[0], ": failed");
    }
    return cost{watch.elapsed() / 1000, static_cast<double>(used.ru_maxrss) / 1024};
}

struct contender {
    std::string name;
    std::vector<std::string> command;
    path output;
    std::vector<cost> costs = {};

    [[nodiscard]] auto seconds() const -> double
    {
        std::vector<double> all;
        std::ranges::transform(costs, std::back_inserter(all), &cost::seconds);
        std::ranges::sort(all);
        return all[all.size() / 2];
    }
    [[nodiscard]] auto peak() const -> double
    {
        return std::ranges::max(costs, {}, &cost::peak_mib).peak_mib;
    }
};

/// Opening a file of which only the header is there: the data are a hole.
auto measure_header(report& out) -> result<>
{
    constexpr int count = 2500;
    std::vector<checkpoint::tensor_entry> tensors;
    for (int i = 0; i < count; ++i) {
        tensors.push_back({concat("model.diffusion_model.output_blocks.", i,
                                  ".1.transformer_blocks.0.attn1.to_out.0.weight"),
                           dtype::f32,
                           {1024, 684}});
    }
    HAIGA_TRY(auto const plan, checkpoint::plan_safetensors(tensors));
    auto const file = here / "large.safetensors";
    HAIGA_TRY_VOID(io::publish_bytes(file, as_bytes(plan.head)));
    std::filesystem::resize_file(file, plan.file_bytes());
    std::vector<double> times;
    for (int i = 0; i < 50; ++i) {
        stopwatch const watch;
        HAIGA_TRY(auto const reader, checkpoint::safetensors_reader::open(file));
        times.push_back(watch.elapsed());
    }
    std::ranges::sort(times);
    out.add(
        {.name = concat("header of ", plan.file_bytes() / 1'000'000, " MB, ", count, " tensors"),
         .ours = times[times.size() / 2],
         .unit = "ms"});
    return {};
}

auto measure() -> result<>
{
    report out("convert");
    auto const folder = here / "model";
    std::error_code ignored;
    std::filesystem::remove_all(here, ignored);
    std::filesystem::create_directories(here);
    HAIGA_TRY_VOID(measure_header(out));
    // A program's peak is at least that of the one that started it: the folder is made elsewhere.
    HAIGA_TRY_VOID(run({"/proc/self/exe", "make"}));
    out.note(concat("Stable Diffusion 1.5, f32; medians of ", rounds,
                    " turns; page cache warm; sync included"));
    auto const ours = [&](std::string name, path output, std::vector<std::string> options) {
        std::vector<std::string> command = {HAIGA_CONVERT, folder.string(), output.string()};
        command.insert(command.end(), options.begin(), options.end());
        return contender{std::move(name), std::move(command), std::move(output)};
    };
    auto const copy = here / "copy";
    std::vector<contender> all = {
        {"cp and sync",
         {"sh", "-c",
          concat("cp --reflink=never -r ", folder.string(), ' ', copy.string(), " && sync -f ",
                 copy.string())},
         copy},
        ours("f32 to f32, not verified", here / "a.safetensors", {"--no-verify"}),
        ours("f32 to f32, verified", here / "b.safetensors", {}),
        ours("f32 to f16, not verified", here / "c.safetensors", {"--no-verify", "--dtype", "f16"}),
        ours("f32 to ckpt, not verified", here / "d.ckpt", {"--no-verify"}),
    };
    for (int i = 0; i < rounds; ++i) {
        for (auto& each : all) {
            HAIGA_TRY(auto const took, run(each.command));
            each.costs.push_back(took);
            std::filesystem::remove_all(each.output, ignored);
        }
    }
    for (std::size_t i = 1; i < all.size(); ++i) {
        out.add({.name = all[i].name,
                 .ours = all[i].seconds(),
                 .peer = all[0].seconds(),
                 .peer_name = all[0].name,
                 .unit = "s"});
        out.add({.name = all[i].name + ": peak memory", .ours = all[i].peak(), .unit = "MiB"});
    }
    if (std::filesystem::exists(script)) {
        auto const output = here / "theirs.safetensors";
        HAIGA_TRY(auto const theirs,
                  run({"build/peers/bin/python", script, "--model_path", folder.string(),
                       "--checkpoint_path", output.string(), "--use_safetensors"}));
        out.add({.name = "f32 to f32, verified",
                 .ours = all[2].seconds(),
                 .peer = theirs.seconds,
                 .peer_name = "Diffusers' script",
                 .unit = "s"});
        out.add({.name = "f32 to f32, verified: peak memory",
                 .ours = all[2].peak(),
                 .peer = theirs.peak_mib,
                 .peer_name = "Diffusers' script",
                 .unit = "MiB"});
    } else {
        out.note(concat("no peer: ", script, " is not there (of diffusers' repository, scripts/)"));
    }
    std::filesystem::remove_all(here, ignored);
    return out.finish();
}

} // namespace
} // namespace haiga::bench

auto main(int argc, char** argv) -> int
{
    using namespace haiga::bench;
    bool const make = argc == 2 && std::string(argv[1]) == "make";
    auto const done = make ? write_stable_diffusion(here / "model") : measure();
    if (!done) {
        std::cerr << done.error().to_string() << '\n';
    }
    return done ? 0 : 1;
}
