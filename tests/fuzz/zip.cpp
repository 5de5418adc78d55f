#include "haiga/io/zip_reader.hpp"
#include "haiga/io/zip_writer.hpp"

#include "tests/fuzz/seeds.hpp"
#include "tests/golden/torch_files.hpp"

#include <cstdlib>

// Whatever is accepted lies inside the file and is accepted again after it was written; whatever is
// refused is one line.

extern "C" auto LLVMFuzzerInitialize(int* count, char*** arguments) -> int
{
    haiga_test::add_seed({*arguments, static_cast<std::size_t>(*count)}, "zip",
                         golden::torch_zip_state_dict);
    return 0;
}

extern "C" auto LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) -> int
{
    using namespace haiga;
    auto const file = std::as_bytes(std::span(data, size));
    auto const entries = io::read_zip(file);
    if (!entries) {
        if (!haiga_test::is_one_line(entries.error())) {
            std::abort();
        }
        return 0;
    }
    io::memory_sink sink;
    io::zip_writer writer(sink, 64);
    std::uint64_t sum = 0;
    for (auto const& entry : *entries) {
        sum += entry.size;
        if (!writer.add(entry.name, file.subspan(entry.begin, entry.size))) {
            std::abort();
        }
    }
    if (sum > size || !writer.finish()) { // no byte is in two files
        std::abort();
    }
    auto const again = io::read_zip(sink.bytes());
    if (!again || again->size() != entries->size()) {
        std::abort();
    }
    return 0;
}
