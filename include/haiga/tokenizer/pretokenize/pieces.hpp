#pragma once

#include "haiga/tokenizer/bpe.hpp"
#include "haiga/tokenizer/normalize/aligned_text.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace haiga::tokenizer {

/// A part of a text that is encoded by itself, or is one added token already.
struct text_piece {
    std::size_t begin, end; ///< in the text
    token_id token = -1;    ///< an added one; -1: none

    [[nodiscard]] auto is_open() const -> bool { return token < 0; }
};

/// A text cut into pieces, in order; what lies between them is left out.
struct text_pieces {
    aligned_text text;
    std::vector<text_piece> list;

    [[nodiscard]] auto view(text_piece const& p) const -> std::string_view
    {
        return std::string_view(text.text).substr(p.begin, p.end - p.begin);
    }

    /// Where the source of a piece begins.
    [[nodiscard]] auto source_begin(text_piece const& p) const -> std::size_t
    {
        return p.begin < p.end && text.tracked ? text.from[p.begin].begin : 0;
    }
};

/// What becomes of a separator between two parts of a text, as Hugging Face names it.
enum class separator_use : std::uint8_t {
    removed,
    isolated,             ///< a part by itself
    merged_with_previous, ///< the end of the part before it
    merged_with_next,
    contiguous, ///< a part, together with the separators that follow it at once
};

/// A part of a piece, and whether it is a separator.
struct marked_part {
    std::size_t begin, end;
    bool separator;
};

namespace detail {

/// Parts that become one with the one before, or not.
/// Source: huggingface/tokenizers 0.23, src/tokenizer/normalizer.rs, split.
inline void join_separators(std::vector<marked_part>& parts, separator_use use)
{
    std::vector<marked_part> joined;
    bool after = false; // a separator
    auto const add = [&](marked_part const& part, bool join, bool forward) {
        if (join && !joined.empty()) {
            (forward ? joined.back().end : joined.back().begin) = forward ? part.end : part.begin;
        } else {
            joined.push_back({part.begin, part.end, false});
        }
        after = part.separator;
    };
    if (use == separator_use::merged_with_next) {
        for (auto i = parts.size(); i-- > 0;) {
            add(parts[i], parts[i].separator && !after, false);
        }
        parts.assign(joined.rbegin(), joined.rend());
        return;
    }
    for (auto const& part : parts) {
        add(part,
            use == separator_use::contiguous ? part.separator == after : part.separator && !after,
            true);
    }
    parts = std::move(joined);
}

} // namespace detail

/// Cuts every piece that is no added token: cut(view, parts) fills parts, which cover the view from
/// its begin to its end.
template <class Cut>
void split_pieces(text_pieces& pieces, separator_use use, Cut const& cut)
{
    std::vector<text_piece> list;
    std::vector<marked_part> parts;
    list.reserve(pieces.list.size());
    for (auto const& piece : pieces.list) {
        if (!piece.is_open()) {
            list.push_back(piece);
            continue;
        }
        parts.clear();
        cut(pieces.view(piece), parts);
        if (use != separator_use::isolated && use != separator_use::removed) {
            detail::join_separators(parts, use);
        }
        for (auto const& part : parts) {
            if (part.end > part.begin && !(use == separator_use::removed && part.separator)) {
                list.push_back({piece.begin + part.begin, piece.begin + part.end});
            }
        }
    }
    pieces.list = std::move(list);
}

/// The same where separators are what find(view, from) finds: where the next one is, and its
/// length, 0 for none.
template <class Find>
void split_at(text_pieces& pieces, separator_use use, bool invert, Find const& find)
{
    split_pieces(pieces, use, [&](std::string_view view, std::vector<marked_part>& parts) {
        std::size_t from = 0;
        while (from < view.size()) {
            auto const [at, length] = find(view, from);
            if (length == 0) {
                break;
            }
            if (at > from) {
                parts.push_back({from, at, invert});
            }
            parts.push_back({at, at + length, !invert});
            from = at + length;
        }
        if (from < view.size()) {
            parts.push_back({from, view.size(), invert});
        }
    });
}

/// The same where separators are single characters for which is(character) holds.
template <class Is>
void split_at_characters(text_pieces& pieces, separator_use use, Is const& is)
{
    split_at(pieces, use, false, [&](std::string_view view, std::size_t from) {
        for (auto rest = view.substr(from); !rest.empty();) {
            auto const at = view.size() - rest.size();
            if (is(take_utf8(rest))) {
                return std::pair(at, view.size() - rest.size() - at);
            }
        }
        return std::pair(view.size(), std::size_t{0});
    });
}

/// Writes every piece anew that is no added token: rewrite(writer, piece) reads all of it.
template <class Rewrite>
void rewrite_pieces(text_pieces& pieces, Rewrite const& rewrite)
{
    text_pieces made;
    made.text.tracked = pieces.text.tracked;
    made.text.text.reserve(pieces.text.text.size() + pieces.text.text.size() / 4);
    made.list.reserve(pieces.list.size());
    for (auto const& piece : pieces.list) {
        auto const begin = made.text.text.size();
        if (piece.is_open()) {
            rewriter to(pieces.text, piece.begin, piece.end, made.text);
            rewrite(to, piece);
        } else {
            made.text.append(pieces.text, piece.begin, piece.end);
        }
        if (made.text.text.size() > begin || !piece.is_open()) {
            made.list.push_back({begin, made.text.text.size(), piece.token});
        }
    }
    pieces = std::move(made);
}

} // namespace haiga::tokenizer
