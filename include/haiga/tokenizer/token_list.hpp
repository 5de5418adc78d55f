#pragma once

#include "haiga/tokenizer/bpe.hpp"
#include "haiga/tokenizer/token_key.hpp"

#include <string>
#include <string_view>

namespace haiga::tokenizer {

/// The bytes of tokens by rank, one behind the other. A rank without bytes is no token.
class token_list {
public:
    void reserve(std::size_t tokens, std::size_t bytes)
    {
        ends_.reserve(tokens);
        bytes_.reserve(bytes);
    }

    /// Appends the token of the next rank.
    void add(std::string_view token)
    {
        bytes_ += token;
        ends_.push_back(static_cast<std::uint32_t>(bytes_.size()));
    }

    [[nodiscard]] auto size() const -> std::size_t { return ends_.size(); }

    /// The token of a rank below size().
    [[nodiscard]] auto operator[](std::size_t rank) const -> std::string_view
    {
        auto const begin = rank == 0 ? 0 : ends_[rank - 1];
        return {bytes_.data() + begin, ends_[rank] - begin};
    }

    /// Behind the last byte of the last token.
    [[nodiscard]] auto end_of_bytes() const -> char const* { return bytes_.data() + bytes_.size(); }

    /// The same for the same tokens; by chance only for others.
    [[nodiscard]] auto fingerprint() const -> std::uint64_t
    {
        return detail::hash_of(bytes_.data(), bytes_.size()) * 31 +
               detail::hash_of(reinterpret_cast<char const*>(ends_.data()),
                               ends_.size() * sizeof(std::uint32_t));
    }

private:
    std::string bytes_;
    std::vector<std::uint32_t> ends_;
};

} // namespace haiga::tokenizer
