#include "haiga/checkpoint/model_names.hpp"
#include "haiga/checkpoint/model_values.hpp"
#include "haiga/checkpoint/safetensors_reader.hpp"
#include "haiga/checkpoint/safetensors_writer.hpp"

#include "tests/fuzz/seeds.hpp"

#include <cstdlib>

// A file of whatever names and shapes is told to be no model, or every tensor has its place and
// every byte of a placed one is written once.

namespace {

using namespace haiga;

/// A text model of one layer, as SDXL's original has its second: packed and transposed tensors.
auto seed_file() -> std::vector<std::byte>
{
    catalog::text_layout l;
    l.vocabulary = 3;
    l.positions = l.width = l.hidden = 2;
    l.layers = 1;
    l.projection = 2;
    checkpoint::key_map map;
    map.rows = checkpoint::open_clip_keys(l, {"text_encoder_2/", "conditioner.embedders.1.model"});
    std::vector<float> const values(64);
    std::vector<checkpoint::named_tensor> tensors;
    for (auto const& [name, rows] : checkpoint::rows_by_tensor(map, checkpoint::naming::original)) {
        auto const dims = checkpoint::dims_of_rows(map, rows, checkpoint::naming::original);
        tensors.push_back({std::string(name), tensor_view<float const>(values.data(), dims)});
    }
    io::memory_sink sink;
    static_cast<void>(checkpoint::write_safetensors(sink, tensors));
    return std::move(sink).release();
}

auto place_all(std::vector<checkpoint::stored_tensor> const& tensors)
    -> result<checkpoint::bound_model>
{
    HAIGA_TRY(auto const model, checkpoint::recognise(tensors));
    return checkpoint::bind_tensors(tensors, checkpoint::model_keys(model), model.follows);
}

} // namespace

extern "C" auto LLVMFuzzerInitialize(int* count, char*** arguments) -> int
{
    auto const file = seed_file();
    haiga_test::add_seed({*arguments, static_cast<std::size_t>(*count)}, "text-model",
                         {reinterpret_cast<unsigned char const*>(file.data()), file.size()});
    return 0;
}

extern "C" auto LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) -> int
{
    auto const reader = checkpoint::safetensors_reader::over(std::as_bytes(std::span(data, size)));
    if (!reader) {
        return 0;
    }
    std::vector<checkpoint::stored_tensor> tensors;
    for (auto const& t : reader->tensors()) {
        tensors.push_back(
            {t.name, t.type, t.dims, checkpoint::dense_strides(t.dims), reader->bytes(t)});
    }
    checkpoint::normalise_names(tensors);
    auto const bound = place_all(tensors);
    if (!bound) {
        if (!haiga_test::is_one_line(bound.error())) {
            std::abort();
        }
        return 0;
    }
    checkpoint::model_values const values(*bound);
    for (auto const n : {checkpoint::naming::diffusers, checkpoint::naming::original}) {
        auto const all = values.tensors(n);
        for (auto const& tensor : all ? *all : std::vector<checkpoint::output_tensor>{}) {
            std::uint64_t bytes = 0;
            auto const done = values.for_each_piece(
                tensor, n,
                [&](std::span<std::byte const> piece, io::mapped_file const*) -> result<> {
                    bytes += piece.size();
                    return {};
                });
            if (!done || bytes != checkpoint::checked_bytes(tensor.entry.type, tensor.entry.dims)) {
                std::abort();
            }
        }
    }
    return 0;
}
