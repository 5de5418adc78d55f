#include "haiga/io/zip_reader.hpp"
#include "haiga/io/zip_writer.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace haiga;

namespace {

auto archive(std::size_t alignment = 1) -> std::string
{
    io::memory_sink sink;
    io::zip_writer writer(sink, alignment);
    REQUIRE(writer.add("a/first.txt", as_bytes("hello")));
    REQUIRE(writer.add("a/empty", as_bytes("")));
    REQUIRE(writer.add("a/pieces", 6, [](auto& out) -> result<> {
        HAIGA_TRY_VOID(out.write(as_bytes("two ")));
        return out.write(as_bytes("ps"));
    }));
    REQUIRE(writer.finish());
    return std::string(as_text(sink.bytes()));
}

auto refused(std::string const& file) -> std::string
{
    auto const read = io::read_zip(as_bytes(file));
    return read ? "accepted" : read.error().to_string();
}

/// Writes a number into a record: the place is told from where a text begins the n-th time.
auto patched(std::string file, std::string_view signature, std::size_t offset, auto value,
             int nth = 0) -> std::string
{
    auto at = file.find(signature);
    for (int i = 0; i < nth; ++i) {
        at = file.find(signature, at + 1);
    }
    REQUIRE(at != std::string::npos);
    std::array<std::byte, sizeof value> bytes{};
    store_le(bytes, 0, value);
    return file.replace(at + offset, bytes.size(), as_text(bytes));
}

constexpr std::string_view central = "PK\1\2", local = "PK\3\4", end = "PK\5\6";

} // namespace

TEST_CASE("what was written is read, and every file begins where it should")
{
    for (std::size_t const alignment : {1U, 4U, 64U}) {
        auto const file = archive(alignment);
        auto const entries = io::read_zip(as_bytes(file));
        REQUIRE(entries);
        REQUIRE(entries->size() == 3);
        std::string contents;
        for (auto const& entry : *entries) {
            CHECK(entry.begin % alignment == 0);
            contents += entry.name + '=' + file.substr(entry.begin, entry.size) + ';';
            crc32 sum;
            sum.add(as_bytes(file).subspan(entry.begin, entry.size));
            CHECK(sum.value() == entry.crc);
        }
        CHECK(contents == "a/first.txt=hello;a/empty=;a/pieces=two ps;");
        CHECK(file == archive(alignment)); // the same bytes each time
    }
}

TEST_CASE("a writer refuses what would break the archive")
{
    io::memory_sink sink;
    io::zip_writer writer(sink);
    CHECK(writer.add("../up", as_bytes("")).error().to_string() ==
          "the name \"../up\" leads out with ..");
    auto const less = writer.add("x", 3, [](auto& out) { return out.write(as_bytes("ab")); });
    CHECK(less.error().to_string() == "zip: \"x\": expected 3 bytes, got 2");
}

TEST_CASE("an archive that ends anywhere before its end is refused")
{
    auto const whole = archive();
    for (std::size_t length = 0; length < whole.size(); ++length) {
        REQUIRE(refused(whole.substr(0, length)).starts_with("zip: "));
    }
}

TEST_CASE("records that lie are refused, each with its reason")
{
    auto const whole = archive();
    CHECK(refused(patched(whole, end, 10, std::uint16_t{2000})) ==
          "zip: 2000 files do not fit into a directory of " + concat(3 * 46 + 11 + 7 + 8) +
              " bytes");
    CHECK(refused(patched(whole, end, 12, std::uint32_t{0x7fff'ffff})).find("claims") !=
          std::string::npos);
    CHECK(refused(patched(whole, end, 4, std::uint16_t{1})) ==
          "zip: the archive has several volumes");
    CHECK(refused(patched(whole, central, 8, std::uint16_t{1})) ==
          "zip: \"a/first.txt\": encrypted");
    CHECK(refused(patched(whole, central, 10, std::uint16_t{8})) ==
          "zip: \"a/first.txt\": compressed (method 8); only stored files are read");
    CHECK(refused(patched(whole, central, 20, std::uint32_t{4})) ==
          "zip: \"a/first.txt\": stored in 4 bytes, expected 5");
    CHECK(refused(patched(whole, central, 42, std::uint32_t{3})) ==
          "zip: \"a/first.txt\": no file begins at byte 3");
    CHECK(refused(patched(whole, local, 30, std::uint8_t{'b'})) ==
          "zip: \"a/first.txt\": the file itself has another name");
}

TEST_CASE("a bomb, one file's bytes under many names, is refused")
{
    auto const whole = archive();
    auto const second_header = static_cast<std::uint32_t>(whole.find(local, 1));
    auto file = whole; // "a/pieces" claims the header of "a/empty" and all that follows it
    auto const at = whole.find("a/pieces");
    file.replace(at, 8, "a/empty\0", 8); // the same length
    CHECK(refused(file).starts_with("zip: "));
    // a file over its neighbour: 5 bytes become 60
    auto long_one =
        patched(patched(whole, central, 20, std::uint32_t{60}), central, 24, std::uint32_t{60});
    CHECK(refused(long_one) == "zip: \"a/empty\" shares bytes with another file");
    CHECK(second_header > 0);
}

TEST_CASE("names stay inside")
{
    constexpr std::string_view outside[] = {"",     "/etc/passwd", "a/../../b", "..",
                                            "a\\b", "C:x",         {"a\0b", 3}};
    for (auto const name : outside) {
        CHECK_FALSE(io::check_inner_name(name));
    }
    for (std::string_view const name : {"a", "archive/data/0", "...", "a..b/c", ".hidden"}) {
        CHECK(io::check_inner_name(name));
    }
}

TEST_CASE("zip64: places behind 4 GiB are written and read")
{
    // A sink that keeps what is not the one large file, whose bytes are all zero.
    struct sparse_sink {
        std::uint64_t at = 0;
        std::string tail;

        auto write(std::span<std::byte const> bytes) -> result<>
        {
            at += bytes.size();
            if (bytes.size() < 1U << 20U) {
                tail += as_text(bytes);
            }
            return {};
        }
        auto sync() -> result<> { return {}; }
    };
    constexpr std::uint64_t large = (std::uint64_t{1} << 32U) + 5;
    std::vector<std::byte> const zeros(std::size_t{1} << 26U);
    sparse_sink sink;
    io::zip_writer writer(sink);
    REQUIRE(writer.add("large", large, [&](auto& out) -> result<> {
        for (auto left = large; left > 0;) {
            auto const piece = std::min<std::uint64_t>(left, zeros.size());
            HAIGA_TRY_VOID(out.write(std::span(zeros).first(piece)));
            left -= piece;
        }
        return {};
    }));
    REQUIRE(writer.add("small", as_bytes("x")));
    auto const directory = sink.tail.size();
    REQUIRE(writer.finish());
    auto const records = as_bytes(sink.tail).subspan(directory);
    auto const first = io::zip::read_central(records);
    REQUIRE(first);
    CHECK(first->entry.size == large);
    CHECK(first->compressed == large);
    CHECK(first->header == 0);
    auto const second = io::zip::read_central(records.subspan(first->bytes));
    REQUIRE(second);
    CHECK(second->entry.size == 1);
    CHECK(second->header > large);
    auto const behind = sink.tail.find("PK\6\6");
    REQUIRE(behind != std::string::npos);
    CHECK(load_le<std::uint64_t>(as_bytes(sink.tail), behind + 32) == 2);
    CHECK(load_le<std::uint64_t>(as_bytes(sink.tail), behind + 48) > large);
}
