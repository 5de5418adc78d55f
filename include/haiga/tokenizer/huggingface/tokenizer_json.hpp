#pragma once

#include "haiga/base/bytes.hpp"
#include "haiga/io/read_file.hpp"
#include "haiga/json/parse.hpp"
#include "haiga/tokenizer/huggingface/hugging_face.hpp"
#include "haiga/tokenizer/huggingface/read_model.hpp"
#include "haiga/tokenizer/huggingface/read_parts.hpp"

#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

namespace haiga::tokenizer {

namespace huggingface::detail {

inline auto read_added(object const& file) -> result<std::vector<added_token>>
{
    std::vector<added_token> tokens;
    auto const* const all = file.if_contains("added_tokens");
    if (all == nullptr || all->is_null()) {
        return tokens;
    }
    HAIGA_TRY(auto const* const list, array_in(file, "added_tokens"));
    for (auto const& one : *list) {
        auto const* const in = one.if_object();
        if (in == nullptr) {
            return fail(errc::mismatch, "added token ", tokens.size(), ": expected an object");
        }
        added_token token;
        HAIGA_TRY(token.content, json::get<std::string>(*in, "content"));
        HAIGA_TRY(token.single_word, json::get<bool>(*in, "single_word"));
        HAIGA_TRY(token.lstrip, json::get<bool>(*in, "lstrip"));
        HAIGA_TRY(token.rstrip, json::get<bool>(*in, "rstrip"));
        HAIGA_TRY(token.normalized, json::get<bool>(*in, "normalized"));
        HAIGA_TRY(token.special, json::get<bool>(*in, "special"));
        tokens.push_back(std::move(token));
    }
    return tokens;
}

inline auto read_side(object const& in) -> result<side>
{
    constexpr std::array<std::string_view, 2> names = {"Left", "Right"};
    if (in.if_contains("direction") == nullptr) {
        return side::right;
    }
    HAIGA_TRY(auto const which, name_in(in, "direction", names));
    return static_cast<side>(which);
}

inline auto read_truncation(object const& file) -> result<std::optional<truncation>>
{
    auto const* const part = file.if_contains("truncation");
    if (part == nullptr || part->is_null()) {
        return std::nullopt;
    }
    HAIGA_TRY(auto const* const in, object_in(file, "truncation"));
    constexpr std::array<std::string_view, 3> names = {"LongestFirst", "OnlyFirst", "OnlySecond"};
    truncation how;
    HAIGA_TRY(how.max_length, json::get<std::size_t>(*in, "max_length"));
    HAIGA_TRY(how.stride, json::get<std::size_t>(*in, "stride"));
    HAIGA_TRY(auto const order, name_in(*in, "strategy", names));
    how.strategy = static_cast<truncation::order>(order);
    HAIGA_TRY(how.direction, read_side(*in));
    if (how.stride > 0 && how.stride >= how.max_length) {
        return fail(errc::invalid, "\"stride\" is ", how.stride, ", \"max_length\" ",
                    how.max_length);
    }
    return how;
}

inline auto read_padding(object const& file) -> result<std::optional<padding>>
{
    constexpr std::size_t most = 1 << 24; // what a text is filled up to
    auto const* const part = file.if_contains("padding");
    if (part == nullptr || part->is_null()) {
        return std::nullopt;
    }
    HAIGA_TRY(auto const* const in, object_in(file, "padding"));
    padding how;
    auto const* const strategy = in->if_contains("strategy");
    if (strategy == nullptr || !strategy->is_string() || strategy->get_string() != "BatchLongest") {
        HAIGA_TRY(auto const* const fixed, object_in(*in, "strategy"));
        HAIGA_TRY(how.length, json::get<std::size_t>(*fixed, "Fixed"));
    }
    HAIGA_TRY(how.direction, read_side(*in));
    HAIGA_TRY(how.multiple_of, json::get<std::size_t>(*in, "pad_to_multiple_of", std::size_t{0}));
    HAIGA_TRY(auto const id, json::get<std::uint32_t>(*in, "pad_id"));
    HAIGA_TRY(how.type, json::get<std::uint32_t>(*in, "pad_type_id"));
    HAIGA_TRY(how.token, json::get<std::string>(*in, "pad_token"));
    if (id >= static_cast<std::uint32_t>(vocabulary::most) || how.length.value_or(0) > most ||
        how.multiple_of > most) {
        return fail(errc::too_large, "\"padding\": to ", how.length.value_or(0), " tokens, with ",
                    id);
    }
    how.id = static_cast<token_id>(id);
    return how;
}

/// Whether texts reach the model as characters that stand for bytes.
inline auto is_byte_level(hugging_face_parts const& parts) -> bool
{
    return std::ranges::any_of(
               parts.pre_tokenizers,
               [](auto const& p) { return std::holds_alternative<byte_level_words>(p); }) ||
           std::ranges::any_of(parts.normalizers, [](auto const& n) {
               return std::holds_alternative<byte_characters_of>(n);
           });
}

inline auto read_document(std::string_view text) -> result<hugging_face>
{
    HAIGA_TRY(auto const document, json::parse(text));
    auto const* const file = document.if_object();
    if (file == nullptr) {
        return fail(errc::mismatch, "expected an object");
    }
    HAIGA_TRY(auto const version, json::get<std::string>(*file, "version", std::string("1.0")));
    if (version != "1.0") {
        return fail(errc::unsupported, "version \"", one_line(version, 80), "\", expected \"1.0\"");
    }
    hugging_face_parts parts;
    HAIGA_TRY(parts.normalizers,
              read_steps<normalizer>(*file, "normalizer", "normalizers", read_normalizer));
    HAIGA_TRY(parts.pre_tokenizers, read_steps<pre_tokenizer>(*file, "pre_tokenizer",
                                                              "pretokenizers", read_pre_tokenizer));
    HAIGA_TRY(parts.post_processors, read_steps<post_processor>(*file, "post_processor",
                                                                "processors", read_post_processor));
    HAIGA_TRY(parts.decoders, read_steps<decoder>(*file, "decoder", "decoders", read_decoder));
    auto const* const last = file->if_contains("decoder");
    parts.has_decoder = last != nullptr && !last->is_null();
    auto const templates =
        std::ranges::count_if(parts.post_processors, [](post_processor const& p) {
            return std::holds_alternative<text_template>(p);
        });
    if (templates > 0 && !std::holds_alternative<text_template>(parts.post_processors.back()) &&
        templates + 1 != static_cast<std::ptrdiff_t>(parts.post_processors.size())) {
        return fail(errc::unsupported, "post_processor: a template among others");
    }
    if (templates > 1) {
        return fail(errc::unsupported, "post_processor: two templates");
    }
    HAIGA_TRY(auto const* const in, object_in(*file, "model"));
    HAIGA_TRY(auto made, read_any_model(*in, is_byte_level(parts)));
    parts.model = std::move(made.made);
    HAIGA_TRY(auto const added, read_added(*file));
    auto const words = std::visit([](auto const& m) { return m.words; }, parts.model);
    HAIGA_TRY(parts.added, added_tokens::make(added, *words, made.count, parts.normalizers));
    HAIGA_TRY(parts.cut, read_truncation(*file));
    HAIGA_TRY(parts.fill, read_padding(*file));
    return hugging_face(std::move(parts));
}

} // namespace huggingface::detail

/// The text of a tokenizer.json.
/// Errors: those of json::parse; not_found, mismatch, invalid for what is missing or wrong;
/// unsupported
///         for a version, a part or a pattern that is not known, and for dropout.
/// Source: huggingface/tokenizers 0.23, src/tokenizer/serialization.rs.
inline auto read_tokenizer_json(std::string_view text) -> result<hugging_face>
{
    return huggingface::detail::read_document(text);
}

inline constexpr std::size_t max_tokenizer_json_bytes = std::size_t{1} << 27;

/// Errors: those of reading a file and of read_tokenizer_json, told about the file.
inline auto open_tokenizer_json(std::filesystem::path const& path) -> result<hugging_face>
{
    HAIGA_TRY(auto const bytes, io::read_file(path, max_tokenizer_json_bytes));
    return read_tokenizer_json(as_text(bytes)).map_error([&](failure&& f) {
        return std::move(f).within(path.string());
    });
}

} // namespace haiga::tokenizer
