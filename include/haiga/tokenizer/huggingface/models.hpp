#pragma once

#include "haiga/base/utf8.hpp"
#include "haiga/tokenizer/bpe.hpp"
#include "haiga/tokenizer/huggingface/vocabulary.hpp"
#include "haiga/tokenizer/prefix_trie.hpp"
#include "haiga/tokenizer/unigram.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// The models of a tokenizer.json: each cuts one piece of text into tokens and calls
// found(id, begin, end) for them, in bytes of the piece.
// Source: huggingface/tokenizers 0.23, src/models.

namespace haiga::tokenizer::huggingface {

/// "<0x00>" to "<0xFF>" of a vocabulary; -1 for what is missing.
inline auto byte_tokens(vocabulary const& words) -> std::array<token_id, 256>
{
    constexpr char digits[] = "0123456789ABCDEF";
    std::array<token_id, 256> found{};
    for (unsigned byte = 0; byte < 256; ++byte) {
        char const name[] = {'<', '0', 'x', digits[byte >> 4U], digits[byte & 15U], '>'};
        found[byte] = words.find({name, 6}).value_or(-1);
    }
    return found;
}

/// Byte-pair encoding of characters.
struct merged_words {
    std::shared_ptr<vocabulary const> words;
    bpe merges;
    token_id unknown = -1; ///< -1: unknown characters are left out
    std::string prefix;    ///< before characters that do not begin a piece
    std::string suffix;    ///< behind the one that ends it
    std::array<token_id, 256> bytes{};
    bool fuse_unknown = false, byte_fallback = false, ignore_merges = false;

    struct scratch {
        explicit scratch(std::size_t) {}
        std::vector<token_id> ids;
        std::vector<std::uint32_t> lengths;
        std::string character;
    };

    template <class Found>
    void run(std::string_view piece, scratch& memory, Found const& found) const
    {
        if (ignore_merges) {
            if (auto const whole = words->find(piece)) {
                found(*whole, std::size_t{0}, piece.size());
                return;
            }
        }
        cut(piece, memory);
        auto const count = merges.merge(memory.ids, memory.lengths);
        std::size_t begin = 0;
        for (std::size_t i = 0; i < count; ++i) {
            found(memory.ids[i], begin, begin + memory.lengths[i]);
            begin += memory.lengths[i];
        }
    }

private:
    /// Characters' tokens. One that is unknown waits for the next that is known, as in the source,
    /// where bytes of others go before it.
    void cut(std::string_view piece, scratch& memory) const
    {
        auto& [ids, lengths, character] = memory;
        ids.clear();
        lengths.clear();
        std::size_t waiting = 0; // bytes of the unknown
        auto const add = [&](token_id id, std::size_t length) {
            ids.push_back(id);
            lengths.push_back(static_cast<std::uint32_t>(length));
        };
        auto const flush = [&] {
            if (waiting > 0) {
                add(unknown, waiting);
                waiting = 0;
            }
        };
        for (auto rest = piece; !rest.empty();) {
            auto const before = rest;
            take_utf8(rest);
            auto const length = before.size() - rest.size();
            auto written = before.substr(0, length);
            auto const first = before.size() == piece.size();
            if ((!first && !prefix.empty()) || (rest.empty() && !suffix.empty())) {
                character.assign(first ? "" : prefix).append(written);
                character += rest.empty() ? suffix : "";
                written = character;
            }
            if (auto const id = words->find(written)) {
                flush();
                add(*id, length);
            } else if (byte_fallback && all_bytes(written)) {
                for (char const byte : written) {
                    add(bytes[static_cast<unsigned char>(byte)], 1);
                }
            } else if (unknown >= 0) {
                if (!fuse_unknown) {
                    flush();
                }
                waiting += length;
            }
        }
        flush();
    }

    [[nodiscard]] auto all_bytes(std::string_view text) const -> bool
    {
        return std::ranges::none_of(
            text, [&](char byte) { return bytes[static_cast<unsigned char>(byte)] < 0; });
    }
};

/// The longest token first, from left to right; a piece that is not all tokens is unknown.
struct word_pieces {
    std::shared_ptr<vocabulary const> words;
    prefix_trie trie;
    std::uint32_t inside = prefix_trie::dead; ///< where what does not begin a piece is looked for
    token_id unknown = -1;
    std::size_t most_characters = 100;

    struct scratch {
        explicit scratch(std::size_t) {}
        std::vector<std::pair<token_id, std::size_t>> tokens; ///< and where they end
    };

    template <class Found>
    void run(std::string_view piece, scratch& memory, Found const& found) const
    {
        auto& tokens = memory.tokens;
        tokens.clear();
        auto const characters = std::ranges::count_if(
            piece, [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80; });
        std::size_t at = 0;
        while (static_cast<std::size_t>(characters) <= most_characters && at < piece.size()) {
            auto const place = at == 0 ? trie.root() : inside;
            auto const match = place == prefix_trie::dead
                                   ? prefix_trie::match{}
                                   : trie.longest_prefix_from(place, piece.substr(at));
            if (match.length == 0) {
                break;
            }
            at += match.length;
            tokens.emplace_back(static_cast<token_id>(match.value), at);
        }
        if (at < piece.size()) {
            found(unknown, std::size_t{0}, piece.size());
            return;
        }
        std::size_t begin = 0;
        for (auto const& [id, end] : tokens) {
            found(id, begin, end);
            begin = end;
        }
    }
};

/// Every piece is a token or unknown.
struct whole_words {
    std::shared_ptr<vocabulary const> words;
    token_id unknown = -1;

    struct scratch {
        explicit scratch(std::size_t) {}
    };

    template <class Found>
    void run(std::string_view piece, scratch&, Found const& found) const
    {
        found(words->find(piece).value_or(unknown), std::size_t{0}, piece.size());
    }
};

/// The most probable pieces; unknown characters beside each other are one token, or bytes.
struct probable_pieces {
    std::shared_ptr<vocabulary const> words;
    unigram<double> model;
    token_id unknown = -1;
    std::array<token_id, 256> bytes{};
    bool byte_fallback = false;

    struct scratch {
        explicit scratch(std::size_t bytes) : model(bytes) {}
        unigram<double>::scratch model;
    };

    template <class Found>
    void run(std::string_view piece, scratch& memory, Found const& found) const
    {
        double total = 0;
        std::size_t waiting = 0, waiting_end = 0; // unknown characters
        auto const flush = [&] {
            if (waiting < waiting_end) {
                tell_unknown(piece, waiting, waiting_end, found);
            }
        };
        model.run(piece, piece.data() + piece.size(), total, memory.model,
                  [&](std::size_t begin, std::size_t end, std::uint32_t token) {
                      auto const id = static_cast<token_id>(token);
                      if (token == prefix_trie::no_value || id == unknown) {
                          waiting = waiting < waiting_end ? waiting : begin;
                          waiting_end = end;
                          return;
                      }
                      flush();
                      waiting = waiting_end = end;
                      found(id, begin, end);
                  });
        flush();
    }

private:
    template <class Found>
    void tell_unknown(std::string_view piece, std::size_t begin, std::size_t end,
                      Found const& found) const
    {
        auto const text = piece.substr(begin, end - begin);
        if (auto const whole = words->find(text)) {
            found(*whole, begin, end);
        } else if (byte_fallback && std::ranges::none_of(text, [&](char byte) {
                       return bytes[static_cast<unsigned char>(byte)] < 0;
                   })) {
            for (char const byte : text) {
                found(bytes[static_cast<unsigned char>(byte)], begin, end);
            }
        } else {
            found(unknown, begin, end);
        }
    }
};

using model = std::variant<merged_words, word_pieces, whole_words, probable_pieces>;

} // namespace haiga::tokenizer::huggingface
