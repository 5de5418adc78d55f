#pragma once

#include "haiga/tokenizer/byte_level_bpe.hpp"

#include <initializer_list>

namespace test {

inline constexpr haiga::tokenizer::split_rule all_splits[] = {
    haiga::tokenizer::split_rule::gpt2, haiga::tokenizer::split_rule::cl100k,
    haiga::tokenizer::split_rule::o200k, haiga::tokenizer::split_rule::llama3,
    haiga::tokenizer::split_rule::qwen2};

/// All bytes, in their order, then the others.
inline auto toy_tokens(std::initializer_list<std::string_view> others)
    -> haiga::tokenizer::token_list
{
    haiga::tokenizer::token_list tokens;
    for (int byte = 0; byte < 256; ++byte) {
        char const c = static_cast<char>(byte);
        tokens.add({&c, 1});
    }
    for (auto const token : others) {
        tokens.add(token);
    }
    return tokens;
}

inline auto toy_bpe(std::initializer_list<std::string_view> others,
                    haiga::tokenizer::split_rule split = haiga::tokenizer::split_rule::gpt2)
    -> haiga::tokenizer::byte_level_bpe
{
    auto tokens = toy_tokens(others);
    auto const next = static_cast<haiga::tokenizer::token_id>(tokens.size());
    return haiga::tokenizer::byte_level_bpe::make({.tokens = std::move(tokens),
                                                   .split = split,
                                                   .specials = {{"<|endoftext|>", next + 1}},
                                                   .ids = {}})
        .value();
}

} // namespace test
