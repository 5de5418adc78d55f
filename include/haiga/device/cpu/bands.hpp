#pragma once

#include <algorithm>
#include <cstdint>

namespace haiga::device::detail {

/// Which positions a task computes: whole pictures, or rows of one.
struct band {
    std::int64_t first_image, images, first_row, rows;
};

/// Cuts n pictures of h rows into tasks of about so many positions.
class bands {
public:
    bands(std::int64_t n, std::int64_t h, std::int64_t w, std::int64_t positions) : n_(n), h_(h)
    {
        images_ = std::clamp<std::int64_t>(positions / std::max<std::int64_t>(1, h * w), 1, n);
        rows_ = std::clamp<std::int64_t>((positions + w / 2) / std::max<std::int64_t>(1, w), 1, h);
        rows_ = images_ > 1 ? h : rows_;
    }

    [[nodiscard]] auto count() const { return groups() * bands_a_group(); }
    [[nodiscard]] auto most_positions(std::int64_t w) const { return images_ * rows_ * w; }
    [[nodiscard]] auto operator[](std::int64_t i) const -> band
    {
        auto const image = i / bands_a_group() * images_;
        auto const row = i % bands_a_group() * rows_;
        return {image, std::min(images_, n_ - image), row, std::min(rows_, h_ - row)};
    }
    [[nodiscard]] auto images() const { return images_; }
    [[nodiscard]] auto rows() const { return rows_; }

private:
    [[nodiscard]] auto groups() const -> std::int64_t { return (n_ + images_ - 1) / images_; }
    [[nodiscard]] auto bands_a_group() const -> std::int64_t { return (h_ + rows_ - 1) / rows_; }

    std::int64_t n_, h_, images_ = 1, rows_ = 1;
};

} // namespace haiga::device::detail
