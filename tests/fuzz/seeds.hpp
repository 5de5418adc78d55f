#pragma once

#include "haiga/base/failure.hpp"
#include "tests/golden/images.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>

namespace haiga_test {

/// Puts an example into the corpus, the folder among libFuzzer's arguments. libFuzzer calls
/// LLVMFuzzerInitialize before it reads the folder.
inline void add_seed(std::span<char* const> arguments, std::string const& name,
                     std::span<unsigned char const> bytes)
{
    for (std::filesystem::path const folder : arguments.subspan(1)) {
        std::error_code ignored;
        if (std::filesystem::is_directory(folder, ignored)) {
            std::ofstream(folder / ("seed-" + name), std::ios::binary)
                .write(reinterpret_cast<char const*>(bytes.data()),
                       static_cast<std::streamsize>(bytes.size()));
            return;
        }
    }
}

/// What every failure must be, whatever was read.
inline auto is_one_line(haiga::failure const& failure) -> bool
{
    auto const line = failure.to_string();
    return !line.empty() && line.size() < 3000 &&
           std::ranges::none_of(line, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

inline void add_picture_seeds(std::span<char* const> arguments)
{
    for (auto const& sample : golden::images::samples) {
        add_seed(arguments, sample.name, sample.file);
    }
}

} // namespace haiga_test
