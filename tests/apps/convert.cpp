#include "haiga/checkpoint/model_keys.hpp"
#include "haiga/checkpoint/model_writer.hpp"
#include "haiga/json/parse.hpp"
#include "tests/apps/program.hpp"
#include "tests/apps/random_share.hpp"
#include "tests/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <thread>

// The shipped haiga-convert: its exit statuses and words; killed at random instants it leaves
// nothing under the output's name that is not whole.

namespace {

using namespace haiga;
using namespace haiga_test;
using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using path = std::filesystem::path;

/// Stable Diffusion 1.5 with few channels: large enough that it takes a while to be written.
auto small_model() -> checkpoint::architecture
{
    catalog::unet_layout unet;
    unet.channels = {32, 64, 96, 96};
    unet.time_width = 128;
    catalog::vae_layout vae;
    vae.channels = {32, 32, 32, 32};
    catalog::text_layout text;
    text.vocabulary = 1000;
    text.layers = 1;
    checkpoint::architecture model;
    model.family = catalog::family::sd1;
    model.whole = true;
    using checkpoint::part_kind;
    model.parts = {{part_kind::unet, "unet", "model.diffusion_model", unet},
                   {part_kind::vae, "vae", "first_stage_model", vae},
                   {part_kind::clip, "text_encoder", "cond_stage_model.transformer", text}};
    return model;
}

void write_model(path const& file)
{
    checkpoint::bound_model bound;
    bound.map = checkpoint::model_keys(small_model());
    std::vector<float> values(10'000'000);
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<float>(i % 997) * 0x1p-10F;
    }
    for (auto const& row : bound.map.rows) {
        auto const n = static_cast<std::size_t>(row.dims.elements());
        bound.blocks.push_back({row.diffusers, dtype::f32, row.dims,
                                checkpoint::dense_strides(row.dims),
                                std::as_bytes(std::span(values)).last(n * sizeof(float))});
    }
    checkpoint::model_values const all(bound);
    checkpoint::output_file out;
    out.name = file;
    auto const tensors = all.tensors(out.follows);
    REQUIRE(tensors);
    out.tensors = *tensors;
    REQUIRE(
        checkpoint::write_model_file(out, all, false, [](std::uint64_t) { return result<>{}; }));
}

/// All files under a name, or the file itself.
auto contents(path const& name) -> std::map<std::string, std::string>
{
    std::map<std::string, std::string> all;
    if (std::filesystem::is_directory(name)) {
        for (auto const& entry : std::filesystem::recursive_directory_iterator(name)) {
            if (entry.is_regular_file()) {
                all[entry.path().lexically_relative(name).string()] = content_of(entry.path());
            }
        }
    } else if (std::filesystem::exists(name)) {
        all[""] = content_of(name);
    }
    return all;
}

auto asides_in(path const& folder) -> std::ptrdiff_t
{
    return std::ranges::count_if(std::filesystem::directory_iterator(folder),
                                 [](auto const& e) { return io::is_aside(e.path()); });
}

class desk_with_model {
public:
    desk_with_model() { write_model(folder_ / "in"); }

    [[nodiscard]] auto run(std::vector<std::string> words) const -> int
    {
        words.insert(words.begin(), HAIGA_CONVERT);
        program converts(words, folder_ / "log");
        return converts.wait();
    }
    [[nodiscard]] auto start(path const& output) const -> program
    {
        return program({HAIGA_CONVERT, input(), output.string()}, folder_ / "log");
    }
    [[nodiscard]] auto said() const { return content_of(folder_ / "log"); }
    [[nodiscard]] auto input() const -> std::string { return (folder_ / "in").string(); }
    [[nodiscard]] auto operator/(path const& name) const -> path { return folder_ / "out" / name; }
    [[nodiscard]] auto folder() const -> path const& { return folder_.path(); }

private:
    temporary_folder folder_;
};

} // namespace

TEST_CASE("killed at any instant, a conversion leaves under the name nothing that is not whole")
{
    desk_with_model const d;
    std::filesystem::create_directory(d.folder() / "out");
    for (auto const* const name : {"model.safetensors", "model.ckpt", "model"}) {
        CAPTURE(name);
        auto const output = d / name;
        auto const begin = clock::now();
        REQUIRE_MESSAGE(d.run({d.input(), output.string()}) == 0, d.said());
        auto const duration = clock::now() - begin;
        auto const wanted = contents(output);
        int inside = 0;
        for (int kills = 0; kills < 8;) {
            std::filesystem::remove_all(output);
            auto converts = d.start(output);
            if (kills % 2 == 0) {
                std::this_thread::sleep_for(duration * random_share());
            } else { // while it writes, reads back or syncs
                while (converts.running() && asides_in(d.folder() / "out") == 0) {
                    std::this_thread::sleep_for(100us);
                }
                std::this_thread::sleep_for(duration / 2 * random_share());
            }
            if (converts.kill()) {
                ++kills;
                inside += asides_in(d.folder() / "out") > 0 ? 1 : 0;
                auto const left = contents(output);
                CHECK((left.empty() || left == wanted)); // too long to be told
            }
        }
        CHECK(inside > 0);
        std::filesystem::remove_all(output);
        REQUIRE_MESSAGE(d.run({d.input(), output.string()}) == 0, d.said());
        CHECK((contents(output) == wanted));
        CHECK(asides_in(d.folder() / "out") == 0);
    }
}

TEST_CASE("status 0 when it is done, 1 for bad input and one line why, 2 for wrong usage")
{
    desk_with_model const d;
    std::filesystem::create_directory(d.folder() / "out");
    CHECK(d.run({}) == 2);
    CHECK(d.run({d.input()}) == 2);
    CHECK(d.run({d.input(), (d / "a.ckpt").string(), "--dtype", "f64"}) == 2);
    CHECK(d.run({"--inspect", d.input(), "--verify", d.input(), d.input()}) == 2);
    CHECK(d.run({"--help"}) == 0);
    CHECK(d.run({(d / "missing").string(), (d / "a.ckpt").string()}) == 1);
    CHECK(d.said() == concat("haiga-convert: ", (d / "missing").string(),
                             ": cannot open: no such file or folder\n"));
    CHECK(d.run({d.input(), (d / "nowhere/a.ckpt").string()}) == 1);
    CHECK(std::ranges::count(d.said(), '\n') == 1);
    CHECK(d.run({d.input(), (d / "a.gguf").string()}) == 1);
    CHECK(contents(d.folder() / "out").empty());
}

TEST_CASE("what it converts it can inspect and verify")
{
    desk_with_model const d;
    std::filesystem::create_directory(d.folder() / "out");
    auto const half = (d / "half.ckpt").string();
    REQUIRE_MESSAGE(d.run({d.input(), half, "--dtype", "f16"}) == 0, d.said());
    CHECK(d.run({"--verify", d.input(), d.input()}) == 0);
    CHECK(d.run({"--verify", d.input(), half}) == 1);
    CHECK_MESSAGE(d.said().find("is F32 in the first, F16 in the second") != std::string::npos,
                  d.said());
    REQUIRE(d.run({"--inspect", half, "--json"}) == 0);
    auto const told = json::parse(d.said())->as_object();
    CHECK(told.at("family") == "Stable Diffusion 1");
    CHECK(told.at("form") == "torch (zip)");
    CHECK(told.at("parts").as_array().size() == 3);
    CHECK(told.at("tensors").as_array().size() ==
          checkpoint::model_keys(small_model()).rows.size());
    REQUIRE(d.run({"--inspect", half}) == 0);
    CHECK(d.said().find("part: \"unet\", UNet") != std::string::npos);
}
