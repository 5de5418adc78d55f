#include "haiga/model/parameters_io.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>

using namespace haiga;

namespace {

/// A convolution and a vector, as a checkpoint and as a graph's parameters.
struct checkpoint {
    device::graph g;
    std::vector<float> kernel{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}; // [2, 3, 1, 2]
    std::vector<f16> bias{f16(0.5F), f16(-1.0F)};
    std::vector<model::checkpoint_tensor> tensors{
        {"conv.bias", dtype::f16, {2}, std::as_bytes(std::span(bias))},
        {"conv.weight", dtype::f32, {2, 3, 1, 2}, std::as_bytes(std::span(kernel))}};
    std::vector<float> flat;

    explicit checkpoint(std::string const& prefix = "")
    {
        g.parameter({prefix + "conv.weight", {2, 3, 1, 2}, device::layout::hwio});
        g.parameter({prefix + "conv.bias", {2}});
        flat.resize(model::flat_size<float>(g), -7);
    }
    auto parameters() -> model::flat_parameters<float> { return {g, flat}; }
    auto load(std::string_view prefix = "") -> result<>
    {
        return model::load_parameters(parameters(), tensors, prefix);
    }
    auto refusal() -> std::string
    {
        auto const loaded = load();
        REQUIRE_FALSE(loaded.has_value());
        return loaded.error().message;
    }
};

} // namespace

TEST_CASE("parameters are loaded by name, converted and laid out")
{
    checkpoint c;
    REQUIRE(c.load().has_value());
    auto const parameters = c.parameters();
    auto const kernel = parameters.stored(0); // [1, 2, 3, 2]: height, width, in, out
    CHECK(std::vector<float>(kernel.begin(), kernel.end()) ==
          std::vector<float>{0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11});
    CHECK(parameters.checkpoint(0) == c.kernel);
    CHECK(parameters.checkpoint(1) == std::vector<float>{0.5F, -1.0F});
}

TEST_CASE("a prefix tells one model of a graph from another")
{
    checkpoint c("unet.");
    c.g.parameter({"text_encoder.bias", {2}});
    c.flat.resize(model::flat_size<float>(c.g), -7);
    REQUIRE(c.load("unet.").has_value());
    CHECK(c.parameters().checkpoint(0) == c.kernel);
    CHECK(c.parameters().checkpoint(2) == std::vector<float>{-7, -7});
}

TEST_CASE("a checkpoint that does not fit is refused, and the tensor named")
{
    checkpoint c;
    SUBCASE("missing")
    {
        c.tensors.pop_back();
        CHECK(c.refusal() == R"("conv.weight" is missing)");
    }
    SUBCASE("more than the model has")
    {
        c.tensors.push_back({"logit_scale", dtype::f32, {1}, {}});
        CHECK(c.refusal() == R"("logit_scale" is no parameter of this model, 1 such in all)");
    }
    SUBCASE("another shape")
    {
        c.tensors[1].dims = {2, 3, 2, 1};
        CHECK(c.refusal() == R"("conv.weight" should be [2, 3, 1, 2]; found [2, 3, 2, 1])");
    }
    SUBCASE("another type")
    {
        c.tensors[0].type = dtype::i16;
        CHECK(c.refusal() == R"("conv.bias" may be F64, F32, F16 or BF16; found I16)");
    }
    SUBCASE("too few bytes")
    {
        c.tensors[1].bytes = c.tensors[1].bytes.first(44);
        CHECK(c.refusal() == R"("conv.weight" has 44 bytes, not 48)");
    }
    SUBCASE("no number")
    {
        c.kernel[5] = std::numeric_limits<float>::quiet_NaN();
        CHECK(c.refusal() == R"("conv.weight" is NaN in its element 5 of 12)");
    }
    SUBCASE("no finite number")
    {
        c.bias[1] = f16(-1e9F);
        CHECK(c.refusal() == R"("conv.bias" is infinite in its element 1 of 2)");
    }
    SUBCASE("a number that is none in the library's type")
    {
        std::vector<double> const large{1, 1e300};
        c.tensors[0] = {"conv.bias", dtype::f64, {2}, std::as_bytes(std::span(large))};
        CHECK(c.refusal() == R"("conv.bias" is infinite in its element 1 of 2)");
    }
    SUBCASE("steps that lead out of it")
    {
        c.tensors[1].steps = {7, 2, 2, 1};
        CHECK(c.refusal() == R"("conv.weight" has 48 bytes, not 52)");
        c.tensors[1].steps = {std::int64_t{1} << 62U, std::int64_t{1} << 62U, 2, 1};
        CHECK(c.refusal() == R"("conv.weight" has 48 bytes, which are not those of its shape)");
    }
    SUBCASE("a name twice")
    {
        c.tensors.push_back(c.tensors[0]);
        CHECK(c.refusal() == R"(two tensors are called "conv.bias")");
    }
}

TEST_CASE("tensors whose elements lie in another order are read in that order")
{
    checkpoint c; // [2, 3, 1, 2] with its axes stored as [3, 2, 2, 1]
    std::vector<float> moved(12);
    for (std::size_t o = 0; o < 2; ++o) {
        for (std::size_t i = 0; i < 3; ++i) {
            for (std::size_t x = 0; x < 2; ++x) {
                moved[(i * 2 + o) * 2 + x] = c.kernel[(o * 3 + i) * 2 + x];
            }
        }
    }
    c.tensors[1].bytes = std::as_bytes(std::span(moved));
    c.tensors[1].steps = {2, 4, 2, 1};
    REQUIRE(c.load().has_value());
    CHECK(c.parameters().checkpoint(0) == c.kernel);
}

namespace {

/// Numbers that every type holds, in that type.
template <class T>
auto counted(std::int64_t count) -> std::vector<T>
{
    std::vector<T> values;
    for (std::int64_t i = 0; i < count; ++i) {
        auto const number = static_cast<float>(i * 7919 % 129 - 64) / 64;
        values.push_back(static_cast<T>(number));
    }
    return values;
}

template <class From, class T>
void check_types(dtype stored, int threads)
{
    CAPTURE(to_string(stored));
    device::graph g(stored);
    g.parameter({"conv", {67, 33, 3, 3}, device::layout::hwio});
    g.parameter({"linear", {130, 65}, device::layout::in_out});
    g.parameter({"norm", {9001}});
    std::vector<std::vector<From>> data;
    std::vector<model::checkpoint_tensor> tensors;
    for (auto const& p : g.parameters()) {
        auto const& values = data.emplace_back(counted<From>(p.shape.elements()));
        tensors.push_back({p.name, dtype_of<From>, p.shape, std::as_bytes(std::span(values))});
    }
    std::vector<T> flat(model::flat_size<T>(g));
    model::flat_parameters<T> const parameters(g, flat);
    REQUIRE(model::load_parameters<T>(parameters, tensors, {}, {threads}));
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        CHECK(parameters.checkpoint(i) == counted<T>(parameters.info(i).shape.elements()));
    }
}

} // namespace

TEST_CASE_TEMPLATE("every type is read into floats and doubles, by any number of threads", From,
                   double, float, f16, bf16)
{
    for (int const threads : {1, 2, 5}) {
        check_types<From, float>(dtype::f32, threads);
        check_types<From, double>(dtype::f64, threads);
    }
}

TEST_CASE("a view of a flat buffer agrees with the plan, and checks the buffer")
{
    checkpoint c;
    CHECK(device::plan(c.g).parameter_bytes == c.flat.size() * sizeof(float));
    CHECK(c.parameters().stored(1).data() ==
          c.flat.data() + device::plan(c.g).parameter_offsets[1] / sizeof(float));
    std::vector<float> small(3);
    CHECK_THROWS_AS(model::flat_parameters<float>(c.g, small), contract_violation);
    std::vector<double> wide(1000);
    CHECK_THROWS_AS(model::flat_parameters<double>(c.g, wide), contract_violation);
}
