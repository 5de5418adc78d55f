#pragma once

#include "haiga/json/pointer.hpp"

#include <boost/json/parse.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace haiga::schema {

namespace detail {

/// Wanted pointers as a tree, so that one walk over a text finds all of them.
class pointer_tree {
public:
    struct node {
        std::map<std::string, std::uint32_t, std::less<>> children;
        std::optional<std::size_t> offset = {};
    };

    pointer_tree() : nodes_(1) {}

    auto add(std::string_view pointer) -> std::uint32_t
    {
        std::uint32_t at = 0;
        while (auto token = json::take_token(pointer)) {
            auto const [child, is_new] = nodes_[at].children.try_emplace(
                std::move(*token), static_cast<std::uint32_t>(nodes_.size()));
            at = child->second;
            if (is_new) {
                nodes_.emplace_back();
            }
        }
        return at;
    }

    /// `none` for what is not wanted.
    [[nodiscard]] auto child(std::uint32_t at, std::string_view token) const -> std::uint32_t
    {
        if (at == none) {
            return none;
        }
        auto const found = nodes_[at].children.find(token);
        return found == nodes_[at].children.end() ? none : found->second;
    }

    void found(std::uint32_t at, std::size_t offset)
    {
        if (at != none) {
            nodes_[at].offset = offset;
        }
    }
    [[nodiscard]] auto offset(std::uint32_t at) const { return nodes_[at].offset; }

private:
    static constexpr auto none = static_cast<std::uint32_t>(-1);
    std::vector<node> nodes_;
};

/// Walks over well-formed JSON and tells a pointer_tree where values begin.
class text_walker {
public:
    text_walker(std::string_view text, pointer_tree& tree) : text_(text), tree_(tree) {}

    void run()
    {
        std::uint32_t wanted = 0; // the node of the value that comes next
        for (at_ = 0; at_ < text_.size();) {
            char const c = text_[at_];
            if (c == '"') {
                auto const begin = at_;
                skip_string();
                if (!open_.empty() && open_.back().expects_key) {
                    wanted = tree_.child(open_.back().node, key(begin));
                    open_.back().expects_key = false;
                } else {
                    tree_.found(wanted, begin);
                }
            } else if (c == '{' || c == '[') {
                tree_.found(wanted, at_++);
                open_.push_back({wanted, 0, c == '{', c == '{'});
                wanted = c == '[' ? tree_.child(wanted, "0") : wanted;
            } else if (c == '}' || c == ']') {
                open_.pop_back();
                ++at_;
            } else if (c == ',') {
                auto& inside = open_.back();
                inside.expects_key = inside.object;
                if (!inside.object && inside.node != none) {
                    wanted = tree_.child(inside.node, std::to_string(++inside.index));
                } else {
                    wanted = none;
                }
                ++at_;
            } else if (c == ':' || c == ' ' || c == '\t' || c == '\n' || c == '\r') {
                ++at_;
            } else {
                tree_.found(wanted, at_);
                at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
            }
        }
    }

private:
    static constexpr auto none = static_cast<std::uint32_t>(-1);

    struct level {
        std::uint32_t node;
        std::size_t index;
        bool object, expects_key;
    };

    void skip_string()
    {
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
            at_ += text_[at_] == '\\' ? 1U : 0U;
        }
        ++at_;
    }

    [[nodiscard]] auto key(std::size_t begin) const -> std::string
    {
        auto const raw = text_.substr(begin, at_ - begin);
        if (raw.find('\\') == std::string_view::npos) {
            return std::string(raw.substr(1, raw.size() - 2));
        }
        boost::json::error_code error;
        auto const value = boost::json::parse(raw, error);
        return value.is_string() ? std::string(value.get_string()) : std::string();
    }

    std::string_view text_;
    pointer_tree& tree_;
    std::size_t at_ = 0;
    std::vector<level> open_;
};

} // namespace detail

/// Where in a JSON text, which has been parsed, the values of these pointers begin. Of keys that
/// occur twice the last counts.
/// Order: linear in the text and the pointers; no recursion.
inline auto locate(std::string_view text, std::span<std::string const> pointers)
    -> std::vector<std::optional<std::size_t>>
{
    detail::pointer_tree tree;
    std::vector<std::uint32_t> nodes;
    for (auto const& pointer : pointers) {
        nodes.push_back(tree.add(pointer));
    }
    detail::text_walker(text, tree).run();
    std::vector<std::optional<std::size_t>> offsets;
    for (auto const at : nodes) {
        offsets.push_back(tree.offset(at));
    }
    return offsets;
}

} // namespace haiga::schema
