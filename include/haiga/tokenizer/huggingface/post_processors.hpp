#pragma once

#include "haiga/base/utf8.hpp"
#include "haiga/tokenizer/category.hpp"
#include "haiga/tokenizer/huggingface/encoding.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// The post-processors of a tokenizer.json: what is added around the tokens of one text or two.
// Source: huggingface/tokenizers 0.23, src/processors.

namespace haiga::tokenizer::huggingface {

/// A token that is put in, and how it is written.
struct put_token {
    token_id id = 0;
    std::string text;
};

struct trimmed_offsets { ///< "ByteLevel": offsets without the spaces that tokens begin or end with
    bool trim = true, add_prefix_space = true;
};
struct bert_frame {
    put_token separator, first;
};
struct roberta_frame {
    put_token separator, first;
    trimmed_offsets offsets;
};
/// Texts and tokens in an order.
struct text_template {
    struct part {
        int text = -1; ///< 0 or 1: one of the texts; -1: the tokens
        std::uint32_t type = 0;
        std::vector<put_token> tokens;
    };
    std::vector<part> single, pair;
};

using post_processor = std::variant<trimmed_offsets, bert_frame, roberta_frame, text_template>;

namespace detail {

inline auto count_added(std::vector<text_template::part> const& parts) -> std::size_t
{
    std::size_t count = 0;
    for (auto const& part : parts) {
        count += part.tokens.size();
    }
    return count;
}

inline auto token_of(put_token const& token, std::uint32_t type) -> encoded_token
{
    encoded_token made;
    made.id = token.id;
    made.text = token.text;
    made.type = type;
    made.special = true;
    return made;
}

/// Calls each(tokens) for the tokens of encodings and of what overflowed.
template <class Each>
void each_tokens(std::vector<encoding>& all, Each const& each)
{
    for (auto& one : all) {
        each(one.tokens);
        for (auto& overflow : one.overflowing) {
            each(overflow.tokens);
        }
    }
}

/// A space, or the sign that stands for one in byte-level tokens, U+0120.
inline auto is_space_sign(char32_t c) -> bool { return c == U'\u0120' || is_white_space(c); }

/// A range of a text without so many characters at its ends.
inline auto narrowed(std::string_view text, source_range range, std::size_t leading,
                     std::size_t trailing) -> source_range
{
    std::vector<std::uint32_t> begins; // of characters
    for (auto rest = text.substr(range.begin, range.end - range.begin); !rest.empty();
         take_utf8(rest)) {
        begins.push_back(range.end - static_cast<std::uint32_t>(rest.size()));
    }
    begins.push_back(range.end);
    auto const last = begins.size() - 1;
    auto const first = std::min(leading, last);
    return {begins[first], begins[std::max(first, last - std::min(trailing, last))]};
}

/// Source: src/pre_tokenizers/byte_level.rs, process_offsets, which counts characters.
inline void trim(std::vector<encoded_token>& tokens, bool add_prefix_space,
                 std::span<std::string_view const> texts)
{
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        auto& token = tokens[i];
        if (token.sequence < 0) {
            continue;
        }
        std::vector<bool> spaces;
        for (std::string_view rest = token.text; !rest.empty();) {
            spaces.push_back(is_space_sign(take_utf8(rest)));
        }
        auto const other = std::ranges::find(spaces, false);
        auto leading = static_cast<std::size_t>(other - spaces.begin());
        auto const last = std::find(spaces.rbegin(), spaces.rend(), false);
        auto const trailing = static_cast<std::size_t>(last - spaces.rbegin());
        if ((i == 0 || token.source.begin == 0) && add_prefix_space && leading == 1) {
            leading = 0; // it was not in the text
        }
        if (leading > 0 || trailing > 0) {
            token.source = narrowed(texts[static_cast<std::size_t>(token.sequence)], token.source,
                                    leading, trailing);
        }
    }
}

/// The texts that are encoded, and whether special tokens are added.
struct request {
    std::span<std::string_view const> texts;
    bool add;
};

inline void process(std::vector<encoding>& all, trimmed_offsets const& how, request const& r)
{
    if (how.trim) {
        each_tokens(all, [&](std::vector<encoded_token>& tokens) {
            trim(tokens, how.add_prefix_space, r.texts);
        });
    }
}

/// first, the text, separator; and for the second of a pair: the text and a separator, with one
/// before it too where twice is.
inline void frame(std::vector<encoding>& all, put_token const& first, put_token const& separator,
                  bool twice, std::uint32_t second_type)
{
    for (std::size_t i = 0; i < all.size(); ++i) {
        auto const type = i == 0 ? 0 : second_type;
        auto const around = [&](std::vector<encoded_token>& tokens) {
            if (i == 0 || twice) {
                tokens.insert(tokens.begin(), token_of(i == 0 ? first : separator, type));
            }
            tokens.push_back(token_of(separator, type));
        };
        around(all[i].tokens);
        for (auto& overflow : all[i].overflowing) {
            around(overflow.tokens);
        }
    }
}

inline void process(std::vector<encoding>& all, bert_frame const& how, request const& r)
{
    if (r.add) {
        frame(all, how.first, how.separator, false, 1);
    }
}

inline void process(std::vector<encoding>& all, roberta_frame const& how, request const& r)
{
    process(all, how.offsets, r);
    for (auto& one : all) {
        for (auto& token : one.tokens) {
            token.type = 0;
        }
    }
    if (r.add) {
        for (auto& one : all) {
            for (auto& overflow : one.overflowing) {
                for (auto& token : overflow.tokens) {
                    token.type = 0;
                }
            }
        }
        frame(all, how.first, how.separator, true, 0);
    }
}

inline void process(std::vector<encoding>& all, text_template const& how, request const& r)
{
    std::vector<encoding> made;
    for (auto const& part : all.size() == 2 ? how.pair : how.single) {
        if (part.text >= 0) {
            auto copy = all[static_cast<std::size_t>(part.text)];
            for (auto& token : copy.tokens) {
                token.type = part.type;
            }
            made.push_back(std::move(copy));
        } else if (r.add) {
            encoding tokens;
            for (auto const& token : part.tokens) {
                tokens.tokens.push_back(token_of(token, part.type));
            }
            made.push_back(std::move(tokens));
        }
    }
    all = std::move(made);
}

inline auto added(trimmed_offsets const&, bool) -> std::size_t { return 0; }
inline auto added(bert_frame const&, bool pair) -> std::size_t { return pair ? 3 : 2; }
inline auto added(roberta_frame const&, bool pair) -> std::size_t { return pair ? 4 : 2; }
inline auto added(text_template const& how, bool pair) -> std::size_t
{
    return count_added(pair ? how.pair : how.single);
}

} // namespace detail

/// How many tokens are added to one text or a pair.
inline auto added_by(std::vector<post_processor> const& steps, bool pair) -> std::size_t
{
    std::size_t count = 0;
    for (auto const& step : steps) {
        count += std::visit([&](auto const& s) { return detail::added(s, pair); }, step);
    }
    return count;
}

/// The encodings of texts as one, with what is added to them. add: also special tokens.
inline auto post_process(std::vector<encoding> all, std::span<std::string_view const> texts,
                         std::vector<post_processor> const& steps, bool add) -> encoding
{
    if (!steps.empty()) {
        for (std::size_t i = 0; i < all.size(); ++i) {
            for (auto& token : all[i].tokens) {
                token.type = static_cast<std::uint32_t>(i);
            }
        }
    }
    for (auto const& step : steps) {
        std::visit([&](auto const& s) { detail::process(all, s, {texts, add}); }, step);
    }
    encoding whole;
    for (auto const& one : all) {
        whole.append(one);
    }
    return whole;
}

} // namespace haiga::tokenizer::huggingface
