#pragma once

#include "haiga/tokenizer/huggingface/normalizers.hpp"
#include "haiga/tokenizer/huggingface/vocabulary.hpp"
#include "haiga/tokenizer/prefix_trie.hpp"
#include "haiga/tokenizer/pretokenize/pieces.hpp"
#include "haiga/tokenizer/special_tokens.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace haiga::tokenizer::huggingface {

/// A token that is found in a text before anything else is done to it.
struct added_token {
    std::string content;
    bool single_word = false; ///< only where no word goes on before or behind it
    bool lstrip = false;      ///< white space before it belongs to it
    bool rstrip = false;
    bool normalized = true; ///< it is looked for, normalized, in the normalized text
    bool special = false;   ///< decoding may leave it out
};

/// The added tokens of a tokenizer.json: first those that are looked for in the text as it is, then
/// in what is left the others, in each place the longest.
///
/// Cost:   linear in the text, times the length of the longest of them.
/// Source: huggingface/tokenizers 0.23, src/tokenizer/added_vocabulary.rs.
class added_tokens {
public:
    added_tokens() = default;

    /// Numbers them as the source does: a token that the model has keeps its number, others follow
    /// the model's.
    /// Errors: too_large for one of more than max_content bytes; those of vocabulary::add.
    static auto make(std::vector<added_token> const& tokens, vocabulary const& words,
                     std::size_t words_count, std::vector<normalizer> const& normalizers)
        -> result<added_tokens>
    {
        constexpr std::size_t max_content = 4096;
        added_tokens made;
        auto next = static_cast<std::int64_t>(words_count);
        for (auto const& token : tokens) {
            if (token.content.empty()) {
                continue;
            }
            if (token.content.size() > max_content) {
                return fail(errc::too_large, "an added token of ", token.content.size(),
                            " bytes, at most ", max_content, " are read");
            }
            auto id = made.numbers_.find(token.content);
            if (!id) {
                id = words.find(token.content);
            }
            HAIGA_TRY_VOID(made.numbers_.add(token.content, id ? std::int64_t{*id} : next++));
            auto const number = *made.numbers_.find(token.content);
            auto written = token.content;
            if (token.normalized) {
                aligned_text text;
                text.append_source(token.content, 0);
                normalize(text, normalizers);
                written = text.text;
            }
            made.by_number_[number] = {token, written};
        }
        made.index();
        return made;
    }

    /// The text as pieces: added tokens, and the rest normalized.
    void split(std::string_view text, std::vector<normalizer> const& normalizers,
               text_pieces& pieces) const
    {
        pieces.list.clear();
        pieces.text.clear();
        if (plain_.empty()) {
            add_normalized(text, 0, normalizers, pieces);
            return;
        }
        // the rules of these tokens ask what stands around them: U+FFFD for what is no UTF-8
        std::size_t from = 0;
        each_match(text, plain_, [&](std::size_t begin, std::size_t end, token_id id) {
            if (begin > from) {
                add_normalized(text.substr(from, begin - from), from, normalizers, pieces);
            }
            auto const at = pieces.text.text.size();
            pieces.text.append_source(text.substr(begin, end - begin), begin);
            pieces.list.push_back({at, pieces.text.text.size(), id});
            from = end;
        });
        if (from < text.size()) {
            add_normalized(text.substr(from), from, normalizers, pieces);
        }
    }

    [[nodiscard]] auto find(std::string_view content) const -> std::optional<token_id>
    {
        return numbers_.find(content);
    }

    /// What decoders see of one; empty where it is none.
    [[nodiscard]] auto written(token_id id) const -> std::string_view
    {
        auto const found = by_number_.find(id);
        return found == by_number_.end() ? std::string_view() : found->second.written;
    }

    /// What it is written as in the file; empty where it is none.
    [[nodiscard]] auto content(token_id id) const -> std::string_view
    {
        auto const found = by_number_.find(id);
        return found == by_number_.end() ? std::string_view() : found->second.token.content;
    }

    /// Whether a token that decoders see is written as a special one.
    [[nodiscard]] auto is_special(std::string_view written) const -> bool
    {
        return std::ranges::any_of(specials_,
                                   [&](special_token const& s) { return s.text == written; });
    }

    [[nodiscard]] auto specials() const -> std::vector<special_token> const& { return specials_; }
    [[nodiscard]] auto size() const -> token_id { return numbers_.size(); }
    [[nodiscard]] auto empty() const -> bool { return by_number_.empty(); }

private:
    struct entry {
        added_token token;
        std::string written;
    };
    struct matcher {
        prefix_trie trie;
        std::array<bool, 256> begins{};
        bool any = false;

        [[nodiscard]] auto empty() const -> bool { return !any; }
    };

    void index()
    {
        std::vector<prefix_trie::entry> plain, normal;
        for (auto const& [id, e] : by_number_) {
            if (!e.written.empty()) {
                (e.token.normalized ? normal : plain)
                    .push_back({e.written, static_cast<std::uint32_t>(id)});
            }
            if (e.token.special) {
                specials_.push_back({e.token.content, id});
            }
        }
        for (auto& [to, words] : {std::pair(&plain_, &plain), std::pair(&normal_, &normal)}) {
            for (auto const& word : *words) {
                to->begins[static_cast<unsigned char>(word.word[0])] = true;
                to->any = true;
            }
            to->trie = prefix_trie(*words);
        }
    }

    /// Calls found(begin, end, id) for what the rules of the tokens leave.
    template <class Found>
    void each_match(std::string_view text, matcher const& tokens, Found const& found) const
    {
        std::size_t taken = 0; // up to here
        for (std::size_t at = 0; at < text.size();) {
            if (!tokens.begins[static_cast<unsigned char>(text[at])]) {
                ++at;
                continue;
            }
            auto const match = tokens.trie.longest_prefix(text.substr(at));
            if (match.length == 0) {
                ++at;
                continue;
            }
            auto begin = at, end = at + match.length;
            at = end;
            auto const& token = by_number_.find(static_cast<token_id>(match.value))->second.token;
            if (token.single_word &&
                (ends_in_word(text.substr(0, begin)) || begins_with_word(text.substr(end)))) {
                continue;
            }
            if (token.lstrip) {
                begin = std::max(taken, detail::trailing_spaces_at(text.substr(0, begin)));
            }
            if (token.rstrip) {
                end += detail::leading_spaces(text.substr(end));
            }
            found(begin, end, static_cast<token_id>(match.value));
            taken = end;
        }
    }

    static auto begins_with_word(std::string_view text) -> bool
    {
        return !text.empty() && is_word(take_utf8(text));
    }

    static auto ends_in_word(std::string_view text) -> bool
    {
        auto at = text.size();
        while (at > 0 && text.size() - at < 4) {
            --at;
            if ((static_cast<unsigned char>(text[at]) & 0xc0U) != 0x80) {
                break;
            }
        }
        auto last = text.substr(at);
        return !last.empty() && is_word(take_utf8(last)) && last.empty();
    }

    /// Cuts the tokens that are looked for in normalized text out of a part of the text.
    void add_normalized(std::string_view part, std::size_t begin,
                        std::vector<normalizer> const& normalizers, text_pieces& pieces) const
    {
        aligned_text text;
        text.tracked = pieces.text.tracked;
        text.append_source(part, begin);
        normalize(text, normalizers);
        std::size_t from = 0;
        auto const add = [&](std::size_t first, std::size_t last, token_id id) {
            if (last > first) {
                auto const at = pieces.text.text.size();
                pieces.text.append(text, first, last);
                pieces.list.push_back({at, pieces.text.text.size(), id});
            }
        };
        each_match(text.text, normal_, [&](std::size_t first, std::size_t last, token_id id) {
            if (first > from) {
                add(from, first, -1);
            }
            add(first, last, id);
            from = last;
        });
        if (from < text.text.size()) {
            add(from, text.text.size(), -1);
        }
    }

    vocabulary numbers_;
    std::map<token_id, entry> by_number_;
    std::vector<special_token> specials_;
    matcher plain_, normal_;
};

} // namespace haiga::tokenizer::huggingface
