#pragma once

#include "haiga/tokenizer/bpe.hpp"
#include "haiga/tokenizer/special_tokens.hpp"

#include <concepts>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace haiga::tokenizer {

/// Text to numbers and back.
///
/// encode:         any bytes; a tokenizer says itself what it makes of those that are no UTF-8, and
///                 of special tokens that are written in the text.
/// count:          how many tokens encode gives; where it can, without making them.
/// decode:         the text of tokens, which may end within a character.
/// size:           numbers of tokens are below it.
/// token:          what a number below it stands for, as the vocabulary writes it; empty: nothing.
/// special_tokens: those that no text becomes by itself.
/// Law:    tests/laws/tokenizer.hpp: count(x) == encode(x).size(); the numbers are of tokens;
///         decoding loses nothing more the second time; the same text gives the same numbers.
/// Errors: none; a number that is none of a token's is a caller's bug (check_ids).
template <class T>
concept tokenizer = requires(T const& t, std::string_view text, std::span<token_id const> ids,
                             token_id id)
{
    {
        t.encode(text)
        } -> std::same_as<std::vector<token_id>>;
    {
        t.count(text)
        } -> std::same_as<std::size_t>;
    {
        t.decode(ids)
        } -> std::same_as<std::string>;
    {
        t.size()
        } -> std::same_as<token_id>;
    {
        t.token(id)
        } -> std::convertible_to<std::string_view>;
    {
        t.special_tokens()
        } -> std::convertible_to<std::span<special_token const>>;
};

/// Whether all of ids may be decoded.
/// Errors: invalid for the first that is no token's, with its place as the offset.
template <tokenizer T>
auto check_ids(T const& t, std::span<token_id const> ids) -> result<>
{
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (ids[i] < 0 || ids[i] >= t.size() || std::string_view(t.token(ids[i])).empty()) {
            return tl::unexpected(failure{
                errc::invalid,
                concat("no token has the number ", ids[i], "; they are below ", t.size()), i});
        }
    }
    return {};
}

} // namespace haiga::tokenizer
