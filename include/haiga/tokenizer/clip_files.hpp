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
    made.tokens.resize(ids.size());
    for (auto const& [token, value] : ids) {
        auto const id = json::as<std::size_t>(value);
        if (!id || *id >= ids.size() || !made.tokens[*id].empty()) {
            return fail(errc::invalid, "token \"", one_line(token, 80), "\" of ", ids.size(),
                        " has a number that is none, too large or another's");
        }
        made.tokens[*id] = std::string(token);
    }
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

/// The tokenizer of a model's folder: vocab.json, merges.txt and, for the padding,
/// special_tokens_map.json, without which it is the end.
/// Errors: those of reading files, of read_clip_vocabulary and of clip::make.
inline auto open_clip(std::filesystem::path const& folder,
                      clip_cleaning cleaning = clip_cleaning::hugging_face) -> result<clip>
{
    auto const within = [&](char const* name) {
        return [=](failure&& f) { return std::move(f).within(name); };
    };
    HAIGA_TRY(auto const vocabulary, detail::read_text(folder / "vocab.json"));
    HAIGA_TRY(auto const merges, detail::read_text(folder / "merges.txt"));
    HAIGA_TRY(auto const parts,
              read_clip_vocabulary(vocabulary, merges).map_error(within("vocab.json, merges.txt")));
    auto const map = folder / "special_tokens_map.json";
    std::string padding(clip_end);
    if (std::filesystem::exists(map)) {
        HAIGA_TRY(auto const text, detail::read_text(map));
        HAIGA_TRY(padding, detail::padding_in(text).map_error(within("special_tokens_map.json")));
    }
    return clip::make(parts, {.cleaning = cleaning, .padding = padding});
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
