#pragma once

#include "tests/golden/images.hpp"

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

inline void add_picture_seeds(std::span<char* const> arguments)
{
    for (auto const& sample : golden::images::samples) {
        add_seed(arguments, sample.name, sample.file);
    }
}

} // namespace haiga_test
