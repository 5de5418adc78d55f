#pragma once

#include "haiga/tokenizer/tokenizer.hpp"

/// The least that models haiga::tokenizer::tokenizer, and what must not.
namespace archetypes {

/// A token a byte.
struct tokenizer {
    [[nodiscard]] auto encode(std::string_view text) const
        -> std::vector<haiga::tokenizer::token_id>
    {
        std::vector<haiga::tokenizer::token_id> ids;
        for (char const c : text) {
            ids.push_back(static_cast<unsigned char>(c));
        }
        return ids;
    }
    [[nodiscard]] auto count(std::string_view text) const -> std::size_t { return text.size(); }
    [[nodiscard]] auto decode(std::span<haiga::tokenizer::token_id const> ids) const -> std::string
    {
        return {ids.begin(), ids.end()};
    }
    [[nodiscard]] auto size() const -> haiga::tokenizer::token_id { return 256; }
    [[nodiscard]] auto token(haiga::tokenizer::token_id id) const -> std::string
    {
        return id < 0 || id > 255 ? std::string() : std::string(1, static_cast<char>(id));
    }
    [[nodiscard]] auto special_tokens() const -> std::vector<haiga::tokenizer::special_token>
    {
        return {};
    }
};
static_assert(haiga::tokenizer::tokenizer<tokenizer>);

struct tokenizer_that_cannot_decode : tokenizer {
    void decode(std::span<haiga::tokenizer::token_id const>) const = delete;
};
struct tokenizer_of_wide_numbers : tokenizer {
    [[nodiscard]] auto encode(std::string_view) const -> std::vector<std::size_t> { return {}; }
};
static_assert(!haiga::tokenizer::tokenizer<tokenizer_that_cannot_decode>);
static_assert(!haiga::tokenizer::tokenizer<tokenizer_of_wide_numbers>);

} // namespace archetypes
