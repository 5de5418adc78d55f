#pragma once

#include "haiga/tokenizer/sentencepiece/model_file.hpp"
#include "haiga/tokenizer/unigram.hpp"
#include "haiga/tokenizer/word_breaks.hpp"

#include <cfloat>
#include <string_view>
#include <utility>
#include <vector>

namespace haiga::tokenizer {

/// The unigram model of a sentencepiece file: scores are floats, user-defined symbols have one that
/// grows with their length, unknown characters ten less than the least.
/// Source: google/sentencepiece 0.2.3, src/unigram_model.cc.
class sentencepiece_scores {
public:
    sentencepiece_scores() = default;

    sentencepiece_scores(std::vector<sentencepiece_file::piece> const& pieces,
                         std::string_view space)
        : breaks_(space)
    {
        constexpr float penalty = 10;
        float least = FLT_MAX;
        std::vector<prefix_trie::entry> words;
        std::vector<float> scores(pieces.size());
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            auto const& [text, score, kind] = pieces[i];
            if (kind == piece_kind::normal) {
                least = std::min(least, score);
                scores[i] = score;
            } else if (kind == piece_kind::user_defined) {
                scores[i] = static_cast<float>(0.1 * static_cast<double>(text.size() - 1));
            } else {
                continue;
            }
            words.push_back({text, static_cast<std::uint32_t>(i)});
            breaks_.add(text);
        }
        model_ = unigram<float>(
            best_path<float>(prefix_trie(std::move(words)), std::move(scores), least - penalty));
    }

    /// Calls found(begin, end, piece) for every piece from the front; piece is
    /// prefix_trie::no_value for a character that is none.
    template <class Found>
    void run(std::string_view text, Found const& found) const
    {
        unigram<float>::scratch memory(text.size());
        float total = 0;
        breaks_.each(text, [&](std::size_t begin, std::size_t end) {
            model_.run(text.substr(begin, end - begin), text.data() + text.size(), total, memory,
                       [&](std::size_t from, std::size_t to, std::uint32_t piece) {
                           found(begin + from, begin + to, piece);
                       });
        });
    }

private:
    unigram<float> model_;
    word_breaks breaks_;
};

} // namespace haiga::tokenizer
