#pragma once

#include "haiga/tokenizer/bpe.hpp"
#include "haiga/tokenizer/prefix_trie.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace haiga::tokenizer {

/// The most probable way to cut a text into pieces of a unigram model.
///
/// Scores are added up in Sum: sentencepiece keeps floats, Hugging Face doubles, and with long
/// texts that decides between pieces. So does that sentencepiece begins to count anew below
/// -100,000, which floats do here too. What was found first stays where another way is as good.
///
/// Cost:   linear in the text, times the length of the longest piece. What is left undecided is
///         kept from one place that no piece reaches over to the next, usually a word.
/// Source: Kudo 2018, arXiv:1804.10959, 3.1; google/sentencepiece 0.2.3, src/unigram_model.cc.
template <class Sum>
class best_path {
public:
    best_path() = default;

    /// words: the pieces, their values numbers of scores. unknown_score: of one character that no
    /// piece is.
    best_path(prefix_trie words, std::vector<Sum> scores, Sum unknown_score)
        : words_(std::move(words)), scores_(std::move(scores)), unknown_score_(unknown_score)
    {
    }

    static constexpr std::uint32_t unknown = prefix_trie::no_value;
    static constexpr Sum most_before = 100'000; ///< where floats begin to be counted anew

    struct node {
        Sum score, second; ///< of the best way to it, and of the next best last piece
        std::uint32_t piece;
        std::uint32_t start; ///< of the piece, from the last cut
    };

    /// Memory to use again.
    struct scratch {
        std::vector<node> nodes;
        std::vector<std::uint32_t> path;
    };

    /// What a text came to.
    struct outcome {
        Sum total;  ///< the score of all of it, and of what was before
        Sum margin; ///< the least by which a piece was better than another that ends there
    };

    /// Calls found(begin, end, piece) for every piece from the front; piece is unknown for a
    /// character that is none. total: the score of what was before.
    template <class Found>
    auto run(std::string_view text, Sum total, scratch& memory, Found const& found) const -> outcome
    {
        auto& nodes = memory.nodes;
        outcome sum{total, std::numeric_limits<Sum>::infinity()};
        std::size_t cut = 0;   // all before it is told
        std::size_t reach = 0; // the end of the longest piece so far, from the cut
        if (nodes.empty()) {
            nodes.resize(256);
        }
        for (std::size_t at = 0; at < text.size();) {
            if (at == cut + reach) {
                tell(cut, reach, memory, sum, found);
                cut = at;
                reach = 0;
                nodes[0] = {sum.total, 0, 0, none};
            }
            auto const length = character_length(text, at);
            step(text, at, cut, length, reach, nodes);
            at += length;
        }
        tell(cut, reach, memory, sum, found);
        return sum;
    }

    /// Of a piece, or of an unknown character.
    [[nodiscard]] auto score_of(std::uint32_t piece) const -> Sum
    {
        return piece == unknown ? unknown_score_ : scores_[piece];
    }

    /// The largest score of any, without its sign.
    [[nodiscard]] auto largest_score() const -> Sum
    {
        auto most = std::abs(unknown_score_);
        for (auto const score : scores_) {
            most = std::max(most, std::abs(score));
        }
        return most;
    }

    [[nodiscard]] auto words() const -> prefix_trie const& { return words_; }

private:
    using limits = std::numeric_limits<Sum>;
    static constexpr auto none = std::numeric_limits<std::uint32_t>::max();

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
        if constexpr (std::same_as<Sum, float>) {
            count_anew(start, reach, nodes);
        }
        auto const before = nodes[start].score;
        bool has_character = false;
        auto const offer = [&](std::size_t end, Sum score, std::uint32_t piece) {
            while (reach < end) {
                if (++reach == nodes.size()) {
                    nodes.resize(2 * nodes.size());
                }
                nodes[reach] = {-limits::infinity(), -limits::infinity(), 0, none};
            }
            auto& best = nodes[end];
            if (score > best.score) {
                best = {score, best.score, piece, static_cast<std::uint32_t>(start)};
            } else {
                best.second = std::max(best.second, score);
            }
        };
        words_.each_prefix(text.substr(at), [&](std::size_t bytes, std::uint32_t piece) {
            offer(start + bytes, scores_[piece] + before, piece);
            has_character = has_character || bytes == length;
        });
        if (!has_character) {
            offer(start + length, unknown_score_ + before, unknown);
        }
    }

    static void count_anew(std::size_t start, std::size_t reach, std::vector<node>& nodes)
    {
        auto const before = nodes[start].score;
        if (std::abs(before) > most_before) {
            for (auto i = start; i <= reach; ++i) {
                nodes[i].score -= before;
            }
        }
    }

    /// What the best way to `reach` is.
    template <class Found>
    static void tell(std::size_t cut, std::size_t reach, scratch& memory, outcome& sum,
                     Found const& found)
    {
        auto const& nodes = memory.nodes;
        auto& path = memory.path;
        path.clear();
        for (auto end = static_cast<std::uint32_t>(reach); end > 0; end = nodes[end].start) {
            path.push_back(end);
            sum.margin = std::min(sum.margin, nodes[end].score - nodes[end].second);
        }
        std::size_t begin = cut;
        for (auto i = path.size(); i-- > 0;) {
            auto const end = cut + path[i];
            found(begin, end, nodes[path[i]].piece);
            begin = end;
        }
        sum.total = reach == 0 ? sum.total : nodes[reach].score;
    }

    prefix_trie words_;
    std::vector<Sum> scores_;
    Sum unknown_score_ = 0;
};

} // namespace haiga::tokenizer
