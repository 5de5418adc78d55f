#pragma once

#include "haiga/tokenizer/split_cl100k.hpp"
#include "haiga/tokenizer/split_gpt2.hpp"
#include "haiga/tokenizer/split_o200k.hpp"

#include <concepts>

namespace haiga::tokenizer {

/// Where the piece ends that begins at a place in a text that is not its end. Stateless: how a
/// piece is cut depends on nothing before it.
template <class S>
concept splitter = requires(character_classes const& classes, char const* at, char const* end)
{
    {
        S::piece(classes, at, end)
        } -> std::same_as<char const*>;
};

static_assert(splitter<split_gpt2> && splitter<split_cl100k<>> && splitter<split_o200k>);

/// How a text is cut into pieces before those are merged, each by itself.
enum class split_rule : std::uint8_t {
    gpt2,   ///< r50k, p50k, GPT-2
    cl100k, ///< GPT-4
    o200k,  ///< GPT-4o
    llama3, ///< cl100k's, but line breaks that end a text are a piece of their own
    qwen2,  ///< the same, and every number by itself
};

/// Calls f with an object of the splitter that a rule stands for.
template <class F>
auto with_splitter(split_rule rule, F const& f) -> decltype(auto)
{
    switch (rule) {
    case split_rule::gpt2: return f(split_gpt2{});
    case split_rule::cl100k: return f(split_cl100k<3, true>{});
    case split_rule::o200k: return f(split_o200k{});
    case split_rule::llama3: return f(split_cl100k<3, false>{});
    case split_rule::qwen2: break;
    }
    return f(split_cl100k<1, false>{});
}

} // namespace haiga::tokenizer
