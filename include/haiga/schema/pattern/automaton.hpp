#pragma once

#include "haiga/schema/pattern/alphabet.hpp"
#include "haiga/schema/pattern/text.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace haiga::schema::regex {

/// A deterministic automaton that has read some text and looks for a pattern in it: one look into a
/// table a character.
class automaton {
public:
    using state = std::uint16_t;
    static constexpr state never = 0;  ///< whatever follows, there is no match
    static constexpr state always = 1; ///< there is one already

    automaton(alphabet letters, std::vector<state> next, std::vector<bool> found_at_end,
              state start)
        : letters_(std::move(letters)), next_(std::move(next)),
          found_at_end_(std::move(found_at_end)), start_(start)
    {
    }

    [[nodiscard]] auto start() const -> state { return start_; }

    /// Reads text, which begins and ends between characters.
    [[nodiscard]] auto read(state from, std::string_view text) const -> state
    {
        auto const width = letters_.size();
        for (std::size_t at = 0; at < text.size() && from > always;) {
            auto const byte = static_cast<unsigned char>(text[at]);
            if (byte < 0x80) {
                from = next_[from * width + letters_.ascii(byte)];
                ++at;
            } else {
                auto const [c, bytes] = character_after(text, at);
                from = next_[from * width + letters_.beyond_ascii(c)];
                at += bytes;
            }
        }
        return from;
    }

    /// Whether a text that ends here has the pattern in it.
    [[nodiscard]] auto found_at_end(state at) const -> bool { return found_at_end_[at]; }

    [[nodiscard]] auto found_in(std::string_view text) const -> bool
    {
        return found_at_end_[read(start_, text)];
    }

    [[nodiscard]] auto states() const -> std::size_t { return found_at_end_.size(); }

private:
    alphabet letters_;
    std::vector<state> next_; ///< by state and class
    std::vector<bool> found_at_end_;
    state start_;
};

} // namespace haiga::schema::regex
