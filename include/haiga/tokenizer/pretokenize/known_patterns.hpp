#pragma once

#include "haiga/tokenizer/split_rule.hpp"

#include <optional>
#include <string_view>
#include <utility>

namespace haiga::tokenizer {

/// The rule of a regular expression that published tokenizers cut texts with.
inline auto split_rule_of(std::string_view pattern) -> std::optional<split_rule>
{
    static constexpr std::pair<std::string_view, split_rule> known[] = {
        // huggingface/tokenizers, src/pre_tokenizers/byte_level.rs
        {R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
         split_rule::gpt2},
        {R"('(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
         split_rule::gpt2},
        // Llama 3, and GPT-4 as it is converted
        {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
         split_rule::llama3},
        // Qwen 2
        {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
         split_rule::qwen2},
        // GPT-4o, gpt-oss
        {R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
         split_rule::o200k},
    };
    for (auto const& [text, rule] : known) {
        if (text == pattern) {
            return rule;
        }
    }
    return std::nullopt;
}

} // namespace haiga::tokenizer
