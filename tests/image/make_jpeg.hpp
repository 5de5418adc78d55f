#pragma once

#include "haiga/image/pixels.hpp"

#include <cstddef>
#include <cstdio> // jpeglib.h needs FILE
#include <cstdlib>
#include <span>
#include <vector>

#include <jpeglib.h>

namespace haiga_test {

struct jpeg_kind {
    J_COLOR_SPACE stored = JCS_YCbCr;
    bool adobe_marker = false;
    bool progressive = false;
};

/// A JPEG file of quality 100: 3 channels are RGB, 4 are inks as they shall be stored.
inline auto make_jpeg(haiga::image::pixels const& picture, jpeg_kind kind = {})
    -> std::vector<std::byte>
{
    jpeg_compress_struct info{};
    jpeg_error_mgr errors{};
    info.err = jpeg_std_error(&errors);
    jpeg_create_compress(&info);
    unsigned char* memory = nullptr;
    unsigned long size = 0;
    jpeg_mem_dest(&info, &memory, &size);
    info.image_width = static_cast<JDIMENSION>(picture.width);
    info.image_height = static_cast<JDIMENSION>(picture.height);
    info.input_components = picture.channels;
    info.in_color_space = picture.channels == 4 ? JCS_CMYK : JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_set_colorspace(&info, kind.stored);
    info.write_Adobe_marker = kind.adobe_marker ? TRUE : FALSE;
    for (int i = 0; i < info.num_components; ++i) { // all components at full size
        info.comp_info[i].h_samp_factor = 1;
        info.comp_info[i].v_samp_factor = 1;
    }
    jpeg_set_quality(&info, 100, TRUE);
    if (kind.progressive) {
        jpeg_simple_progression(&info);
    }
    jpeg_start_compress(&info, TRUE);
    while (info.next_scanline < info.image_height) {
        JSAMPROW row =
            const_cast<JSAMPROW>(picture.row(static_cast<int>(info.next_scanline)).data());
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    auto const bytes = std::as_bytes(std::span(memory, size));
    std::vector<std::byte> file(bytes.begin(), bytes.end());
    std::free(memory);
    return file;
}

} // namespace haiga_test
