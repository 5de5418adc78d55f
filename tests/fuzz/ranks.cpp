#include "haiga/tokenizer/byte_level_bpe.hpp"
#include "haiga/tokenizer/rank_file.hpp"

#include "haiga/base/bytes.hpp"
#include "tests/fuzz/seeds.hpp"

#include <cstdlib>

// Any bytes are a file of ranks or refused with one line; so are the tokens of one. What is made of
// them encodes and decodes.

namespace {

void require(bool holds)
{
    if (!holds) {
        std::abort();
    }
}

} // namespace

extern "C" auto LLVMFuzzerInitialize(int* count, char*** arguments) -> int
{
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes; // of all of them
    for (unsigned byte = 0; byte < 256; ++byte) {
        bytes += digits[byte >> 2U];
        bytes += digits[(byte & 3U) << 4U];
        bytes += "== " + std::to_string(byte) + "\n";
    }
    for (std::string const& text :
         {bytes + "YWI= 256\nYWJj 300\n", std::string("IQ== 0\nIg== 1\r\n")}) {
        haiga_test::add_seed({*arguments, static_cast<std::size_t>(*count)},
                             "ranks-" + std::to_string(text.size()),
                             {reinterpret_cast<unsigned char const*>(text.data()), text.size()});
    }
    return 0;
}

extern "C" auto LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) -> int
{
    using namespace haiga;
    auto const text = as_text(std::as_bytes(std::span(data, size)));
    auto tokens = tokenizer::read_rank_file(text);
    if (!tokens) {
        require(haiga_test::is_one_line(tokens.error()));
        return 0;
    }
    require(tokens->size() > 0 && tokens->size() <= 1'000'000);
    auto const made = tokenizer::byte_level_bpe::make(
        {*std::move(tokens), tokenizer::split_rule::cl100k, {{"<|endoftext|>", 2'000'000}}, {}});
    if (!made) {
        require(haiga_test::is_one_line(made.error()));
        return 0;
    }
    auto const ids = made->encode(text);
    require(made->decode(ids) == text && made->count(text) == ids.size());
    return 0;
}
