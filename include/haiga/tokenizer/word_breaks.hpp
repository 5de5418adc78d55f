#pragma once

#include <cstddef>
#include <string_view>

namespace haiga::tokenizer {

/// Where a text can be cut so that no piece of a vocabulary reaches over the cut: before or behind
/// the marks of spaces, as far as no piece has such a place inside.
class word_breaks {
public:
    word_breaks() = default;

    /// Of no pieces at all.
    explicit word_breaks(std::string_view mark) : mark_(mark), before_(true), behind_(true) {}

    /// One piece more.
    void add(std::string_view piece)
    {
        for (auto at = piece.find(mark_); at != std::string_view::npos;
             at = piece.find(mark_, at + mark_.size())) {
            auto const rest = piece.substr(at + mark_.size());
            auto const front = piece.substr(0, at);
            behind_ = behind_ && (rest.empty() || rest.starts_with(mark_));
            before_ = before_ && (front.empty() || front.ends_with(mark_));
        }
    }

    /// Calls found(begin, end) for parts that cover the text; several marks in a row stay together.
    template <class Found>
    void each(std::string_view text, Found const& found) const
    {
        std::size_t begin = 0;
        auto at = before_ || behind_ ? text.find(mark_) : std::string_view::npos;
        while (at != std::string_view::npos) {
            auto end = at + mark_.size();
            while (text.substr(end).starts_with(mark_)) {
                end += mark_.size();
            }
            if (before_ && at > begin) {
                found(begin, at);
                begin = at;
            }
            if (behind_ && end > begin) {
                found(begin, end);
                begin = end;
            }
            at = text.find(mark_, end);
        }
        if (begin < text.size()) {
            found(begin, text.size());
        }
    }

private:
    std::string_view mark_;
    bool before_ = false, behind_ = false;
};

} // namespace haiga::tokenizer
