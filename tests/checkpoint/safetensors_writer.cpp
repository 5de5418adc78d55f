#include "haiga/checkpoint/safetensors_writer.hpp"

#include "haiga/checkpoint/safetensors_reader.hpp"
#include "haiga/tensor/tensor.hpp"
#include "tests/golden/safetensors_file.hpp"
#include "tests/io/failing_files.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace haiga;
using checkpoint::named_tensor;
using checkpoint::tensor_entry;

namespace {

/// What tests/peers/safetensors_file.py wrote.
struct golden_tensors {
    golden_tensors()
    {
        for (int i = 0; i < 6; ++i) {
            weight.flat()[static_cast<std::size_t>(i)] = static_cast<float>(i) - 2.5F;
        }
        std::ranges::copy(std::array{f16(1.0F), f16(-0.5F), f16(65504.0F)}, bias.data());
        std::ranges::copy(std::array{std::int64_t{1} << 40, std::int64_t{-7}}, steps.data());
        std::ranges::copy(std::array{1, 0, 1}, mask.data());
        scalar() = 3.25;
    }

    [[nodiscard]] auto named() -> std::vector<named_tensor>
    {
        return {{"scalar", scalar.view()},   {"a.bias", bias.view()},
                {"none", none.view()},       {"mask", any_view(mask.data(), dtype::boolean, {3})},
                {"b.weight", weight.view()}, {"steps", steps.view()}};
    }

    tensor<float> weight{shape{2, 3}};
    tensor<f16> bias{shape{3}};
    tensor<std::int64_t> steps{shape{2}};
    tensor<std::uint8_t> mask{shape{3}};
    tensor<double> scalar{shape{}};
    tensor<float> none{shape{0, 4}};
};

auto plan_error(std::vector<tensor_entry> const& tensors,
                checkpoint::metadata_map const& metadata = {})
{
    auto const plan = checkpoint::plan_safetensors(tensors, metadata);
    REQUIRE_FALSE(plan);
    return plan.error().message;
}

} // namespace

TEST_CASE("the bytes are those of the reference writer, whatever the order of the tensors")
{
    golden_tensors values;
    auto tensors = values.named();
    for (int i = 0; i < 6; ++i) {
        io::memory_sink sink;
        REQUIRE(checkpoint::write_safetensors(sink, std::span<named_tensor const>(tensors),
                                              {{"format", "pt"}}));
        CHECK(std::ranges::equal(sink.bytes(), std::as_bytes(std::span(golden::safetensors_file))));
        std::ranges::rotate(tensors, tensors.begin() + 1);
    }
}

TEST_CASE("what is written is read back, metadata and awkward names too")
{
    tensor<float> const one{shape{1}};
    std::string const name = "quote \" slash \\ \xc3\xa9 newline \n";
    std::vector<named_tensor> const tensors = {{name, one.view()}};
    checkpoint::metadata_map const metadata = {{"b", "2"}, {"a", "{\"k\": \"v\"}"}};
    io::memory_sink sink;
    REQUIRE(checkpoint::write_safetensors(sink, std::span(tensors), metadata));
    auto const reader = checkpoint::safetensors_reader::over(sink.bytes());
    REQUIRE(reader);
    CHECK(reader->metadata() == metadata);
    CHECK(reader->view<float>(name));
    CHECK((sink.bytes().size() - 4) % 8 == 0); // the data start at a multiple of 8
}

TEST_CASE("a file can be streamed in pieces, and a wrong number of bytes is found")
{
    std::vector<tensor_entry> const tensors = {{"small", dtype::u8, {3}},
                                               {"wide", dtype::f32, {2}}};
    auto const plan = checkpoint::plan_safetensors(tensors);
    REQUIRE(plan);
    CHECK(plan->order == std::vector<std::size_t>{1, 0});
    CHECK(plan->tensors[1].begin == 8);
    std::array<std::byte, 1> const piece{};
    for (std::uint64_t const missing : {0U, 1U}) {
        io::memory_sink sink;
        auto const done =
            checkpoint::write_safetensors(sink, *plan, [&](std::size_t i, auto& out) -> result<> {
                auto const bytes = i == 1 ? 8U : 3U - missing;
                for (std::uint64_t n = 0; n < bytes; ++n) {
                    HAIGA_TRY_VOID(out.write(piece));
                }
                return {};
            });
        CHECK(done.has_value() == (missing == 0));
        if (done) {
            CHECK(sink.bytes().size() == plan->file_bytes());
            CHECK(checkpoint::safetensors_reader::over(sink.bytes()));
        } else {
            CHECK(done.error().message == R"(safetensors: "small": expected 3 bytes, got 2)");
        }
    }
}

TEST_CASE("whichever write fails, the failure comes back")
{
    golden_tensors values;
    auto const tensors = values.named();
    for (int step = 0;; ++step) {
        haiga_test::failing_step script{.fails_at = step, .steps = {}};
        haiga_test::failing_sink<io::memory_sink> sink{&script, {}};
        auto const done = checkpoint::write_safetensors(sink, std::span(tensors));
        if (done) {
            CHECK(step == 7); // the header and six tensors
            break;
        }
        CHECK(done.error().message == "the test fails this write");
    }
}

TEST_CASE("what the format cannot hold is refused")
{
    CHECK(plan_error({{"a", dtype::u8, {1}}, {"a", dtype::f32, {1}}}) ==
          R"(two tensors are called "a")");
    CHECK(plan_error({{"__metadata__", dtype::u8, {1}}}) == "no tensor may be called __metadata__");
    CHECK(plan_error({{"a\xff", dtype::u8, {1}}}) ==
          "the name of a tensor is not UTF-8 at its byte 1");
    CHECK(plan_error({}, {{"k", "\xff"}}) == R"(metadata "k" is not UTF-8)");
    auto const half = std::int64_t{1} << 61;
    CHECK(plan_error({{"a", dtype::f32, {half}}}) == R"("a": more than 2^63 bytes)");
    CHECK(plan_error({{"a", dtype::u8, {half * 2}}, {"b", dtype::u8, {half * 2}}}) ==
          R"("b": more than 2^63 bytes)");
}
