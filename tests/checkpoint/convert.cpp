#include "haiga/checkpoint/compare_models.hpp"
#include "haiga/checkpoint/convert_lora.hpp"
#include "tests/checkpoint/toys.hpp"
#include "tests/temporary_folder.hpp"

#include <fstream>

using namespace haiga;
using namespace haiga_test;
using path = std::filesystem::path;

namespace {

auto nothing_to_tell(std::uint64_t, std::uint64_t) -> result<> { return {}; }

auto converted(checkpoint::conversion const& wanted)
{
    return checkpoint::convert_model(wanted, nothing_to_tell);
}

auto convert(path const& from, path const& to) -> result<checkpoint::conversion_report>
{
    checkpoint::conversion wanted;
    wanted.input = from;
    wanted.output = to;
    return converted(wanted);
}

/// Tensors of a toy as one file.
void save(std::vector<checkpoint::stored_tensor> const& tensors, path const& file)
{
    std::vector<checkpoint::tensor_entry> entries;
    for (auto const& tensor : tensors) {
        entries.push_back({tensor.name, tensor.type, tensor.dims});
    }
    auto const plan = checkpoint::plan_safetensors(entries);
    REQUIRE(plan);
    auto const done = io::publish_file(file, [&](io::byte_sink auto& sink) {
        return checkpoint::write_safetensors(sink, *plan, [&](std::size_t i, auto& out) {
            return checkpoint::for_each_piece(
                tensors[i], [&](std::span<std::byte const> piece) { return out.write(piece); });
        });
    });
    REQUIRE(done);
}

/// A toy's original in one file.
class toy_file {
public:
    explicit toy_file(std::string const& name, path file)
        : toy(golden_of(name).original), path_(std::move(file))
    {
    }

    auto saved() -> path const&
    {
        save(toy.all, path_);
        return path_;
    }

    toy_tensors toy;

private:
    path path_;
};

void check_same(path const& a, path const& b)
{
    auto const first = checkpoint::open_model(a);
    auto const second = checkpoint::open_model(b);
    REQUIRE_MESSAGE(first, first.error().to_string());
    REQUIRE_MESSAGE(second, second.error().to_string());
    auto const found = checkpoint::first_difference(*first, *second);
    REQUIRE_MESSAGE(found, found.error().to_string());
    CHECK_MESSAGE(!*found, found->value_or(""));
}

auto content(path const& file) -> std::string
{
    auto const bytes = io::read_file(file, 1 << 30);
    REQUIRE_MESSAGE(bytes, file.string());
    return std::string(as_text(*bytes));
}

/// The names and bytes of all files in a folder.
auto contents(path const& folder) -> std::map<std::string, std::string>
{
    std::map<std::string, std::string> all;
    for (auto const& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file()) {
            all[entry.path().lexically_relative(folder).string()] = content(entry.path());
        }
    }
    return all;
}

void check_refused(result<checkpoint::conversion_report> const& done, path const& output,
                   std::string_view expected)
{
    REQUIRE(!done);
    auto const said = done.error().to_string();
    CHECK_MESSAGE(said.find(expected) != said.npos, said);
    CHECK(!std::filesystem::exists(output));
    for (auto const& entry : std::filesystem::directory_iterator(output.parent_path())) {
        CHECK_MESSAGE(!io::is_aside(entry.path()), entry.path().string());
    }
}

} // namespace

TEST_CASE("file, folder, ckpt, folder, safetensors, folder: the same bits all the way")
{
    for (auto const* const name : toy_names) {
        CAPTURE(name);
        temporary_folder const here;
        toy_file toy(name, here / "original");
        path const steps[] = {here / "folder", here / "model.ckpt", here / "folder2",
                              here / "model.safetensors", here / "folder3"};
        auto before = toy.saved();
        for (auto const& next : steps) {
            auto const done = convert(before, next);
            REQUIRE_MESSAGE(done, done.error().to_string());
            CHECK(done->omitted.empty());
            check_same(before, next);
            before = next;
        }
        CHECK(contents(steps[0]) == contents(steps[2]));
        CHECK(contents(steps[2]) == contents(steps[4]));
        REQUIRE(convert(steps[4], here / "again.safetensors"));
        CHECK(content(here / "again.safetensors") == content(steps[3]));
    }
}

TEST_CASE("a folder made from a file has every configuration, one made from a folder its files")
{
    temporary_folder const here;
    toy_file toy("sd1", here / "original");
    REQUIRE(convert(toy.saved(), here / "folder"));
    for (auto const* const file :
         {"model_index.json", "unet/config.json", "vae/config.json", "text_encoder/config.json",
          "scheduler/scheduler_config.json", "tokenizer/tokenizer_config.json"}) {
        CAPTURE(file);
        CHECK(std::filesystem::exists(here / "folder" / file));
    }
    std::ofstream(here / "folder/tokenizer/vocab.json") << "{}";
    std::filesystem::create_directory(here / "folder/safety_checker");
    std::ofstream(here / "folder/safety_checker/notes.txt") << "kept";
    REQUIRE(convert(here / "folder", here / "copy"));
    CHECK(contents(here / "folder") == contents(here / "copy"));
}

TEST_CASE("what the other form has no place for is left out and told; the same form keeps it")
{
    temporary_folder const here;
    toy_file toy("sd1", here / "original");
    toy.toy.add("cond_stage_model.transformer.text_model.embeddings.position_ids", {1, 77});
    toy.toy.add("betas", {1000});
    toy.toy.add("model_ema.num_updates", {1});
    auto const folder = convert(toy.saved(), here / "folder");
    REQUIRE(folder);
    CHECK(folder->omitted.size() == 3);
    auto const file = convert(toy.saved(), here / "copy.safetensors");
    REQUIRE(file);
    CHECK(file->omitted.empty());
    auto const copy = checkpoint::open_model(here / "copy.safetensors");
    REQUIRE(copy);
    CHECK(copy->tensors.size() == toy.toy.all.size());
}

TEST_CASE("EMA weights are taken where they are wanted, and must all be there")
{
    temporary_folder const here;
    toy_file toy("sd1", here / "original");
    auto const trained = toy.toy.all;
    for (auto const& tensor : trained) {
        if (tensor.name.starts_with("model.diffusion_model.")) {
            toy.toy.add(checkpoint::ema_name(tensor.name), tensor.dims);
        }
    }
    checkpoint::conversion wanted;
    wanted.input = toy.saved();
    wanted.output = here / "ema.safetensors";
    wanted.bind.ema = true;
    REQUIRE(converted(wanted));
    auto const made = checkpoint::open_model(wanted.output);
    REQUIRE(made);
    CHECK(made->tensors.size() == trained.size());
    for (auto const& tensor : made->tensors) {
        bool const averaged = tensor.name.starts_with("model.diffusion_model.");
        auto const& from = toy.toy.find(averaged ? checkpoint::ema_name(tensor.name) : tensor.name);
        CHECK(as_text(tensor.bytes) == as_text(from.bytes));
    }
    toy.toy.all.pop_back();
    save(toy.toy.all, wanted.input);
    wanted.output = here / "half.safetensors";
    check_refused(converted(wanted), wanted.output, "is missing: this checkpoint has no EMA");
}

TEST_CASE("a tensor that is missing, is of another shape or has no place fails by its name")
{
    temporary_folder const here;
    auto const out = here / "out";
    std::string const conv = "model.diffusion_model.out.2.bias";
    SUBCASE("missing")
    {
        toy_file toy("sd1", here / "in");
        std::erase_if(toy.toy.all, [&](auto const& t) { return t.name == conv; });
        check_refused(convert(toy.saved(), out), out, '"' + conv + "\" is missing");
    }
    SUBCASE("of another shape")
    {
        toy_file toy("sd1", here / "in");
        auto& tensor = toy.toy.find(conv);
        tensor.dims = {2, 2};
        tensor.steps = checkpoint::dense_strides(tensor.dims);
        check_refused(convert(toy.saved(), out), out,
                      '"' + conv + "\": expected [4], found [2, 2]");
    }
    SUBCASE("without a place")
    {
        toy_file toy("sd1", here / "in");
        toy.toy.add("model.diffusion_model.out.3.bias", {4});
        check_refused(convert(toy.saved(), out), out,
                      "\"model.diffusion_model.out.3.bias\" [4] has no place in this model");
    }
    SUBCASE("of no known model")
    {
        toy_tensors toy({{"layer.weight", {{2, 2}, 0}}});
        save(toy.all, here / "in");
        check_refused(convert(here / "in", out), out, "no known model is in these 1 tensors");
    }
}

TEST_CASE("types: rounded to nearest even; what cannot be held is an error unless it is allowed")
{
    temporary_folder const here;
    toy_file toy("vae", here / "in");
    float large[] = {1, 1e6F, 3};
    auto& bias = toy.toy.find("decoder.conv_out.bias");
    bias.bytes = std::as_bytes(std::span(large));
    checkpoint::conversion wanted;
    wanted.input = toy.saved();
    wanted.output = here / "half.safetensors";
    wanted.values.type = dtype::f16;
    check_refused(converted(wanted), wanted.output,
                  "decoder.conv_out.bias\" has a number that F16");
    wanted.values.allow_overflow = true;
    REQUIRE(converted(wanted));
    auto const made = checkpoint::open_model(wanted.output);
    REQUIRE(made);
    for (auto const& tensor : made->tensors) {
        CHECK(tensor.type == dtype::f16);
    }
    wanted.values = {dtype::bf16};
    wanted.output = here / "brain.safetensors";
    CHECK(converted(wanted));
}

TEST_CASE("parts of one packed tensor that have different types want one to be chosen")
{
    temporary_folder const here;
    toy_tensors toy(golden_of("sd2").diffusers);
    std::vector<std::uint16_t> const halves(64, 0x3c00);
    auto& query = toy.find("text_encoder/text_model.encoder.layers.0.self_attn.q_proj.weight");
    query.type = dtype::f16;
    query.bytes =
        std::as_bytes(std::span(halves)).first(static_cast<std::size_t>(query.dims.elements()) * 2);
    auto const model = checkpoint::recognise(toy.all);
    REQUIRE(model);
    auto const bound =
        checkpoint::bind_tensors(toy.all, checkpoint::model_keys(*model), model->follows);
    REQUIRE(bound);
    auto const mixed = checkpoint::model_values(*bound).tensors(checkpoint::naming::original);
    REQUIRE(!mixed);
    CHECK(mixed.error().message.find("choose one type for all") != std::string::npos);
    CHECK(checkpoint::model_values(*bound, {dtype::f32}).tensors(checkpoint::naming::original));
}

TEST_CASE("an output that is there: a file is replaced whole, a folder is not touched")
{
    temporary_folder const here;
    toy_file toy("vae", here / "in");
    std::ofstream(here / "out.safetensors") << "old";
    REQUIRE(convert(toy.saved(), here / "out.safetensors"));
    check_same(here / "in", here / "out.safetensors");
    std::filesystem::create_directory(here / "folder");
    REQUIRE(convert(here / "in", here / "folder")); // it is empty
    auto const before = contents(here / "folder");
    auto const again = convert(here / "in", here / "folder");
    REQUIRE(!again);
    CHECK(again.error().message.find("not an empty folder") != std::string::npos);
    CHECK(contents(here / "folder") == before);
    CHECK(!convert(here / "in", here / "model.gguf"));
}

TEST_CASE("a conversion that is cancelled leaves nothing")
{
    temporary_folder const here;
    toy_file toy("sd1", here / "in");
    toy.saved();
    for (auto const* const name : {"out.safetensors", "out.ckpt", "out"}) {
        for (auto const percent : {0U, 30U, 60U, 99U}) {
            checkpoint::conversion wanted;
            wanted.input = here / "in";
            wanted.output = here / name;
            check_refused(checkpoint::convert_model(
                              wanted,
                              [&](std::uint64_t done, std::uint64_t all) -> result<> {
                                  return done * 100 > all * percent
                                             ? result<>(fail(errc::cancelled, "cancelled"))
                                             : result<>();
                              }),
                          wanted.output, "cancelled");
        }
    }
}

TEST_CASE("large parts are spread over files with an index, and read back")
{
    temporary_folder const here;
    toy_file toy("sd1", here / "in");
    checkpoint::conversion wanted;
    wanted.input = toy.saved();
    wanted.output = here / "folder";
    wanted.most_in_file = 100'000;
    REQUIRE(converted(wanted));
    CHECK(std::filesystem::exists(here /
                                  "folder/unet/diffusion_pytorch_model.safetensors.index.json"));
    CHECK(!std::filesystem::exists(here / "folder/unet/diffusion_pytorch_model.safetensors"));
    check_same(here / "in", here / "folder");
    REQUIRE(convert(here / "folder", here / "one"));
    CHECK(std::filesystem::exists(here / "one/unet/diffusion_pytorch_model.safetensors"));
    check_same(here / "in", here / "one");
}

TEST_CASE("what a file says of its prediction reaches the folder's scheduler")
{
    temporary_folder const here;
    toy_file toy("sdxl", here / "in");
    toy.toy.add("v_pred", {0});
    REQUIRE(convert(toy.saved(), here / "folder"));
    CHECK(content(here / "folder/scheduler/scheduler_config.json").find("v_prediction") !=
          std::string::npos);
    auto const opened = checkpoint::open_model(here / "folder");
    REQUIRE(opened);
    auto const told = checkpoint::prediction_of(*opened);
    REQUIRE(told);
    CHECK(*told == catalog::prediction::v_prediction);
}

TEST_CASE("the first difference of two models is named")
{
    temporary_folder const here;
    toy_file a("vae", here / "a");
    toy_file b("vae", here / "b");
    std::vector<float> other(3, 0.25F);
    b.toy.find("decoder.conv_out.bias").bytes = std::as_bytes(std::span(other));
    auto const first = checkpoint::open_model(a.saved());
    auto const second = checkpoint::open_model(b.saved());
    REQUIRE(first);
    REQUIRE(second);
    auto const found = checkpoint::first_difference(*first, *second);
    REQUIRE(found);
    CHECK(found->value_or("") == "\"vae/decoder.conv_out.bias\" differs from its element 0 on");
}

TEST_CASE("no name of a tensor leads out of the output")
{
    temporary_folder const here;
    for (auto const* const front : {"../out2/", "/tmp/haiga-nowhere/", "a/b/", "./", "../"}) {
        CAPTURE(front);
        toy_tensors toy(golden_of("text_clip").diffusers);
        auto const alone = toy.all;
        for (auto const& tensor : alone) {
            toy.add_copy(front + tensor.name.substr(tensor.name.find('/') + 1), tensor);
        }
        toy.add("unet/time_embedding.linear_1.weight", {4, 4});
        save(toy.all, here / "in");
        CHECK(!convert(here / "in", here / "out"));
        CHECK(!std::filesystem::exists(here / "out"));
        CHECK(std::distance(std::filesystem::directory_iterator(here.path()), {}) == 1);
    }
}

TEST_CASE("shapes that no parameter has are refused")
{
    temporary_folder const here;
    for (std::int64_t const extent : {std::int64_t{0}, std::int64_t{1} << 40U}) {
        toy_file toy("vae", here / "in");
        auto& tensor = toy.toy.find("encoder.conv_in.weight");
        tensor.dims = {0, extent, 3, 3};
        tensor.steps = checkpoint::dense_strides(tensor.dims);
        tensor.bytes = {};
        check_refused(convert(toy.saved(), here / "out"), here / "out",
                      "is no shape of a parameter");
    }
}

TEST_CASE("the input is not written into")
{
    temporary_folder const here;
    toy_file toy("sd1", here / "in.safetensors");
    REQUIRE(convert(toy.saved(), here / "folder/")); // with its slash
    auto const before = contents(here / "folder");
    CHECK(!convert(here / "folder", here / "folder"));
    CHECK(!convert(here / "folder", here / "folder/copy"));
    CHECK(!convert(here / "folder", here / "folder/unet/diffusion_pytorch_model.safetensors"));
    CHECK(contents(here / "folder") == before);
    CHECK(!convert(here / "in.safetensors", here / "in.safetensors"));
}

TEST_CASE("a folder in which a network is missing, or is a link that leads out, is refused")
{
    temporary_folder const here;
    toy_file toy("sd1", here / "in");
    REQUIRE(convert(toy.saved(), here / "folder"));
    std::filesystem::rename(here / "folder/vae/diffusion_pytorch_model.safetensors", here / "vae");
    check_refused(convert(here / "folder", here / "out"), here / "out", "vae: no weights in it");
    std::filesystem::create_symlink(here / "vae",
                                    here / "folder/vae/diffusion_pytorch_model.safetensors");
    check_refused(convert(here / "folder", here / "out"), here / "out", "leads out of the folder");
}

TEST_CASE("what is assumed is told; what a folder's scheduler says survives a single file")
{
    temporary_folder const here;
    toy_file toy("sd2", here / "in");
    checkpoint::conversion wanted;
    wanted.input = toy.saved();
    wanted.output = here / "folder";
    auto const guessed = converted(wanted);
    REQUIRE(guessed);
    CHECK(guessed->notes.size() == 2);
    wanted.output = here / "noise";
    wanted.prediction = catalog::prediction::epsilon;
    auto const told = converted(wanted);
    REQUIRE(told);
    CHECK(told->notes.size() == 1); // no vocabulary
    REQUIRE(convert(here / "noise", here / "noise.safetensors"));
    REQUIRE(convert(here / "noise.safetensors", here / "noise2"));
    CHECK(content(here / "noise/scheduler/scheduler_config.json") ==
          content(here / "noise2/scheduler/scheduler_config.json"));
    CHECK(content(here / "folder/scheduler/scheduler_config.json") !=
          content(here / "noise2/scheduler/scheduler_config.json"));
}

TEST_CASE("EMA weights are refused where nothing can have them")
{
    temporary_folder const here;
    checkpoint::conversion wanted;
    toy_file toy("vae", here / "in");
    wanted.input = toy.saved();
    wanted.output = here / "out";
    wanted.bind.ema = true;
    check_refused(converted(wanted), wanted.output, "no EMA weights");
}

namespace {

/// A LoRA of rank 2 for a key projection of the first cross attention, in kohya's names.
void save_lora(path const& file, std::int64_t channels, std::int64_t context)
{
    constexpr std::string_view module =
        "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k";
    toy_tensors lora({{concat(module, ".lora_down.weight"), {{2, context}, 0}},
                      {concat(module, ".lora_up.weight"), {{channels, 2}, 0}}});
    save(lora.all, file);
}

constexpr auto changed = "unet/down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight";

} // namespace

TEST_CASE("a LoRA is added to the one weight that it names, and to no model of another family")
{
    temporary_folder const here;
    auto const golden = golden_of("sd1");
    auto const dims = golden.diffusers.at(changed).dims;
    toy_file toy("sd1", here / "in");
    save_lora(here / "lora.safetensors", dims[0], dims[1]);
    checkpoint::conversion wanted;
    wanted.input = toy.saved();
    wanted.output = here / "merged";
    wanted.loras = {{here / "lora.safetensors", 0.5}};
    REQUIRE(checkpoint::convert(wanted, nothing_to_tell));
    auto const before = checkpoint::open_model(here / "in");
    auto const after = checkpoint::open_model(here / "merged");
    REQUIRE(before);
    REQUIRE(after);
    auto const found = checkpoint::first_difference(*before, *after);
    REQUIRE(found);
    CHECK(found->value_or("").find(changed) != std::string::npos);
    auto const weight =
        std::ranges::find(after->tensors, changed, &checkpoint::stored_tensor::name);
    auto const lora = checkpoint::tensor_file::open(here / "lora.safetensors");
    auto const& own = toy.toy.find(
        "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight");
    auto const at = [](checkpoint::stored_tensor const& tensor, std::int64_t i) {
        return static_cast<double>(std::bit_cast<float>(load_le<std::uint32_t>(
            tensor.bytes.subspan(static_cast<std::size_t>(i) * sizeof(float)))));
    };
    auto const& down = lora->tensors()[0];
    auto const& up = lora->tensors()[1];
    for (std::int64_t i = 0; i < dims[0]; ++i) {
        for (std::int64_t j = 0; j < dims[1]; ++j) {
            auto const product =
                at(up, 2 * i) * at(down, j) + at(up, 2 * i + 1) * at(down, dims[1] + j);
            CHECK(at(*weight, i * dims[1] + j) ==
                  doctest::Approx(at(own, i * dims[1] + j) + 0.5 * product).epsilon(1e-6));
        }
    }
    wanted.values.type = dtype::bf16;
    wanted.output = here / "merged.ckpt";
    CHECK(checkpoint::convert(wanted, nothing_to_tell));
    toy_file other("sd2", here / "sd2");
    wanted.input = other.saved();
    wanted.output = here / "wrong";
    check_refused(checkpoint::convert(wanted, nothing_to_tell), wanted.output,
                  "a LoRA for Stable Diffusion 1, the model is Stable Diffusion 2");
}

TEST_CASE("a LoRA is converted between kohya's names and Diffusers', both ways")
{
    temporary_folder const here;
    save_lora(here / "kohya.safetensors", 320, 768);
    checkpoint::conversion wanted;
    wanted.input = here / "kohya.safetensors";
    wanted.output = here / "folder";
    REQUIRE(checkpoint::convert(wanted, nothing_to_tell));
    auto const peft = checkpoint::tensor_file::open(here / "folder" / checkpoint::lora_in_folder);
    REQUIRE(peft);
    REQUIRE(peft->tensors().size() == 2);
    CHECK(peft->tensors()[0].name ==
          "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.lora_A.weight");
    wanted.input = here / "folder";
    wanted.output = here / "back.safetensors";
    REQUIRE(checkpoint::convert(wanted, nothing_to_tell));
    auto const first = checkpoint::tensor_file::open(here / "kohya.safetensors");
    auto const back = checkpoint::tensor_file::open(here / "back.safetensors");
    REQUIRE(first);
    REQUIRE(back);
    CHECK(back->tensors().size() == 3); // alpha is written
    for (auto const& tensor : first->tensors()) {
        auto const same =
            std::ranges::find(back->tensors(), tensor.name, &checkpoint::stored_tensor::name);
        REQUIRE(same != back->tensors().end());
        CHECK(as_text(same->bytes) == as_text(tensor.bytes));
    }
    wanted.loras = {{here / "kohya.safetensors", 1}};
    CHECK(!checkpoint::convert(wanted, nothing_to_tell));
}
