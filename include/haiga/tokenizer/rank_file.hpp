#pragma once

#include "haiga/base/result.hpp"
#include "haiga/tokenizer/token_list.hpp"

#include <array>
#include <charconv>

namespace haiga::tokenizer {

namespace detail {

/// The values of base64's characters; 64 for others. Source: RFC 4648, table 1.
inline constexpr auto base64_values = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(64);
    std::uint8_t next = 0;
    for (char const c :
         std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")) {
        values[static_cast<unsigned char>(c)] = next++;
    }
    return values;
}();

/// Appends the bytes of base64 with its padding; false where it is none.
inline auto append_base64(std::string_view text, std::string& bytes) -> bool
{
    if (text.empty() || text.size() % 4 != 0) {
        return false;
    }
    std::size_t const padding = !text.ends_with('=') ? 0 : text.ends_with("==") ? 2 : 1;
    std::uint32_t bits = 0;
    std::uint32_t wrong = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::uint32_t const value =
            i < text.size() - padding ? base64_values[static_cast<unsigned char>(text[i])] : 0;
        wrong |= value & 64U;
        bits = bits << 6U | value;
        if (i % 4 == 3) {
            bytes += static_cast<char>(bits >> 16U & 255U);
            bytes += static_cast<char>(bits >> 8U & 255U);
            bytes += static_cast<char>(bits & 255U);
        }
    }
    auto const unused = padding == 0 ? 0U : bits & (padding == 1 ? 0xffU : 0xffffU);
    bytes.resize(bytes.size() - padding);
    return wrong == 0 && unused == 0;
}

} // namespace detail

/// A tiktoken rank file: lines of a token in base64, a space, and its rank. Ranks ascend; one that
/// is left out is no token.
///
/// Errors: invalid, at its byte, for a line that is something else; too_large for a rank of a
///         million or more.
/// Source: openai/tiktoken, tiktoken/load.py, load_tiktoken_bpe.
inline auto read_rank_file(std::string_view text) -> result<token_list>
{
    constexpr std::size_t most = 1'000'000;
    token_list tokens;
    tokens.reserve(text.size() / 16, text.size() / 2);
    std::string token;
    std::size_t line_number = 1;
    for (std::size_t at = 0; at < text.size(); ++line_number) {
        auto const end = std::min(text.find('\n', at), text.size());
        auto const line = text.substr(at, end - at);
        auto const refuse = [&](errc code, auto const&... why) {
            return tl::unexpected(
                failure{code, concat("ranks: line ", line_number, ": ", why...), at});
        };
        auto const gap = line.find(' ');
        std::size_t rank = 0;
        if (gap == line.npos) {
            return refuse(errc::invalid,
                          "expected a token in base64, a space and its rank, found \"",
                          one_line(line, 80), '"');
        }
        token.clear();
        if (!detail::append_base64(line.substr(0, gap), token)) {
            return refuse(errc::invalid, '"', one_line(line.substr(0, gap), 80),
                          "\" is not base64");
        }
        auto const* const last = line.data() + line.size() - (line.ends_with('\r') ? 1 : 0);
        auto const number = std::from_chars(line.data() + gap + 1, last, rank);
        if (number.ec != std::errc() || number.ptr != last) {
            return refuse(errc::invalid, '"', one_line(line.substr(gap + 1), 80), "\" is no rank");
        }
        if (rank >= most) {
            return refuse(errc::too_large, "rank ", rank, ", at most ", most, " are read");
        }
        if (rank < tokens.size()) {
            return refuse(errc::invalid, "rank ", rank, " behind ", tokens.size() - 1,
                          "; ranks ascend");
        }
        while (tokens.size() < rank) {
            tokens.add({});
        }
        tokens.add(token);
        at = end + 1;
    }
    if (tokens.size() == 0) {
        return fail(errc::truncated, "ranks: there is no line");
    }
    return tokens;
}

} // namespace haiga::tokenizer
