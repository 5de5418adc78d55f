#pragma once

#include "haiga/tokenizer/huggingface/added_tokens.hpp"
#include "haiga/tokenizer/huggingface/decoders.hpp"
#include "haiga/tokenizer/huggingface/encoding.hpp"
#include "haiga/tokenizer/huggingface/models.hpp"
#include "haiga/tokenizer/huggingface/normalizers.hpp"
#include "haiga/tokenizer/huggingface/post_processors.hpp"
#include "haiga/tokenizer/huggingface/pre_tokenizers.hpp"
#include "haiga/tokenizer/located_tokens.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace haiga::tokenizer {

/// What a hugging_face is made of.
struct hugging_face_parts {
    std::vector<huggingface::normalizer> normalizers;
    std::vector<huggingface::pre_tokenizer> pre_tokenizers;
    huggingface::model model;
    std::vector<huggingface::post_processor> post_processors;
    std::vector<huggingface::decoder> decoders;
    bool has_decoder = false;
    huggingface::added_tokens added;
    std::optional<huggingface::truncation> cut;
    std::optional<huggingface::padding> fill;
};

/// A tokenizer of Hugging Face's tokenizer.json: the same ids, offsets and texts as tokenizers
/// 0.23, but for characters that Unicode got after version 9.0, where that library normalizes with
/// it.
///
/// Texts:  any bytes: each that is not UTF-8 is U+FFFD.
/// Thread: any number of them may use one.
class hugging_face {
public:
    using encoding = huggingface::encoding;

    explicit hugging_face(hugging_face_parts parts) : parts_(std::move(parts))
    {
        std::visit([&](auto const& model) { words_ = model.words; }, parts_.model);
        size_ = std::max(words_->size(), parts_.added.size());
        if (auto const* const pieces = std::get_if<huggingface::probable_pieces>(&parts_.model)) {
            unknown_ = pieces->unknown;
        }
    }

    /// The ids of a text: nothing is added, cut or filled up; added tokens are found in it.
    [[nodiscard]] auto encode(std::string_view text) const -> std::vector<token_id>
    {
        std::vector<token_id> ids;
        ids.reserve(text.size() / 4 + 8);
        each_token(cut(text, false), [&](token_id id, text_pieces const&, std::size_t, std::size_t,
                                         std::size_t) { ids.push_back(id); });
        return ids;
    }

    /// The same, and where in the text they are from.
    [[nodiscard]] auto encode_located(std::string_view text) const -> located_tokens
    {
        located_tokens found;
        each_token(cut(text, true), [&](token_id id, text_pieces const& pieces, std::size_t i,
                                        std::size_t begin, std::size_t end) {
            auto const source = source_of(pieces, pieces.list[i], begin, end);
            found.ids.push_back(id);
            found.spans.push_back({source.begin, source.end});
        });
        return found;
    }

    [[nodiscard]] auto count(std::string_view text) const -> std::size_t
    {
        std::size_t tokens = 0;
        each_token(cut(text, false), [&](token_id, text_pieces const&, std::size_t, std::size_t,
                                         std::size_t) { ++tokens; });
        return tokens;
    }

    /// All that there is to know of the tokens of a text; special: with what the post-processor
    /// adds. Cut, where the file says so, and filled up.
    /// Errors: those of huggingface::truncate.
    [[nodiscard]] auto encode_whole(std::string_view text, bool special = true) const
        -> result<encoding>
    {
        std::string_view const texts[] = {text};
        return finish(texts, special);
    }

    /// The same of a pair.
    [[nodiscard]] auto encode_pair(std::string_view first, std::string_view second,
                                   bool special = true) const -> result<encoding>
    {
        std::string_view const texts[] = {first, second};
        return finish(texts, special);
    }

    /// The text of tokens. skip_special: without those that are marked so.
    [[nodiscard]] auto decode(std::span<token_id const> ids, bool skip_special) const -> std::string
    {
        std::vector<std::string> tokens;
        for (auto const id : ids) {
            HAIGA_CHECK(id >= 0 && id < size_, "token ", id, " of ", size_);
            std::string_view text = parts_.added.written(id);
            text = text.empty() ? words_->text(id) : text;
            if (is_token(id) && !(skip_special && parts_.added.is_special(text))) {
                tokens.emplace_back(text);
            }
        }
        return huggingface::decoded(std::move(tokens), parts_.decoders, parts_.has_decoder);
    }

    /// The same with them.
    [[nodiscard]] auto decode(std::span<token_id const> ids) const -> std::string
    {
        return decode(ids, false);
    }

    [[nodiscard]] auto size() const -> token_id { return size_; }

    /// A token as the file writes it; empty for a number that is none's.
    [[nodiscard]] auto token(token_id id) const -> std::string_view
    {
        auto const added = parts_.added.content(id);
        return added.empty() ? words_->text(id) : added;
    }

    /// The number of a token by how the file writes it.
    [[nodiscard]] auto find(std::string_view token) const -> std::optional<token_id>
    {
        auto const added = parts_.added.find(token);
        return added ? added : words_->find(token);
    }

    [[nodiscard]] auto special_tokens() const -> std::span<special_token const>
    {
        return parts_.added.specials();
    }

    [[nodiscard]] auto parts() const -> hugging_face_parts const& { return parts_; }

private:
    using text_pieces = tokenizer::text_pieces;

    [[nodiscard]] auto is_token(token_id id) const -> bool { return !token(id).empty(); }

    /// The text, normalized and cut into pieces.
    [[nodiscard]] auto cut(std::string_view text, bool tracked) const -> text_pieces
    {
        HAIGA_CHECK(text.size() < std::size_t{1} << 31U, "a text of ", text.size(), " bytes");
        text_pieces pieces;
        pieces.text.tracked = tracked || huggingface::needs_source(parts_.pre_tokenizers);
        parts_.added.split(text, parts_.normalizers, pieces);
        huggingface::pre_tokenize(pieces, parts_.pre_tokenizers);
        return pieces;
    }

    /// Calls found(id, pieces, piece, begin, end) for all tokens.
    template <class Found>
    void each_token(text_pieces const& pieces, Found const& found) const
    {
        std::visit(
            [&](auto const& model) {
                typename std::decay_t<decltype(model)>::scratch memory(pieces.text.text.size());
                for (std::size_t i = 0; i < pieces.list.size(); ++i) {
                    run_piece(model, memory, pieces, i, found);
                }
            },
            parts_.model);
    }

    template <class Model, class Found>
    static void run_piece(Model const& model, typename Model::scratch& memory,
                          text_pieces const& pieces, std::size_t i, Found const& found)
    {
        auto const& piece = pieces.list[i];
        if (!piece.is_open()) {
            found(piece.token, pieces, i, std::size_t{0}, piece.end - piece.begin);
            return;
        }
        model.run(pieces.view(piece), memory, [&](token_id id, std::size_t begin, std::size_t end) {
            found(id, pieces, i, begin, end);
        });
    }

    /// Where bytes of a piece come from.
    /// Source: huggingface/tokenizers 0.23, src/tokenizer/normalizer.rs, convert_offsets.
    static auto source_of(text_pieces const& pieces, text_piece const& piece, std::size_t begin,
                          std::size_t end) -> source_range
    {
        auto const number = [](std::size_t at) { return static_cast<std::uint32_t>(at); };
        if (piece.begin + end > piece.end) {
            return {number(begin), number(end)}; // more than there is, where a suffix became bytes
        }
        if (begin == end) {
            auto const shift = pieces.source_begin(piece);
            return {number(shift + begin), number(shift + end)};
        }
        return {pieces.text.from[piece.begin + begin].begin,
                pieces.text.from[piece.begin + end - 1].end};
    }

    [[nodiscard]] auto part(std::string_view text, int sequence) const -> encoding
    {
        auto const pieces = cut(text, true);
        encoding made;
        std::visit(
            [&](auto const& model) {
                typename std::decay_t<decltype(model)>::scratch memory(text.size());
                for (std::size_t i = 0; i < pieces.list.size(); ++i) {
                    run_piece(model, memory, pieces, i,
                              [&](token_id id, text_pieces const&, std::size_t, std::size_t from,
                                  std::size_t to) {
                                  made.tokens.push_back(token_in(pieces, i, id, from, to));
                                  made.tokens.back().word = static_cast<std::uint32_t>(i);
                                  made.tokens.back().sequence = sequence;
                                  made.tokens.back().type = static_cast<std::uint32_t>(sequence);
                              });
                }
            },
            parts_.model);
        return made;
    }

    [[nodiscard]] auto token_in(text_pieces const& pieces, std::size_t i, token_id id,
                                std::size_t begin, std::size_t end) const
        -> huggingface::encoded_token
    {
        auto const& piece = pieces.list[i];
        huggingface::encoded_token made;
        made.id = id;
        made.source = source_of(pieces, piece, begin, end);
        made.text = !piece.is_open() || id == unknown_
                        ? pieces.view(piece).substr(begin, end - begin)
                        : words_->text(id);
        return made;
    }

    [[nodiscard]] auto finish(std::span<std::string_view const> texts, bool special) const
        -> result<encoding>
    {
        std::vector<encoding> all;
        for (auto const text : texts) {
            all.push_back(part(text, static_cast<int>(all.size())));
        }
        if (parts_.cut) {
            auto const added =
                special ? huggingface::added_by(parts_.post_processors, texts.size() > 1) : 0;
            if (added > parts_.cut->max_length) {
                return fail(errc::invalid, "at most ", parts_.cut->max_length,
                            " tokens are wanted, ", added, " are added");
            }
            HAIGA_TRY_VOID(huggingface::truncate(all[0], all.size() > 1 ? &all[1] : nullptr,
                                                 *parts_.cut, parts_.cut->max_length - added));
        }
        std::vector<encoding> whole;
        whole.push_back(
            huggingface::post_process(std::move(all), texts, parts_.post_processors, special));
        if (parts_.fill) {
            huggingface::pad(whole, *parts_.fill);
        }
        return std::move(whole.front());
    }

    hugging_face_parts parts_;
    std::shared_ptr<huggingface::vocabulary const> words_;
    token_id size_ = 0;
    token_id unknown_ = -1; ///< of a unigram model, whose unknown tokens are written as they stand
};

static_assert(locating_tokenizer<hugging_face>);

} // namespace haiga::tokenizer
