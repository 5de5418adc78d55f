#include "haiga/image/png_text.hpp"

#include <doctest/doctest.h>

using namespace haiga;

namespace {

auto with_notes(std::vector<image::text_chunk> const& notes) -> std::vector<std::byte>
{
    return image::encode_png(image::pixels(2, 2, 3), notes).value();
}

void append(std::vector<std::byte>& file, std::string_view text)
{
    auto const bytes = as_bytes(text);
    file.insert(file.end(), bytes.begin(), bytes.end());
}

auto big_endian(std::uint32_t x) -> std::string
{
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8) {
        out += static_cast<char>(x >> static_cast<unsigned>(shift));
    }
    return out;
}

/// A file of one chunk and the end. Pixels are not looked at.
auto of_chunk(std::string const& type, std::string const& data) -> std::vector<std::byte>
{
    std::vector<std::byte> file;
    append(file, "\x89PNG\r\n\x1a\n");
    for (auto const& [name, text] :
         {std::pair(type, data), std::pair(std::string("IEND"), std::string())}) {
        haiga::crc32 sum;
        sum.add(as_bytes(name + text));
        append(file, big_endian(static_cast<std::uint32_t>(text.size())) + name + text +
                         big_endian(sum.value()));
    }
    return file;
}

/// Python's zlib.compress(b"x" * 1000).
std::string const packed_text("\x78\x9c\xab\xa8\x18\x05\xa3\x60\x14\x0c\x77\x00\x00\xaa\xf4\xd4"
                              "\xd0",
                              17);

/// Unpacks to more than a note may have: a byte stored, and then itself again, 258 times at a time.
auto bomb() -> std::string
{
    // zlib's header; a last block of fixed codes; 'x'; then length 258, distance 1, again and again
    std::string bits = "110"
                       "10101000";
    for (std::size_t i = 0; i < image::max_png_text / 258 + 1; ++i) {
        bits += "11000101"
                "00000";
    }
    bits += "0000000";
    std::string out("\x78\x9c");
    for (std::size_t i = 0; i < bits.size(); ++i) {
        if (i % 8 == 0) {
            out += '\0';
        }
        out.back() = static_cast<char>(static_cast<unsigned char>(out.back()) |
                                       (bits[i] == '1' ? 1U << i % 8 : 0U));
    }
    return out;
}

} // namespace

TEST_CASE("notes come back as they were written")
{
    std::string const text = "a red dog\nSteps: 20, Seed: 7";
    auto const notes =
        image::read_png_text(with_notes({{"parameters", text}, {"Title", "犬 俳画"}}));
    REQUIRE(notes);
    REQUIRE(notes->size() == 2);
    CHECK((*notes)[0].key == "parameters");
    CHECK((*notes)[0].text == text);
    CHECK((*notes)[1].text == "犬 俳画");
    CHECK(image::read_png_text(with_notes({}))->empty());
}

TEST_CASE("notes of other programs are read: packed by zlib, and Latin-1")
{
    std::string const nul(1, '\0');
    std::string const text(1000, 'x');
    auto const one = [](std::vector<std::byte> const& file) {
        return image::read_png_text(file).value().at(0).text;
    };
    CHECK(one(of_chunk("zTXt", "key" + nul + nul + packed_text)) == text);
    CHECK(one(of_chunk("iTXt",
                       "key" + nul + "\x01" + nul + "en" + nul + "k" + nul + packed_text)) == text);
    CHECK(one(of_chunk("tEXt", "key" + nul + "caf\xe9")) == "café");
}

TEST_CASE("what is damaged or none is refused")
{
    auto const why = [](std::vector<std::byte> const& file) {
        auto const notes = image::read_png_text(file);
        return notes ? "" : notes.error().to_string();
    };
    auto file = with_notes({{"parameters", "a dog"}});
    for (std::size_t size = 0; size < file.size(); ++size) {
        CHECK(!image::read_png_text(std::span(file).first(size)));
    }
    auto const at = as_text(file).find("a dog");
    file[at] = std::byte{'A'};
    CHECK(why(file) == "PNG: the checksum of a tEXt chunk is wrong");
    CHECK(why(of_chunk("tEXt", "no end of the key")) == "PNG: a tEXt chunk without its parts");
    CHECK(why(of_chunk("iTXt", std::string("key\0\0", 5))) ==
          "PNG: a iTXt chunk without its parts");
    CHECK(why(of_chunk("zTXt", std::string("key\0\0x", 6))).starts_with("PNG: a packed text"));
    CHECK(image::read_png_text(of_chunk("zTXt", std::string("key\0\0", 5) + bomb())).error().code ==
          errc::too_large);
}
