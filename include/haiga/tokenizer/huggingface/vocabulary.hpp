#pragma once

#include "haiga/base/result.hpp"
#include "haiga/tokenizer/bpe.hpp"

#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace haiga::tokenizer::huggingface {

/// Tokens and their numbers, both ways.
class vocabulary {
public:
    static constexpr token_id most = 1 << 22; ///< numbers are below it

    /// Of a token that occurs twice the last number counts; of a number, the last token.
    /// Errors: invalid for a number that is out of range.
    auto add(std::string_view token, std::int64_t id) -> result<>
    {
        if (id < 0 || id >= most) {
            return fail(errc::invalid, "token \"", one_line(token, 80), "\" has the number ", id,
                        ", expected 0 to ", most - 1);
        }
        auto const number = static_cast<token_id>(id);
        auto const place = static_cast<std::size_t>(id);
        if (place >= texts_.size()) {
            texts_.resize(place + 1);
        }
        if (auto const known = ids_.find(token); known != ids_.end()) {
            known->second = number;
            texts_[place] = known->first;
            return {};
        }
        auto const& kept = storage_.emplace_back(token);
        ids_.emplace(kept, number);
        texts_[place] = kept;
        return {};
    }

    void reserve(std::size_t tokens) { ids_.reserve(tokens); }

    [[nodiscard]] auto find(std::string_view token) const -> std::optional<token_id>
    {
        auto const found = ids_.find(token);
        return found == ids_.end() ? std::nullopt : std::optional(found->second);
    }

    /// Empty where a number is none's.
    [[nodiscard]] auto text(token_id id) const -> std::string_view
    {
        return id < 0 || id >= size() ? std::string_view() : texts_[static_cast<std::size_t>(id)];
    }

    /// Numbers are below it.
    [[nodiscard]] auto size() const -> token_id { return static_cast<token_id>(texts_.size()); }
    /// How many tokens there are.
    [[nodiscard]] auto count() const -> std::size_t { return ids_.size(); }

    [[nodiscard]] auto all() const -> std::unordered_map<std::string_view, token_id> const&
    {
        return ids_;
    }

private:
    std::deque<std::string> storage_;
    std::unordered_map<std::string_view, token_id> ids_;
    std::vector<std::string_view> texts_;
};

} // namespace haiga::tokenizer::huggingface
