#pragma once

#include "haiga/base/bytes.hpp"
#include "haiga/base/crc32.hpp"
#include "haiga/base/result.hpp"
#include "haiga/image/encode_png.hpp"
#include "haiga/io/inflate.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace haiga::image {

inline constexpr std::size_t max_png_text = std::size_t{1} << 22; ///< bytes of one text, unpacked

namespace detail {

/// Latin-1, as tEXt and zTXt are said to be; what is UTF-8 already, as many programs write it,
/// stays.
inline auto utf8_of_latin1(std::string_view text) -> std::string
{
    if (!find_invalid_utf8(text)) {
        return std::string(text);
    }
    std::string out;
    for (char const c : text) {
        auto const byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            out += c;
        } else {
            out += static_cast<char>(0xc0U | (byte >> 6U));
            out += static_cast<char>(0x80U | (byte & 0x3fU));
        }
    }
    return out;
}

/// What zlib has packed: two bytes, a deflate stream, a checksum that PNG's own makes needless.
inline auto unpacked(std::string_view zlib) -> result<std::string>
{
    if (zlib.size() < 2) {
        return fail(errc::truncated, "PNG: a packed text of ", zlib.size(), " bytes");
    }
    HAIGA_TRY(auto const bytes, io::detail::inflater(as_bytes(zlib.substr(2)), max_png_text).run());
    return std::string(as_text(bytes));
}

/// Up to the next zero, which is taken too.
inline auto take_word(std::string_view& data) -> std::optional<std::string_view>
{
    auto const end = data.find('\0');
    if (end == data.npos) {
        return {};
    }
    auto const word = data.substr(0, end);
    data.remove_prefix(end + 1);
    return word;
}

/// Source: PNG (third edition), 11.3.3.
inline auto read_text_chunk(std::string_view type, std::string_view data) -> result<text_chunk>
{
    auto const broken = fail(errc::invalid, "PNG: a ", type, " chunk without its parts");
    auto const key = take_word(data);
    if (!key) {
        return broken;
    }
    text_chunk note{std::string(*key), {}};
    if (type == "tEXt") {
        note.text = utf8_of_latin1(data);
        return note;
    }
    if (data.size() < (type == "iTXt" ? 2U : 1U)) {
        return broken;
    }
    bool packed = true;
    if (type == "iTXt") {
        packed = data[0] != '\0';
        data.remove_prefix(2);
        if (!take_word(data) || !take_word(data)) { // the language, and the key in it
            return broken;
        }
    } else {
        data.remove_prefix(1);
    }
    note.text = std::string(data);
    if (packed) {
        HAIGA_TRY(note.text, unpacked(data));
    }
    note.text = type == "zTXt" ? utf8_of_latin1(note.text) : note.text;
    return note;
}

} // namespace detail

/// The notes inside a PNG file, in their order; pixels are not looked at.
///
/// Errors: invalid for what is not PNG, and for a chunk whose checksum is wrong; truncated;
///         too_large above max_png_text, and those of inflating, for texts that are packed.
/// Source: PNG (third edition), W3C, 5.3 and 11.3.3.
inline auto read_png_text(std::span<std::byte const> file) -> result<std::vector<text_chunk>>
{
    constexpr std::string_view signature = "\x89PNG\r\n\x1a\n";
    if (!as_text(file).starts_with(signature)) {
        return fail(errc::invalid, "not a PNG file");
    }
    std::vector<text_chunk> notes;
    for (std::size_t at = signature.size();;) {
        if (!has_bytes(file, at, 12)) {
            return fail(errc::truncated, "PNG: ends before its end is told");
        }
        std::size_t const length = load_be<std::uint32_t>(file, at);
        if (!has_bytes(file, at + 12, length)) {
            return fail(errc::truncated, "PNG: ends inside a chunk");
        }
        auto const type = as_text(file.subspan(at + 4, 4));
        if (type == "IEND") {
            return notes;
        }
        if (type == "tEXt" || type == "zTXt" || type == "iTXt") {
            crc32 sum;
            sum.add(file.subspan(at + 4, length + 4));
            if (sum.value() != load_be<std::uint32_t>(file, at + 8 + length)) {
                return fail(errc::invalid, "PNG: the checksum of a ", type, " chunk is wrong");
            }
            HAIGA_TRY(auto note,
                      detail::read_text_chunk(type, as_text(file.subspan(at + 8, length))));
            notes.push_back(std::move(note));
        }
        at += 12 + length;
    }
}

} // namespace haiga::image
