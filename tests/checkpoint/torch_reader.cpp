#include "haiga/checkpoint/torch_reader.hpp"

#include "haiga/io/publish.hpp"
#include "tests/checkpoint/values.hpp"
#include "tests/golden/torch_files.hpp"
#include "tests/temporary_folder.hpp"

#include <doctest/doctest.h>

using namespace haiga;
using checkpoint::torch_reader;
using haiga_test::values_of;
using list = std::vector<double>;

namespace {

template <std::size_t N>
auto bytes_of(unsigned char const (&file)[N]) -> std::span<std::byte const>
{
    return std::as_bytes(std::span(file));
}

auto find(torch_reader const& reader, std::string_view name) -> checkpoint::stored_tensor const&
{
    auto const at = std::ranges::find(reader.tensors(), name, &checkpoint::stored_tensor::name);
    REQUIRE(at != reader.tensors().end());
    return *at;
}

/// The tensors that tests/peers/torch_files.py saves.
void check_tensors(torch_reader const& reader)
{
    list whole, turned;
    for (int i = 0; i < 24; ++i) {
        whole.push_back(i);
        turned.push_back(6 * (i % 4) + i / 4);
    }
    CHECK(find(reader, "whole").dims == shape{4, 6});
    CHECK(values_of(find(reader, "whole")) == whole);
    CHECK(values_of(find(reader, "again")) == whole);
    CHECK(find(reader, "again").bytes.data() == find(reader, "whole").bytes.data()); // shared
    CHECK(find(reader, "turned").dims == shape{6, 4});
    CHECK(values_of(find(reader, "turned")) == turned);
    CHECK(find(reader, "corner").dims == shape{2, 3});
    CHECK(values_of(find(reader, "corner")) == list{8, 9, 10, 14, 15, 16});
    CHECK(values_of(find(reader, "parameter")) == list{0.5, -1.5});
    CHECK(find(reader, "scalar").dims == shape{});
    CHECK(values_of(find(reader, "scalar")) == list{3.25});
    CHECK(find(reader, "none").dims == shape{0, 3});
    CHECK(values_of(find(reader, "none")).empty());
    for (auto const* const name :
         {"float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8"}) {
        CHECK(values_of(find(reader, name)) == list{0, 1, 100});
    }
    CHECK(values_of(find(reader, "bool")) == list{0, 1, 1});
}

auto refused_file(std::string const& file) -> std::string
{
    auto const read = torch_reader::over(as_bytes(file));
    return read ? "accepted" : read.error().to_string();
}

auto replaced(std::span<std::byte const> file, std::string_view what, std::string_view with)
{
    std::string text(as_text(file));
    auto const at = text.find(what);
    REQUIRE(at != std::string::npos);
    REQUIRE(what.size() == with.size());
    return text.replace(at, what.size(), with);
}

} // namespace

TEST_CASE("a file in PyTorch's zip form is read")
{
    auto const reader = torch_reader::over(bytes_of(golden::torch_zip));
    REQUIRE(reader);
    check_tensors(*reader);
    CHECK(reader->tensors().size() == 17);
    CHECK(reader->contents().others.empty());
    CHECK_FALSE(reader->contents().has_state_dict);
    auto const& e4m3 = find(*reader, "float8_e4m3fn");
    CHECK(e4m3.type == dtype::f8_e4m3);
    CHECK(as_text(e4m3.bytes) == std::string_view("\0\x38\xfe", 3)); // 0, 1, -448
    auto const& e5m2 = find(*reader, "float8_e5m2");
    CHECK(e5m2.type == dtype::f8_e5m2);
    CHECK(as_text(e5m2.bytes) == std::string_view("\0\x3c\xc0", 3)); // 0, 1, -2
}

TEST_CASE("the tensors of a training checkpoint are those of its state_dict")
{
    for (auto const file :
         {bytes_of(golden::torch_zip_state_dict), bytes_of(golden::torch_legacy)}) {
        auto const reader = torch_reader::over(file);
        REQUIRE(reader);
        check_tensors(*reader);
        CHECK(reader->tensors().size() == 15);
        CHECK(reader->contents().has_state_dict);
        CHECK(reader->contents().others.front() == "epoch");
    }
}

TEST_CASE("a file on disk is mapped; what is wrong with it is told with its name")
{
    haiga_test::temporary_folder const folder;
    REQUIRE(io::publish_bytes(folder / "a.ckpt", bytes_of(golden::torch_legacy)));
    auto const reader = torch_reader::open(folder / "a.ckpt");
    REQUIRE(reader);
    check_tensors(*reader);
    REQUIRE(io::publish_bytes(folder / "b.ckpt", as_bytes("PK\3\4 and no more")));
    CHECK(torch_reader::open(folder / "b.ckpt").error().to_string() ==
          (folder / "b.ckpt").string() + ": torch file: zip: need 22 bytes, have 16");
}

TEST_CASE("a file that names what it may not is refused")
{
    // what tests/peers/torch_files.py puts in runs "echo haiga" in Python
    auto const reader = torch_reader::over(bytes_of(golden::torch_hostile));
    REQUIRE_FALSE(reader);
    CHECK(reader.error().code == errc::unsupported);
    CHECK(reader.error().message ==
          "torch file: pickle: the pickle names posix.system, which is not on the list of what a "
          "checkpoint may name");
}

TEST_CASE("a file that is cut off anywhere is refused")
{
    for (auto const file : {bytes_of(golden::torch_zip), bytes_of(golden::torch_legacy)}) {
        for (std::size_t length = 0; length < file.size(); ++length) {
            REQUIRE_FALSE(torch_reader::over(file.first(length)));
        }
    }
}

TEST_CASE("damage is found before anything is believed")
{
    auto const zip = bytes_of(golden::torch_zip);
    CHECK(refused_file(replaced(zip, "corner", "cornea")) ==
          "torch file: archive/data.pkl is damaged: its checksum differs");
    CHECK(refused_file(replaced(zip, "little", "bigger")).find("byteorder is damaged") !=
          std::string::npos);
    CHECK(refused_file("hello") == "torch file: the magic number is missing");
}

TEST_CASE("a storage that is shorter than its tensor is refused with its name")
{
    // the legacy form has no checksums. K\4K\6 are the sizes of "whole", K\x18 its storage's 24.
    auto const legacy = bytes_of(golden::torch_legacy);
    CHECK(refused_file(replaced(legacy, "K\4K\6", "K\5K\6")) ==
          "torch file: \"whole\": its storage of 24 elements is too short for [5, 6] from 0 on");
    CHECK(refused_file(replaced(legacy, "K\x18", "K\x19"))
              .starts_with("torch file: \"whole\": its storage"));
}
