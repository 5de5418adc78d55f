#pragma once

#include "haiga/base/bytes.hpp"
#include "haiga/io/read_file.hpp"
#include "haiga/tokenizer/located_tokens.hpp"
#include "haiga/tokenizer/sentencepiece/merges.hpp"
#include "haiga/tokenizer/sentencepiece/model_file.hpp"
#include "haiga/tokenizer/sentencepiece/normalizer.hpp"
#include "haiga/tokenizer/sentencepiece/piece_table.hpp"
#include "haiga/tokenizer/sentencepiece/scores.hpp"

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace haiga::tokenizer {

/// A tokenizer of sentencepiece's: unigram or BPE, the same ids as sentencepiece 0.2.
///
/// Bytes that are not UTF-8 become U+FFFD each, as there.
class sentencepiece {
public:
    /// Errors: unsupported for models of words or characters; those of piece_table::make and of
    ///         character_map::make.
    static auto make(sentencepiece_file const& file) -> result<sentencepiece>
    {
        if (file.model == sentencepiece_file::algorithm::word ||
            file.model == sentencepiece_file::algorithm::character) {
            return fail(errc::unsupported, "a model of ",
                        file.model == sentencepiece_file::algorithm::word ? "words" : "characters",
                        ", expected unigram or BPE");
        }
        sentencepiece made;
        HAIGA_TRY(made.pieces_, piece_table::make(file));
        std::vector<prefix_trie::entry> kept;
        for (auto const& piece : file.pieces) {
            if (piece.kind == piece_kind::user_defined) {
                kept.push_back({piece.text, 0});
            }
        }
        auto const symbols = prefix_trie(std::move(kept));
        HAIGA_TRY(made.normalizer_, sentencepiece_normalizer::make(
                                        file.normal, file.treat_whitespace_as_suffix, symbols));
        if (file.denormal && !file.denormal->character_map.empty()) {
            HAIGA_TRY(auto denormal,
                      sentencepiece_normalizer::make(*file.denormal, false, prefix_trie()));
            made.denormalizer_ = std::move(denormal);
        }
        if (file.model == sentencepiece_file::algorithm::unigram) {
            made.model_ = sentencepiece_scores(file.pieces, made.normalizer_.space());
        } else {
            made.model_ = sentencepiece_merges(file.pieces, symbols, made.normalizer_.space());
        }
        return made;
    }

    [[nodiscard]] auto encode(std::string_view text) const -> std::vector<token_id>
    {
        std::vector<token_id> ids;
        std::string normal;
        normalizer_.run(text, normal, nullptr);
        ids.reserve(normal.size() / 3);
        each_token(normal, [&](std::size_t, std::size_t, token_id id, bool again) {
            if (!again) {
                ids.push_back(id);
            }
        });
        return ids;
    }

    /// The same, and where in the text they are from. Of the bytes of a character that no piece
    /// has, the last stands for the whole.
    [[nodiscard]] auto encode_located(std::string_view text) const -> located_tokens
    {
        located_tokens found;
        std::string normal;
        std::vector<std::uint32_t> origins;
        normalizer_.run(text, normal, &origins);
        each_token(normal, [&](std::size_t begin, std::size_t end, token_id id, bool again) {
            if (again) {
                found.spans.back().end = origins[end];
            } else {
                found.ids.push_back(id);
                found.spans.push_back({origins[begin], origins[end]});
            }
        });
        return found;
    }

    [[nodiscard]] auto count(std::string_view text) const -> std::size_t
    {
        std::string normal;
        normalizer_.run(text, normal, nullptr);
        std::size_t tokens = 0;
        each_token(normal, [&](std::size_t, std::size_t, token_id, bool again) {
            tokens += again ? 0 : 1;
        });
        return tokens;
    }

    /// The text of tokens: bytes that make no character become U+FFFD, control pieces nothing.
    [[nodiscard]] auto decode(std::span<token_id const> ids) const -> std::string;

    [[nodiscard]] auto size() const -> token_id { return static_cast<token_id>(pieces_.size()); }

    /// A piece as the vocabulary writes it; empty for a number that is none's.
    [[nodiscard]] auto token(token_id id) const -> std::string_view
    {
        return id < 0 || id >= size() ? std::string_view() : pieces_.text(id);
    }

    /// The control pieces.
    [[nodiscard]] auto special_tokens() const -> std::span<special_token const>
    {
        return pieces_.controls();
    }

    [[nodiscard]] auto pieces() const -> piece_table const& { return pieces_; }

private:
    sentencepiece() = default;

    /// Calls found(begin, end, id, again) for every token; again: it goes on with the one before.
    template <class Found>
    void each_token(std::string_view normal, Found const& found) const
    {
        bool after_unknown = false;
        auto const tell = [&](std::size_t begin, std::size_t end, std::uint32_t piece) {
            bool const is_unknown = piece == prefix_trie::no_value;
            if (!is_unknown) {
                found(begin, end, static_cast<token_id>(piece), false);
            } else if (!pieces_.has_bytes()) {
                found(begin, end, pieces_.unknown(), after_unknown);
            } else {
                for (auto at = begin; at < end; ++at) {
                    found(begin, at + 1 == end ? end : begin, pieces_.byte(normal[at]), false);
                }
            }
            after_unknown = is_unknown;
        };
        if (auto const* const scores = std::get_if<sentencepiece_scores>(&model_)) {
            scores->run(normal, tell);
        } else {
            sentencepiece_merges::scratch memory;
            std::get<sentencepiece_merges>(model_).run(normal, memory, tell);
        }
    }

    piece_table pieces_;
    sentencepiece_normalizer normalizer_;
    std::optional<sentencepiece_normalizer> denormalizer_;
    std::variant<sentencepiece_scores, sentencepiece_merges> model_;
};

/// Source: google/sentencepiece 0.2.3, src/sentencepiece_processor.cc, Decode.
inline auto sentencepiece::decode(std::span<token_id const> ids) const -> std::string
{
    std::string text, bytes;
    bool at_begin = true, mark_seen = false;
    auto const flush = [&] {
        for (std::string_view rest = bytes; !rest.empty();) {
            append_utf8(text, take_utf8(rest));
        }
        bytes.clear();
    };
    for (auto const id : ids) {
        HAIGA_CHECK(id >= 0 && id < size(), "token ", id, " of ", size());
        auto const kind = pieces_.kind(id);
        if (kind == piece_kind::byte) {
            bytes += pieces_.byte_of(id);
            continue;
        }
        flush();
        at_begin = at_begin && !mark_seen && text.empty();
        mark_seen = false;
        if (kind == piece_kind::control) {
            continue;
        }
        if (kind == piece_kind::unknown) {
            text += pieces_.unknown_surface();
            continue;
        }
        std::string_view piece = pieces_.text(id);
        if (at_begin && (normalizer_.adds_mark() || normalizer_.trims()) &&
            piece.starts_with(space_mark)) {
            piece.remove_prefix(space_mark.size());
            mark_seen = !normalizer_.trims();
        }
        for (; !piece.empty(); piece.remove_prefix(1)) {
            if (piece.starts_with(space_mark)) {
                text += ' ';
                piece.remove_prefix(space_mark.size() - 1);
            } else {
                text += piece[0];
            }
        }
    }
    flush();
    if (denormalizer_) {
        std::string finished;
        denormalizer_->run(text, finished, nullptr);
        return finished;
    }
    return text;
}

static_assert(locating_tokenizer<sentencepiece>);

inline constexpr std::size_t max_sentencepiece_bytes = std::size_t{1} << 26;

/// Errors: those of reading a file, of read_sentencepiece_file and of sentencepiece::make, told
///         about the file.
inline auto open_sentencepiece(std::filesystem::path const& path) -> result<sentencepiece>
{
    HAIGA_TRY(auto const bytes, io::read_file(path, max_sentencepiece_bytes));
    return read_sentencepiece_file(as_text(bytes))
        .and_then([](sentencepiece_file const& file) { return sentencepiece::make(file); })
        .map_error([&](failure&& f) { return std::move(f).within(path.string()); });
}

} // namespace haiga::tokenizer
