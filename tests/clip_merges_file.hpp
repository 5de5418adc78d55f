#pragma once

#include "haiga/io/gzip.hpp"
#include "haiga/io/read_file.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <optional>
#include <string>

namespace haiga::test {

/// CLIP's bpe_simple_vocab_16e6.txt, where there is test data.
inline auto clip_merges_file() -> std::optional<std::string>
{
    auto const* const data = std::getenv("HAIGA_TEST_DATA");
    if (data == nullptr) {
        MESSAGE("skipped: HAIGA_TEST_DATA is not set");
        return {};
    }
    auto const file = std::string(data) + "/clip/bpe_simple_vocab_16e6.txt.gz";
    auto const packed = io::read_file(file, 1U << 24U);
    REQUIRE(packed);
    auto const bytes = io::gunzip(*packed, 1U << 24U);
    REQUIRE(bytes);
    return std::string(as_text(*bytes));
}

} // namespace haiga::test
