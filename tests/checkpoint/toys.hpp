#pragma once

#include "haiga/base/bytes.hpp"
#include "haiga/base/crc32.hpp"
#include "haiga/checkpoint/stored_tensor.hpp"
#include "haiga/io/read_file.hpp"

#include <doctest/doctest.h>

#include <charconv>
#include <list>
#include <map>
#include <sstream>

namespace haiga_test {

/// A tensor as a golden file tells it.
struct golden_tensor {
    haiga::shape dims;
    std::uint32_t crc = 0;

    friend auto operator==(golden_tensor const&, golden_tensor const&) -> bool = default;
};

/// What Diffusers makes of a toy, in both forms: tests/golden/convert/NAME.txt, whose writer,
/// tests/peers/convert_goldens.py, describes it.
struct golden_model {
    std::map<std::string, golden_tensor> diffusers, original;
};

inline auto parse_dims(std::string_view text) -> haiga::shape
{
    std::vector<std::int64_t> extents;
    while (!text.empty()) {
        std::int64_t extent = 0;
        auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), extent);
        REQUIRE(error == std::errc());
        extents.push_back(extent);
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        text.remove_prefix(text.starts_with('x') ? 1 : 0);
    }
    return haiga::shape(std::span<std::int64_t const>(extents));
}

inline void read_golden(std::string const& name, golden_model& into)
{
    auto const file = std::filesystem::path(HAIGA_ROOT) / "tests/golden/convert" / (name + ".txt");
    auto const bytes = haiga::io::read_file(file, 1 << 20);
    REQUIRE_MESSAGE(bytes, file.string());
    std::istringstream lines{std::string(haiga::as_text(*bytes))};
    std::string prefix;
    bool original = false;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string first, second, third;
        words >> first >> second >> third;
        if (first == "+") {
            read_golden(second, into);
        } else if (third.empty() && (first == "D" || first == "O")) {
            original = first == "O";
            prefix = second;
        } else if (first != "#") {
            auto const crc = static_cast<std::uint32_t>(std::stoul(third, nullptr, 16));
            (original ? into.original : into.diffusers)[prefix + first] = {parse_dims(second), crc};
        }
    }
}

inline auto golden_of(std::string const& name) -> golden_model
{
    golden_model model;
    read_golden(name, model);
    REQUIRE(!model.diffusers.empty());
    REQUIRE(!model.original.empty());
    return model;
}

/// Tensors in memory, with the values that the goldens were made of.
class toy_tensors {
public:
    explicit toy_tensors(std::map<std::string, golden_tensor> const& wanted)
    {
        for (auto const& [name, golden] : wanted) {
            add(name, golden.dims);
        }
    }

    void add(std::string const& name, haiga::shape dims)
    {
        haiga::crc32 seed;
        seed.add(haiga::as_bytes(name));
        std::vector<float> values(static_cast<std::size_t>(dims.elements()));
        for (std::size_t i = 0; i < values.size(); ++i) {
            auto const mixed = seed.value() + 2654435761U * static_cast<std::uint32_t>(i);
            values[i] = static_cast<float>(static_cast<double>(mixed >> 8U) * 0x1p-24 - 0.5);
        }
        data_.push_back(std::move(values));
        all.push_back({name, haiga::dtype::f32, dims, haiga::checkpoint::dense_strides(dims),
                       std::as_bytes(std::span(data_.back()))});
    }

    /// Another tensor's values under a name of its own.
    void add_copy(std::string const& name, haiga::checkpoint::stored_tensor const& of)
    {
        all.push_back(of);
        all.back().name = name;
    }

    [[nodiscard]] auto find(std::string_view name) -> haiga::checkpoint::stored_tensor&
    {
        auto const at = std::ranges::find(all, name, &haiga::checkpoint::stored_tensor::name);
        REQUIRE_MESSAGE(at != all.end(), name);
        return *at;
    }

    std::vector<haiga::checkpoint::stored_tensor> all;

private:
    std::list<std::vector<float>> data_;
};

inline constexpr char const* toy_names[] = {"sd1",
                                            "sd1_inpainting",
                                            "sd2",
                                            "sd2_inpainting",
                                            "sdxl",
                                            "sdxl_inpainting",
                                            "sdxl_refiner",
                                            "vae",
                                            "text_clip",
                                            "controlnet_sd1",
                                            "controlnet_sd2",
                                            "controlnet_sdxl",
                                            "flux_dev",
                                            "flux_schnell"};

} // namespace haiga_test
