#pragma once

#include "haiga/tokenizer/huggingface/models.hpp"
#include "haiga/tokenizer/huggingface/read_fields.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The model of a tokenizer.json.

namespace haiga::tokenizer::huggingface {

/// A model, and how many tokens it counts.
struct read_model {
    model made;
    std::size_t count = 0;
};

namespace detail {

inline constexpr std::size_t max_token_bytes = 4096;

inline auto words_in(object const& in) -> result<std::shared_ptr<vocabulary>>
{
    HAIGA_TRY(auto const* const ids, object_in(in, "vocab"));
    auto words = std::make_shared<vocabulary>();
    words->reserve(ids->size());
    for (auto const& [token, number] : *ids) {
        auto const id = json::as<std::int64_t>(number);
        if (!id || token.size() > max_token_bytes) {
            return fail(errc::invalid, "\"vocab\": token \"", one_line(token, 80),
                        "\": ", id ? "more bytes than 4096" : id.error().message);
        }
        HAIGA_TRY_VOID(words->add(token, *id));
    }
    if (words->count() == 0) {
        return fail(errc::invalid, "\"vocab\" is empty");
    }
    return words;
}

/// "a b", or ["a", "b"]; number: of the merge, from 1.
inline auto merge_in(value const& merge, std::size_t number)
    -> result<std::pair<std::string_view, std::string_view>>
{
    if (auto const* const text = merge.if_string()) {
        std::string_view const both = *text;
        auto const space = both.find(' ');
        if (space != std::string_view::npos &&
            both.find(' ', space + 1) == std::string_view::npos) {
            return std::pair(both.substr(0, space), both.substr(space + 1));
        }
    } else if (auto const* const pair = merge.if_array(); pair != nullptr && pair->size() == 2 &&
                                                          (*pair)[0].is_string() &&
                                                          (*pair)[1].is_string()) {
        return std::pair<std::string_view, std::string_view>((*pair)[0].get_string(),
                                                             (*pair)[1].get_string());
    }
    return fail(errc::invalid, "merge ", number, " is not two tokens");
}

inline auto merges_in(object const& in, vocabulary const& words, std::string_view prefix)
    -> result<std::vector<bpe_merge>>
{
    HAIGA_TRY(auto const* const all, array_in(in, "merges"));
    std::vector<bpe_merge> merges;
    merges.reserve(all->size());
    std::string whole;
    for (std::size_t i = 0; i < all->size(); ++i) {
        auto const* const text = (*all)[i].if_string();
        if (text != nullptr && std::string_view(*text).starts_with("#version")) {
            continue;
        }
        HAIGA_TRY(auto const pair, merge_in((*all)[i], i + 1));
        auto const& [left, right] = pair;
        if (right.size() < prefix.size()) {
            return fail(errc::invalid, "merge ", i + 1, ": \"", one_line(right, 80),
                        "\" is shorter than the prefix of what goes on");
        }
        whole.assign(left).append(right.substr(prefix.size()));
        token_id ids[3];
        std::string_view const names[] = {left, right, whole};
        for (std::size_t n = 0; n < 3; ++n) {
            auto const id = words.find(names[n]);
            if (!id) {
                return fail(errc::not_found, "merge ", i + 1, ": no token is \"",
                            one_line(names[n], 80), '"');
            }
            ids[n] = *id;
        }
        merges.push_back({ids[0], ids[1], ids[2]});
    }
    return merges;
}

/// Whether every byte has a token of its own, in the characters that stand for bytes.
inline auto has_byte_characters(vocabulary const& words) -> bool
{
    return std::ranges::all_of(byte_characters(), [&](char32_t c) {
        std::string text;
        append_utf8(text, c);
        return words.find(text).has_value();
    });
}

/// byte_level: a part before the model turns texts into the characters that stand for bytes.
inline auto read_merged_words(object const& in, bool byte_level) -> result<read_model>
{
    HAIGA_TRY(auto const dropout, json::get<double>(in, "dropout", 0.0));
    if (dropout != 0.0) {
        return fail(errc::unsupported, "\"dropout\": merges that are left out at random");
    }
    merged_words made;
    HAIGA_TRY(auto const words, words_in(in));
    HAIGA_TRY(made.prefix, json::get<std::string>(in, "continuing_subword_prefix", std::string()));
    HAIGA_TRY(made.suffix, json::get<std::string>(in, "end_of_word_suffix", std::string()));
    HAIGA_TRY(made.fuse_unknown, json::get<bool>(in, "fuse_unk", false));
    HAIGA_TRY(made.byte_fallback, json::get<bool>(in, "byte_fallback", false));
    HAIGA_TRY(made.ignore_merges, json::get<bool>(in, "ignore_merges", false));
    HAIGA_TRY(auto const merges, merges_in(in, *words, made.prefix));
    made.words = words;
    made.merges = bpe(merges);
    made.bytes = byte_tokens(*words);
    auto const* const unknown = in.if_contains("unk_token");
    if (unknown != nullptr && !unknown->is_null()) {
        HAIGA_TRY(auto const name, json::get<std::string>(in, "unk_token"));
        made.unknown = words->find(name).value_or(-1);
        bool const every_byte =
            (made.byte_fallback && std::ranges::find(made.bytes, -1) == made.bytes.end()) ||
            (byte_level && made.prefix.empty() && made.suffix.empty() &&
             has_byte_characters(*words));
        if (made.unknown < 0 && !every_byte) {
            return fail(errc::not_found, "\"unk_token\": no token is \"", one_line(name, 80), '"');
        }
    }
    return read_model{std::move(made), words->count()};
}

inline auto unknown_in(object const& in, vocabulary const& words) -> result<token_id>
{
    HAIGA_TRY(auto const name, json::get<std::string>(in, "unk_token"));
    auto const id = words.find(name);
    return id ? result<token_id>(*id)
              : fail(errc::not_found, "\"unk_token\": no token is \"", one_line(name, 80), '"');
}

inline auto trie_of(vocabulary const& words) -> prefix_trie
{
    std::vector<prefix_trie::entry> entries;
    for (auto const& [text, id] : words.all()) {
        if (!text.empty()) {
            entries.push_back({text, static_cast<std::uint32_t>(id)});
        }
    }
    return prefix_trie(std::move(entries));
}

inline auto read_word_pieces(object const& in) -> result<read_model>
{
    word_pieces made;
    HAIGA_TRY(auto const words, words_in(in));
    HAIGA_TRY(made.unknown, unknown_in(in, *words));
    HAIGA_TRY(auto const prefix, json::get<std::string>(in, "continuing_subword_prefix"));
    HAIGA_TRY(made.most_characters, json::get<std::size_t>(in, "max_input_chars_per_word"));
    made.trie = trie_of(*words);
    made.inside = made.trie.place_of(prefix);
    made.words = words;
    return read_model{std::move(made), words->count()};
}

inline auto read_whole_words(object const& in) -> result<read_model>
{
    HAIGA_TRY(auto const words, words_in(in));
    HAIGA_TRY(auto const unknown, unknown_in(in, *words));
    return read_model{whole_words{words, unknown}, words->count()};
}

inline auto read_probable_pieces(object const& in) -> result<read_model>
{
    constexpr double penalty = 10;
    HAIGA_TRY(auto const* const all, array_in(in, "vocab"));
    auto const words = std::make_shared<vocabulary>();
    words->reserve(all->size());
    std::vector<double> scores(std::min<std::size_t>(all->size(), vocabulary::most));
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < all->size(); ++i) {
        auto const* const pair = (*all)[i].if_array();
        if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_string() ||
            !(*pair)[1].is_number() || (*pair)[0].get_string().size() > max_token_bytes) {
            return fail(errc::invalid, "\"vocab\": token ", i, " is not a text and a score");
        }
        HAIGA_TRY_VOID(words->add((*pair)[0].get_string(), static_cast<std::int64_t>(i)));
        scores[i] = (*pair)[1].to_number<double>();
        if (!std::isfinite(scores[i])) {
            return fail(errc::invalid, "\"vocab\": token ", i, " has no finite score");
        }
        least = std::min(least, scores[i]);
    }
    probable_pieces made;
    HAIGA_TRY(auto const unknown, json::get<std::size_t>(in, "unk_id"));
    if (unknown >= all->size()) {
        return fail(errc::invalid, "\"unk_id\" is ", unknown, ", of ", all->size(), " tokens");
    }
    made.unknown = static_cast<token_id>(unknown);
    HAIGA_TRY(made.byte_fallback, json::get<bool>(in, "byte_fallback", false));
    made.bytes = byte_tokens(*words);
    made.model =
        unigram<double>(best_path<double>(trie_of(*words), std::move(scores), least - penalty));
    made.words = words;
    return read_model{std::move(made), all->size()};
}

/// Older files do not name the kind of their model.
inline auto kind_of_model(object const& in) -> std::string
{
    auto const* const type = in.if_contains("type");
    if (type != nullptr && type->is_string()) {
        return std::string(type->get_string());
    }
    auto const* const vocab = in.if_contains("vocab");
    return in.if_contains("merges") != nullptr                      ? "BPE"
           : in.if_contains("continuing_subword_prefix") != nullptr ? "WordPiece"
           : vocab != nullptr && vocab->is_array()                  ? "Unigram"
                                                                    : "WordLevel";
}

inline auto read_any_model(object const& in, bool byte_level) -> result<read_model>
{
    auto const kind = kind_of_model(in);
    auto made = kind == "BPE"         ? read_merged_words(in, byte_level)
                : kind == "WordPiece" ? read_word_pieces(in)
                : kind == "WordLevel" ? read_whole_words(in)
                : kind == "Unigram"   ? read_probable_pieces(in)
                                      : refuse_type(kind);
    return std::move(made).map_error([&](failure&& f) { return std::move(f).within("model"); });
}

} // namespace detail

} // namespace haiga::tokenizer::huggingface
