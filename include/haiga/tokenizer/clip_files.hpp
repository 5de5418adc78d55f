#pragma once

#include "haiga/io/gzip.hpp"
#include "haiga/io/read_file.hpp"
#include "haiga/json/get.hpp"
#include "haiga/json/parse.hpp"
#include "haiga/tokenizer/clip.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace haiga::tokenizer {

inline constexpr std::size_t max_vocabulary_bytes = std::size_t{1} << 26;

namespace detail {

/// An object of tokens and their numbers.
inline auto tokens_of(boost::json::object const& ids) -> result<std::vector<std::string>>
{
    std::vector<std::string> tokens(ids.size());
    for (auto const& [token, value] : ids) {
        auto const id = json::as<std::size_t>(value);
        if (!id || *id >= ids.size() || !tokens[*id].empty()) {
            return fail(errc::invalid, "token \"", one_line(token, 80), "\" of ", ids.size(),
                        " has a number that is none, too large or another's");
        }
        tokens[*id] = std::string(token);
    }
    return tokens;
}

/// "a b", or ["a", "b"].
inline auto merge_in(boost::json::value const& value, std::size_t number)
    -> result<std::pair<std::string, std::string>>
{
    if (auto const* const text = value.if_string()) {
        return merge_of(*text, number);
    }
    auto const* const pair = value.if_array();
    if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_string() ||
        !(*pair)[1].is_string()) {
        return fail(errc::invalid, "merge ", number, " is not two words");
    }
    return std::pair(std::string((*pair)[0].get_string()), std::string((*pair)[1].get_string()));
}

} // namespace detail

/// vocab.json, an object of tokens and their numbers, and merges.txt, two words a line.
/// Errors: those of json::parse; invalid where the numbers are not 0, 1, 2 ... in some order, and
/// for
///         a line that is not two words.
inline auto read_clip_vocabulary(std::string_view vocab_json, std::string_view merges_txt)
    -> result<clip_vocabulary>
{
    HAIGA_TRY(auto const document, json::parse(vocab_json));
    HAIGA_TRY(auto const ids, json::as<boost::json::object>(document));
    clip_vocabulary made;
    HAIGA_TRY(made.tokens, detail::tokens_of(ids));
    for (std::size_t number = 1; !merges_txt.empty(); ++number) {
        auto const line = detail::next_line(merges_txt);
        if (line.empty() || (number == 1 && line.starts_with("#version"))) {
            continue;
        }
        HAIGA_TRY(auto merge, detail::merge_of(line, number));
        made.merges.push_back(std::move(merge));
    }
    return made;
}

/// The same of a tokenizer.json, which is all that newer versions of transformers write.
/// Errors: those of json::parse; invalid as above, and for a tokenizer that is not CLIP's.
/// Source: huggingface/tokenizers, src/models/bpe/serialization.rs.
inline auto read_clip_tokenizer_json(std::string_view text) -> result<clip_vocabulary>
{
    HAIGA_TRY(auto const document, json::parse(text));
    HAIGA_TRY(auto const file, json::as<boost::json::object>(document));
    HAIGA_TRY(auto const model, json::get<boost::json::object>(file, "model"));
    HAIGA_TRY(auto const suffix, json::get<std::string>(model, "end_of_word_suffix"));
    if (suffix != end_of_word) {
        return fail(errc::invalid, "its words end in \"", one_line(suffix, 80), "\", CLIP's in \"",
                    end_of_word, '"');
    }
    HAIGA_TRY(auto const ids, json::get<boost::json::object>(model, "vocab"));
    auto const* const merges = model.if_contains("merges");
    if (merges == nullptr || !merges->is_array()) {
        return fail(errc::mismatch, "\"merges\": expected an array");
    }
    clip_vocabulary made;
    HAIGA_TRY(made.tokens, detail::tokens_of(ids));
    for (auto const& value : merges->get_array()) {
        HAIGA_TRY(auto merge, detail::merge_in(value, made.merges.size() + 1));
        made.merges.push_back(std::move(merge));
    }
    return made;
}

namespace detail {

inline auto read_text(std::filesystem::path const& file) -> result<std::string>
{
    HAIGA_TRY(auto const bytes, io::read_file(file, max_vocabulary_bytes));
    return std::string(as_text(bytes));
}

/// "pad_token" is a text, or an object of the text and how it is looked for.
inline auto padding_in(std::string_view special_tokens_map) -> result<std::string>
{
    HAIGA_TRY(auto const document, json::parse(special_tokens_map));
    HAIGA_TRY(auto const object, json::as<boost::json::object>(document));
    auto const* const token = object.if_contains("pad_token");
    if (token != nullptr && token->is_object()) {
        return json::get<std::string>(token->get_object(), "content");
    }
    return json::get<std::string>(object, "pad_token", std::string(clip_end));
}

} // namespace detail

namespace detail {

inline auto open_vocabulary(std::filesystem::path const& folder) -> result<clip_vocabulary>
{
    std::error_code error;
    auto const whole = folder / "tokenizer.json";
    if (!std::filesystem::exists(folder / "vocab.json", error) &&
        std::filesystem::exists(whole, error)) {
        HAIGA_TRY(auto const text, read_text(whole));
        return read_clip_tokenizer_json(text).map_error(
            [](failure&& f) { return std::move(f).within("tokenizer.json"); });
    }
    HAIGA_TRY(auto const vocabulary, read_text(folder / "vocab.json"));
    HAIGA_TRY(auto const merges, read_text(folder / "merges.txt"));
    return read_clip_vocabulary(vocabulary, merges).map_error([](failure&& f) {
        return std::move(f).within("vocab.json, merges.txt");
    });
}

} // namespace detail

/// The tokenizer of a model's folder: vocab.json and merges.txt, or else tokenizer.json; and for
/// the padding special_tokens_map.json or tokenizer_config.json, without which it is the end.
/// Errors: those of reading files, of the vocabulary and of clip::make.
inline auto open_clip(std::filesystem::path const& folder,
                      clip_cleaning cleaning = clip_cleaning::hugging_face) -> result<clip>
{
    HAIGA_TRY(auto const vocabulary, detail::open_vocabulary(folder));
    std::string padding(clip_end);
    for (char const* const name : {"special_tokens_map.json", "tokenizer_config.json"}) {
        std::error_code error;
        if (std::filesystem::exists(folder / name, error)) {
            HAIGA_TRY(auto const text, detail::read_text(folder / name));
            HAIGA_TRY(padding, detail::padding_in(text).map_error(
                                   [&](failure&& f) { return std::move(f).within(name); }));
            break;
        }
    }
    return clip::make(vocabulary, {.cleaning = cleaning, .padding = padding});
}

/// The tokenizer of CLIP's bpe_simple_vocab_16e6.txt, or of the same as it is published, .txt.gz.
/// Errors: those of reading files, of io::gunzip, of read_clip_merges.
inline auto open_clip_merges(std::filesystem::path const& file, clip_options const& options = {})
    -> result<clip>
{
    HAIGA_TRY(auto bytes, io::read_file(file, max_vocabulary_bytes));
    if (io::is_gzip(bytes)) {
        HAIGA_TRY(bytes, io::gunzip(bytes, max_vocabulary_bytes));
    }
    HAIGA_TRY(auto const vocabulary, read_clip_merges(as_text(bytes)));
    return clip::make(vocabulary, options);
}

} // namespace haiga::tokenizer
