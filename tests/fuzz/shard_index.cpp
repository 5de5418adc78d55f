#include "haiga/checkpoint/sharded_set.hpp"

#include "tests/fuzz/seeds.hpp"

#include <cstdlib>
#include <string_view>

// Whatever index is accepted is read again as it was written, and no file that it names leads out
// of its folder; whatever is refused is one line.

extern "C" auto LLVMFuzzerInitialize(int* count, char*** arguments) -> int
{
    constexpr std::string_view seed =
        R"({"metadata": {"total_size": 8}, "weight_map": {"a": "m-1.safetensors", "b": "../x"}})";
    haiga_test::add_seed({*arguments, static_cast<std::size_t>(*count)}, "index",
                         {reinterpret_cast<unsigned char const*>(seed.data()), seed.size()});
    return 0;
}

extern "C" auto LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) -> int
{
    using namespace haiga;
    auto const text = as_text(std::as_bytes(std::span(data, size)));
    auto const index = checkpoint::parse_shard_index(text);
    if (!index) {
        if (!haiga_test::is_one_line(index.error())) {
            std::abort();
        }
        return 0;
    }
    auto const again = checkpoint::parse_shard_index(checkpoint::write_shard_index(*index));
    if (!again || again->files != index->files || again->total_bytes != index->total_bytes) {
        std::abort();
    }
    static std::filesystem::path const folder = "/nowhere/model";
    for (auto const& name : index->names()) {
        auto const file = checkpoint::file_inside(folder, name);
        if (file || !haiga_test::is_one_line(file.error())) { // there is no such folder
            std::abort();
        }
    }
    return 0;
}
