#include "haiga/checkpoint/lora/merge.hpp"

#include "haiga/checkpoint/keys/clip.hpp"
#include "haiga/checkpoint/keys/unet.hpp"
#include "haiga/checkpoint/lora/read.hpp"
#include "haiga/checkpoint/lora/rename.hpp"
#include "haiga/checkpoint/safetensors_reader.hpp"
#include "tests/golden/lora.hpp"

#include <doctest/doctest.h>

using namespace haiga;
using checkpoint::key_row;
using checkpoint::lora_names;

namespace {

auto fnv(std::string_view bytes) -> std::uint64_t
{
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (char const c : bytes) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    }
    return hash;
}

auto unet_rows(catalog::unet_layout const& layout) -> std::vector<key_row>
{
    return checkpoint::unet_keys(layout, {"unet/", "model.diffusion_model"});
}

void append(std::vector<key_row>& rows, std::vector<key_row> const& more)
{
    rows.insert(rows.end(), more.begin(), more.end());
}

catalog::text_layout const toy_text = {
    .vocabulary = 10, .positions = 5, .width = 8, .hidden = 12, .layers = 2, .projection = {}};

auto toy_sd() -> std::vector<key_row>
{
    auto rows = unet_rows({.channels = {8, 16},
                           .depths = {1, 0},
                           .mid_depth = 1,
                           .context = 6,
                           .time_width = 32,
                           .added = {}});
    append(rows,
           checkpoint::clip_keys(toy_text, {"text_encoder/", "cond_stage_model.transformer"}));
    return rows;
}

auto toy_xl() -> std::vector<key_row>
{
    auto rows = unet_rows({.channels = {8, 16},
                           .depths = {0, 2},
                           .mid_depth = 2,
                           .context = 10,
                           .linear_projection = true,
                           .time_width = 32,
                           .added = {}});
    auto second = toy_text;
    second.projection = 6;
    append(rows, checkpoint::clip_keys(toy_text,
                                       {"text_encoder/", "conditioner.embedders.0.transformer"}));
    append(rows, checkpoint::open_clip_keys(second,
                                            {"text_encoder_2/", "conditioner.embedders.1.model"}));
    return rows;
}

/// A LoRA with the file that it lies in.
struct loaded {
    std::vector<checkpoint::stored_tensor> tensors;
    checkpoint::lora read;
};

auto load(std::span<unsigned char const> file, lora_names const& names) -> loaded
{
    auto const reader = checkpoint::safetensors_reader::over(std::as_bytes(file));
    REQUIRE(reader);
    loaded l;
    for (auto const& t : reader->tensors()) {
        l.tensors.push_back(
            {t.name, t.type, t.dims, checkpoint::dense_strides(t.dims), reader->bytes(t)});
    }
    auto read = checkpoint::read_lora(l.tensors, reader->metadata(), names);
    REQUIRE(read);
    l.read = *std::move(read);
    return l;
}

/// The weights that tests/peers/lora.py fills models with.
auto filled(std::int64_t elements) -> std::vector<float>
{
    std::vector<float> values(static_cast<std::size_t>(elements));
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<float>(static_cast<int>(i * 7919 % 129) - 64) / 64;
    }
    return values;
}

void check_fused(checkpoint::lora const& l, std::span<golden::lora::fused_weight const> expected)
{
    REQUIRE(l.adapters.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        auto const& a = l.adapters[i];
        CHECK(a.target.weight == expected[i].name);
        auto weight = filled(a.target.dims.elements());
        REQUIRE(weight.size() == expected[i].elements);
        add_lora(weight, a, 0.75);
        CHECK(weight.front() == expected[i].picks[0]);
        CHECK(weight[weight.size() / 2] == expected[i].picks[1]);
        CHECK(weight.back() == expected[i].picks[2]);
        CHECK(fnv(as_text(std::as_bytes(std::span(weight)))) == expected[i].hash);
    }
}

/// The lines "kohya's name, Diffusers' module" of all linear layers and convolutions of a UNet.
template <class Module>
auto check_names(catalog::unet_layout const& layout, std::size_t count, std::uint64_t hash,
                 Module const& module) -> void
{
    auto const names = lora_names::of(unet_rows(layout));
    REQUIRE(names);
    std::vector<std::string> lines;
    for (auto const& target : names->targets()) {
        std::string name = "lora_unet_";
        name += module(target);
        std::ranges::replace(name, '.', '_');
        CHECK(names->find(name) == &target);
        lines.push_back(concat(name, ' ', target.module(), '\n'));
    }
    std::ranges::sort(lines);
    CHECK(lines.size() == count);
    std::string text;
    for (auto const& line : lines) {
        text += line;
    }
    CHECK(fnv(text) == hash);
}

} // namespace

TEST_CASE("every module of SD 1.5 and of SDXL is the one that diffusers takes kohya's name for")
{
    check_names({}, golden::lora::sd_modules, golden::lora::sd_names,
                [](auto const& target) { return target.module(); });
    check_names({.channels = {320, 640, 1280},
                 .depths = {0, 2, 10},
                 .mid_depth = 10,
                 .context = 2048,
                 .linear_projection = true,
                 .added = 2816},
                golden::lora::xl_modules, golden::lora::xl_names,
                [](auto const& target) { return target.original_module(); });
}

TEST_CASE(
    "the weights are those of diffusers' fuse_lora, bit for bit, from kohya's file and its own")
{
    auto const sd = *lora_names::of(toy_sd());
    auto const xl = *lora_names::of(toy_xl());
    check_fused(load(golden::lora::sd_kohya, sd).read, golden::lora::sd_fused);
    check_fused(load(golden::lora::xl_kohya, xl).read, golden::lora::xl_fused);
    check_fused(load(golden::lora::sd_diffusers, sd).read, golden::lora::sd_fused);
    check_fused(load(golden::lora::xl_diffusers, xl).read, golden::lora::xl_fused);
}

TEST_CASE("the names of diffusers before PEFT stand for the same matrices, without alphas")
{
    auto const check = [](auto const& rows, auto const& kohya, auto const& old) {
        auto const names = *lora_names::of(rows);
        auto const a = load(kohya, names);
        auto const b = load(old, names);
        REQUIRE(a.read.adapters.size() == b.read.adapters.size());
        for (std::size_t i = 0; i < a.read.adapters.size(); ++i) {
            auto const& one = a.read.adapters[i];
            auto const& other = b.read.adapters[i];
            CHECK(one.target.weight == other.target.weight);
            CHECK(std::ranges::equal(one.down.bytes, other.down.bytes));
            CHECK(std::ranges::equal(one.up.bytes, other.up.bytes));
            CHECK(other.alpha == 2);
        }
    };
    check(toy_sd(), golden::lora::sd_kohya, golden::lora::sd_old);
    check(toy_xl(), golden::lora::xl_kohya, golden::lora::xl_old);
}

TEST_CASE("kohya's file, renamed there and back, has the names and the data it had")
{
    using catalog::family;
    auto const check = [](auto const& rows, auto const& file, family f) {
        auto const names = *lora_names::of(rows);
        auto const l = load(file, names);
        auto const there = checkpoint::lora_for_diffusers(l.read);
        REQUIRE(there);
        auto const read = checkpoint::read_lora(there->tensors, there->metadata, names);
        REQUIRE(read);
        auto const back = checkpoint::lora_for_kohya(*read, f);
        REQUIRE(back.tensors.size() == l.tensors.size());
        for (auto const& tensor : back.tensors) {
            auto const at =
                std::ranges::find(l.tensors, tensor.name, &checkpoint::stored_tensor::name);
            REQUIRE(at != l.tensors.end());
            CHECK(tensor.dims == at->dims);
            if (tensor.name.ends_with(".alpha")) {
                CHECK(*checkpoint::read_number(tensor) == *checkpoint::read_number(*at));
            } else {
                CHECK(tensor.bytes.data() == at->bytes.data());
            }
        }
    };
    check(toy_sd(), golden::lora::sd_kohya, family::sd1);
    check(toy_xl(), golden::lora::xl_kohya, family::sdxl);
}
