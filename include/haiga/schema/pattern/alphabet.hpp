#pragma once

#include "haiga/schema/pattern/character_classes.hpp"
#include "haiga/schema/pattern/code_points.hpp"
#include "haiga/schema/pattern/program.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace haiga::schema::regex {

/// Characters that a program tells from none of each other, as one small number.
class alphabet {
public:
    static constexpr std::size_t most = 256;
    using classes = std::bitset<most>;

    /// The classes of a program, whose sets are few; nothing where there would be too many.
    /// Cost: the sets' ranges times the logarithm of their count, times the sets.
    static auto of(program const& p, bool words) -> std::optional<alphabet>
    {
        std::vector<code_points> sets;
        std::set<char32_t> characters;
        std::set<std::uint32_t> used;
        std::size_t ranges = 0;
        for (auto const& i : p.code) {
            if (i.op == opcode::character && characters.insert(i.number).second) {
                sets.push_back({{i.number, i.number}});
            } else if (i.op == opcode::set && used.insert(i.number).second) {
                sets.push_back(p.sets[i.number]);
                ranges += sets.back().ranges().size();
            }
            if (sets.size() >= most || ranges > 4096) {
                return std::nullopt;
            }
        }
        if (words) {
            sets.push_back(word_characters());
        }
        alphabet made;
        return made.divide(sets) ? std::optional(std::move(made)) : std::nullopt;
    }

    [[nodiscard]] auto size() const -> std::size_t { return size_; }
    [[nodiscard]] auto ascii(unsigned char byte) const -> std::uint8_t { return ascii_[byte]; }
    [[nodiscard]] auto beyond_ascii(char32_t c) const -> std::uint8_t
    {
        return class_[static_cast<std::size_t>(
            std::distance(first_.begin(), std::ranges::upper_bound(first_, c)) - 1)];
    }
    [[nodiscard]] auto of(char32_t c) const -> std::uint8_t
    {
        return c < 128 ? ascii_[c] : beyond_ascii(c);
    }

    /// Which classes a set holds: each is within it or apart from it.
    [[nodiscard]] auto classes_in(code_points const& set) const -> classes
    {
        classes found;
        for (std::size_t i = 0; i < first_.size(); ++i) {
            found[class_[i]] = found[class_[i]] || set.contains(first_[i]);
        }
        return found;
    }

private:
    auto divide(std::vector<code_points> const& sets) -> bool
    {
        first_ = {0, 128};
        for (auto const& set : sets) {
            for (auto const range : set.ranges()) {
                first_.push_back(range.first);
                if (range.last < last_code_point) {
                    first_.push_back(range.last + 1);
                }
            }
        }
        std::ranges::sort(first_);
        auto const doubles = std::ranges::unique(first_);
        first_.erase(doubles.begin(), doubles.end());
        std::vector<std::size_t> kind(first_.size(), 0);
        size_ = 1;
        for (auto const& set : sets) {
            refine(set, kind);
        }
        if (size_ > most) {
            return false;
        }
        for (auto const k : kind) {
            class_.push_back(static_cast<std::uint8_t>(k));
        }
        for (char32_t c = 0; c < 128; ++c) {
            ascii_[c] = beyond_ascii(c);
        }
        return true;
    }

    /// Parts every class into what is in the set and what is not.
    void refine(code_points const& set, std::vector<std::size_t>& kind)
    {
        std::map<std::size_t, std::size_t> inside;
        std::vector<std::size_t> outside(size_, 0);
        for (std::size_t i = 0; i < kind.size(); ++i) {
            outside[kind[i]] += set.contains(first_[i]) ? 0U : 1U;
        }
        for (std::size_t i = 0; i < kind.size(); ++i) {
            if (set.contains(first_[i]) && outside[kind[i]] > 0) {
                auto const [found, is_new] = inside.try_emplace(kind[i], size_);
                size_ += is_new ? 1U : 0U;
                kind[i] = found->second;
            }
        }
    }

    std::vector<char32_t> first_; ///< where runs of one class begin
    std::vector<std::uint8_t> class_;
    std::array<std::uint8_t, 128> ascii_{};
    std::size_t size_ = 0;
};

} // namespace haiga::schema::regex
