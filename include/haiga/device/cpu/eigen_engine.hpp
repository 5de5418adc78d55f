#pragma once

#include "haiga/base/check.hpp"
#include "haiga/device/cpu/product.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace haiga::device {

/// Products by Eigen. Rows that a table scatters are gathered a tile at a time, which stays in
/// cache; rows at one distance are read where they are.
struct eigen_engine {
    static constexpr std::string_view name = "cpu_eigen";
    static constexpr bool bf16_tiles = false;

    static auto libraries() -> std::string
    {
        return concat("Eigen ", EIGEN_WORLD_VERSION, '.', EIGEN_MAJOR_VERSION, '.',
                      EIGEN_MINOR_VERSION);
    }

    template <class T>
    static void multiply(form how, product<T> const& p)
    {
        // our tasks are parallel already: Eigen's own threads, a setting of the process, are off
        [[maybe_unused]] static bool const one_thread = (Eigen::setNbThreads(1), true);
        bool accumulate = p.accumulate;
        for (auto const& s : p.segments) {
            one_segment(how, p, s, accumulate);
            accumulate = true;
        }
    }

private:
    template <class T>
    using matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    template <class T>
    using map = Eigen::Map<matrix<T>, 0, Eigen::OuterStride<>>;
    template <class T>
    using const_map = Eigen::Map<matrix<T> const, 0, Eigen::OuterStride<>>;

    static constexpr std::int64_t tile_rows = 128;

    /// Cuts the table of A's rows into runs at one distance, gathering where runs are short.
    template <class T>
    static void one_segment(form how, product<T> const& p, segment s, bool accumulate)
    {
        auto const rows = static_cast<std::int64_t>(p.a_rows.size());
        auto const needed = std::min(rows, how == form::tn ? p.k : p.m);
        auto const width = how == form::tn ? p.m : p.k;
        for (std::int64_t row = 0; row < needed; row += tile_rows) {
            auto const count = std::min(tile_rows, needed - row);
            std::int64_t stride = 0;
            T const* a = p.a + s.a + p.a_rows[static_cast<std::size_t>(row)];
            if (!evenly_spaced(p.a_rows, row, count, stride)) {
                a = gather(p, s, row, count, width);
                stride = width;
            }
            tile(how, p, s, row, count, a, stride, accumulate || (how == form::tn && row > 0));
        }
    }

    /// Grows when more is asked for than before: a resized Eigen matrix would allocate every time.
    template <class T>
    static auto buffer(std::int64_t rows, std::int64_t columns) -> Eigen::Map<matrix<T>>
    {
        thread_local std::vector<T> memory;
        memory.resize(static_cast<std::size_t>(std::max(rows * columns, std::ssize(memory))));
        return {memory.data(), rows, columns};
    }

    static auto evenly_spaced(std::span<std::int32_t const> rows, std::int64_t first,
                              std::int64_t count, std::int64_t& stride) -> bool
    {
        auto const at = [&](std::int64_t i) { return rows[static_cast<std::size_t>(first + i)]; };
        stride = count > 1 ? at(1) - at(0) : 0;
        for (std::int64_t i = 2; i < count; ++i) {
            if (at(i) - at(i - 1) != stride) {
                return false;
            }
        }
        return stride >= 0;
    }

    template <class T>
    static auto gather(product<T> const& p, segment s, std::int64_t first, std::int64_t count,
                       std::int64_t width) -> T const*
    {
        thread_local std::vector<T> rows;
        rows.resize(static_cast<std::size_t>(std::max(count * width, std::ssize(rows))));
        for (std::int64_t r = 0; r < count; ++r) {
            std::copy_n(p.a + s.a + p.a_rows[static_cast<std::size_t>(first + r)], width,
                        rows.data() + r * width);
        }
        return rows.data();
    }

    /// C's rows are evenly spaced only within a tile; the product goes through a buffer if not.
    template <class T>
    static void tile(form how, product<T> const& p, segment s, std::int64_t first,
                     std::int64_t count, T const* a, std::int64_t stride, bool accumulate)
    {
        bool const tn = how == form::tn;
        auto const rows_of_c = tn ? p.m : count;
        auto const row_of_c = tn ? 0 : first;
        const_map<T> const left(a, count, tn ? p.m : p.k, Eigen::OuterStride<>(stride));
        const_map<T> const right(p.b + s.b + (tn ? first * p.ldb : 0),
                                 how == form::nt ? p.n
                                 : tn            ? count
                                                 : p.k,
                                 how == form::nt ? p.k : p.n, Eigen::OuterStride<>(p.ldb));
        auto sum = buffer<T>(rows_of_c, p.n);
        switch (how) {
        case form::nn: sum.noalias() = left * right; break;
        case form::nt: sum.noalias() = left * right.transpose(); break;
        case form::tn: sum.noalias() = left.transpose() * right; break;
        }
        for (std::int64_t r = 0; r < rows_of_c; ++r) {
            T* const c = p.c + p.c_rows[static_cast<std::size_t>(row_of_c + r)];
            Eigen::Map<Eigen::Matrix<T, 1, Eigen::Dynamic>> out(c, p.n);
            if (accumulate) {
                out += sum.row(r);
            } else {
                out = sum.row(r);
            }
        }
    }
};

} // namespace haiga::device
