#pragma once

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
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
    auto const command = "gzip -dc '" + std::string(data) + "/clip/bpe_simple_vocab_16e6.txt.gz'";
    std::unique_ptr<FILE, int (*)(FILE*)> const pipe(::popen(command.c_str(), "r"), &::pclose);
    REQUIRE(pipe);
    std::string text;
    char buffer[4096];
    for (std::size_t n = 1; n > 0;) {
        n = std::fread(buffer, 1, sizeof buffer, pipe.get());
        text.append(buffer, n);
    }
    return text;
}

} // namespace haiga::test
