// What docs/modules.md shows of the spine.

#include "tests/temporary_folder.hpp"

#include "haiga/base/philox.hpp"
#include "haiga/base/result.hpp"
#include "haiga/checkpoint/safetensors_reader.hpp"
#include "haiga/checkpoint/safetensors_writer.hpp"
#include "haiga/io/mapped_file.hpp"
#include "haiga/io/publish.hpp"
#include "haiga/json/get.hpp"
#include "haiga/json/parse.hpp"
#include "haiga/tensor/as_eigen.hpp"
#include "haiga/tensor/tensor.hpp"

#include <doctest/doctest.h>

using namespace haiga;

namespace {

auto half(int n) -> result<int>
{
    if (n % 2 != 0) {
        return fail(errc::invalid, "half: need an even number, have ", n);
    }
    return n / 2;
}

auto quarter(int n) -> result<int>
{
    HAIGA_TRY(auto const once, half(n));
    return half(once);
}

auto replace_note(std::filesystem::path const& file, std::string_view text) -> result<std::size_t>
{
    HAIGA_TRY_VOID(io::publish_bytes(file, as_bytes(text)));
    HAIGA_TRY(auto const whole, io::mapped_file::open(file));
    return whole.bytes().size();
}

auto steps_of(std::string_view text) -> result<int>
{
    HAIGA_TRY(auto const document, json::parse(text));
    HAIGA_TRY(auto const settings, json::as<boost::json::object>(document));
    return json::get<int>(settings, "steps");
}

auto save(std::filesystem::path const& file, tensor<float>& weight) -> result<>
{
    std::array const all{checkpoint::named_tensor{"weight", any_view(weight.view())}};
    return io::publish_file(file,
                            [&](auto& sink) { return checkpoint::write_safetensors(sink, all); });
}

auto first_weight(std::filesystem::path const& file) -> result<float>
{
    HAIGA_TRY(auto const tensors, checkpoint::safetensors_reader::open(file));
    HAIGA_TRY(auto const weight, tensors.view<float>("weight"));
    return weight.flat()[0];
}

} // namespace

TEST_CASE("docs: errors are values")
{
    CHECK(quarter(8) == 2);
    CHECK(quarter(6).error().to_string().find("half: need an even number, have 3") !=
          std::string::npos);
}

TEST_CASE("docs: random numbers without a state")
{
    constexpr std::uint64_t seed = 1;
    std::vector<float> noise(64), again(64);
    philox const of_noise{seed, 2}; // stream 2: what this program calls noise
    of_noise.at(10, 3).fill_normal(noise);
    of_noise.at(10, 3).fill_normal(again); // step 10, sample 3: the same, wherever and whenever
    CHECK(noise == again);
}

TEST_CASE("docs: files, JSON and checkpoints")
{
    haiga_test::temporary_folder const folder;
    CHECK(replace_note(folder / "note", "five") == 4);
    CHECK(steps_of(R"({"steps": 40})") == 40);
    tensor<float> weight({2, 3});
    weight(0, 0) = 0.25F;
    CHECK(save(folder / "weight.safetensors", weight));
    CHECK(first_weight(folder / "weight.safetensors") == 0.25F);
}

TEST_CASE("docs: tensors share their memory")
{
    tensor<float> t({2, 3});
    as_eigen(t.view()).row(1).setConstant(2);
    CHECK(t(1, 2) == 2);
}
