#include "haiga/io/gzip.hpp"

#include "tests/fuzz/seeds.hpp"

#include <cstdlib>

// Any bytes are unpacked, within the limit, or refused with one line: as a whole file, and, since
// no mutation finds a checksum, as deflated data alone.

extern "C" auto LLVMFuzzerInitialize(int* count, char*** arguments) -> int
{
    // zlib, of "hello, hello, hello"
    constexpr unsigned char seed[] = {0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xd7,
                                      0x51, 0xc8, 0x40, 0x27, 0x00};
    haiga_test::add_seed({*arguments, static_cast<std::size_t>(*count)}, "deflate", seed);
    return 0;
}

extern "C" auto LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) -> int
{
    constexpr std::size_t most = 1U << 20U;
    auto const file = std::as_bytes(std::span(data, size));
    haiga::io::detail::inflater inflater(file, most);
    for (auto const& bytes : {inflater.run(), haiga::io::gunzip(file, most)}) {
        if (bytes ? bytes->size() > most : !haiga_test::is_one_line(bytes.error())) {
            std::abort();
        }
    }
    return 0;
}
