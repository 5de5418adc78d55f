#include "haiga/checkpoint/torch_reader.hpp"

#include "tests/fuzz/seeds.hpp"
#include "tests/golden/torch_files.hpp"

#include <cstdlib>

// The bytes as a pickle and as a torch file. Every byte of an accepted tensor can be read; whatever
// is refused is one line.

extern "C" auto LLVMFuzzerInitialize(int* count, char*** arguments) -> int
{
    std::span const words{*arguments, static_cast<std::size_t>(*count)};
    haiga_test::add_seed(words, "zip", golden::torch_zip);
    haiga_test::add_seed(words, "legacy", golden::torch_legacy);
    haiga_test::add_seed(words, "hostile", golden::torch_hostile);
    auto const pickles = haiga::io::read_zip(std::as_bytes(std::span(golden::torch_zip)));
    auto const& first = pickles->front();
    haiga_test::add_seed(words, "pickle",
                         std::span(golden::torch_zip).subspan(first.begin, first.size));
    return 0;
}

namespace {

template <class Read>
void check_line(Read const& read)
{
    if (!read && !haiga_test::is_one_line(read.error())) {
        std::abort();
    }
}

} // namespace

extern "C" auto LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) -> int
{
    using namespace haiga;
    auto const file = std::as_bytes(std::span(data, size));
    check_line(checkpoint::pickle::read_pickle(file, checkpoint::is_torch_global));
    auto const reader = checkpoint::torch_reader::over(file);
    check_line(reader);
    if (reader) {
        crc32 sum;
        for (auto const& tensor : reader->tensors()) {
            if (tensor.dims.elements() < 1 << 20) { // a stride of 0 makes much of little
                static_cast<void>(checkpoint::for_each_piece(tensor, [&](auto piece) {
                    sum.add(piece);
                    return result<>();
                }));
            }
        }
    }
    return 0;
}
