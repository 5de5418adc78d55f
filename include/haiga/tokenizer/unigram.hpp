#pragma once

#include "haiga/tokenizer/best_path.hpp"
#include "haiga/tokenizer/token_key.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace haiga::tokenizer {

/// A unigram model that remembers, while it works on a text, how words of it were cut.
///
/// Sum: see best_path. With floats, how a word is cut can depend on the score of what was before:
/// sums are rounded. A word's way is used again only where each of its pieces was better than any
/// other by more than rounding can amount to; the sum itself is added up as it would have been.
template <class Sum>
class unigram {
public:
    using path = best_path<Sum>;
    static constexpr std::uint32_t unknown = path::unknown;

    unigram() = default;

    explicit unigram(path paths) : paths_(std::move(paths)), largest_(paths_.largest_score()) {}

    /// Memory for one text.
    class scratch {
    public:
        explicit scratch(std::size_t bytes)
            : words_(std::bit_ceil(std::clamp<std::size_t>(bytes / 16, 16, 4096)))
        {
        }

    private:
        friend unigram;
        static constexpr std::size_t most_pieces = 8;

        /// A word and the pieces that it was cut into: a cache line.
        struct alignas(64) known {
            detail::token_key word;
            std::array<std::uint32_t, most_pieces> pieces;
            std::array<std::uint8_t, most_pieces> ends;
            float margin;
            std::uint8_t count = 0, characters = 0;
        };

        std::vector<known> words_;
        typename path::scratch paths_;
    };

    /// Calls found(begin, end, piece) for every piece of a word, which no piece reaches over the
    /// ends of; piece is unknown for a character that is none. total: the score of what was before,
    /// and then of the word too. What lies between the word and `end` may be read.
    template <class Found>
    void run(std::string_view word, char const* end, Sum& total, scratch& memory,
             Found const& found) const
    {
        if (word.size() > detail::longest_key) {
            total = paths_.run(word, total, memory.paths_, found).total;
            return;
        }
        auto const key = detail::key_of(word.data(), word.size(), end);
        auto& known = memory.words_[(key.hash() >> 48U) & (memory.words_.size() - 1)];
        if (known.word != key || !is_safe(known.characters, total, known.margin)) {
            learn(word, key, total, memory, known, found);
            return;
        }
        std::size_t begin = 0;
        for (std::size_t i = 0; i < known.count; ++i) {
            total += paths_.score_of(known.pieces[i]);
            found(begin, known.ends[i], known.pieces[i]);
            begin = known.ends[i];
        }
    }

    [[nodiscard]] auto words() const -> prefix_trie const& { return paths_.words(); }

private:
    template <class Found>
    void learn(std::string_view word, detail::token_key const& key, Sum& total, scratch& memory,
               typename scratch::known& known, Found const& found) const
    {
        known.word = {};
        std::size_t count = 0;
        auto const before = total;
        auto const sum = paths_.run(word, total, memory.paths_,
                                    [&](std::size_t begin, std::size_t end, std::uint32_t piece) {
                                        if (count < scratch::most_pieces) {
                                            known.pieces[count] = piece;
                                            known.ends[count] = static_cast<std::uint8_t>(end);
                                        }
                                        ++count;
                                        found(begin, end, piece);
                                    });
        total = sum.total;
        if (count <= scratch::most_pieces) {
            known.word = key;
            known.count = static_cast<std::uint8_t>(count);
            known.characters = characters_in(word);
            known.margin = static_cast<float>(sum.margin) - rounding(known.characters, before);
        }
    }

    /// By how much rounding can make two sums differ, of a word's scores on top of one before:
    /// every addition, at most one a character, is off by half of what the last bit of the largest
    /// is.
    [[nodiscard]] auto rounding(std::size_t characters, Sum before) const -> float
    {
        if constexpr (std::same_as<Sum, float>) {
            auto const steps = static_cast<float>(characters + 1); // one more than there are
            auto const most = std::abs(before) + steps * largest_;
            auto const power =
                std::bit_cast<float>(std::bit_cast<std::uint32_t>(most) & 0x7f80'0000U);
            return steps * power * std::numeric_limits<float>::epsilon();
        }
        return 0;
    }

    [[nodiscard]] auto is_safe(std::size_t characters, Sum before, float margin) const -> bool
    {
        if constexpr (std::same_as<Sum, float>) {
            auto const most = std::abs(before) + static_cast<Sum>(characters) * largest_;
            return most < path::most_before && margin > rounding(characters, before);
        }
        return before == 0; // of which the same follows
    }

    static auto characters_in(std::string_view word) -> std::uint8_t
    {
        return static_cast<std::uint8_t>(std::ranges::count_if(
            word, [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80; }));
    }

    path paths_;
    Sum largest_ = 0;
};

} // namespace haiga::tokenizer
