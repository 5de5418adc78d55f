#pragma once

#include "haiga/tokenizer/prefix_trie.hpp"
#include "haiga/tokenizer/sentencepiece/model_file.hpp"
#include "haiga/tokenizer/special_tokens.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace haiga::tokenizer {

namespace detail {

/// The byte that "<0x00>" to "<0xFF>" name.
inline auto byte_named(std::string_view piece) -> std::optional<char>
{
    if (piece.size() != 6 || !piece.starts_with("<0x") || piece[5] != '>') {
        return std::nullopt;
    }
    unsigned byte = 0;
    for (char const digit : piece.substr(3, 2)) {
        auto const is_digit = digit >= '0' && digit <= '9';
        if (!is_digit && (digit < 'A' || digit > 'F')) {
            return std::nullopt;
        }
        byte = byte * 16 + static_cast<unsigned>(is_digit ? digit - '0' : digit - 'A' + 10);
    }
    return static_cast<char>(byte);
}

} // namespace detail

/// The pieces of a sentencepiece model by their number, which is a token's id.
/// Source: google/sentencepiece 0.2.3, src/model_interface.cc, InitializePieces.
class piece_table {
public:
    piece_table() = default;

    /// Errors: invalid where a piece occurs twice, where the unknown one is missing or bytes are;
    ///         too_large above 2^24 - 2 pieces.
    static auto make(sentencepiece_file const& file) -> result<piece_table>
    {
        if (file.pieces.size() >= prefix_trie::no_value) {
            return fail(errc::too_large, file.pieces.size(), " pieces, at most ",
                        prefix_trie::no_value - 1);
        }
        piece_table table;
        table.pieces_ = file.pieces;
        table.unknown_surface_ = file.unknown_surface;
        table.has_bytes_ = file.byte_fallback;
        std::array<bool, 256> found{};
        std::unordered_map<std::string_view, token_id> words, reserved;
        for (std::size_t i = 0; i < file.pieces.size(); ++i) {
            auto const& piece = file.pieces[i];
            auto const id = static_cast<token_id>(i);
            auto& map = table.is_word(piece.kind) ? words : reserved;
            if (!map.emplace(piece.text, id).second) {
                return fail(errc::invalid, "piece \"", one_line(piece.text, 80), "\" occurs twice");
            }
            if (piece.kind == piece_kind::unknown && table.unknown_ >= 0) {
                return fail(errc::invalid, "pieces ", table.unknown_, " and ", id,
                            " are both the unknown one");
            }
            if (piece.kind == piece_kind::unknown) {
                table.unknown_ = id;
            }
            if (piece.kind == piece_kind::control) {
                table.controls_.push_back({piece.text, id});
            }
            if (piece.kind == piece_kind::byte) {
                auto const byte = detail::byte_named(piece.text);
                if (!byte || !file.byte_fallback) {
                    return fail(errc::invalid, "piece \"", one_line(piece.text, 80),
                                byte ? "\" is a byte's, in a model without bytes"
                                     : "\" names no byte");
                }
                found[static_cast<unsigned char>(*byte)] = true;
                table.bytes_[static_cast<unsigned char>(*byte)] = id;
            }
        }
        if (table.unknown_ < 0) {
            return fail(errc::invalid, "no piece is the unknown one");
        }
        if (file.byte_fallback && std::ranges::find(found, false) != found.end()) {
            return fail(errc::invalid, "byte ", std::ranges::find(found, false) - found.begin(),
                        " has no piece, in a model with bytes");
        }
        auto const control = [&](std::string_view text) -> std::optional<token_id> {
            auto const at = reserved.find(text);
            return at != reserved.end() && table.kind(at->second) == piece_kind::control
                       ? std::optional(at->second)
                       : std::nullopt;
        };
        table.begin_ = control(file.begin_piece);
        table.end_ = control(file.end_piece);
        table.pad_ = control(file.pad_piece);
        return table;
    }

    [[nodiscard]] auto size() const -> std::size_t { return pieces_.size(); }
    [[nodiscard]] auto text(token_id id) const -> std::string_view { return at(id).text; }
    [[nodiscard]] auto kind(token_id id) const -> piece_kind { return at(id).kind; }
    [[nodiscard]] auto unknown() const -> token_id { return unknown_; }
    [[nodiscard]] auto unknown_surface() const -> std::string_view { return unknown_surface_; }
    [[nodiscard]] auto controls() const -> std::vector<special_token> const& { return controls_; }
    [[nodiscard]] auto begin() const -> std::optional<token_id> { return begin_; }
    [[nodiscard]] auto end() const -> std::optional<token_id> { return end_; }
    [[nodiscard]] auto pad() const -> std::optional<token_id> { return pad_; }

    /// Whether characters that no piece has become bytes.
    [[nodiscard]] auto has_bytes() const -> bool { return has_bytes_; }
    [[nodiscard]] auto byte(char byte) const -> token_id
    {
        return bytes_[static_cast<unsigned char>(byte)];
    }
    [[nodiscard]] auto byte_of(token_id id) const -> char
    {
        return detail::byte_named(text(id)).value_or('\0');
    }

private:
    static auto is_word(piece_kind kind) -> bool
    {
        return kind == piece_kind::normal || kind == piece_kind::user_defined ||
               kind == piece_kind::unused;
    }

    [[nodiscard]] auto at(token_id id) const -> sentencepiece_file::piece const&
    {
        return pieces_[static_cast<std::size_t>(id)];
    }

    std::vector<sentencepiece_file::piece> pieces_;
    std::vector<special_token> controls_;
    std::array<token_id, 256> bytes_{};
    std::string unknown_surface_;
    token_id unknown_ = -1;
    std::optional<token_id> begin_, end_, pad_;
    bool has_bytes_ = false;
};

} // namespace haiga::tokenizer
