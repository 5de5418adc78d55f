#include "haiga/train/painting.hpp"

#include "haiga/io/read_file.hpp"
#include "tests/io/failing_files.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/train/tiny.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <numeric>

namespace {

using namespace haiga;
using haiga_test::temporary_folder;

/// Every parameter another number; what lies between them is zero, as a trainer leaves it.
auto some_parameters(model::painter_config const& c) -> aligned_vector<float>
{
    auto const g = train::layout_of(c);
    aligned_vector<float> flat(model::flat_size<float>(g));
    model::flat_parameters<float> const all(g, flat);
    float next = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (auto& value : all.stored(i)) {
            value = ++next;
        }
    }
    return flat;
}

auto message(std::filesystem::path const& file) -> std::string
{
    auto const loaded = train::load_painting(file);
    return loaded ? "loaded" : loaded.error().to_string();
}

/// The same file with other metadata, and perhaps without its first tensor.
void rewrite(std::filesystem::path const& file, checkpoint::metadata_map const& about, bool whole)
{
    auto const reader = checkpoint::safetensors_reader::open(file).value();
    auto const tensors = reader.tensors().subspan(whole ? 0 : 1);
    auto const plan = checkpoint::plan_safetensors(tensors, about).value();
    REQUIRE(io::publish_file(file, [&](auto& sink) {
        return checkpoint::write_safetensors(sink, plan, [&](std::size_t i, auto& out) {
            return out.write(reader.bytes(tensors[i]));
        });
    }));
}

auto recipe_text(train::recipe const& r) -> std::string
{
    return boost::json::serialize(train::to_json(r));
}

} // namespace

TEST_CASE("a painting comes back as it was saved, under Diffusers' names")
{
    temporary_folder const folder;
    auto const r = test::tiny_recipe();
    auto const parameters = some_parameters(r.model);
    REQUIRE(train::save_painting(folder / "p.safetensors", r, parameters));
    auto const loaded = train::load_painting(folder / "p.safetensors");
    REQUIRE_MESSAGE(loaded.has_value(), (loaded ? "" : loaded.error().message));
    CHECK(loaded->parameters == parameters);
    CHECK(train::to_json(loaded->recipe) == train::to_json(r));

    auto const reader = checkpoint::safetensors_reader::open(folder / "p.safetensors").value();
    auto const* const first = reader.find("unet.conv_in.weight"); // [out, in, 3, 3] in files
    REQUIRE(first != nullptr);
    CHECK(first->dims == shape{8, 11, 3, 3});
    CHECK(reader.find("text_state") != nullptr);
    CHECK(reader.find("unet.mid_block.attentions.0.proj_in.weight") != nullptr);
}

TEST_CASE("whichever step of saving fails, the earlier painting is there")
{
    auto const r = test::tiny_recipe();
    auto parameters = some_parameters(r.model);
    for (int step = 0;; ++step) {
        CAPTURE(step);
        temporary_folder const folder;
        auto const file = folder / "p.safetensors";
        REQUIRE(train::save_painting(file, r, parameters));
        haiga_test::failing_files files;
        files.script.fails_at = step;
        auto other = parameters;
        other[0] = -1;
        auto const saved = train::save_painting(file, r, other, files);
        auto const loaded = train::load_painting(file);
        REQUIRE(loaded);
        if (saved) {
            CHECK(loaded->parameters == other);
            CHECK(step > 10); // a create, a write a tensor, two syncs, a rename
            break;
        }
        // only the folder's own sync comes after the new one is there, whole
        CHECK((loaded->parameters == parameters ||
               saved.error().message == "the test fails this sync_folder"));
    }
}

TEST_CASE("a painting of numbers that are not finite is neither saved nor loaded")
{
    temporary_folder const folder;
    auto const file = folder / "p.safetensors";
    auto const r = test::tiny_recipe();
    auto const whole = some_parameters(r.model);
    REQUIRE(train::save_painting(file, r, whole));
    constexpr auto told = "\"unet.conv_in.weight\" has numbers that are not finite: "
                          "the training has diverged";
    for (auto const odd :
         {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
        auto diverged = whole;
        auto const g = train::layout_of(r.model);
        model::flat_parameters<float> const all(g, diverged);
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (all.info(i).name == "unet.conv_in.weight") {
                all.stored(i).back() = odd;
            }
        }
        auto const saved = train::save_painting(file, r, diverged);
        REQUIRE_FALSE(saved);
        CHECK(saved.error().message == file.string() + ": not saved: " + told);
        CHECK(train::load_painting(file)->parameters == whole);
    }
    auto bytes = io::read_file(file, 1 << 24).value(); // its last number becomes a NaN
    std::fill(bytes.end() - 2, bytes.end(), std::byte{0xff});
    REQUIRE(io::publish_bytes(file, bytes));
    CHECK(message(file).starts_with(file.string() + ": \"unet."));
    CHECK(message(file).find("\" is NaN in its element ") != std::string::npos);
}

TEST_CASE("what is no painting is one line that names the file")
{
    temporary_folder const folder;
    auto const file = folder / "p.safetensors";
    CHECK(message(file) == file.string() + ": cannot open: no such file or folder");
    auto const r = test::tiny_recipe();
    REQUIRE(train::save_painting(file, r, some_parameters(r.model)));

    rewrite(file, {}, true);
    CHECK(message(file) ==
          file.string() + ": its metadata have no \"recipe\": not a painter's file");
    for (auto const* const text : {"", "{", "[]", "{}", "\xc3\xa9", "{\"a\":1,\"a\":1}"}) {
        rewrite(file, {{"recipe", text}}, true);
        CHECK(message(file).starts_with(file.string() + ": "));
    }
    rewrite(file, {{"recipe", recipe_text(r)}}, true);
    CHECK(message(file) == "loaded");

    auto large = r; // its parameters are more than any machine holds
    large.model.unet.block_out_channels = {8, 1 << 20};
    rewrite(file, {{"recipe", recipe_text(large)}}, true);
    CHECK(message(file).starts_with(file.string() + ": holds "));

    auto other = r;
    other.model.text_tokens = 1;
    rewrite(file, {{"recipe", recipe_text(other)}}, true);
    CHECK(message(file).find("text_state") != std::string::npos);

    rewrite(file, {{"recipe", recipe_text(r)}}, false);
    CHECK(message(file).starts_with(file.string() + ": "));
}
