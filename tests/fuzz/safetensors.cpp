#include "haiga/checkpoint/safetensors_reader.hpp"
#include "haiga/checkpoint/safetensors_writer.hpp"

#include "tests/fuzz/seeds.hpp"
#include "tests/golden/safetensors_file.hpp"

#include <cstdlib>

// Whatever is accepted covers its data byte by byte, and is accepted again after it was written;
// whatever is refused is one line.

extern "C" auto LLVMFuzzerInitialize(int* count, char*** arguments) -> int
{
    haiga_test::add_seed({*arguments, static_cast<std::size_t>(*count)}, "reference",
                         golden::safetensors_file);
    return 0;
}

namespace {

using haiga::checkpoint::safetensors_reader;

auto rewritten(safetensors_reader const& reader) -> haiga::result<haiga::io::memory_sink>
{
    HAIGA_TRY(auto const plan,
              haiga::checkpoint::plan_safetensors(reader.tensors(), reader.metadata()));
    haiga::io::memory_sink sink;
    HAIGA_TRY_VOID(haiga::checkpoint::write_safetensors(sink, plan, [&](std::size_t i, auto& out) {
        return out.write(reader.bytes(reader.tensors()[i]));
    }));
    return sink;
}

} // namespace

extern "C" auto LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) -> int
{
    auto const reader = safetensors_reader::over(std::as_bytes(std::span(data, size)));
    if (!reader) {
        if (!haiga_test::is_one_line(reader.error())) {
            std::abort();
        }
        return 0;
    }
    auto const copy = rewritten(*reader);
    auto const again = copy ? safetensors_reader::over(copy->bytes())
                            : haiga::fail(haiga::errc::invalid, "not written");
    if (!again || again->metadata() != reader->metadata() ||
        again->tensors().size() != reader->tensors().size()) {
        std::abort();
    }
    for (auto const& tensor : reader->tensors()) {
        auto const* const same = again->find(tensor.name);
        if (same == nullptr || same->dims != tensor.dims ||
            !std::ranges::equal(again->bytes(*same), reader->bytes(tensor))) {
            std::abort();
        }
    }
    return 0;
}
