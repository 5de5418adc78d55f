#pragma once

#include "haiga/base/utf8.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace haiga::tokenizer {

/// Bytes of the text that was given to encode.
struct source_range {
    std::uint32_t begin = 0, end = 0;

    friend auto operator==(source_range const&, source_range const&) -> bool = default;
};

/// A text that normalizers change, and, where that is asked for, for each of its bytes the
/// character of the source that it came from.
struct aligned_text {
    std::string text;
    std::vector<source_range> from; ///< one a byte, or none at all
    bool tracked = false;

    /// Appends a part of the source, which begins at `begin` there; U+FFFD for each byte that is
    /// not UTF-8.
    void append_source(std::string_view part, std::size_t begin)
    {
        for (std::size_t at = 0; at < part.size();) {
            auto const length = utf8_sequence_length(part.substr(at));
            auto const end = at + std::max<std::size_t>(length, 1);
            append(
                length == 0 ? "\xef\xbf\xbd" : part.substr(at, length),
                {static_cast<std::uint32_t>(begin + at), static_cast<std::uint32_t>(begin + end)});
            at = end;
        }
    }

    /// Appends a part of another text.
    void append(aligned_text const& other, std::size_t begin, std::size_t end)
    {
        text.append(other.text, begin, end - begin);
        if (tracked) {
            from.insert(from.end(), other.from.begin() + static_cast<std::ptrdiff_t>(begin),
                        other.from.begin() + static_cast<std::ptrdiff_t>(end));
        }
    }

    /// Appends bytes that all came from one place.
    void append(std::string_view bytes, source_range range)
    {
        text.append(bytes);
        if (tracked) {
            from.insert(from.end(), bytes.size(), range);
        }
    }

    void clear()
    {
        text.clear();
        from.clear();
    }
};

/// Writes a part of an aligned text anew, character by character, in the way of Hugging Face's
/// NormalizedString: every new character takes the place of the next old one, goes to the one
/// before it, or takes the place of several.
///
/// Source: huggingface/tokenizers 0.23, src/tokenizer/normalizer.rs, transform_range.
class rewriter {
public:
    /// The part of `old` from begin to end is read, `to` is appended to.
    rewriter(aligned_text const& old, std::size_t begin, std::size_t end, aligned_text& to)
        : old_(old), begin_(begin), end_(end), cursor_(begin), to_(to)
    {
    }

    [[nodiscard]] auto rest() const -> std::string_view
    {
        return std::string_view(old_.text).substr(cursor_, end_ - cursor_);
    }

    /// As many bytes of whole characters stay as they are.
    void keep(std::size_t bytes)
    {
        to_.append(old_, cursor_, cursor_ + bytes);
        cursor_ += bytes;
    }

    /// As many bytes of whole characters go.
    void drop(std::size_t bytes) { cursor_ += bytes; }

    /// change: 0 takes the place of the next old character, -n of that and of n after it; 1 goes to
    /// the one before.
    void put(char32_t character, int change)
    {
        auto const range = range_for(change > 0);
        for (int i = change; i <= 0 && cursor_ < end_; ++i) {
            cursor_ += length_at(cursor_);
        }
        auto const before = to_.text.size();
        append_utf8(to_.text, character);
        if (to_.tracked) {
            to_.from.insert(to_.from.end(), to_.text.size() - before, range);
        }
    }

    /// The first of a text's characters takes the place of the next old one, the others go to it.
    void replace(std::string_view with)
    {
        for (int change = 0; !with.empty(); change = 1) {
            put(take_utf8(with), change);
        }
    }

    /// Everything in the place of the last character before the cursor.
    void insert(std::string_view bytes) { to_.append(bytes, range_for(true)); }

private:
    [[nodiscard]] auto range_for(bool before) const -> source_range
    {
        if (!to_.tracked) {
            return {};
        }
        if (before) {
            return cursor_ == begin_ ? source_range{} : old_.from[cursor_ - 1];
        }
        return cursor_ < end_  ? old_.from[cursor_]
               : end_ > begin_ ? old_.from[end_ - 1]
                               : source_range{};
    }

    [[nodiscard]] auto length_at(std::size_t at) const -> std::size_t
    {
        auto const lead = static_cast<unsigned char>(old_.text[at]);
        std::size_t const length = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        return std::min(length, end_ - at);
    }

    aligned_text const& old_;
    std::size_t begin_, end_, cursor_;
    aligned_text& to_;
};

} // namespace haiga::tokenizer
