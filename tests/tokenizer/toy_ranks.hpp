#pragma once

#include "haiga/tokenizer/byte_level_bpe.hpp"

#include <initializer_list>

namespace haiga::test {

inline constexpr tokenizer::split_rule all_splits[] = {
    tokenizer::split_rule::gpt2, tokenizer::split_rule::cl100k, tokenizer::split_rule::o200k,
    tokenizer::split_rule::llama3, tokenizer::split_rule::qwen2};

/// All bytes, in their order, then the others.
inline auto toy_tokens(std::initializer_list<std::string_view> others) -> tokenizer::token_list
{
    tokenizer::token_list tokens;
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
                    tokenizer::split_rule split = tokenizer::split_rule::gpt2)
    -> tokenizer::byte_level_bpe
{
    auto tokens = toy_tokens(others);
    auto const next = static_cast<tokenizer::token_id>(tokens.size());
    return tokenizer::byte_level_bpe::make({.tokens = std::move(tokens),
                                            .split = split,
                                            .specials = {{"<|endoftext|>", next + 1}},
                                            .ids = {}})
        .value();
}

} // namespace haiga::test
