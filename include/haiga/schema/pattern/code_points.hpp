#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace haiga::schema::regex {

inline constexpr char32_t last_code_point = 0x10ffff;

/// Code points from first to last, both included.
struct code_range {
    char32_t first, last;
    friend auto operator==(code_range const&, code_range const&) -> bool = default;
    friend auto operator<=>(code_range const&, code_range const&) = default;
};

/// A set of code points. add() whatever comes, then settle(): the other members need the ranges
/// sorted and apart.
class code_points {
public:
    code_points() = default;
    code_points(std::initializer_list<code_range> ranges) : ranges_(ranges) { settle(); }

    void add(char32_t first, char32_t last) { ranges_.push_back({first, last}); }
    void add(code_points const& other)
    {
        ranges_.insert(ranges_.end(), other.ranges_.begin(), other.ranges_.end());
    }

    /// Cost: a sort of what was added.
    void settle()
    {
        std::ranges::sort(ranges_);
        std::size_t kept = 0;
        for (auto const range : ranges_) {
            if (kept > 0 && range.first <= ranges_[kept - 1].last + 1) {
                ranges_[kept - 1].last = std::max(ranges_[kept - 1].last, range.last);
            } else {
                ranges_[kept++] = range;
            }
        }
        ranges_.resize(kept);
        mark_ascii();
    }

    void invert()
    {
        std::vector<code_range> others;
        char32_t next = 0;
        for (auto const range : ranges_) {
            if (range.first > next) {
                others.push_back({next, range.first - 1});
            }
            next = range.last + 1;
        }
        if (next <= last_code_point) {
            others.push_back({next, last_code_point});
        }
        ranges_ = std::move(others);
        mark_ascii();
    }

    [[nodiscard]] auto contains(char32_t c) const -> bool
    {
        if (c < 128) {
            return (ascii_[c / 64] >> (c % 64) & 1U) != 0;
        }
        auto const after = std::ranges::upper_bound(ranges_, c, {}, &code_range::first);
        return after != ranges_.begin() && c <= std::prev(after)->last;
    }

    [[nodiscard]] auto ranges() const -> std::vector<code_range> const& { return ranges_; }

private:
    void mark_ascii()
    {
        ascii_ = {};
        for (auto const range : ranges_) {
            for (auto c = range.first; c <= range.last && c < 128; ++c) {
                ascii_[c / 64] |= std::uint64_t{1} << (c % 64);
            }
        }
    }

    std::vector<code_range> ranges_;
    std::array<std::uint64_t, 2> ascii_{};
};

} // namespace haiga::schema::regex
