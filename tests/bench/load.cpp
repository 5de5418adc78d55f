// Stable Diffusion 1.5 at its full size, from an opened path to programs that are ready to run: a
// folder of Diffusers in f32, and a single file in f16. Beside it Diffusers, and a copy of the same
// bytes. The page cache is warm.

#include "apps/native_program.hpp"
#include "haiga/checkpoint/convert.hpp"
#include "haiga/model/autoencoder_config_json.hpp"
#include "haiga/model/clip_text.hpp"
#include "haiga/model/clip_text_config_json.hpp"
#include "haiga/model/unet.hpp"
#include "haiga/model/unet_config_json.hpp"
#include "haiga/sample/latent_decoder.hpp"
#include "haiga/sample/load_part.hpp"
#include "tests/bench/support/peer.hpp"
#include "tests/bench/support/report.hpp"
#include "tests/bench/support/stable_diffusion.hpp"
#include "tests/bench/support/stopwatch.hpp"

#include <iostream>
#include <sstream>

#include <sys/resource.h>

namespace haiga::bench {
namespace {

using path = std::filesystem::path;
using backend = device::cpu_native;

constexpr int rounds = 5;
constexpr auto python = "build/peers/bin/python";
constexpr auto script = "tests/bench/load.py";
path const here = "build/bench/load";

/// Units: milliseconds.
struct loading {
    double open = 0, trace = 0, fill = 0, plan = 0;
    double faults = 0; ///< how many

    [[nodiscard]] auto sum() const -> double { return open + trace + fill + plan; }
};

auto page_faults() -> double
{
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return static_cast<double>(used.ru_minflt);
}

/// A part that is ready to run.
struct ready {
    page_array<float> parameters;
    device::program<backend> program;
};

/// trace(graph, json) reads the configuration and traces the part.
template <class Trace>
auto prepare(backend& b, checkpoint::model_source const& source, sample::part_choice const& choice,
             Trace const& trace, loading& took) -> result<ready>
{
    stopwatch const tracing;
    HAIGA_TRY(auto const json, sample::part_config(source, choice.component));
    device::graph g;
    HAIGA_TRY_VOID(trace(g, json));
    took.trace += tracing.elapsed();
    stopwatch const filling;
    HAIGA_TRY(auto parameters, sample::load_part(source, choice, g));
    took.fill += filling.elapsed();
    stopwatch const planning;
    HAIGA_TRY(auto program, nn::make_program(b, g, {parameters.data(), nullptr}));
    took.plan += planning.elapsed();
    return ready{std::move(parameters), std::move(program)};
}

constexpr std::int64_t batch = 2, side = 64, tokens = 77;

auto trace_unet(device::graph& g, boost::json::value const& json) -> result<>
{
    HAIGA_TRY(auto const c, model::read_unet_config(json));
    auto const noisy = g.input(dtype::f32, {batch, side, side, c.in_channels});
    auto const text = g.input(dtype::f32, {batch, tokens, c.cross_attention_dim.at(0)});
    g.keep(model::unet(model::scope(g, {.trained = false}), c,
                       {.sample = noisy,
                        .timesteps = g.input(dtype::f32, {batch}),
                        .encoder_hidden_states = text}));
    return {};
}

auto trace_text(device::graph& g, boost::json::value const& json) -> result<>
{
    HAIGA_TRY(auto const c, model::read_clip_text_config(json));
    auto const ids = g.input(dtype::i32, {batch, tokens});
    g.keep(model::clip_text(model::scope(g, {.trained = false}), c, ids).last_hidden_state);
    return {};
}

auto trace_decoder(device::graph& g, boost::json::value const& json) -> result<>
{
    HAIGA_TRY(auto const c, model::read_autoencoder_config(json));
    g = sample::decoder_graph(c, side, side).graph;
    return {};
}

auto load(path const& model) -> result<loading>
{
    loading took;
    auto const before = page_faults();
    backend b;
    stopwatch const opening;
    HAIGA_TRY(auto const source, checkpoint::open_model(model));
    took.open = opening.elapsed();
    HAIGA_TRY(auto const text, prepare(b, source, {.component = "text_encoder"}, trace_text, took));
    HAIGA_TRY(auto const unet, prepare(b, source, {.component = "unet"}, trace_unet, took));
    HAIGA_TRY(auto const decoder,
              prepare(b, source, {.component = "vae", .without = {"encoder.", "quant_conv."}},
                      trace_decoder, took));
    took.faults = page_faults() - before;
    return took;
}

/// All weights of a model as they are, into memory that nobody has touched yet: what no way of
/// loading that owns its weights can be faster than.
auto copy(path const& model) -> result<double>
{
    HAIGA_TRY(auto const source, checkpoint::open_model(model));
    stopwatch const watch;
    constexpr std::size_t piece = std::size_t{1} << 20U;
    std::vector<page_array<std::uint8_t>> copies;
    for (auto const& weights : source.weights) {
        for (auto const& file : weights.set.files()) {
            auto const bytes = file.mapped().bytes();
            HAIGA_TRY(auto to, page_array<std::uint8_t>::make(bytes.size()));
            auto const count = static_cast<std::ptrdiff_t>((bytes.size() + piece - 1) / piece);
            parallel_for(parallelism::all_cores(), count, [&](std::ptrdiff_t i, int) {
                auto const first = static_cast<std::size_t>(i) * piece;
                std::memcpy(to.data() + first, bytes.data() + first,
                            std::min(piece, bytes.size() - first));
            });
            copies.push_back(std::move(to));
        }
    }
    return watch.elapsed();
}

struct contest {
    std::string name;
    path model;
    std::string told; ///< to the peer
    std::vector<double> ours = {}, copies = {}, theirs = {}, theirs_read = {};
    std::vector<loading> parts = {};
};

auto play(contest& c, std::optional<peer>& rival) -> result<>
{
    HAIGA_TRY(auto const took, load(c.model));
    c.ours.push_back(took.sum());
    c.parts.push_back(took);
    HAIGA_TRY(auto const copied, copy(c.model));
    c.copies.push_back(copied);
    let_threads_sleep();
    if (rival) {
        HAIGA_TRY(auto const answer, rival->ask(c.told));
        double loaded = 0;
        double read = 0;
        std::istringstream(answer) >> loaded >> read;
        c.theirs.push_back(loaded);
        c.theirs_read.push_back(loaded + read);
    }
    return {};
}

auto part_of(contest const& c, double loading::*member) -> double
{
    std::vector<double> all;
    std::ranges::transform(c.parts, std::back_inserter(all), member);
    return median(std::move(all));
}

void tell(report& out, contest const& c)
{
    auto const add = [&](std::string name, std::vector<double> const& theirs, std::string peer) {
        row r{.name = c.name + std::move(name), .ours = median(c.ours), .unit = "ms"};
        if (!theirs.empty()) {
            r.peer = median(theirs);
            r.peer_name = std::move(peer);
        }
        out.add(std::move(r));
    };
    add("", c.theirs, "Diffusers");
    add(": and every weight read", c.theirs_read, "Diffusers");
    add(": beside a copy", c.copies, "memcpy");
    out.add({.name = c.name + ": open", .ours = part_of(c, &loading::open), .unit = "ms"});
    out.add({.name = c.name + ": trace", .ours = part_of(c, &loading::trace), .unit = "ms"});
    out.add({.name = c.name + ": fill", .ours = part_of(c, &loading::fill), .unit = "ms"});
    out.add({.name = c.name + ": plan", .ours = part_of(c, &loading::plan), .unit = "ms"});
    out.add({.name = c.name + ": page faults",
             .ours = part_of(c, &loading::faults) / 1000,
             .unit = "1000"});
}

auto make_models() -> result<std::vector<contest>>
{
    auto const folder = here / "model";
    checkpoint::conversion half;
    half.input = folder;
    half.output = here / "half.safetensors";
    half.values.type = dtype::f16;
    half.verify = false;
    if (!std::filesystem::exists(half.output)) {
        std::filesystem::create_directories(here);
        HAIGA_TRY_VOID(write_stable_diffusion(folder));
        HAIGA_TRY_VOID(checkpoint::convert_model(half, [](auto, auto) -> result<> { return {}; }));
    }
    return std::vector<contest>{{"folder, f32", folder, "folder"},
                                {"single file, f16", half.output, half.output.string()}};
}

auto start_rival(report& out) -> std::optional<peer>
{
    auto const threads = std::to_string(parallelism::all_cores().threads);
    auto rival = peer::start({python, script, (here / "model").string(), threads});
    auto const versions = rival ? rival->hear() : result<std::string>(fail(errc::not_found, ""));
    out.note(versions ? "against " + *versions : concat("no peer: ", python, " has no Diffusers"));
    return versions ? std::optional(*std::move(rival)) : std::nullopt;
}

auto measure() -> result<>
{
    report out("load");
    HAIGA_TRY(auto contests, make_models());
    out.note(concat("Stable Diffusion 1.5, UNet and texts in batches of ", batch,
                    ", the VAE's decoder; medians of ", rounds, " turns; page cache warm"));
    auto rival = start_rival(out);
    for (auto& c : contests) {
        if (!wanted(c.name)) {
            continue;
        }
        HAIGA_TRY_VOID(play(c, rival)); // warms the cache
        c = {c.name, c.model, c.told};
        for (int i = 0; i < rounds; ++i) {
            HAIGA_TRY_VOID(play(c, rival));
        }
        tell(out, c);
    }
    if (std::getenv("HAIGA_BENCH_KEEP") == nullptr) {
        std::error_code ignored;
        std::filesystem::remove_all(here, ignored);
    }
    return out.finish();
}

} // namespace
} // namespace haiga::bench

auto main() -> int
{
    auto const done = haiga::bench::measure();
    if (!done) {
        std::cerr << done.error().to_string() << '\n';
    }
    return done ? 0 : 1;
}
