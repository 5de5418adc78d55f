#pragma once

#include "haiga/base/bytes.hpp"
#include "haiga/image/limits.hpp"
#include "haiga/image/long_jump.hpp"
#include "haiga/image/on_white.hpp"
#include "haiga/image/pixels.hpp"

#include <cstddef>
#include <cstring>
#include <span>
#include <utility>

#include <png.h>

namespace haiga::image {

namespace detail {

struct png_errors {
    std::jmp_buf escape;
    char message[128];
};

[[noreturn]] inline void png_stop(png_structp png, char const* text)
{
    auto* const errors = static_cast<png_errors*>(png_get_error_ptr(png));
    std::strncpy(errors->message, text, sizeof errors->message - 1);
    std::longjmp(errors->escape, 1);
}

inline void png_ignore(png_structp, char const*) {}

class png_reader {
public:
    explicit png_reader(std::span<std::byte const> file) : rest_(file) {}
    png_reader(png_reader const&) = delete;
    auto operator=(png_reader const&) -> png_reader& = delete;
    ~png_reader() { png_destroy_read_struct(&png_, &info_, nullptr); }

    /// Reads up to the pixels; what follows are 8-bit RGB or RGBA rows.
    auto start() -> result<>
    {
        png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, &errors_, png_stop, png_ignore);
        info_ = png_ != nullptr ? png_create_info_struct(png_) : nullptr;
        if (info_ == nullptr) {
            return fail(errc::out_of_memory, "PNG: no memory to read it");
        }
        return step([&] {
            png_set_read_fn(png_, this, feed);
            png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX); // ours are checked
            png_read_info(png_, info_);
            png_set_expand(png_);
            png_set_scale_16(png_);
            png_set_gray_to_rgb(png_);
            passes_ = png_set_interlace_handling(png_);
        });
    }

    auto read(pixels& out) -> result<>
    {
        return step([&] {
            png_read_update_info(png_, info_);
            if (png_get_rowbytes(png_, info_) != out.row_length()) {
                png_error(png_, "rows are not as long as the header says");
            }
            for (int pass = 0; pass < passes_; ++pass) {
                for (int y = 0; y < out.height; ++y) {
                    auto const start = static_cast<std::size_t>(y) * out.row_length();
                    png_read_row(png_, out.values.data() + start, nullptr);
                }
            }
            png_read_end(png_, nullptr);
        });
    }

    [[nodiscard]] auto width() const { return png_get_image_width(png_, info_); }
    [[nodiscard]] auto height() const { return png_get_image_height(png_, info_); }
    [[nodiscard]] auto has_alpha() const -> bool
    {
        return (png_get_color_type(png_, info_) & PNG_COLOR_MASK_ALPHA) != 0 ||
               png_get_valid(png_, info_, PNG_INFO_tRNS) != 0;
    }

private:
    static void feed(png_structp png, png_bytep to, std::size_t length)
    {
        auto* const self = static_cast<png_reader*>(png_get_io_ptr(png));
        if (length > self->rest_.size()) {
            self->ended_ = true;
            png_error(png, "the file ends inside a chunk");
        }
        std::memcpy(to, self->rest_.data(), length);
        self->rest_ = self->rest_.subspan(length);
    }

    template <class Step>
    auto step(Step const& run) -> result<>
    {
        if (survives(errors_.escape, run)) {
            return {};
        }
        return fail(ended_ ? errc::truncated : errc::invalid,
                    ended_ ? "truncated PNG: " : "PNG: ", errors_.message);
    }

    std::span<std::byte const> rest_;
    png_structp png_ = nullptr;
    png_infop info_ = nullptr;
    png_errors errors_{};
    int passes_ = 1;
    bool ended_ = false;
};

} // namespace detail

/// A PNG picture as RGB: 1 to 16 bit, grey, palette, interlaced; alpha is laid on white.
///
/// Errors: too_large, unsupported (limits, before anything is allocated); truncated; invalid.
inline auto decode_png(std::span<std::byte const> file, decode_limits const& limits = {})
    -> result<pixels>
{
    detail::png_reader reader(file);
    HAIGA_TRY_VOID(reader.start());
    HAIGA_TRY_VOID(check_size(reader.width(), reader.height(), limits));
    pixels out(static_cast<int>(reader.width()), static_cast<int>(reader.height()),
               reader.has_alpha() ? 4 : 3);
    HAIGA_TRY_VOID(reader.read(out));
    return out.channels == 4 ? on_white(out) : std::move(out);
}

} // namespace haiga::image
