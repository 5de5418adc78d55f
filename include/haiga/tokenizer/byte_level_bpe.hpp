#pragma once

#include "haiga/tokenizer/encode_pieces.hpp"
#include "haiga/tokenizer/located_tokens.hpp"
#include "haiga/tokenizer/split_rule.hpp"

#include <memory>
#include <optional>

namespace haiga::tokenizer {

namespace detail {

/// Turns ranks into numbers and appends them.
class id_sink {
public:
    id_sink(std::vector<token_id>& ids, std::span<token_id const> of_rank)
        : ids_(ids), of_rank_(of_rank)
    {
    }
    ~id_sink() { flush(); }
    id_sink(id_sink const&) = delete;
    auto operator=(id_sink const&) -> id_sink& = delete;

    void add(std::uint32_t rank)
    {
        waiting_[count_] = of_rank_.empty() ? static_cast<token_id>(rank) : of_rank_[rank];
        if (++count_ == waiting_.size()) {
            flush();
        }
    }
    void add(std::span<std::uint32_t const> ranks)
    {
        for (auto const rank : ranks) {
            add(rank);
        }
    }
    [[nodiscard]] static constexpr auto full() -> bool { return false; }
    [[nodiscard]] static constexpr auto skips(std::size_t) -> bool { return false; }

private:
    void flush()
    {
        ids_.insert(ids_.end(), waiting_.begin(),
                    waiting_.begin() + static_cast<std::ptrdiff_t>(count_));
        count_ = 0;
    }

    std::vector<token_id>& ids_;
    std::span<token_id const> of_rank_;
    std::array<token_id, 256> waiting_;
    std::size_t count_ = 0;
};

/// Counts, and has enough above a limit.
struct count_sink {
    std::size_t limit = static_cast<std::size_t>(-1);
    std::size_t count = 0;

    void add(std::uint32_t) { ++count; }
    void add(std::span<std::uint32_t const> ranks) { count += ranks.size(); }
    [[nodiscard]] auto full() const -> bool { return count > limit; }
    [[nodiscard]] auto skips(std::size_t tokens) -> bool
    {
        bool const enough = count > limit || tokens > limit - count;
        count = enough ? limit + 1 : count;
        return enough;
    }
};

} // namespace detail

/// What a byte_level_bpe is made of.
struct byte_level_bpe_parts {
    token_list tokens; ///< by rank
    split_rule split = split_rule::gpt2;
    std::vector<special_token> specials;
    std::vector<token_id> ids; ///< of the ranks; empty: a token's number is its rank
};

/// Text to the numbers of byte-level BPE. A piece that is a token is that token, whatever its bytes
/// would merge to.
///
/// Texts:  any bytes: those that are no UTF-8 are merged like others, and cut from others as U+FFFD
///         would be. Special tokens in a text are text where nothing else is asked for.
/// Thread: any number of them may use one.
/// Source: openai/tiktoken, src/lib.rs.
class byte_level_bpe {
public:
    /// Errors: those of byte_bpe and special_finder; invalid where a number is negative, too large
    ///         for the count of tokens, or another's.
    static auto make(byte_level_bpe_parts parts) -> result<byte_level_bpe>
    {
        byte_level_bpe made;
        HAIGA_TRY(auto finder, special_finder::make(parts.specials));
        made.finder_ = std::move(finder);
        HAIGA_TRY(auto bpe, byte_bpe::make(std::move(parts.tokens)));
        made.bpe_ = std::make_shared<byte_bpe const>(std::move(bpe));
        made.split_ = parts.split;
        made.specials_ = std::move(parts.specials);
        made.ids_ = std::move(parts.ids);
        HAIGA_TRY_VOID(made.number());
        return made;
    }

    /// The tokens of a text, in which special tokens are text.
    [[nodiscard]] auto encode(std::string_view text) const -> std::vector<token_id>
    {
        std::vector<token_id> ids;
        ids.reserve(text.size() / 4 + 8);
        append(text, ids);
        return ids;
    }

    /// The same with one rule for all special tokens.
    /// Errors: invalid, at its place, for the first that is forbidden.
    [[nodiscard]] auto encode(std::string_view text, special_use use) const
        -> result<std::vector<token_id>>
    {
        return encode(text, std::vector<special_use>(specials_.size(), use));
    }

    /// The same with a rule for each of special_tokens(), in that order.
    [[nodiscard]] auto encode(std::string_view text, std::span<special_use const> uses) const
        -> result<std::vector<token_id>>
    {
        HAIGA_CHECK(uses.size() == specials_.size(), uses.size(), " rules for ", specials_.size());
        auto const wanted = [&](std::size_t i) { return uses[i] != special_use::literal; };
        std::vector<token_id> ids;
        ids.reserve(text.size() / 4 + 8);
        for (std::size_t from = 0;;) {
            auto const next = finder_.find(text, from, wanted);
            if (next.length == 0) {
                append(text.substr(from), ids);
                return ids;
            }
            if (uses[next.index] == special_use::forbidden) {
                return tl::unexpected(failure{
                    errc::invalid,
                    concat("special token \"", specials_[next.index].text, "\" is forbidden here"),
                    next.at});
            }
            append(text.substr(from, next.at - from), ids);
            ids.push_back(specials_[next.index].id);
            from = next.at + next.length;
        }
    }

    [[nodiscard]] auto count(std::string_view text) const -> std::size_t
    {
        detail::count_sink sink;
        run(text, sink);
        return sink.count;
    }

    /// How many tokens a text has, if there are no more than a limit.
    /// Cost: that of so many tokens, however long the text.
    [[nodiscard]] auto count_up_to(std::string_view text, std::size_t limit) const
        -> std::optional<std::size_t>
    {
        detail::count_sink sink{.limit = limit};
        run(text, sink);
        return sink.count <= limit ? std::optional(sink.count) : std::nullopt;
    }

    /// The tokens of a text and where in it each is.
    [[nodiscard]] auto encode_located(std::string_view text) const -> located_tokens
    {
        auto ids = encode(text);
        auto spans = locate(ids);
        return {std::move(ids), std::move(spans)};
    }

    /// Where in the text that tokens make up each of them is.
    [[nodiscard]] auto locate(std::span<token_id const> ids) const -> std::vector<token_span>
    {
        std::vector<token_span> spans;
        spans.reserve(ids.size());
        std::size_t at = 0;
        for (auto const id : ids) {
            auto const length = token(id).size();
            spans.push_back({at, at + length});
            at += length;
        }
        return spans;
    }

    /// The bytes of tokens, of special ones as they are written.
    [[nodiscard]] auto decode(std::span<token_id const> ids) const -> std::string
    {
        std::string text;
        text.reserve(ids.size() * 4);
        for (auto const id : ids) {
            HAIGA_CHECK(id >= 0 && id < size(), "token ", id, " of ", size());
            text += token(id);
        }
        return text;
    }

    [[nodiscard]] auto size() const -> token_id { return size_; }

    /// The bytes of a token; empty for a number that is none's.
    [[nodiscard]] auto token(token_id id) const -> std::string_view
    {
        auto const bytes = id < 0 || id >= size_ ? std::string_view() : ordinary(id);
        if (!bytes.empty()) {
            return bytes;
        }
        auto const special = std::ranges::find(specials_, id, &special_token::id);
        return special != specials_.end() ? std::string_view(special->text) : bytes;
    }

    /// The number of an ordinary token by its bytes.
    [[nodiscard]] auto find(std::string_view token) const -> std::optional<token_id>
    {
        auto const rank =
            bpe_->table().find(token.data(), token.size(), token.data() + token.size());
        return rank == no_rank ? std::nullopt
               : ids_.empty()  ? std::optional(static_cast<token_id>(rank))
                               : std::optional(ids_[rank]);
    }

    [[nodiscard]] auto special_tokens() const -> std::span<special_token const>
    {
        return specials_;
    }
    [[nodiscard]] auto split() const -> split_rule { return split_; }
    [[nodiscard]] auto bpe() const -> byte_bpe const& { return *bpe_; }

    /// Gives the ranks of each piece to a sink: see detail::piece_encoder.
    template <class Sink>
    void run(std::string_view text, Sink& sink) const
    {
        with_splitter(split_, [&](auto splitter) {
            detail::piece_encoder<decltype(splitter)>(*bpe_, text).run(sink);
        });
    }

private:
    byte_level_bpe() = default;

    void append(std::string_view text, std::vector<token_id>& ids) const
    {
        detail::id_sink sink(ids, ids_);
        run(text, sink);
    }

    [[nodiscard]] auto ordinary(token_id id) const -> std::string_view
    {
        auto const& all = bpe_->table().tokens();
        auto const i = static_cast<std::size_t>(id);
        auto const rank = ids_.empty() ? i : i < ranks_.size() ? ranks_[i] : all.size();
        return rank < all.size() ? all[rank] : std::string_view();
    }

    /// Finds how many numbers there are, and the rank of each.
    auto number() -> result<>
    {
        constexpr token_id most = 1 << 22;
        auto const ranks = bpe_->table().tokens().size();
        auto const refuse = [](token_id id, char const* why) {
            return fail(errc::invalid, "token number ", id, ' ', why);
        };
        if (!ids_.empty() && ids_.size() != ranks) {
            return fail(errc::mismatch, ids_.size(), " numbers for ", ranks, " tokens");
        }
        size_ = ids_.empty() ? static_cast<token_id>(ranks) : 0;
        for (auto const id : ids_) {
            size_ = std::max(size_, id < most ? id + 1 : most);
        }
        ranks_.assign(ids_.empty() ? 0 : static_cast<std::size_t>(size_), no_rank);
        for (std::uint32_t rank = 0; rank < ids_.size(); ++rank) {
            auto const id = ids_[rank];
            if (id < 0 || id >= size_) {
                return refuse(id, "is out of range");
            }
            auto& place = ranks_[static_cast<std::size_t>(id)];
            if (place != no_rank) {
                return refuse(id, "is two tokens'");
            }
            place = rank;
        }
        for (auto const& special : specials_) {
            if (special.id < 0 || special.id >= most) {
                return refuse(special.id, "is out of range");
            }
            if (special.id < size_ && !ordinary(special.id).empty()) {
                return refuse(special.id, "is a special token's and another's");
            }
        }
        for (auto const& special : specials_) {
            size_ = std::max(size_, special.id + 1);
        }
        return {};
    }

    std::shared_ptr<byte_bpe const> bpe_;
    split_rule split_{};
    special_finder finder_;
    std::vector<special_token> specials_;
    std::vector<token_id> ids_;        ///< of the ranks; empty: the same
    std::vector<std::uint32_t> ranks_; ///< of the numbers, the other way round
    token_id size_ = 0;
};

static_assert(locating_tokenizer<byte_level_bpe>);

} // namespace haiga::tokenizer
