#pragma once

#include "haiga/tokenizer/byte_level.hpp"
#include "haiga/tokenizer/pretokenize/text_pattern.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// The decoders of a tokenizer.json: from tokens as the vocabulary writes them to text.
// Source: huggingface/tokenizers 0.23, src/decoders.

namespace haiga::tokenizer::huggingface {

struct suffix_to_space { ///< "BPEDecoder"
    std::string suffix = "</w>";
};
struct bytes_of_characters {}; ///< "ByteLevel"
struct joined_word_pieces {    ///< "WordPiece"
    std::string prefix = "##";
    bool cleanup = true;
};
struct marks_to_spaces { ///< "Metaspace"
    char32_t replacement = U'\u2581';
    bool first_goes = true;
};
struct without_repeats { ///< "CTC"
    std::string pad_token = "<pad>", word_delimiter = "|";
    bool cleanup = true;
};
struct replaced_text {
    text_pattern pattern;
    std::string with;
};
struct fused_tokens {};
struct stripped_tokens {
    char32_t content = U' ';
    std::size_t start = 0, stop = 0;
};
struct bytes_of_names {}; ///< "ByteFallback"

using decoder =
    std::variant<suffix_to_space, bytes_of_characters, joined_word_pieces, marks_to_spaces,
                 without_repeats, replaced_text, fused_tokens, stripped_tokens, bytes_of_names>;

namespace detail {

using token_texts = std::vector<std::string>;

inline auto replaced(std::string_view text, std::string_view what, std::string_view with)
    -> std::string
{
    std::string out;
    if (what.empty()) { // before every character, and at the end
        while (!text.empty()) {
            out += with;
            append_utf8(out, take_utf8(text));
        }
        return out.append(with);
    }
    std::size_t from = 0;
    for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, from)) {
        out.append(text.substr(from, at - from)).append(with);
        from = at + what.size();
    }
    return out.append(text.substr(from));
}

/// Source: src/decoders/wordpiece.rs, cleanup.
inline auto cleaned_up(std::string text) -> std::string
{
    constexpr std::pair<std::string_view, std::string_view> rules[] = {
        {" .", "."},   {" ?", "?"},     {" !", "!"},    {" ,", ","},
        {" ' ", "'"},  {" n't", "n't"}, {" 'm", "'m"},  {" do not", " don't"},
        {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
    for (auto const& [what, with] : rules) {
        text = replaced(text, what, with);
    }
    return text;
}

/// UTF-8 with U+FFFD for each part that is none, as many as Rust's from_utf8_lossy writes.
/// Source: The Unicode Standard, 3.9, U+FFFD substitution of maximal subparts.
inline auto repaired(std::string_view bytes) -> std::string
{
    std::string out;
    while (!bytes.empty()) {
        auto length = utf8_sequence_length(bytes);
        if (length == 0) {
            out += "\xef\xbf\xbd";
            auto const lead = static_cast<unsigned char>(bytes[0]);
            std::size_t const whole = lead < 0xc2   ? 1
                                      : lead < 0xe0 ? 2
                                      : lead < 0xf0 ? 3
                                      : lead < 0xf5 ? 4
                                                    : 1;
            length = 1;
            // as many bytes as could still begin a character
            for (; length < whole && length < bytes.size(); ++length) {
                auto const byte = static_cast<unsigned char>(bytes[length]);
                unsigned const low = length > 1     ? 0x80
                                     : lead == 0xe0 ? 0xa0
                                     : lead == 0xf0 ? 0x90
                                                    : 0x80;
                unsigned const high = length > 1     ? 0xbf
                                      : lead == 0xed ? 0x9f
                                      : lead == 0xf4 ? 0x8f
                                                     : 0xbf;
                if (byte < low || byte > high) {
                    break;
                }
            }
        } else {
            out.append(bytes.substr(0, length));
        }
        bytes.remove_prefix(length);
    }
    return out;
}

inline void decode(token_texts& tokens, suffix_to_space const& d)
{
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        tokens[i] = replaced(tokens[i], d.suffix, i + 1 == tokens.size() ? "" : " ");
    }
}

inline void decode(token_texts& tokens, bytes_of_characters const&)
{
    static auto const bytes = [] {
        std::vector<int> table(0x144, -1);
        for (unsigned byte = 0; byte < 256; ++byte) {
            table[byte_characters()[byte]] = static_cast<int>(byte);
        }
        return table;
    }();
    std::string all;
    for (auto const& token : tokens) {
        auto const before = all.size();
        for (std::string_view rest = token; !rest.empty();) {
            auto const c = take_utf8(rest);
            if (c >= bytes.size() || bytes[c] < 0) {
                all.resize(before);
                all += token; // as it is, where one of its characters is no byte
                break;
            }
            all += static_cast<char>(bytes[c]);
        }
    }
    tokens.assign(1, repaired(all));
}

inline void decode(token_texts& tokens, joined_word_pieces const& d)
{
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (i != 0) {
            tokens[i] = tokens[i].starts_with(d.prefix) ? tokens[i].substr(d.prefix.size())
                                                        : " " + tokens[i];
        }
        if (d.cleanup) {
            tokens[i] = cleaned_up(std::move(tokens[i]));
        }
    }
}

inline void decode(token_texts& tokens, marks_to_spaces const& d)
{
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        std::string text;
        for (std::string_view rest = tokens[i]; !rest.empty();) {
            auto const c = take_utf8(rest);
            if (c != d.replacement) {
                append_utf8(text, c);
            } else if (i != 0 || !d.first_goes) {
                text += ' ';
            }
        }
        tokens[i] = std::move(text);
    }
}

inline void decode(token_texts& tokens, without_repeats const& d)
{
    tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
    for (auto& token : tokens) {
        token = replaced(token, d.pad_token, "");
        if (d.cleanup) {
            token = replaced(cleaned_up(std::move(token)), d.word_delimiter, " ");
        }
    }
    std::erase(tokens, "");
}

inline void decode(token_texts& tokens, replaced_text const& d)
{
    for (auto& token : tokens) {
        std::string text;
        std::size_t from = 0;
        std::visit(
            [&](auto const& pattern) {
                while (from < token.size()) {
                    auto const [at, length] = pattern.find(token, from);
                    if (length == 0) {
                        break;
                    }
                    text.append(token, from, at - from).append(d.with);
                    from = at + length;
                }
            },
            d.pattern);
        token = text.append(token, from);
    }
}

inline void decode(token_texts& tokens, fused_tokens const&)
{
    std::string all;
    for (auto const& token : tokens) {
        all += token;
    }
    tokens.assign(1, all);
}

inline void decode(token_texts& tokens, stripped_tokens const& d)
{
    for (auto& token : tokens) {
        std::u32string characters;
        for (std::string_view rest = token; !rest.empty();) {
            characters += take_utf8(rest);
        }
        std::size_t begin = 0, end = characters.size();
        while (begin < d.start && begin < end && characters[begin] == d.content) {
            ++begin;
        }
        for (std::size_t i = 0; i < d.stop && end > begin && characters[end - 1] == d.content;
             ++i) {
            --end;
        }
        token.clear();
        for (auto i = begin; i < end; ++i) {
            append_utf8(token, characters[i]);
        }
    }
}

/// The byte that "<0x00>" to "<0xff>" name, whatever the case of the digits.
inline auto byte_written(std::string_view token) -> std::optional<char>
{
    if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>') {
        return std::nullopt;
    }
    unsigned byte = 0;
    auto const digits = token.substr(3, 2);
    auto const read = std::from_chars(digits.data(), digits.data() + 2, byte, 16);
    return read.ptr == digits.data() + 2 ? std::optional(static_cast<char>(byte)) : std::nullopt;
}

inline void decode(token_texts& tokens, bytes_of_names const&)
{
    token_texts made;
    std::string bytes;
    auto const flush = [&] {
        if (!bytes.empty() && find_invalid_utf8(bytes)) {
            made.insert(made.end(), bytes.size(), "\xef\xbf\xbd");
        } else if (!bytes.empty()) {
            made.push_back(bytes);
        }
        bytes.clear();
    };
    for (auto& token : tokens) {
        if (auto const byte = byte_written(token)) {
            bytes += *byte;
        } else {
            flush();
            made.push_back(std::move(token));
        }
    }
    flush();
    tokens = std::move(made);
}

} // namespace detail

/// The text of tokens, as one decoder after the other makes it; without any, a space between them.
inline auto decoded(std::vector<std::string> tokens, std::vector<decoder> const& steps,
                    bool has_decoder) -> std::string
{
    for (auto const& step : steps) {
        std::visit([&](auto const& s) { detail::decode(tokens, s); }, step);
    }
    std::string text;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        text.append(!has_decoder && i > 0 ? " " : "").append(tokens[i]);
    }
    return text;
}

} // namespace haiga::tokenizer::huggingface
