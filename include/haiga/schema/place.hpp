#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace haiga::schema {

/// Where in a document a value stands, while one walks through it; a place refers to the one above
/// it.
class place {
public:
    place() = default;
    [[nodiscard]] auto member(std::string_view key) const -> place { return {*this, key, 0}; }
    [[nodiscard]] auto item(std::size_t index) const -> place
    {
        return {*this, std::nullopt, index};
    }
    [[nodiscard]] auto depth() const -> int { return depth_; }

    /// Source: RFC 6901.
    [[nodiscard]] auto pointer() const -> std::string
    {
        std::string pointer;
        for (auto const* one = this; one->up_ != nullptr; one = one->up_) {
            pointer.insert(0, one->step());
        }
        return pointer;
    }

private:
    place(place const& up, std::optional<std::string_view> key, std::size_t index)
        : up_(&up), key_(key), index_(index), depth_(up.depth_ + 1)
    {
    }

    [[nodiscard]] auto step() const -> std::string
    {
        if (!key_) {
            return "/" + std::to_string(index_);
        }
        std::string escaped = "/";
        for (char const c : *key_) {
            escaped += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
        }
        return escaped;
    }

    place const* up_ = nullptr;
    std::optional<std::string_view> key_;
    std::size_t index_ = 0;
    int depth_ = 0;
};

} // namespace haiga::schema
