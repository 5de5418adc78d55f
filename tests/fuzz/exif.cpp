#include "haiga/image/exif.hpp"

#include "tests/fuzz/seeds.hpp"

#include <cstdlib>

// Any bytes, as a picture or as the EXIF block of one, give one of eight orientations or none.

extern "C" auto LLVMFuzzerInitialize(int* count, char*** arguments) -> int
{
    haiga_test::add_picture_seeds({*arguments, static_cast<std::size_t>(*count)});
    return 0;
}

extern "C" auto LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) -> int
{
    auto const file = std::as_bytes(std::span(data, size));
    for (auto const exif : {file, haiga::image::find_exif(file)}) {
        if (auto const turn = haiga::image::exif_orientation(exif)) {
            if (*turn < haiga::image::orientation::upright ||
                *turn > haiga::image::orientation::turn_left) {
                std::abort();
            }
        }
    }
    return 0;
}
