#pragma once

#include "haiga/tokenizer/prefix_trie.hpp"
#include "haiga/tokenizer/sentencepiece/model_file.hpp"
#include "haiga/tokenizer/word_breaks.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace haiga::tokenizer {

/// Byte-pair encoding as sentencepiece does it: of all neighbours that make a piece together, those
/// of the highest score merge, from left to right, until there are none. What merged into a piece
/// that is unused comes apart again.
///
/// Cost:   n log n in the length of what pieces can not be cut at, usually a word, times the length
///         of the longest piece.
/// Source: google/sentencepiece 0.2.3, src/bpe_model.cc.
class sentencepiece_merges {
public:
    sentencepiece_merges() = default;

    /// kept: user-defined symbols, which stay whole.
    sentencepiece_merges(std::vector<sentencepiece_file::piece> const& pieces, prefix_trie kept,
                         std::string_view space)
        : kept_(std::move(kept))
    {
        std::vector<prefix_trie::entry> words;
        word_breaks breaks(space);
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            auto const& [text, score, kind] = pieces[i];
            scores_.push_back(score);
            unused_.push_back(kind == piece_kind::unused);
            if (kind == piece_kind::normal || kind == piece_kind::user_defined ||
                kind == piece_kind::unused) {
                words.push_back({text, static_cast<std::uint32_t>(i)});
                breaks.add(text);
            }
        }
        if (std::ranges::find(unused_, true) == unused_.end()) {
            breaks_ = breaks; // else how one comes apart may follow from another
        }
        words_ = prefix_trie(std::move(words));
    }

    static constexpr std::uint32_t unknown = prefix_trie::no_value;

    struct symbol {
        std::uint32_t begin, end;
        std::uint32_t before, next; ///< numbers of symbols
        std::uint32_t place, piece; ///< in words_
        bool kept;
    };
    struct candidate {
        float score;
        std::uint32_t left, right, bytes, place, piece;

        friend auto operator<(candidate const& a, candidate const& b) -> bool
        {
            return a.score != b.score ? a.score < b.score : a.left > b.left;
        }
    };
    using halves = std::map<std::string_view, std::size_t>; // the bytes of the left one

    /// Memory to use again.
    struct scratch {
        std::vector<symbol> symbols;
        std::vector<candidate> heap;
        std::vector<std::string_view> stack;
    };

    /// Calls found(begin, end, piece) for every piece from the front; piece is unknown for what is
    /// none.
    template <class Found>
    void run(std::string_view text, scratch& memory, Found const& found) const
    {
        breaks_.each(text, [&](std::size_t begin, std::size_t end) {
            segment(text.substr(begin, end - begin), memory,
                    [&](std::size_t from, std::size_t to, std::uint32_t piece) {
                        found(begin + from, begin + to, piece);
                    });
        });
    }

private:
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    template <class Found>
    void segment(std::string_view text, scratch& memory, Found const& found) const
    {
        cut(text, memory.symbols);
        auto& symbols = memory.symbols;
        auto& heap = memory.heap;
        halves parts;
        heap.clear();
        for (std::uint32_t i = 0; i + 1 < symbols.size(); ++i) {
            consider(text, symbols, i, i + 1, heap, parts);
        }
        std::make_heap(heap.begin(), heap.end());
        while (!heap.empty()) {
            std::pop_heap(heap.begin(), heap.end());
            auto const best = heap.back();
            heap.pop_back();
            auto& left = symbols[best.left];
            auto& right = symbols[best.right];
            if (left.begin == left.end || right.begin == right.end ||
                right.end - left.begin != best.bytes) {
                continue;
            }
            left.end = right.end;
            left.place = best.place;
            left.piece = best.piece;
            left.next = right.next;
            right.end = right.begin;
            if (right.next != none) {
                symbols[right.next].before = best.left;
            }
            for (auto const& [a, b] :
                 {std::pair(left.before, best.left), std::pair(best.left, left.next)}) {
                auto const size = heap.size();
                if (a != none && b != none) {
                    consider(text, symbols, a, b, heap, parts);
                }
                if (heap.size() != size) {
                    std::push_heap(heap.begin(), heap.end());
                }
            }
        }
        for (std::uint32_t i = 0; i != none && !symbols.empty(); i = symbols[i].next) {
            tell(text, symbols[i], parts, memory.stack, found);
        }
    }

    /// Characters, and symbols that stay whole.
    void cut(std::string_view text, std::vector<symbol>& symbols) const
    {
        symbols.clear();
        for (std::size_t at = 0; at < text.size();) {
            auto const rest = text.substr(at);
            auto const kept = kept_.longest_prefix(rest).length;
            auto const lead = static_cast<unsigned char>(rest[0]);
            std::size_t const character = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
            auto const length = kept != 0 ? kept : std::min(character, rest.size());
            auto const number = static_cast<std::uint32_t>(symbols.size());
            symbol s{static_cast<std::uint32_t>(at),
                     static_cast<std::uint32_t>(at + length),
                     number - 1,
                     number + 1,
                     words_.root(),
                     unknown,
                     kept != 0};
            walk(rest.substr(0, length), s.place, s.piece);
            symbols.push_back(s);
            at += length;
        }
        if (!symbols.empty()) {
            symbols.back().next = none; // the first one's `before` wraps to none
        }
    }

    void walk(std::string_view bytes, std::uint32_t& place, std::uint32_t& piece) const
    {
        for (std::size_t i = 0; i < bytes.size() && place != prefix_trie::dead; ++i) {
            place = words_.step(place, bytes[i], piece);
        }
        piece = place == prefix_trie::dead ? unknown : piece;
    }

    void consider(std::string_view text, std::vector<symbol> const& symbols, std::uint32_t left,
                  std::uint32_t right, std::vector<candidate>& heap, halves& parts) const
    {
        auto const& a = symbols[left];
        auto const& b = symbols[right];
        if (a.kept || b.kept || a.place == prefix_trie::dead) {
            return;
        }
        auto place = a.place;
        auto piece = unknown;
        walk(text.substr(b.begin, b.end - b.begin), place, piece);
        if (piece == unknown) {
            return;
        }
        heap.push_back({scores_[piece], left, right, b.end - a.begin, place, piece});
        if (unused_[piece]) {
            parts[text.substr(a.begin, b.end - a.begin)] = a.end - a.begin;
        }
    }

    template <class Found>
    void tell(std::string_view text, symbol const& s, halves const& parts,
              std::vector<std::string_view>& stack, Found const& found) const
    {
        if (s.piece == unknown || !unused_[s.piece]) {
            found(s.begin, s.end, s.piece);
            return;
        }
        std::size_t at = s.begin;
        stack.assign(1, text.substr(s.begin, s.end - s.begin));
        while (!stack.empty()) {
            auto const top = stack.back();
            stack.pop_back();
            auto place = words_.root();
            auto piece = unknown;
            walk(top, place, piece);
            auto const split = parts.find(top);
            if (piece != unknown && unused_[piece] && split != parts.end()) {
                stack.push_back(top.substr(split->second));
                stack.push_back(top.substr(0, split->second));
            } else {
                found(at, at + top.size(), piece);
                at += top.size();
            }
        }
    }

    prefix_trie words_, kept_;
    std::vector<float> scores_;
    std::vector<bool> unused_;
    word_breaks breaks_;
};

} // namespace haiga::tokenizer
