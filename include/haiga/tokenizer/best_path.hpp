#pragma once

#include "haiga/tokenizer/bpe.hpp"
#include "haiga/tokenizer/prefix_trie.hpp"

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace haiga::tokenizer {

/// The most probable way to cut a text into pieces of a unigram model.
///
/// Scores are added up in Sum and compared in double precision: sentencepiece keeps floats, Hugging
/// Face doubles, and with long texts that decides between pieces. What was found first stays where
/// another way is as good.
///
/// Cost:   linear in the text, times the length of the longest piece. What is left undecided is
///         kept from one place that no piece reaches over to the next, usually a word.
/// Source: Kudo 2018, arXiv:1804.10959, 3.1; google/sentencepiece 0.2, src/unigram_model.cc.
template <class Sum>
class best_path {
public:
    best_path() = default;

    /// words: the pieces, their values numbers of scores. unknown_score: of one character that no
    /// piece is.
    best_path(prefix_trie words, std::vector<double> scores, Sum unknown_score)
        : words_(std::move(words)), scores_(std::move(scores)), unknown_score_(unknown_score)
    {
    }

    static constexpr std::uint32_t unknown = prefix_trie::no_value;

    struct node {
        Sum score;
        std::uint32_t piece;
        std::uint32_t start; ///< of the piece, from the last cut
    };

    /// Memory to use again.
    struct scratch {
        std::vector<node> nodes;
        std::vector<std::uint32_t> path;
    };

    /// Calls found(begin, end, piece) for every piece from the front; piece is unknown for a
    /// character that is none.
    template <class Found>
    void run(std::string_view text, scratch& memory, Found const& found) const
    {
        auto& nodes = memory.nodes;
        std::size_t cut = 0;   // all before it is told
        std::size_t reach = 0; // the end of the longest piece so far, from the cut
        Sum total = 0;
        for (std::size_t at = 0; at < text.size();) {
            if (at == cut + reach) {
                tell(cut, reach, memory, found);
                total = reach == 0 ? total : nodes[reach].score;
                cut = at;
                reach = 0;
                if (nodes.empty()) {
                    nodes.resize(256);
                }
                nodes[0] = {total, 0, none};
            }
            auto const length = character_length(text, at);
            step(text, at, cut, length, reach, nodes);
            at += length;
        }
        tell(cut, reach, memory, found);
    }

    [[nodiscard]] auto words() const -> prefix_trie const& { return words_; }

private:
    static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

    /// By its first byte alone, whatever follows.
    static auto character_length(std::string_view text, std::size_t at) -> std::size_t
    {
        auto const lead = static_cast<unsigned char>(text[at]);
        std::size_t const length = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        return std::min(length, text.size() - at);
    }

    /// All pieces that begin at a place.
    void step(std::string_view text, std::size_t at, std::size_t cut, std::size_t length,
              std::size_t& reach, std::vector<node>& nodes) const
    {
        auto const start = at - cut;
        auto const before = nodes[start].score;
        bool has_character = false;
        auto const offer = [&](std::size_t end, double score, std::uint32_t piece) {
            while (reach < end) {
                if (++reach == nodes.size()) {
                    nodes.resize(2 * nodes.size());
                }
                nodes[reach].start = none;
            }
            auto& best = nodes[end];
            if (best.start == none || static_cast<Sum>(score) > best.score) {
                best = {static_cast<Sum>(score), piece, static_cast<std::uint32_t>(start)};
            }
        };
        words_.each_prefix(text.substr(at), [&](std::size_t bytes, std::uint32_t piece) {
            offer(start + bytes, scores_[piece] + static_cast<double>(before), piece);
            has_character = has_character || bytes == length;
        });
        if (!has_character) {
            offer(start + length, static_cast<double>(static_cast<Sum>(unknown_score_ + before)),
                  unknown);
        }
    }

    /// What the best way to `reach` is.
    template <class Found>
    static void tell(std::size_t cut, std::size_t reach, scratch& memory, Found const& found)
    {
        auto& path = memory.path;
        path.clear();
        for (auto end = static_cast<std::uint32_t>(reach); end > 0; end = memory.nodes[end].start) {
            path.push_back(end);
        }
        std::size_t begin = cut;
        for (auto i = path.size(); i-- > 0;) {
            auto const end = cut + path[i];
            found(begin, end, memory.nodes[path[i]].piece);
            begin = end;
        }
    }

    prefix_trie words_;
    std::vector<double> scores_;
    Sum unknown_score_ = 0;
};

} // namespace haiga::tokenizer
