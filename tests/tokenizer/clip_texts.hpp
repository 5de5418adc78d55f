#pragma once

#include "haiga/base/crc32.hpp"
#include "haiga/tokenizer/bpe.hpp"
#include "tests/golden/clip.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace haiga::test {

/// The texts that tests/peers/clip.py makes, in the same order.
class clip_texts {
public:
    static constexpr int block = 50;

    auto next() -> std::string
    {
        std::string text;
        for (auto left = 1 + below(16); left > 0; --left) {
            text += golden::clip::snippets[below(std::size(golden::clip::snippets))];
            text += below(2) == 0 ? " " : "";
        }
        return text;
    }

private:
    /// Vigna 2016, arXiv:1402.6246: xorshift64*.
    auto below(std::uint64_t n) -> std::uint64_t
    {
        state_ ^= state_ >> 12U;
        state_ ^= state_ << 25U;
        state_ ^= state_ >> 27U;
        return (state_ * 0x2545f4914f6cdd1dU >> 33U) % n;
    }

    std::uint64_t state_ = 2026;
};

inline auto joined(std::span<tokenizer::token_id const> ids) -> std::string
{
    std::string line;
    for (auto const id : ids) {
        line += (line.empty() ? "" : " ") + std::to_string(id);
    }
    return line;
}

/// Of the ids of the next block of texts, a line a text.
template <class Tokenizer>
auto checksum_of(Tokenizer const& t, clip_texts& texts) -> std::uint32_t
{
    crc32 sum;
    for (int i = 0; i < clip_texts::block; ++i) {
        sum.add(as_bytes(joined(t.encode(texts.next())) + "\n"));
    }
    return sum.value();
}

} // namespace haiga::test
