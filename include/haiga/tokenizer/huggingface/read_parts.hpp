#pragma once

#include "haiga/tokenizer/huggingface/base64.hpp"
#include "haiga/tokenizer/huggingface/decoders.hpp"
#include "haiga/tokenizer/huggingface/normalizers.hpp"
#include "haiga/tokenizer/huggingface/post_processors.hpp"
#include "haiga/tokenizer/huggingface/pre_tokenizers.hpp"
#include "haiga/tokenizer/huggingface/read_fields.hpp"
#include "haiga/tokenizer/huggingface/vocabulary.hpp"

#include <memory>
#include <string>
#include <vector>

// Normalizers, pre-tokenizers, post-processors and decoders from a tokenizer.json.

namespace haiga::tokenizer::huggingface::detail {

inline auto read_normalizer(object const& in, std::string_view type) -> result<normalizer>
{
    if (type == "Strip") {
        HAIGA_TRY(auto const left, json::get<bool>(in, "strip_left"));
        HAIGA_TRY(auto const right, json::get<bool>(in, "strip_right"));
        return strip_spaces{left, right};
    }
    if (type == "BertNormalizer" || type == "Bert") {
        HAIGA_TRY(auto const clean, json::get<bool>(in, "clean_text"));
        HAIGA_TRY(auto const spaced, json::get<bool>(in, "handle_chinese_chars"));
        HAIGA_TRY(auto const lower, json::get<bool>(in, "lowercase"));
        HAIGA_TRY(auto const accents, json::get<bool>(in, "strip_accents", lower));
        return bert_cleaning{clean, spaced, accents, lower};
    }
    if (type == "Precompiled") {
        HAIGA_TRY(auto const text, json::get<std::string>(in, "precompiled_charsmap"));
        HAIGA_TRY(auto const bytes, from_base64(text));
        HAIGA_TRY(auto map, character_map::make(bytes));
        return mapped_characters{std::make_shared<character_map const>(std::move(map))};
    }
    if (type == "Replace") {
        HAIGA_TRY(auto pattern, text_pattern_in(in));
        HAIGA_TRY(auto with, json::get<std::string>(in, "content"));
        return replace_text{std::move(pattern), std::move(with)};
    }
    if (type == "Prepend") {
        HAIGA_TRY(auto text, json::get<std::string>(in, "prepend"));
        return prepend_text{std::move(text)};
    }
    if (type == "StripAccents") {
        return strip_accents{};
    }
    if (type == "Lowercase") {
        return lower_letters{};
    }
    if (type == "Nmt") {
        return translation_cleaning{};
    }
    if (type == "ByteLevel") {
        return byte_characters_of{};
    }
    constexpr std::array<std::string_view, 4> forms = {"NFC", "NFD", "NFKC", "NFKD"};
    auto const form = std::ranges::find(forms, type);
    if (form == forms.end()) {
        return refuse_type(type);
    }
    return static_cast<normal_form>(form - forms.begin());
}

inline auto read_metaspace(object const& in) -> result<marked_spaces>
{
    constexpr std::array<std::string_view, 3> schemes = {"always", "first", "never"};
    marked_spaces made;
    HAIGA_TRY(auto const sign, character_in(in, "replacement"));
    made.replacement.clear();
    append_utf8(made.replacement, sign);
    HAIGA_TRY(made.split, json::get<bool>(in, "split", true));
    HAIGA_TRY(auto const prefix, json::get<bool>(in, "add_prefix_space", true));
    if (in.if_contains("prepend_scheme") != nullptr) {
        HAIGA_TRY(auto const scheme, name_in(in, "prepend_scheme", schemes));
        made.prepend = static_cast<marked_spaces::mark>(scheme);
    }
    if (!prefix) {
        if (made.prepend != marked_spaces::mark::never) {
            return fail(errc::invalid,
                        "\"add_prefix_space\" and \"prepend_scheme\" contradict each other");
        }
    }
    return made;
}

inline auto read_split(object const& in) -> result<pattern_split>
{
    pattern_split made;
    HAIGA_TRY(auto pattern, pattern_in(in));
    HAIGA_TRY(made.use, separator_use_in(in));
    HAIGA_TRY(made.invert, json::get<bool>(in, "invert"));
    if (auto* const literal = std::get_if<literal_pattern>(&pattern)) {
        made.pattern = std::move(*literal);
    } else if (auto const rule = split_rule_of(std::get<std::string>(pattern))) {
        made.pattern = *rule;
    } else {
        HAIGA_TRY(auto run, read_run_pattern(std::get<std::string>(pattern)));
        made.pattern = std::move(run);
    }
    return made;
}

inline auto read_pre_tokenizer(object const& in, std::string_view type) -> result<pre_tokenizer>
{
    if (type == "BertPreTokenizer") {
        return bert_words{};
    }
    if (type == "ByteLevel") {
        HAIGA_TRY(auto const prefix, json::get<bool>(in, "add_prefix_space"));
        HAIGA_TRY(auto const split, json::get<bool>(in, "use_regex", true));
        return byte_level_words{prefix, split};
    }
    if (type == "CharDelimiterSplit" || type == "Delimiter") {
        HAIGA_TRY(auto const delimiter, character_in(in, "delimiter"));
        return delimited{delimiter};
    }
    if (type == "Metaspace") {
        HAIGA_TRY(auto made, read_metaspace(in));
        return made;
    }
    if (type == "Whitespace") {
        return words_and_others{};
    }
    if (type == "WhitespaceSplit") {
        return space_separated{};
    }
    if (type == "Split") {
        HAIGA_TRY(auto made, read_split(in));
        return made;
    }
    if (type == "Punctuation") {
        if (in.if_contains("behavior") == nullptr) {
            return punctuation_apart{};
        }
        HAIGA_TRY(auto const use, separator_use_in(in));
        return punctuation_apart{use};
    }
    if (type == "Digits") {
        HAIGA_TRY(auto const single, json::get<bool>(in, "individual_digits"));
        return digits_apart{single};
    }
    if (type == "UnicodeScripts") {
        return script_runs{};
    }
    if (type == "FixedLength") {
        HAIGA_TRY(auto const length, json::get<std::size_t>(in, "length", std::size_t{5}));
        if (length == 0) {
            return fail(errc::invalid, "\"length\" is 0");
        }
        return fixed_lengths{length};
    }
    return refuse_type(type);
}

/// ["[SEP]", 102]
inline auto put_token_in(object const& in, std::string_view key) -> result<put_token>
{
    HAIGA_TRY(auto const* const pair, array_in(in, key));
    if (pair->size() != 2 || !(*pair)[0].is_string()) {
        return fail(errc::mismatch, '"', key, "\": expected a token and its number");
    }
    HAIGA_TRY(auto const id, json::as<std::uint32_t>((*pair)[1]));
    if (id >= static_cast<std::uint32_t>(vocabulary::most)) {
        return fail(errc::invalid, '"', key, "\": the number ", id, " is out of range");
    }
    return put_token{static_cast<token_id>(id), std::string((*pair)[0].get_string())};
}

inline auto read_template_part(value const& in, object const& tokens) -> result<text_template::part>
{
    text_template::part part;
    auto const* const fields = in.if_object();
    if (fields == nullptr) {
        return fail(errc::mismatch, "expected a \"Sequence\" or a \"SpecialToken\"");
    }
    if (fields->if_contains("Sequence") != nullptr) {
        HAIGA_TRY(auto const* const text, object_in(*fields, "Sequence"));
        constexpr std::array<std::string_view, 2> names = {"A", "B"};
        HAIGA_TRY(auto const which, name_in(*text, "id", names));
        part.text = static_cast<int>(which);
        HAIGA_TRY(part.type, json::get<std::uint32_t>(*text, "type_id"));
        return part;
    }
    HAIGA_TRY(auto const* const special, object_in(*fields, "SpecialToken"));
    HAIGA_TRY(part.type, json::get<std::uint32_t>(*special, "type_id"));
    HAIGA_TRY(auto const name, json::get<std::string>(*special, "id"));
    HAIGA_TRY(auto const* const known, object_in(tokens, name));
    HAIGA_TRY(auto const ids, json::get<std::vector<std::uint32_t>>(*known, "ids"));
    HAIGA_TRY(auto const texts, json::get<std::vector<std::string>>(*known, "tokens"));
    if (ids.size() != texts.size()) {
        return fail(errc::mismatch, '"', one_line(name, 80), "\" has ", ids.size(), " ids and ",
                    texts.size(), " tokens");
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (ids[i] >= static_cast<std::uint32_t>(vocabulary::most)) {
            return fail(errc::invalid, '"', one_line(name, 80), "\": the number ", ids[i],
                        " is out of range");
        }
        part.tokens.push_back({static_cast<token_id>(ids[i]), texts[i]});
    }
    return part;
}

inline auto read_template(object const& in) -> result<text_template>
{
    text_template made;
    HAIGA_TRY(auto const* const tokens, object_in(in, "special_tokens"));
    for (auto const& [key, parts] :
         {std::pair("single", &made.single), std::pair("pair", &made.pair)}) {
        HAIGA_TRY(auto const* const all, array_in(in, key));
        for (auto const& one : *all) {
            HAIGA_TRY(auto part, read_template_part(one, *tokens));
            if (part.text == 1 && parts == &made.single) {
                return fail(errc::invalid, "\"single\" has a second text");
            }
            parts->push_back(std::move(part));
        }
    }
    return made;
}

inline auto read_post_processor(object const& in, std::string_view type) -> result<post_processor>
{
    if (type == "ByteLevel") {
        HAIGA_TRY(auto const trim, json::get<bool>(in, "trim_offsets"));
        HAIGA_TRY(auto const prefix, json::get<bool>(in, "add_prefix_space"));
        return trimmed_offsets{trim, prefix};
    }
    if (type == "TemplateProcessing") {
        HAIGA_TRY(auto made, read_template(in));
        return made;
    }
    if (type != "RobertaProcessing" && type != "BertProcessing") {
        return refuse_type(type);
    }
    HAIGA_TRY(auto const separator, put_token_in(in, "sep"));
    HAIGA_TRY(auto const first, put_token_in(in, "cls"));
    if (type == "BertProcessing") {
        return bert_frame{separator, first};
    }
    HAIGA_TRY(auto const trim, json::get<bool>(in, "trim_offsets"));
    HAIGA_TRY(auto const prefix, json::get<bool>(in, "add_prefix_space"));
    return roberta_frame{separator, first, {trim, prefix}};
}

inline auto read_decoder(object const& in, std::string_view type) -> result<decoder>
{
    if (type == "BPEDecoder") {
        HAIGA_TRY(auto suffix, json::get<std::string>(in, "suffix"));
        return suffix_to_space{std::move(suffix)};
    }
    if (type == "ByteLevel") {
        return bytes_of_characters{};
    }
    if (type == "WordPiece") {
        HAIGA_TRY(auto prefix, json::get<std::string>(in, "prefix"));
        HAIGA_TRY(auto const cleanup, json::get<bool>(in, "cleanup"));
        return joined_word_pieces{std::move(prefix), cleanup};
    }
    if (type == "Metaspace") {
        HAIGA_TRY(auto const spaces, read_metaspace(in));
        std::string_view sign = spaces.replacement;
        return marks_to_spaces{take_utf8(sign), spaces.prepend != marked_spaces::mark::never};
    }
    if (type == "CTC") {
        HAIGA_TRY(auto pad, json::get<std::string>(in, "pad_token"));
        HAIGA_TRY(auto delimiter, json::get<std::string>(in, "word_delimiter_token"));
        HAIGA_TRY(auto const cleanup, json::get<bool>(in, "cleanup"));
        return without_repeats{std::move(pad), std::move(delimiter), cleanup};
    }
    if (type == "Replace") {
        HAIGA_TRY(auto pattern, text_pattern_in(in));
        HAIGA_TRY(auto with, json::get<std::string>(in, "content"));
        return replaced_text{std::move(pattern), std::move(with)};
    }
    if (type == "Fuse") {
        return fused_tokens{};
    }
    if (type == "Strip") {
        HAIGA_TRY(auto const content, character_in(in, "content"));
        HAIGA_TRY(auto const start, json::get<std::size_t>(in, "start"));
        HAIGA_TRY(auto const stop, json::get<std::size_t>(in, "stop"));
        return stripped_tokens{content, start, stop};
    }
    if (type == "ByteFallback") {
        return bytes_of_names{};
    }
    return refuse_type(type);
}

/// A part of a file that may be missing or null, as its steps. members: what a sequence calls them.
template <class Step, class Read>
auto read_steps(object const& file, std::string_view key, std::string_view members,
                Read const& read) -> result<std::vector<Step>>
{
    std::vector<Step> steps;
    auto const* const part = file.if_contains(key);
    if (part == nullptr || part->is_null()) {
        return steps;
    }
    HAIGA_TRY_VOID(
        each_part(*part, members, [&](object const& in, std::string_view type) -> result<> {
            HAIGA_TRY(auto step, read(in, type));
            steps.push_back(std::move(step));
            return {};
        }).map_error([&](failure&& f) { return std::move(f).within(key); }));
    return steps;
}

} // namespace haiga::tokenizer::huggingface::detail
