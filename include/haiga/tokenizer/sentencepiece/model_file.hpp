#pragma once

#include "haiga/tokenizer/sentencepiece/protobuf.hpp"

#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace haiga::tokenizer {

/// What a piece is for. Source: google/sentencepiece, src/sentencepiece_model.proto.
enum class piece_kind : std::uint8_t {
    normal = 1,
    unknown = 2,
    control = 3,      ///< never found in a text
    user_defined = 4, ///< always kept whole
    unused = 5,
    byte = 6, ///< <0x00> to <0xFF>, for the bytes of characters that no piece has
};

/// How a text is prepared, or a decoded one finished.
struct sentencepiece_preparation {
    std::string character_map; ///< see tokenizer::character_map; empty: none
    bool add_dummy_prefix = true;
    bool remove_extra_whitespaces = true;
    bool escape_whitespaces = true;
};

/// A sentencepiece .model as it is written.
struct sentencepiece_file {
    struct piece {
        std::string text;
        float score = 0;
        piece_kind kind = piece_kind::normal;
    };
    using normalizer = sentencepiece_preparation;
    enum class algorithm : std::uint8_t { unigram = 1, bpe = 2, word = 3, character = 4 };

    std::vector<piece> pieces;
    algorithm model = algorithm::unigram;
    bool treat_whitespace_as_suffix = false;
    bool byte_fallback = false;
    std::string unknown_surface = " \xe2\x81\x87 "; ///< what an unknown token is decoded to
    std::string begin_piece = "<s>", end_piece = "</s>", pad_piece = "<pad>";
    normalizer normal;
    std::optional<normalizer> denormal;
};

namespace detail {

inline constexpr std::size_t max_piece_bytes = 4096;

inline auto expect_wire(protobuf_field const& field, unsigned wire, std::string_view what)
    -> result<>
{
    if (field.wire == wire) {
        return {};
    }
    return tl::unexpected(
        failure{errc::invalid, concat(what, " has the wire type ", field.wire, ", expected ", wire),
                field.offset});
}

inline auto read_flag(protobuf_field const& field, bool& flag, std::string_view what) -> result<>
{
    HAIGA_TRY_VOID(expect_wire(field, 0, what));
    flag = field.value != 0;
    return {};
}

inline auto read_bytes(protobuf_field const& field, std::string& text, std::string_view what)
    -> result<>
{
    HAIGA_TRY_VOID(expect_wire(field, 2, what));
    text = field.bytes;
    return {};
}

inline auto read_piece(protobuf_field const& message) -> result<sentencepiece_file::piece>
{
    HAIGA_TRY_VOID(expect_wire(message, 2, "a piece"));
    sentencepiece_file::piece piece;
    protobuf_reader reader(message.bytes, message.offset);
    while (!reader.done()) {
        HAIGA_TRY(auto const field, reader.next());
        if (field.number == 1) {
            HAIGA_TRY_VOID(read_bytes(field, piece.text, "a piece's text"));
        } else if (field.number == 2) {
            HAIGA_TRY_VOID(expect_wire(field, 5, "a piece's score"));
            piece.score = field.as_float();
        } else if (field.number == 3) {
            HAIGA_TRY_VOID(expect_wire(field, 0, "a piece's kind"));
            if (field.value < 1 || field.value > 6) {
                return tl::unexpected(failure{
                    errc::unsupported, concat("a piece of kind ", field.value), field.offset});
            }
            piece.kind = static_cast<piece_kind>(field.value);
        }
    }
    if (piece.text.empty() || piece.text.size() > max_piece_bytes || !std::isfinite(piece.score)) {
        return tl::unexpected(
            failure{errc::invalid,
                    concat("a piece of ", piece.text.size(), " bytes with the score ", piece.score,
                           ", expected 1 to ", max_piece_bytes, " bytes and a finite score"),
                    message.offset});
    }
    return piece;
}

inline auto read_normalizer(protobuf_field const& message, sentencepiece_file::normalizer& to)
    -> result<>
{
    HAIGA_TRY_VOID(expect_wire(message, 2, "normalizer_spec"));
    protobuf_reader reader(message.bytes, message.offset);
    while (!reader.done()) {
        HAIGA_TRY(auto const field, reader.next());
        switch (field.number) {
        case 2: HAIGA_TRY_VOID(read_bytes(field, to.character_map, "precompiled_charsmap")); break;
        case 3: HAIGA_TRY_VOID(read_flag(field, to.add_dummy_prefix, "add_dummy_prefix")); break;
        case 4:
            HAIGA_TRY_VOID(
                read_flag(field, to.remove_extra_whitespaces, "remove_extra_whitespaces"));
            break;
        case 5:
            HAIGA_TRY_VOID(read_flag(field, to.escape_whitespaces, "escape_whitespaces"));
            break;
        default: break;
        }
    }
    return {};
}

inline auto read_trainer(protobuf_field const& message, sentencepiece_file& to) -> result<>
{
    HAIGA_TRY_VOID(expect_wire(message, 2, "trainer_spec"));
    protobuf_reader reader(message.bytes, message.offset);
    while (!reader.done()) {
        HAIGA_TRY(auto const field, reader.next());
        switch (field.number) {
        case 3:
            HAIGA_TRY_VOID(expect_wire(field, 0, "model_type"));
            if (field.value < 1 || field.value > 4) {
                return tl::unexpected(
                    failure{errc::unsupported, concat("model_type ", field.value), field.offset});
            }
            to.model = static_cast<sentencepiece_file::algorithm>(field.value);
            break;
        case 24:
            HAIGA_TRY_VOID(
                read_flag(field, to.treat_whitespace_as_suffix, "treat_whitespace_as_suffix"));
            break;
        case 35: HAIGA_TRY_VOID(read_flag(field, to.byte_fallback, "byte_fallback")); break;
        case 44: HAIGA_TRY_VOID(read_bytes(field, to.unknown_surface, "unk_surface")); break;
        case 46: HAIGA_TRY_VOID(read_bytes(field, to.begin_piece, "bos_piece")); break;
        case 47: HAIGA_TRY_VOID(read_bytes(field, to.end_piece, "eos_piece")); break;
        case 48: HAIGA_TRY_VOID(read_bytes(field, to.pad_piece, "pad_piece")); break;
        default: break;
        }
    }
    return {};
}

} // namespace detail

/// The bytes of a sentencepiece .model.
/// Errors: truncated; invalid, unsupported, with the offset of what is wrong.
/// Source: google/sentencepiece, src/sentencepiece_model.proto.
inline auto read_sentencepiece_file(std::string_view bytes) -> result<sentencepiece_file>
{
    sentencepiece_file file;
    detail::protobuf_reader reader(bytes, 0);
    while (!reader.done()) {
        HAIGA_TRY(auto const field, reader.next());
        switch (field.number) {
        case 1: {
            HAIGA_TRY(auto piece, detail::read_piece(field));
            file.pieces.push_back(std::move(piece));
            break;
        }
        case 2: HAIGA_TRY_VOID(detail::read_trainer(field, file)); break;
        case 3: HAIGA_TRY_VOID(detail::read_normalizer(field, file.normal)); break;
        case 5:
            if (!file.denormal) {
                file.denormal.emplace();
            }
            HAIGA_TRY_VOID(detail::read_normalizer(field, *file.denormal));
            break;
        default: break;
        }
    }
    return file;
}

} // namespace haiga::tokenizer
