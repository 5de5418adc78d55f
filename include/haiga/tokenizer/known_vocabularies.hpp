#pragma once

#include "haiga/tokenizer/token_list.hpp"

#include <algorithm>

namespace haiga::tokenizer::detail {

/// Fingerprints of published tokens of which byte_bpe::is_ordered_by_definition() holds, which
/// tests/tokenizer/tiktoken.cpp sees to: finding it out takes longer than all the rest of loading
/// them. They are those of machines that put the lowest byte first.
inline constexpr std::uint64_t known_to_be_ordered[] = {
    0xfa53'918e'b01d'e0a9, // r50k_base
    0xc6a9'6ce6'd775'ce9f, // cl100k_base
    0xf83a'b540'3b71'c3d3, // o200k_base
};

inline auto is_known_to_be_ordered(token_list const& tokens) -> bool
{
    auto const print = tokens.fingerprint();
    return std::ranges::find(known_to_be_ordered, print) != std::end(known_to_be_ordered);
}

} // namespace haiga::tokenizer::detail
