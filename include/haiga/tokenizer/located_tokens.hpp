#pragma once

#include "haiga/tokenizer/tokenizer.hpp"

#include <cstddef>

namespace haiga::tokenizer {

/// Bytes [begin, end) of a text. A token may begin and end within a character.
struct token_span {
    std::size_t begin, end;

    friend auto operator==(token_span const&, token_span const&) -> bool = default;
};

struct located_tokens {
    std::vector<token_id> ids;
    std::vector<token_span> spans; ///< of each of ids
};

/// A tokenizer that tells where in the text its tokens are from. Spans are in the order of the
/// text.
template <class T>
concept locating_tokenizer = tokenizer<T> && requires(T const& t, std::string_view text)
{
    {
        t.encode_located(text)
        } -> std::same_as<located_tokens>;
};

} // namespace haiga::tokenizer
