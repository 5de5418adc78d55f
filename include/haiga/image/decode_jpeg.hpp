#pragma once

#include "haiga/image/limits.hpp"
#include "haiga/image/long_jump.hpp"
#include "haiga/image/pixels.hpp"

#include <cstddef>
#include <cstdio> // jpeglib.h needs FILE
#include <span>

#include <jerror.h>
#include <jpeglib.h>

namespace haiga::image {

namespace detail {

/// libjpeg's error manager, first so that its pointer is a pointer to the whole.
struct jpeg_errors {
    jpeg_error_mgr manager;
    std::jmp_buf escape;
    int code;
    char message[JMSG_LENGTH_MAX];
};

[[noreturn]] inline void jpeg_stop(j_common_ptr info)
{
    auto* const errors = reinterpret_cast<jpeg_errors*>(info->err);
    errors->code = errors->manager.msg_code;
    errors->manager.format_message(info, errors->message);
    std::longjmp(errors->escape, 1);
}

/// libjpeg only warns when it makes up pixels for data that are missing or broken; such a picture
/// has a grey part, and a model learns it. These warnings say that nothing was made up.
inline auto is_harmless(int warning) -> bool
{
    return warning == JWRN_ADOBE_XFORM || warning == JWRN_EXTRANEOUS_DATA ||
           warning == JWRN_JFIF_MAJOR || warning == JWRN_NOT_SEQUENTIAL ||
           warning == JWRN_TOO_MUCH_DATA || warning == JWRN_BOGUS_ICC;
}

inline void jpeg_message(j_common_ptr info, int level)
{
    if (level < 0 && !is_harmless(info->err->msg_code)) {
        jpeg_stop(info);
    }
}

/// A few kilobytes can hold thousands of passes over a large progressive picture.
inline void jpeg_progress(j_common_ptr info)
{
    constexpr int max_scans = 500;
    if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > max_scans) {
        info->err->msg_code = JERR_BAD_PROGRESSION;
        jpeg_stop(info);
    }
}

class jpeg_reader {
public:
    jpeg_reader() = default;
    jpeg_reader(jpeg_reader const&) = delete;
    auto operator=(jpeg_reader const&) -> jpeg_reader& = delete;
    ~jpeg_reader() { jpeg_destroy_decompress(&info_); }

    auto start(std::span<std::byte const> file) -> result<>
    {
        info_.err = jpeg_std_error(&errors_.manager);
        errors_.manager.error_exit = jpeg_stop;
        errors_.manager.emit_message = jpeg_message;
        return step([&] {
            jpeg_create_decompress(&info_);
            info_.progress = &progress_;
            jpeg_mem_src(&info_, reinterpret_cast<unsigned char const*>(file.data()),
                         static_cast<unsigned long>(file.size()));
            jpeg_read_header(&info_, TRUE);
            bool const inks =
                info_.jpeg_color_space == JCS_CMYK || info_.jpeg_color_space == JCS_YCCK;
            info_.out_color_space = inks ? JCS_CMYK : JCS_RGB;
            jpeg_calc_output_dimensions(&info_);
        });
    }

    auto read(pixels& out) -> result<>
    {
        return step([&] {
            jpeg_start_decompress(&info_);
            while (info_.output_scanline < info_.output_height) {
                JSAMPROW row = out.values.data() + info_.output_scanline * out.row_length();
                jpeg_read_scanlines(&info_, &row, 1);
            }
        });
    }

    [[nodiscard]] auto info() const -> jpeg_decompress_struct const& { return info_; }

private:
    template <class Step>
    auto step(Step const& run) -> result<>
    {
        if (survives(errors_.escape, run)) {
            return {};
        }
        if (errors_.code == JERR_OUT_OF_MEMORY) {
            return fail(errc::out_of_memory, "JPEG: no memory to read it");
        }
        bool const ended = errors_.code == JWRN_JPEG_EOF || errors_.code == JWRN_HIT_MARKER ||
                           errors_.code == JERR_INPUT_EOF || errors_.code == JERR_INPUT_EMPTY;
        return fail(ended ? errc::truncated : errc::invalid,
                    ended ? "truncated JPEG: " : "JPEG: ", errors_.message);
    }

    jpeg_decompress_struct info_{};
    jpeg_errors errors_{};
    jpeg_progress_mgr progress_{jpeg_progress, 0, 0, 0, 0};
};

/// Adobe's programs store inks inverted (255 is no ink) and mark the file; others do not.
inline auto inks_to_rgb(pixels const& inks, bool inverted) -> pixels
{
    pixels out(inks.width, inks.height, 3);
    auto const light = [&](int value) { return inverted ? value : 255 - value; };
    auto const* from = inks.values.data();
    for (std::size_t i = 0; i < out.values.size(); i += 3, from += 4) {
        for (std::size_t c = 0; c < 3; ++c) {
            out.values[i + c] =
                static_cast<std::uint8_t>((light(from[c]) * light(from[3]) + 127) / 255);
        }
    }
    return out;
}

} // namespace detail

/// A JPEG picture as RGB; grey is repeated, CMYK and YCCK are multiplied out without a profile.
///
/// Errors: too_large, unsupported (limits, before anything is allocated); truncated; invalid.
/// Cost:   a progressive picture takes up to 6 bytes a pixel while it is read.
inline auto decode_jpeg(std::span<std::byte const> file, decode_limits const& limits = {})
    -> result<pixels>
{
    detail::jpeg_reader reader;
    HAIGA_TRY_VOID(reader.start(file));
    auto const& info = reader.info();
    HAIGA_TRY_VOID(check_size(info.output_width, info.output_height, limits));
    pixels out(static_cast<int>(info.output_width), static_cast<int>(info.output_height),
               info.output_components);
    HAIGA_TRY_VOID(reader.read(out));
    return info.out_color_space == JCS_CMYK
               ? detail::inks_to_rgb(out, info.saw_Adobe_marker != FALSE)
               : std::move(out);
}

} // namespace haiga::image
