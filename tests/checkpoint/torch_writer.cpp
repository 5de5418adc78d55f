#include "haiga/checkpoint/torch_writer.hpp"

#include "haiga/checkpoint/torch_reader.hpp"
#include "tests/golden/torch_files.hpp"

#include <doctest/doctest.h>

using namespace haiga;
using checkpoint::tensor_entry;
using checkpoint::torch_reader;

namespace {

auto entries_of(torch_reader const& reader) -> std::vector<tensor_entry>
{
    std::vector<tensor_entry> entries;
    for (auto const& tensor : reader.tensors()) {
        entries.push_back({tensor.name, tensor.type, tensor.dims});
    }
    return entries;
}

auto bytes_in_order(checkpoint::stored_tensor const& tensor) -> std::string
{
    std::string bytes;
    static_cast<void>(checkpoint::for_each_piece(tensor, [&](std::span<std::byte const> piece) {
        bytes += as_text(piece);
        return result<>();
    }));
    return bytes;
}

auto written(torch_reader const& reader, checkpoint::torch_layout layout) -> std::vector<std::byte>
{
    io::memory_sink sink;
    auto const done = checkpoint::write_torch(
        sink, entries_of(reader),
        [&](std::size_t i, auto& out) {
            return checkpoint::for_each_piece(
                reader.tensors()[i], [&](std::span<std::byte const> p) { return out.write(p); });
        },
        layout);
    REQUIRE(done);
    return std::move(sink).release();
}

} // namespace

TEST_CASE("what was written is read: names, types, shapes, bytes, and their order")
{
    auto const source = torch_reader::over(std::as_bytes(std::span(golden::torch_zip)));
    REQUIRE(source);
    for (bool const wrapped : {true, false}) {
        auto const file = written(*source, {wrapped});
        auto const copy = torch_reader::over(file);
        REQUIRE(copy);
        CHECK(copy->contents().has_state_dict == wrapped);
        CHECK(entries_of(*copy) == entries_of(*source));
        for (std::size_t i = 0; i < copy->tensors().size(); ++i) {
            auto const& tensor = copy->tensors()[i];
            CHECK(tensor.is_dense());
            CHECK(bytes_in_order(tensor) == bytes_in_order(source->tensors()[i]));
            CHECK((tensor.bytes.data() - file.data()) % 64 == 0);
        }
        CHECK(file == written(*source, {wrapped})); // the same bytes each time
    }
}

TEST_CASE("an archive has the members that strict unpicklers know, and no others")
{
    auto const source = torch_reader::over(std::as_bytes(std::span(golden::torch_legacy)));
    REQUIRE(source);
    auto const file = written(*source, {});
    auto const entries = io::read_zip(file);
    REQUIRE(entries);
    REQUIRE(entries->size() == source->tensors().size() + 2);
    CHECK(entries->front().name == "archive/data.pkl");
    CHECK((*entries)[1].name == "archive/data/0");
    CHECK(entries->back().name == "archive/version");
    for (auto const& entry : *entries) {
        crc32 sum;
        sum.add(std::span(file).subspan(entry.begin, entry.size));
        CHECK(sum.value() == entry.crc);
    }
}

TEST_CASE("a writer refuses tensors that no reader could tell apart, and wrong sizes")
{
    auto const refused = [](std::vector<tensor_entry> const& tensors) {
        io::memory_sink sink;
        auto const done = checkpoint::write_torch(
            sink, tensors, [](std::size_t, auto& out) { return out.write(as_bytes("1234")); });
        return done ? "accepted" : done.error().to_string();
    };
    CHECK(refused({{"a", dtype::f32, {1}}}) == "accepted");
    CHECK(refused({{"a", dtype::f32, {1}}, {"a", dtype::f32, {1}}}) ==
          "two tensors are called \"a\"");
    CHECK(refused({{"\xff", dtype::f32, {1}}}) ==
          "the name of a tensor is not UTF-8 at its byte 0");
    CHECK(refused({{"a", dtype::f32, {2}}}) == "zip: \"archive/data/0\": expected 8 bytes, got 4");
    CHECK(refused({{"a", dtype::f64, {std::int64_t{1} << 61}}}) == "\"a\": more than 2^63 bytes");
}
