#pragma once

#include "haiga/base/utf8.hpp"
#include "haiga/schema/pattern/syntax_tree.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace haiga::schema::regex {

/// A pattern that is nothing but text, such as ^x- or needle or ^none$.
class literal {
public:
    /// Nothing where the tree is anything else.
    static auto of(syntax_tree const& tree) -> std::optional<literal>
    {
        auto const& root = tree.nodes[tree.root];
        if (root.child != root.last_child) {
            return std::nullopt;
        }
        literal made;
        for (auto at = tree.nodes[root.child].child; at != no_node; at = tree.nodes[at].next) {
            auto const& n = tree.nodes[at];
            bool const is_first = at == tree.nodes[root.child].child;
            if (n.kind == node_kind::text_begin && is_first) {
                made.at_begin_ = true;
            } else if (n.kind == node_kind::text_end && n.next == no_node) {
                made.at_end_ = true;
            } else if (n.kind == node_kind::character && !is_surrogate(n.first_number)) {
                append_utf8(made.text_, n.first_number);
            } else {
                return std::nullopt;
            }
        }
        made.prepare();
        return made;
    }

    [[nodiscard]] auto found_in(std::string_view text) const -> bool
    {
        if (at_begin_) {
            return at_end_ ? text == text_ : text.starts_with(text_);
        }
        if (at_end_) {
            return text.ends_with(text_);
        }
        return back_.empty() ? text.find(text_) != std::string_view::npos : search(text);
    }

    /// How many bytes of a text that began at its beginning may go on to match; for others all.
    /// from: bytes that have been asked about before.
    [[nodiscard]] auto allowed(std::string_view piece, std::size_t from) const -> std::size_t
    {
        if (!at_begin_ || (!at_end_ && from >= text_.size())) {
            return piece.size();
        }
        auto const rest = std::string_view(text_).substr(std::min(from, text_.size()));
        std::size_t same = 0;
        while (same < piece.size() && same < rest.size() && piece[same] == rest[same]) {
            ++same;
        }
        return same == rest.size() && !at_end_ ? piece.size() : same;
    }

private:
    /// Texts that std::string_view may look for: it takes their length for each byte at worst.
    static constexpr std::size_t short_text = 16;

    static auto is_surrogate(std::uint32_t c) -> bool { return c >= 0xd800 && c < 0xe000; }

    /// Where to go on when a byte does not match.
    /// Source: Knuth, Morris and Pratt, "Fast Pattern Matching in Strings", 1977.
    void prepare()
    {
        if (at_begin_ || at_end_ || text_.size() <= short_text) {
            return;
        }
        back_.assign(text_.size(), 0);
        std::uint32_t matched = 0;
        for (std::size_t i = 1; i < text_.size(); ++i) {
            while (matched > 0 && text_[i] != text_[matched]) {
                matched = back_[matched - 1];
            }
            matched += text_[i] == text_[matched] ? 1U : 0U;
            back_[i] = matched;
        }
    }

    [[nodiscard]] auto search(std::string_view text) const -> bool
    {
        std::size_t matched = 0;
        for (char const c : text) {
            while (matched > 0 && c != text_[matched]) {
                matched = back_[matched - 1];
            }
            matched += c == text_[matched] ? 1U : 0U;
            if (matched == text_.size()) {
                return true;
            }
        }
        return false;
    }

    std::string text_;
    std::vector<std::uint32_t> back_;
    bool at_begin_ = false;
    bool at_end_ = false;
};

} // namespace haiga::schema::regex
