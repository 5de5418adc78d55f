#include "haiga/image/decode.hpp"

#include "tests/fuzz/seeds.hpp"

#include <cstdlib>

// Any bytes give an upright RGB picture within the limits, or an error of one line.

extern "C" auto LLVMFuzzerInitialize(int* count, char*** arguments) -> int
{
    haiga_test::add_picture_seeds({*arguments, static_cast<std::size_t>(*count)});
    return 0;
}

extern "C" auto LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) -> int
{
    constexpr haiga::image::decode_limits limits{.max_pixels = 1 << 14, .min_side = 2};
    auto const picture = haiga::image::decode(std::as_bytes(std::span(data, size)), limits);
    bool const good =
        picture ? picture->channels == 3 && std::min(picture->width, picture->height) >= 2 &&
                      picture->values.size() <= std::size_t{3} << 14U &&
                      picture->values.size() ==
                          static_cast<std::size_t>(picture->height) * picture->row_length()
                : haiga_test::is_one_line(picture.error());
    if (!good) {
        std::abort();
    }
    return 0;
}
