#pragma once

#include "haiga/schema/pattern/automaton.hpp"
#include "haiga/schema/pattern/limits.hpp"
#include "haiga/schema/pattern/program.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace haiga::schema::regex {

/// Makes an automaton of a program of threads without looks: a state is the set of threads that a
/// text leaves behind, and what kind of character it ended in where the program asks. A ^, $ or \b
/// is decided when the character behind it is known.
/// Source: M. O. Rabin and D. Scott, "Finite Automata and Their Decision Problems", 1959.
class determinizer {
public:
    determinizer(program const& p, alphabet letters, bool words, pattern_limits const& limits)
        : program_(p), letters_(std::move(letters)), words_(words),
          most_states_(std::min<std::size_t>(limits.max_states, 60'000)), reached_(p.code.size(), 0)
    {
        for (auto const& set : p.sets) {
            classes_.push_back(letters_.classes_in(set));
        }
        word_classes_ = letters_.classes_in(word_characters());
    }

    /// Nothing where it would have too many states, or take too long to make.
    auto run() -> std::optional<automaton>
    {
        auto const restart = restarts();
        states_.push_back({}); // never
        states_.push_back({}); // always
        next_.assign(2 * letters_.size(), automaton::never);
        std::fill_n(next_.begin() + static_cast<std::ptrdiff_t>(letters_.size()), letters_.size(),
                    automaton::always);
        found_at_end_ = {false, true};
        auto const start = state_of({{0}, before::nothing});
        for (std::size_t s = 2; s < states_.size(); ++s) {
            expand(s, restart);
            if (states_.size() > most_states_ || next_.size() > most_cells || steps_ > most_steps) {
                return std::nullopt;
            }
        }
        forget_hopeless();
        auto const hopeless = hopeless_[start];
        return automaton(std::move(letters_), std::move(next_), std::move(found_at_end_),
                         hopeless ? automaton::never : start);
    }

private:
    static constexpr std::size_t most_steps = 1U << 18U; ///< some milliseconds
    static constexpr std::size_t most_cells = 1U << 18U;

    /// What stands before a place, and after it.
    enum class before : std::uint32_t { nothing, word, other };
    enum class after : std::uint8_t { nothing, word, other, unknown };

    struct key {
        std::vector<std::uint32_t> threads; ///< sorted
        before last;
        friend auto operator==(key const&, key const&) -> bool = default;
    };
    struct key_hash {
        auto operator()(key const& k) const -> std::size_t
        {
            auto hash = static_cast<std::size_t>(k.last);
            for (auto const t : k.threads) {
                hash = (hash ^ t) * 0x9e3779b97f4a7c15U;
                hash ^= hash >> 29U;
            }
            return hash;
        }
    };
    struct closure {
        std::vector<std::uint32_t> takers; ///< instructions that take a character
        bool matched = false;
    };

    /// What threads reach without a character.
    auto reach(key const& k, after next) -> closure
    {
        closure found;
        ++place_;
        pending_.assign(k.threads.begin(), k.threads.end());
        while (!pending_.empty()) {
            auto const pc = pending_.back();
            pending_.pop_back();
            if (std::exchange(reached_[pc], place_) == place_) {
                continue;
            }
            ++steps_;
            auto const& i = program_.code[pc];
            switch (i.op) {
            case opcode::match: found.matched = true; return found;
            case opcode::character:
            case opcode::set: found.takers.push_back(pc); break;
            default: follow(i, pc, k.last, next);
            }
        }
        return found;
    }

    void follow(instruction const& i, std::uint32_t pc, before last, after next)
    {
        auto const other = static_cast<std::uint32_t>(static_cast<std::int64_t>(pc) + i.offset);
        bool goes_on = i.op == opcode::split;
        if (i.op == opcode::jump || i.op == opcode::split) {
            pending_.push_back(other);
        } else if (i.op == opcode::text_begin) {
            goes_on = last == before::nothing;
        } else if (i.op == opcode::text_end) {
            goes_on = next == after::nothing;
        } else if (next != after::unknown) { // a word boundary
            goes_on = ((last == before::word) != (next == after::word)) != i.flag;
        }
        if (goes_on) {
            pending_.push_back(pc + 1);
        }
    }

    /// Whether a match may begin elsewhere than at the beginning.
    auto restarts() -> bool
    {
        for (auto const last : {before::word, before::other}) {
            for (auto const next : {after::nothing, after::word, after::other}) {
                auto const found = reach({{0}, last}, next);
                if (found.matched || !found.takers.empty()) {
                    return true;
                }
            }
        }
        return false;
    }

    auto state_of(key k) -> automaton::state
    {
        if (k.threads.empty()) {
            return automaton::never;
        }
        auto const next = static_cast<automaton::state>(states_.size());
        auto const [known, is_new] = numbers_.try_emplace(k, next);
        if (!is_new) {
            return known->second;
        }
        if (reach(k, after::unknown).matched) {
            return known->second = automaton::always;
        }
        states_.push_back(std::move(k));
        return next;
    }

    void expand(std::size_t s, bool restart)
    {
        auto const from = states_[s];
        next_.resize(next_.size() + letters_.size());
        found_at_end_.push_back(reach(from, after::nothing).matched);
        auto const plain = reach(from, after::other);
        auto const words = words_ ? reach(from, after::word) : plain;
        for (std::size_t letter = 0; letter < letters_.size(); ++letter) {
            bool const is_word = words_ && word_classes_[letter];
            auto const& here = is_word ? words : plain;
            next_[s * letters_.size() + letter] =
                here.matched ? automaton::always : step(here, letter, is_word, restart);
        }
    }

    auto step(closure const& here, std::size_t letter, bool is_word, bool restart)
        -> automaton::state
    {
        key k{{}, is_word ? before::word : before::other};
        for (auto const taker : here.takers) {
            auto const& i = program_.code[taker];
            if (i.op == opcode::set ? classes_[i.number][letter]
                                    : letters_.of(i.number) == letter) {
                k.threads.push_back(taker + 1);
            }
        }
        steps_ += here.takers.size();
        if (restart) {
            k.threads.push_back(0);
        }
        std::ranges::sort(k.threads);
        return state_of(std::move(k));
    }

    /// Turns states from which no match can be found into `never`.
    void forget_hopeless()
    {
        auto const width = letters_.size();
        std::vector<std::vector<automaton::state>> from(states_.size());
        for (std::size_t i = 2 * width; i < next_.size(); ++i) {
            from[next_[i]].push_back(static_cast<automaton::state>(i / width));
        }
        hopeless_.assign(states_.size(), true);
        std::vector<automaton::state> pending;
        for (std::size_t s = 1; s < states_.size(); ++s) {
            if (found_at_end_[s]) {
                pending.push_back(static_cast<automaton::state>(s));
            }
        }
        while (!pending.empty()) {
            auto const s = pending.back();
            pending.pop_back();
            if (hopeless_[s]) {
                hopeless_[s] = false;
                pending.insert(pending.end(), from[s].begin(), from[s].end());
            }
        }
        for (auto& s : next_) {
            s = hopeless_[s] ? automaton::never : s;
        }
    }

    program const& program_;
    alphabet letters_;
    bool words_;
    std::size_t most_states_;
    std::vector<alphabet::classes> classes_; ///< by set
    alphabet::classes word_classes_;
    std::vector<std::uint32_t> pending_;
    std::vector<std::uint64_t> reached_;
    std::uint64_t place_ = 0;
    std::size_t steps_ = 0;
    std::vector<key> states_;
    std::unordered_map<key, automaton::state, key_hash> numbers_;
    std::vector<automaton::state> next_;
    std::vector<bool> found_at_end_;
    std::vector<bool> hopeless_;
};

/// Nothing where a program has looks, or too many letters or states.
inline auto determinize(program const& p, pattern_limits const& limits) -> std::optional<automaton>
{
    if (!p.looks.empty() || p.sets.size() > alphabet::most) {
        return std::nullopt;
    }
    auto const words = std::ranges::any_of(
        p.code, [](instruction const& i) { return i.op == opcode::word_boundary; });
    auto letters = alphabet::of(p, words);
    if (!letters) {
        return std::nullopt;
    }
    return determinizer(p, *std::move(letters), words, limits).run();
}

} // namespace haiga::schema::regex
