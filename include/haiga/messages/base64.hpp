#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace haiga::messages {

/// The bytes that base64 text stands for, one at a time: what is asked of a picture lies in a few
/// of them. Source: RFC 4648, section 4; no line breaks.
class base64_view {
public:
    explicit constexpr base64_view(std::string_view text) : text_(text)
    {
        while (!text_.empty() && text_.back() == '=') {
            text_.remove_suffix(1);
        }
    }

    /// How many bytes there are; the text may still hold characters that are no base64.
    [[nodiscard]] constexpr auto size() const -> std::size_t
    {
        return text_.size() / 4 * 3 + (text_.size() % 4 * 6) / 8;
    }

    /// -1 behind the end and where the text is no base64.
    [[nodiscard]] constexpr auto byte(std::size_t i) const -> int
    {
        if (i >= size()) {
            return -1;
        }
        auto const first = i / 3 * 4 + i % 3;
        int const high = digit(text_[first]);
        int const low = digit(text_[first + 1]);
        if (high < 0 || low < 0) {
            return -1;
        }
        auto const shift = 2 * (static_cast<int>(i % 3) + 1);
        return (high << shift | low >> (6 - shift)) & 0xff;
    }

    /// n bytes, n at most 7, as a number; -1 where one of them is not there.
    [[nodiscard]] constexpr auto big_endian(std::size_t at, int n) const -> std::int64_t
    {
        std::int64_t number = 0;
        for (int i = 0; i < n; ++i) {
            auto const b = byte(at + static_cast<std::size_t>(i));
            if (b < 0) {
                return -1;
            }
            number = number << 8 | b;
        }
        return number;
    }
    [[nodiscard]] constexpr auto little_endian(std::size_t at, int n) const -> std::int64_t
    {
        std::int64_t number = 0;
        for (int i = n - 1; i >= 0; --i) {
            auto const b = byte(at + static_cast<std::size_t>(i));
            if (b < 0) {
                return -1;
            }
            number = number << 8 | b;
        }
        return number;
    }

    [[nodiscard]] constexpr auto starts_with(std::string_view bytes, std::size_t at = 0) const
        -> bool
    {
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            if (byte(at + i) != static_cast<unsigned char>(bytes[i])) {
                return false;
            }
        }
        return true;
    }

private:
    static constexpr auto digit(char c) -> int
    {
        return c >= 'A' && c <= 'Z'   ? c - 'A'
               : c >= 'a' && c <= 'z' ? c - 'a' + 26
               : c >= '0' && c <= '9' ? c - '0' + 52
               : c == '+'             ? 62
               : c == '/'             ? 63
                                      : -1;
    }

    std::string_view text_;
};

} // namespace haiga::messages
