#include "haiga/checkpoint/safetensors_reader.hpp"

#include "tests/golden/safetensors_file.hpp"
#include "tests/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <array>
#include <fstream>
#include <string>

using namespace haiga;
using checkpoint::safetensors_reader;

namespace {

auto file_of(std::string_view header, std::size_t data_bytes) -> std::string
{
    std::array<std::byte, 8> length{};
    store_le<std::uint64_t>(length, 0, header.size());
    return std::string(as_text(length)).append(header).append(data_bytes, '\1');
}

auto failure_of(std::string const& file) -> failure
{
    auto const reader = safetensors_reader::over(as_bytes(file));
    REQUIRE_FALSE(reader);
    return reader.error();
}

void check_refused(std::string_view header, std::size_t data_bytes, errc code,
                   std::string_view message)
{
    auto const found = failure_of(file_of(header, data_bytes));
    CHECK(found.code == code);
    CHECK(found.to_string() == concat("safetensors: ", message));
}

auto golden_file() { return std::as_bytes(std::span(golden::safetensors_file)); }

} // namespace

TEST_CASE("a file of the reference writer is read")
{
    auto const reader = safetensors_reader::over(golden_file());
    REQUIRE(reader);
    CHECK(reader->metadata() == checkpoint::metadata_map{{"format", "pt"}});
    std::vector<std::string> names;
    for (auto const& tensor : reader->tensors()) {
        names.push_back(tensor.name);
    }
    CHECK(names ==
          std::vector<std::string>{"steps", "scalar", "b.weight", "none", "a.bias", "mask"});

    // the values that tests/peers/safetensors_file.py gave it
    auto const weight = reader->view<float>("b.weight");
    REQUIRE(weight);
    CHECK(weight->shape() == shape{2, 3});
    CHECK((*weight)(0, 0) == -2.5F);
    CHECK((*weight)(1, 2) == 2.5F);
    CHECK(static_cast<float>((*reader->view<f16>("a.bias"))(2)) == 65504.0F);
    CHECK((*reader->view<std::int64_t>("steps"))(0) == std::int64_t{1} << 40);
    CHECK((*reader->view<double>("scalar"))() == 3.25);
    CHECK((*reader->view<float>("none")).elements() == 0);
    CHECK_FALSE((*reader->view<bool>("mask"))(1));
}

TEST_CASE("nothing is copied")
{
    auto const file = golden_file();
    auto const reader = safetensors_reader::over(file);
    REQUIRE(reader);
    CHECK(reader->bytes(*reader->find("mask")).data() == file.data() + file.size() - 3);
}

TEST_CASE("a file is mapped and stays so when the reader moves; errors name it")
{
    haiga_test::temporary_folder const folder;
    auto const file = folder / "model.safetensors";
    auto const text = as_text(golden_file());
    std::ofstream(file) << text;
    auto opened = safetensors_reader::open(file);
    REQUIRE(opened);
    auto const reader = *std::move(opened);
    CHECK((*reader.view<float>("b.weight"))(1, 2) == 2.5F);

    std::ofstream(file) << text.substr(0, text.size() - 1);
    auto const cut = safetensors_reader::open(file);
    REQUIRE_FALSE(cut);
    CHECK(cut.error().message ==
          file.string() + ": safetensors: the tensors take 57 bytes, the file has 56");
}

TEST_CASE("a tensor that is not what the caller wants is an error")
{
    auto const reader = safetensors_reader::over(golden_file());
    REQUIRE(reader);
    CHECK(reader->find("c") == nullptr);
    CHECK(reader->view<float>("c").error().code == errc::not_found);
    CHECK(reader->view<bf16>("a.bias").error().message ==
          R"(safetensors: "a.bias": expected BF16, found F16)");
    // one byte before it puts the float on an odd address
    auto const odd = file_of(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                             R"("b":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}})",
                             5);
    auto const unaligned = safetensors_reader::over(as_bytes(odd));
    REQUIRE(unaligned);
    auto const address =
        reinterpret_cast<std::uintptr_t>(unaligned->bytes(*unaligned->find("b")).data());
    CHECK(unaligned->view<float>("b").has_value() == (address % alignof(float) == 0));
}

TEST_CASE("every truncation of a good file is refused")
{
    std::string const whole(as_text(golden_file()));
    for (std::size_t length = 0; length < whole.size(); ++length) {
        CAPTURE(length);
        CHECK(failure_of(whole.substr(0, length)).code == errc::truncated);
    }
    CHECK(failure_of(whole + "x").code == errc::invalid);
}

TEST_CASE("the length of the header is checked before anything is read")
{
    CHECK(failure_of(std::string("\xff\xff\xff\xff\xff\xff\xff\xff{}", 10)).code ==
          errc::too_large);
    CHECK(failure_of(std::string("\x01\xe1\xf5\x05\0\0\0\0{}", 10)).code ==
          errc::too_large); // 1e8 + 1
    CHECK(failure_of(std::string("\x00\xe1\xf5\x05\0\0\0\0{}", 10)).code == errc::truncated); // 1e8
}

TEST_CASE("every limit of the format is kept")
{
    check_refused(" {}", 0, errc::invalid, "the header does not start with {");
    check_refused(R"({"a":1}x)", 0, errc::invalid, "JSON: extra data (at byte 7)");
    check_refused(R"({"a":1})", 0, errc::mismatch, R"("a": expected an object)");
    check_refused(R"({"__metadata__":{"a":1}})", 0, errc::mismatch,
                  R"("__metadata__": "a": expected a string)");
    check_refused(R"({"a":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}})", 1, errc::unsupported,
                  R"("a": dtype "F4" is not known)");
    check_refused(R"({"a":{"shape":[2],"data_offsets":[0,1]}})", 1, errc::not_found,
                  R"("a": "dtype" is missing)");
    check_refused(R"({"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}})", 1, errc::invalid,
                  R"("a": "shape": a negative extent)");
    check_refused(R"({"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}})", 1,
                  errc::unsupported, R"("a": rank 9, at most 8)");
    check_refused(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}})", 1, errc::invalid,
                  R"("a": "data_offsets" is not [begin, end])");
    check_refused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4, errc::mismatch,
                  R"("a": F32 [2] needs 8 bytes, has 4)");
    // 2^62 * 4 elements and 2^62 * 4 bytes wrap around to 0 in 64 bits
    check_refused(R"({"a":{"dtype":"U8","shape":[4611686018427387904,4],"data_offsets":[0,0]}})", 0,
                  errc::mismatch,
                  R"("a": U8 [4611686018427387904, 4] needs more than 2^63 bytes, has 0)");
    check_refused(R"({"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}})", 0,
                  errc::mismatch,
                  R"("a": F32 [4611686018427387904] needs more than 2^63 bytes, has 0)");
}

TEST_CASE("no hole, no overlap, no key twice")
{
    auto const two = [](char const* first, char const* second) {
        return concat(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":)", first,
                      R"(},"b":{"dtype":"U8","shape":[2],"data_offsets":)", second, "}}");
    };
    CHECK(safetensors_reader::over(as_bytes(file_of(two("[2,4]", "[0,2]"), 4))));
    check_refused(two("[0,2]", "[3,5]"), 5, errc::invalid,
                  R"("b" starts at byte 3 of the data, expected 2)");
    check_refused(two("[0,2]", "[1,3]"), 3, errc::invalid,
                  R"("b" starts at byte 1 of the data, expected 2)");
    check_refused(two("[1,3]", "[3,5]"), 5, errc::invalid,
                  R"("a" starts at byte 1 of the data, expected 0)");
    check_refused(R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},)"
                  R"("a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})",
                  0, errc::invalid, R"(JSON: key "a" occurs twice (at byte 55))");
    CHECK(safetensors_reader::over(as_bytes(file_of("{}   ", 0))));
}
