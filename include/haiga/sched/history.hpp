#pragma once

#include "haiga/base/check.hpp"

#include <concepts>
#include <cstddef>
#include <vector>

namespace haiga::sched {

/// As many arrays as any scheduler here keeps from one step to another.
inline constexpr int most_kept = 6;

/// What the steps of one run leave for later ones: slots arrays of as many elements as the sample.
/// One is made before a run, with scheduler.kept() slots; a new run needs no new one.
template <std::floating_point T = float>
class history {
public:
    history(int slots, std::size_t elements)
        : slots_(slots), elements_(elements), values_(static_cast<std::size_t>(slots) * elements)
    {
        HAIGA_CHECK(slots >= 0 && slots <= most_kept, slots, " slots");
    }

    [[nodiscard]] auto slots() const -> int { return slots_; }
    [[nodiscard]] auto elements() const -> std::ptrdiff_t
    {
        return static_cast<std::ptrdiff_t>(elements_);
    }
    [[nodiscard]] auto slot(int k) -> T* { return values_.data() + offset(k); }
    [[nodiscard]] auto slot(int k) const -> T const* { return values_.data() + offset(k); }

private:
    [[nodiscard]] auto offset(int k) const -> std::size_t
    {
        HAIGA_CHECK(k >= 0 && k < slots_, "slot ", k, " of ", slots_);
        return static_cast<std::size_t>(k) * elements_;
    }

    int slots_;
    std::size_t elements_;
    std::vector<T> values_;
};

} // namespace haiga::sched
