#pragma once

#include "haiga/tokenizer/token_table.hpp"

namespace haiga::tokenizer::detail {

/// The beginnings of tokens as nodes of a tree. A node that is a token has its rank as its number,
/// others have numbers above.
///
/// Cost: one place in a hash table a byte. For o200k 11 MB.
class token_trie {
public:
    explicit token_trie(token_table const& table)
        : tokens_(static_cast<std::uint32_t>(table.tokens().size())), next_node_(tokens_),
          edges_(std::bit_ceil(std::size_t{4} * tokens_)), shift_(shift_of(edges_.size())),
          shorter_(tokens_, no_rank)
    {
        for (std::uint32_t rank = 0; rank < tokens_ && is_whole(); ++rank) {
            if (table.tokens()[rank].size() > 1) {
                add(table, rank);
            }
        }
    }

    /// Whether all tokens had place: there are at most 16 million nodes.
    [[nodiscard]] auto is_whole() const -> bool { return next_node_ <= most_nodes; }

    /// The longest token that begins with one of the rank `first` at `at`, a single byte.
    [[nodiscard]] auto longest(std::uint32_t first, char const* at, char const* end) const
        -> std::uint32_t
    {
        auto best = first;
        for (auto node = first; ++at != end;) {
            node = child(node, static_cast<unsigned char>(*at));
            if (node == no_rank) {
                break;
            }
            best = node < tokens_ ? node : best;
        }
        return best;
    }

    /// The longest token that a token begins with, other than itself; no_rank of a byte's.
    [[nodiscard]] auto shorter(std::uint32_t rank) const -> std::uint32_t { return shorter_[rank]; }

private:
    static constexpr std::uint32_t most_nodes = 1U << 24U;

    struct edge {
        std::uint32_t key = 0; ///< a node, and below it a byte
        std::uint32_t child = no_rank;
    };

    static auto shift_of(std::size_t places) -> unsigned
    {
        return static_cast<unsigned>(32 - std::countr_zero(places));
    }

    /// Where the edge is, or would be.
    [[nodiscard]] auto place(std::uint32_t key) const -> std::size_t
    {
        auto at = std::size_t{key * 0x9e37'79b1U >> shift_};
        while (edges_[at].child != no_rank && edges_[at].key != key) {
            at = (at + 1) & (edges_.size() - 1);
        }
        return at;
    }

    [[nodiscard]] auto child(std::uint32_t node, unsigned char byte) const -> std::uint32_t
    {
        return edges_[place(node << 8U | byte)].child;
    }

    void add(token_table const& table, std::uint32_t rank)
    {
        auto const token = table.tokens()[rank];
        auto const* const end = table.tokens().end_of_bytes();
        auto length = token.size() - 1;
        auto node = table.find(token.data(), length, end);
        while (node == no_rank) { // a byte is a token
            node = table.find(token.data(), --length, end);
        }
        shorter_[rank] = node;
        for (; length + 1 < token.size(); ++length) {
            node = inner(node, static_cast<unsigned char>(token[length]));
        }
        insert(node << 8U | static_cast<unsigned char>(token[length]), rank);
    }

    /// A child that is no token.
    auto inner(std::uint32_t node, unsigned char byte) -> std::uint32_t
    {
        auto const found = child(node, byte);
        if (found != no_rank) {
            return found;
        }
        insert(node << 8U | byte, next_node_);
        return next_node_++;
    }

    void insert(std::uint32_t key, std::uint32_t to)
    {
        if (++count_ * 4 > edges_.size() * 3) {
            std::vector<edge> before(2 * edges_.size());
            before.swap(edges_);
            shift_ = shift_of(edges_.size());
            for (auto const& e : before) {
                if (e.child != no_rank) {
                    edges_[place(e.key)] = e;
                }
            }
        }
        edges_[place(key)] = {key, to};
    }

    std::uint32_t tokens_, next_node_;
    std::vector<edge> edges_;
    unsigned shift_;
    std::size_t count_ = 0;
    std::vector<std::uint32_t> shorter_;
};

} // namespace haiga::tokenizer::detail
