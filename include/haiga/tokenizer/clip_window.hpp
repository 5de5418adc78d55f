#pragma once

#include "haiga/tokenizer/clip.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace haiga::tokenizer {

inline constexpr std::size_t clip_window = 77;             ///< tokens that a text encoder takes
inline constexpr std::size_t clip_chunk = clip_window - 2; ///< of which are neither start nor end

/// The start, at most clip_chunk tokens, the end, and padding: clip_window tokens.
inline auto window_of(clip const& t, std::span<token_id const> chunk) -> std::vector<token_id>
{
    HAIGA_CHECK(chunk.size() <= clip_chunk, chunk.size(), " tokens in a window");
    std::vector<token_id> window{t.start()};
    window.insert(window.end(), chunk.begin(), chunk.end());
    window.push_back(t.end());
    window.resize(clip_window, t.padding());
    return window;
}

/// One window; what does not fit is cut off, as Diffusers does.
inline auto first_window(clip const& t, std::string_view text) -> std::vector<token_id>
{
    auto const ids = t.encode(text);
    return window_of(t, std::span(ids).first(std::min(ids.size(), clip_chunk)));
}

/// As many windows as a text takes, one after the other; one for an empty text.
inline auto all_windows(clip const& t, std::string_view text) -> std::vector<token_id>
{
    auto const ids = t.encode(text);
    std::span<token_id const> left = ids;
    std::vector<token_id> windows;
    do {
        auto const chunk = left.first(std::min(left.size(), clip_chunk));
        auto const window = window_of(t, chunk);
        windows.insert(windows.end(), window.begin(), window.end());
        left = left.subspan(chunk.size());
    } while (!left.empty());
    return windows;
}

} // namespace haiga::tokenizer
