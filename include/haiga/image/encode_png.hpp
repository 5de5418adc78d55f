#pragma once

#include "haiga/base/bytes.hpp"
#include "haiga/base/utf8.hpp"
#include "haiga/image/long_jump.hpp"
#include "haiga/image/pixels.hpp"
#include "haiga/io/publish.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <png.h>

namespace haiga::image {

/// A note inside a PNG, such as {"Title", "a dog"}.
struct text_chunk {
    std::string key;  ///< 1 to 79 printable ASCII characters, no space at either end
    std::string text; ///< UTF-8; kept as tEXt where it is ASCII, else as iTXt
};

namespace detail {

struct png_output {
    std::jmp_buf escape;
    std::vector<std::byte> bytes;
    char message[128];
};

class png_writer {
public:
    png_writer()
        : png_(png_create_write_struct(PNG_LIBPNG_VER_STRING, &out_, stop, ignore)),
          info_(png_ != nullptr ? png_create_info_struct(png_) : nullptr)
    {
    }
    png_writer(png_writer const&) = delete;
    auto operator=(png_writer const&) -> png_writer& = delete;
    ~png_writer() { png_destroy_write_struct(&png_, &info_); }

    auto write(pixels const& picture, std::vector<png_text>& notes)
        -> result<std::vector<std::byte>>
    {
        if (info_ == nullptr) {
            return fail(errc::out_of_memory, "PNG: no memory to write it");
        }
        bool const done = survives(out_.escape, [&] {
            png_set_write_fn(png_, &out_, append, flush);
            png_set_IHDR(png_, info_, static_cast<png_uint_32>(picture.width),
                         static_cast<png_uint_32>(picture.height), 8, colour_type(picture.channels),
                         PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
            png_set_sRGB(png_, info_, PNG_sRGB_INTENT_PERCEPTUAL);
            png_set_compression_level(png_, 6); // said, so that no default can change the bytes
            png_set_text(png_, info_, notes.data(), static_cast<int>(notes.size()));
            png_write_info(png_, info_);
            for (int y = 0; y < picture.height; ++y) {
                png_write_row(png_, picture.row(y).data());
            }
            png_write_end(png_, nullptr);
        });
        if (!done) {
            return fail(errc::invalid, "PNG: ", out_.message);
        }
        return std::move(out_.bytes);
    }

private:
    static auto colour_type(int channels) -> int
    {
        constexpr int types[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                                 PNG_COLOR_TYPE_RGB_ALPHA};
        return types[channels - 1];
    }

    [[noreturn]] static void stop(png_structp png, char const* text)
    {
        auto* const out = static_cast<png_output*>(png_get_error_ptr(png));
        std::strncpy(out->message, text, sizeof out->message - 1);
        std::longjmp(out->escape, 1);
    }
    static void ignore(png_structp, char const*) {}
    static void append(png_structp png, png_bytep bytes, std::size_t length)
    {
        auto* const out = static_cast<png_output*>(png_get_io_ptr(png));
        auto const* const from = reinterpret_cast<std::byte const*>(bytes);
        out->bytes.insert(out->bytes.end(), from, from + length);
    }
    static void flush(png_structp) {}

    png_output out_{};
    png_structp png_;
    png_infop info_;
};

inline auto is_ascii(std::string_view text) -> bool
{
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Errors: invalid for what libpng would quietly change.
inline auto check_note(text_chunk const& note) -> result<>
{
    auto const& key = note.key;
    bool const printable = std::ranges::all_of(key, [](char c) { return c >= ' ' && c <= '~'; });
    if (key.empty() || key.size() > 79 || !printable || key.front() == ' ' || key.back() == ' ' ||
        key.find("  ") != std::string::npos) {
        return fail(errc::invalid, "PNG: text key \"", key,
                    "\" is not 1 to 79 printable characters");
    }
    if (find_invalid_utf8(note.text) || note.text.find('\0') != std::string::npos) {
        return fail(errc::invalid, "PNG: text of \"", key, "\" is not UTF-8 without zeros");
    }
    return {};
}

} // namespace detail

/// A picture of 1 to 4 channels (grey, grey and alpha, RGB, RGB and alpha) as PNG, with notes.
/// The same picture and notes give the same bytes (of one libpng and zlib): no time is written.
///
/// Errors: invalid for a note that PNG cannot hold. An empty picture is a caller's bug.
inline auto encode_png(pixels const& picture, std::vector<text_chunk> const& notes = {})
    -> result<std::vector<std::byte>>
{
    HAIGA_CHECK(picture.width > 0 && picture.height > 0 && picture.channels <= 4);
    std::vector<png_text> texts;
    for (auto const& note : notes) {
        HAIGA_TRY_VOID(detail::check_note(note));
        png_text text{};
        bool const ascii = detail::is_ascii(note.text);
        text.compression = ascii ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE;
        text.key = const_cast<char*>(note.key.c_str());
        text.text = const_cast<char*>(note.text.c_str());
        (ascii ? text.text_length : text.itxt_length) = note.text.size();
        texts.push_back(text);
    }
    return detail::png_writer().write(picture, texts);
}

/// encode_png into a file that is visible only when it is whole. Errors: also io.
inline auto save_png(std::filesystem::path const& file, pixels const& picture,
                     std::vector<text_chunk> const& notes = {}) -> result<>
{
    auto const bytes = encode_png(picture, notes);
    if (!bytes) {
        return tl::unexpected(failure(bytes.error()).within(file.string()));
    }
    return io::publish_bytes(file, *bytes);
}

} // namespace haiga::image
