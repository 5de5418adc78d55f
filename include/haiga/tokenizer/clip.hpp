#pragma once

#include "haiga/base/result.hpp"
#include "haiga/tokenizer/bpe.hpp"
#include "haiga/tokenizer/clip_cleaning.hpp"
#include "haiga/tokenizer/clip_pieces.hpp"
#include "haiga/tokenizer/clip_vocabulary.hpp"
#include "haiga/tokenizer/tokenizer.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace haiga::tokenizer {

struct clip_options {
    clip_cleaning cleaning = clip_cleaning::hugging_face;
    /// The token that fills up a window: the end for CLIP's own text encoder (Stable Diffusion 1,
    /// the first of XL), "!" for OpenCLIP's (Stable Diffusion 2, the second of XL).
    std::string_view padding = clip_end;
};

/// CLIP's tokenizer: text to the numbers of lower-case byte-level BPE.
///
/// Texts:  any bytes; what is not UTF-8 counts as U+FFFD.
/// Cost:   linear, but for words of more than some dozen bytes: bpe's n log n. 6 MB of memory.
/// Thread: any number of them may use one.
/// Source: openai/CLIP, clip/simple_tokenizer.py; transformers 5, CLIPTokenizer.
class clip {
public:
    /// Errors: not_found for a token that is missing: of a byte, the start, the end, the padding,
    /// or
    ///         one that a merge takes or makes.
    static auto make(clip_vocabulary const& vocabulary, clip_options const& options = {})
        -> result<clip>
    {
        std::unordered_map<std::string_view, token_id> ids;
        for (token_id id = 0; auto const& token : vocabulary.tokens) {
            ids.emplace(token, id++);
        }
        auto const id_of = [&](std::string_view token) -> result<token_id> {
            auto const found = ids.find(token);
            return found != ids.end() ? result<token_id>(found->second)
                                      : fail(errc::not_found, "CLIP's vocabulary has no \"",
                                             one_line(token, 80), '"');
        };
        clip made;
        made.cleaning_ = options.cleaning;
        HAIGA_TRY(made.start_, id_of(clip_start));
        HAIGA_TRY(made.end_, id_of(clip_end));
        HAIGA_TRY(made.padding_, id_of(options.padding));
        made.padding_text_ = options.padding;
        made.specials_ = {{std::string(clip_start), made.start_},
                          {std::string(clip_end), made.end_}};
        for (std::size_t byte = 0; byte < 256; ++byte) {
            char const b = static_cast<char>(byte);
            auto const character = byte_level({&b, 1});
            HAIGA_TRY(made.bytes_[byte], id_of(character));
            HAIGA_TRY(made.last_bytes_[byte], id_of(character + std::string(end_of_word)));
        }
        std::vector<bpe_merge> merges;
        merges.reserve(vocabulary.merges.size());
        for (auto const& [left, right] : vocabulary.merges) {
            HAIGA_TRY(auto const a, id_of(left));
            HAIGA_TRY(auto const b, id_of(right));
            HAIGA_TRY(auto const whole, id_of(left + right));
            merges.push_back({a, b, whole});
        }
        made.bpe_ = bpe(merges);
        made.tokens_ = vocabulary.tokens;
        return made;
    }

    /// The tokens of a text of any length, without a start or an end. The start, the end and the
    /// padding, where they are written in the text, are those tokens.
    [[nodiscard]] auto encode(std::string_view text) const -> std::vector<token_id>
    {
        std::vector<token_id> ids;
        if (cleaning_ == clip_cleaning::openai) {
            encode_words(openai_cleaned(text), ids);
        } else {
            encode_hugging_face(text, ids);
        }
        return ids;
    }

    [[nodiscard]] auto count(std::string_view text) const -> std::size_t
    {
        return encode(text).size();
    }

    /// The text of tokens, a space behind each word. Tokens may end within a character.
    /// Errors: none; a number that there is not is a caller's bug.
    [[nodiscard]] auto decode(std::span<token_id const> ids) const -> std::string
    {
        std::string text;
        for (auto const id : ids) {
            HAIGA_CHECK(id >= 0 && id < size(), "token ", id, " of ", size());
            std::string_view token = tokens_[static_cast<std::size_t>(id)];
            bool const ends = token.ends_with(end_of_word);
            token.remove_suffix(ends ? end_of_word.size() : 0);
            text.append(bytes_of(token)).append(ends ? " " : "");
        }
        return text;
    }

    [[nodiscard]] auto start() const -> token_id { return start_; }
    [[nodiscard]] auto end() const -> token_id { return end_; }
    [[nodiscard]] auto padding() const -> token_id { return padding_; }
    [[nodiscard]] auto size() const -> token_id { return static_cast<token_id>(tokens_.size()); }

    /// As the vocabulary writes it: byte_level, and where it ends a word, end_of_word.
    [[nodiscard]] auto token(token_id id) const -> std::string_view
    {
        return id < 0 || id >= size() ? std::string_view() : tokens_[static_cast<std::size_t>(id)];
    }
    [[nodiscard]] auto special_tokens() const -> std::span<special_token const>
    {
        return specials_;
    }

private:
    clip() = default;

    /// As transformers does: special tokens are looked for first, and what is between them cleaned.
    void encode_hugging_face(std::string_view text, std::vector<token_id>& ids) const
    {
        std::size_t from = 0;
        for (std::size_t at = 0; at < text.size();) {
            auto const [length, id] = special_at(text.substr(at));
            if (length == 0) {
                ++at;
                continue;
            }
            encode_words(hugging_face_cleaned(text.substr(from, at - from)), ids);
            ids.push_back(id);
            from = at += length;
        }
        encode_words(hugging_face_cleaned(text.substr(from)), ids);
    }

    struct special {
        std::size_t length;
        token_id id;
    };

    [[nodiscard]] auto special_at(std::string_view text) const -> special
    {
        return text[0] != clip_start[0] && text[0] != padding_text_[0] ? special{0, 0}
               : text.starts_with(clip_start)    ? special{clip_start.size(), start_}
               : text.starts_with(clip_end)      ? special{clip_end.size(), end_}
               : text.starts_with(padding_text_) ? special{padding_text_.size(), padding_}
                                                 : special{0, 0};
    }

    void encode_words(std::string_view text, std::vector<token_id>& ids) const
    {
        while (!text.empty()) {
            auto const length = text[0] == clip_start[0] && encode_special(text, ids)
                                    ? 0
                                    : clip_piece_length(text, cleaning_);
            encode_word(text.substr(0, length), ids);
            text.remove_prefix(length);
            text.remove_prefix(white_space_length(text));
        }
    }

    /// The start and the end in cleaned text. OpenAI's program knows them; transformers cuts them
    /// out, but then at their brackets.
    auto encode_special(std::string_view& text, std::vector<token_id>& ids) const -> bool
    {
        auto const token = text.starts_with(clip_start) ? clip_start
                           : text.starts_with(clip_end) ? clip_end
                                                        : std::string_view();
        if (!token.empty() && cleaning_ == clip_cleaning::openai) {
            ids.push_back(token == clip_start ? start_ : end_);
        } else if (!token.empty()) {
            encode_word(token.substr(0, 2), ids);
            encode_word(token.substr(2, token.size() - 4), ids);
            encode_word(token.substr(token.size() - 2), ids);
        }
        text.remove_prefix(token.size());
        return !token.empty();
    }

    void encode_word(std::string_view word, std::vector<token_id>& ids) const
    {
        if (word.empty()) {
            return;
        }
        auto const from = ids.size();
        for (char const c : word) {
            ids.push_back(bytes_[static_cast<unsigned char>(c)]);
        }
        ids.back() = last_bytes_[static_cast<unsigned char>(word.back())];
        ids.resize(from + bpe_.merge(std::span(ids).subspan(from)));
    }

    clip_cleaning cleaning_{};
    token_id start_ = 0, end_ = 0, padding_ = 0;
    std::string padding_text_;
    std::array<token_id, 256> bytes_{}, last_bytes_{};
    bpe bpe_;
    std::vector<std::string> tokens_;
    std::vector<special_token> specials_;
};

static_assert(tokenizer<clip>);

} // namespace haiga::tokenizer
