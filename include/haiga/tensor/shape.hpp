#pragma once

#include "haiga/base/check.hpp"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <ostream>
#include <span>

namespace haiga {

/// The extents of a dense array, outermost first; at most eight.
class shape {
public:
    static constexpr int max_rank = 8;

    constexpr shape() = default;
    constexpr shape(std::initializer_list<std::int64_t> extents)
        : shape(std::span(extents.begin(), extents.size()))
    {
    }
    constexpr explicit shape(std::span<std::int64_t const> extents)
        : rank_(static_cast<int>(extents.size()))
    {
        HAIGA_CHECK(extents.size() <= max_rank, "rank ", extents.size());
        for (int i = 0; i < rank_; ++i) {
            HAIGA_CHECK(extents[static_cast<std::size_t>(i)] >= 0);
            extents_[static_cast<std::size_t>(i)] = extents[static_cast<std::size_t>(i)];
        }
    }

    [[nodiscard]] constexpr auto rank() const -> int { return rank_; }

    /// Negative positions count from the end, as in Python.
    [[nodiscard]] constexpr auto operator[](int axis) const -> std::int64_t
    {
        auto const at = axis < 0 ? axis + rank_ : axis;
        HAIGA_CHECK(at >= 0 && at < rank_, "axis ", axis, " of rank ", rank_);
        return extents_[static_cast<std::size_t>(at)];
    }

    /// How many elements; 1 for rank 0. A product beyond 2^63 is a caller's bug: sizes that were
    /// read go through checked_elements first.
    [[nodiscard]] constexpr auto elements() const -> std::int64_t
    {
        auto const n = checked_elements();
        HAIGA_CHECK(n.has_value(), "more than 2^63 elements");
        return *n;
    }

    [[nodiscard]] constexpr auto checked_elements() const -> std::optional<std::int64_t>
    {
        std::int64_t n = 1;
        bool overflow = false;
        for (auto const extent : std::span(extents_).first(static_cast<std::size_t>(rank_))) {
            if (extent == 0) {
                return 0;
            }
            overflow = overflow || n > std::numeric_limits<std::int64_t>::max() / extent;
            n = overflow ? n : n * extent;
        }
        return overflow ? std::nullopt : std::optional(n);
    }

    [[nodiscard]] constexpr auto begin() const { return extents_.begin(); }
    [[nodiscard]] constexpr auto end() const { return extents_.begin() + rank_; }

    friend constexpr auto operator==(shape const&, shape const&) -> bool = default;

    friend auto operator<<(std::ostream& out, shape const& s) -> std::ostream&
    {
        out << '[';
        for (int i = 0; i < s.rank(); ++i) {
            out << (i == 0 ? "" : ", ") << s[i];
        }
        return out << ']';
    }

private:
    std::array<std::int64_t, max_rank> extents_{};
    int rank_ = 0;
};

} // namespace haiga
