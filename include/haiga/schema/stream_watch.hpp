#pragma once

#include "haiga/schema/program.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace haiga::schema::detail {

/// The strings of every enumeration of a program in the order of their bytes.
class sorted_enumerations {
public:
    explicit sorted_enumerations(program const& p) : p_(p), first_{0}
    {
        for (auto const& plan : p.enumerations) {
            for (std::uint32_t i = 0; i < plan.strings.count; ++i) {
                names_.push_back(plan.strings.begin + i);
            }
            std::sort(names_.begin() + first_.back(), names_.end(),
                      [&](auto a, auto b) { return p.names[a] < p.names[b]; });
            first_.push_back(static_cast<std::uint32_t>(names_.size()));
        }
    }

    [[nodiscard]] auto begin(std::uint32_t enumeration) const { return first_[enumeration]; }
    [[nodiscard]] auto end(std::uint32_t enumeration) const { return first_[enumeration + 1]; }

    /// Of the places [low, high), whose strings share their first `at` bytes, those with c next.
    void narrow(std::uint32_t& low, std::uint32_t& high, std::size_t at, char c) const
    {
        auto const rank = [&](std::uint32_t name) { // the shorter come first
            auto const text = p_.names[name];
            return at < text.size() ? static_cast<int>(static_cast<unsigned char>(text[at])) : -1;
        };
        auto const wanted = static_cast<int>(static_cast<unsigned char>(c));
        auto const begin = names_.begin() + low;
        auto const end = names_.begin() + high;
        auto const first =
            std::partition_point(begin, end, [&](auto name) { return rank(name) < wanted; });
        auto const last =
            std::partition_point(first, end, [&](auto name) { return rank(name) == wanted; });
        low = static_cast<std::uint32_t>(first - names_.begin());
        high = static_cast<std::uint32_t>(last - names_.begin());
    }

private:
    program const& p_;
    std::vector<std::uint32_t> names_;
    std::vector<std::uint32_t> first_;
};

/// What an assertion asks of a string that is still going on.
struct string_watch {
    std::uint32_t part; ///< of the formula
    std::uint32_t instruction;
    std::uint32_t low = 0, high = 0; ///< characters so far; places in an enumeration
    regex::automaton::state state = 0;
};

/// Reads a piece of a string, whose whole characters have `before` bytes before it: how many bytes
/// leave the assertion a chance; all where it says nothing yet.
inline auto watched(program const& p, sorted_enumerations const& enumerations, string_watch& w,
                    std::string_view piece, std::size_t before) -> std::size_t
{
    auto const& i = p.code[w.instruction];
    auto const first = [&](auto const& allows) {
        std::size_t n = 0;
        while (n < piece.size() && allows(n)) {
            ++n;
        }
        return n;
    };
    switch (i.op) {
    case opcode::length: // a character counts from its first byte
        return first([&](std::size_t n) {
            w.low += (static_cast<unsigned char>(piece[n]) & 0xc0U) != 0x80 ? 1U : 0U;
            return w.low <= i.b;
        });
    case opcode::constant: {
        std::string_view const text = p.values[i.a].get_string();
        return first([&](std::size_t n) {
            return before + n < text.size() && text[before + n] == piece[n];
        });
    }
    case opcode::enumeration:
        return first([&](std::size_t n) {
            enumerations.narrow(w.low, w.high, before + n, piece[n]);
            return w.low < w.high;
        });
    default: break;
    }
    if (auto const* const text = p.patterns[i.a].text()) {
        return text->allowed(piece, before);
    }
    auto const& states = *p.patterns[i.a].states();
    auto const from = w.state;
    w.state = states.read(from, piece);
    if (w.state != regex::automaton::never) {
        return piece.size();
    }
    std::size_t bytes = 0; // find the character that left no match
    for (auto at = from; at != regex::automaton::never;) {
        auto const length = std::max<std::size_t>(utf8_sequence_length(piece.substr(bytes)), 1);
        at = states.read(at, piece.substr(bytes, length));
        bytes += length;
    }
    return bytes - 1;
}

} // namespace haiga::schema::detail
