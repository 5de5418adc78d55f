#pragma once

#include <cstddef>
#include <initializer_list>
#include <utility>
#include <vector>

namespace haiga::model {

/// A setting of which there is one for all levels of a UNet, or one for each.
template <class T>
class per_level {
public:
    per_level(T one) : values_{one} {} // NOLINT(google-explicit-constructor): as in the files
    per_level(std::initializer_list<T> each) : values_(each) {}
    explicit per_level(std::vector<T> each) : values_(std::move(each)) {}

    [[nodiscard]] auto at(std::size_t level) const -> T
    {
        return values_.size() == 1 ? values_[0] : values_.at(level);
    }
    [[nodiscard]] auto fits(std::size_t levels) const -> bool
    {
        return values_.size() == 1 || values_.size() == levels;
    }
    [[nodiscard]] auto values() const -> std::vector<T> const& { return values_; }

    friend auto operator==(per_level const&, per_level const&) -> bool = default;

private:
    std::vector<T> values_;
};

} // namespace haiga::model
