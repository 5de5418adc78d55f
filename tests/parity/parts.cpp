#include "haiga/checkpoint/safetensors_writer.hpp"
#include "haiga/io/publish.hpp"
#include "haiga/model/autoencoder_config_json.hpp"
#include "haiga/model/autoencoder_kl.hpp"
#include "haiga/model/clip_text.hpp"
#include "haiga/model/clip_text_config_json.hpp"
#include "haiga/model/unet.hpp"
#include "haiga/model/unet_config_json.hpp"
#include "haiga/sample/load_part.hpp"
#include "tests/parity/part.hpp"

#include <iostream>

// Runs one network of a Diffusers folder on cpu_native, in fp32 or bf16:
//
//     parity_parts FOLDER COMPONENT INPUTS.safetensors OUTPUTS.safetensors [bf16]
//
// INPUTS names what the network is given, and, as "d_" + an output's name, the gradients of what it
// gives. OUTPUTS gets the outputs, the inputs' gradients as "d_" + name and those of the parameters
// as "gradient/" + name, all as torch lays them out. tests/peers/parity.py compares them with what
// torch gives.

namespace haiga::parity {
namespace {

auto trace_unet(part& p, boost::json::value const& json) -> result<>
{
    HAIGA_TRY(auto const config, model::read_unet_config(json));
    model::unet_inputs in;
    HAIGA_TRY(in.sample, p.wanted_input("sample"));
    HAIGA_TRY(in.timesteps, p.input("timesteps", dtype::f32));
    HAIGA_TRY(in.encoder_hidden_states, p.wanted_input("encoder_hidden_states"));
    if (p.has("class_labels")) {
        auto const kind = config.class_embed_type.value_or("");
        if (kind.ends_with("projection") || kind == "identity") {
            HAIGA_TRY(in.class_labels, p.wanted_input("class_labels"));
        } else {
            auto const type = kind == "timestep" ? dtype::f32 : dtype::i32;
            HAIGA_TRY(in.class_labels, p.input("class_labels", type));
        }
    }
    if (config.addition_embed_type) {
        HAIGA_TRY(in.text_embeds, p.wanted_input("text_embeds"));
        HAIGA_TRY(in.time_ids, p.input("time_ids", dtype::f32));
    }
    p.output("output", model::unet(model::scope(p.g), config, in));
    return {};
}

/// Pictures to latents and back.
auto trace_vae(part& p, boost::json::value const& json) -> result<>
{
    HAIGA_TRY(auto const config, model::read_autoencoder_config(json));
    HAIGA_TRY(auto const picture, p.wanted_input("picture"));
    HAIGA_TRY(auto const noise, p.input("noise", p.g.storage()));
    model::scope const root(p.g);
    auto const moments = model::encode_moments(root, config, picture);
    auto const latents = model::sample_latents(p.g, config, moments, noise);
    p.output("moments", moments);
    p.output("latents", latents);
    p.output("output", model::decode_latents(root, config, latents));
    return {};
}

auto trace_text(part& p, boost::json::value const& json) -> result<>
{
    HAIGA_TRY(auto const config, model::read_clip_text_config(json));
    HAIGA_TRY(auto const ids, p.input("input_ids", dtype::i32));
    auto const made = model::clip_text(model::scope(p.g), config, ids);
    p.output("last_hidden_state", made.last_hidden_state);
    p.output("penultimate", made.hidden_states[made.hidden_states.size() - 2]);
    p.output("pooler_output", made.pooler_output);
    if (config.with_projection) {
        p.output("text_embeds", made.text_embeds);
    }
    return {};
}

auto trace(part& p, std::string const& component, boost::json::value const& json) -> result<>
{
    if (component == "unet") {
        HAIGA_TRY_VOID(trace_unet(p, json));
    } else if (component == "vae") {
        HAIGA_TRY_VOID(trace_vae(p, json));
    } else {
        HAIGA_TRY_VOID(trace_text(p, json));
    }
    return p.differentiate();
}

auto read_config(std::filesystem::path const& file) -> result<boost::json::value>
{
    HAIGA_TRY(auto const text, io::read_file(file, 1 << 20));
    return json::parse_unique(as_text(text)).map_error([&](failure&& f) {
        return std::move(f).within(file.string());
    });
}

/// A whole model by the way of every program; a folder without an index is one network that no key
/// map knows, such as a UNet that is told of classes.
auto load(std::filesystem::path const& folder, std::string const& component,
          model::flat_parameters<float> const& to) -> result<>
{
    if (std::filesystem::exists(folder / "model_index.json")) {
        HAIGA_TRY(auto const source, checkpoint::open_model(folder));
        return sample::load_part<float>(source, {.component = component}, to);
    }
    HAIGA_TRY(auto const file,
              safetensors_reader::open(folder / component / "diffusion_pytorch_model.safetensors"));
    std::vector<model::checkpoint_tensor> tensors;
    for (auto const& t : file.tensors()) {
        tensors.push_back({t.name, t.type, t.dims, file.bytes(t)});
    }
    return model::load_parameters<float>(to, tensors);
}

/// The numbers of an output in the file's order.
auto read(part const& p, test::on_host<float> const& host, value v) -> std::vector<float>
{
    auto const from = host.read(v);
    std::vector<float> values(from.size());
    for_each_place(p.g.shape_of(v), [&](std::size_t at, std::size_t to) {
        values[to] = static_cast<float>(from[at]);
    });
    return values;
}

/// Gradients of parameters come last, one in memory at a time.
auto write(std::filesystem::path const& file, part const& p, test::on_host<float>& host) -> result<>
{
    auto const gradients = host.gradients();
    std::vector<checkpoint::tensor_entry> entries;
    for (auto const& [name, v] : p.outputs()) {
        entries.push_back({name, dtype::f32, dims_in_file(p.g.shape_of(v))});
    }
    for (std::size_t i = 0; i < gradients.size(); ++i) {
        entries.push_back(
            {"gradient/" + gradients.info(i).name, dtype::f32, gradients.info(i).shape});
    }
    HAIGA_TRY(auto const plan, checkpoint::plan_safetensors(entries));
    return io::publish_file(file, [&](io::byte_sink auto& sink) {
        return checkpoint::write_safetensors(sink, plan, [&](std::size_t i, auto& out) {
            auto const first = p.outputs().size();
            auto const values =
                i < first ? read(p, host, p.outputs()[i].v) : gradients.checkpoint(i - first);
            return out.write(std::as_bytes(std::span(values)));
        });
    });
}

auto run(std::span<char const* const> told) -> result<>
{
    if (told.size() < 5) {
        return fail(errc::invalid, "parity_parts FOLDER COMPONENT INPUTS OUTPUTS [bf16]");
    }
    std::filesystem::path const folder = told[1];
    std::string const component = told[2];
    auto const storage = told.size() > 5 ? dtype::bf16 : dtype::f32;
    HAIGA_TRY(auto const given, safetensors_reader::open(told[3]));
    HAIGA_TRY(auto const json, read_config(folder / component / "config.json"));
    part p(given, storage);
    HAIGA_TRY_VOID(trace(p, component, json));
    test::on_host<float> host(p.g);
    HAIGA_TRY_VOID(load(folder, component, host.parameters()));
    HAIGA_TRY_VOID(p.fill(host));
    host.run();
    return write(told[4], p, host);
}

} // namespace
} // namespace haiga::parity

int main(int argc, char** argv)
{
    auto const done = haiga::parity::run({argv, static_cast<std::size_t>(argc)});
    if (!done) {
        std::cerr << "parity_parts: " << done.error().to_string() << '\n';
    }
    return done ? 0 : 1;
}
