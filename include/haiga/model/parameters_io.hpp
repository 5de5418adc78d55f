#pragma once

#include "haiga/base/parallel.hpp"
#include "haiga/device/arrange.hpp"
#include "haiga/model/checkpoint_tensor.hpp"
#include "haiga/model/flat_parameters.hpp"

#include <atomic>
#include <cmath>
#include <map>

namespace haiga::model {

/// The values of a parameter.
struct parameter_source {
    std::size_t parameter = 0; ///< its position
    checkpoint_tensor const* tensor = nullptr;
};

namespace detail {

/// The tensors by name. Errors: invalid for a name that occurs twice.
inline auto index_tensors(std::span<checkpoint_tensor const> tensors)
    -> result<std::map<std::string_view, checkpoint_tensor const*>>
{
    std::map<std::string_view, checkpoint_tensor const*> index;
    for (auto const& tensor : tensors) {
        if (!index.emplace(tensor.name, &tensor).second) {
            return fail(errc::invalid, "two tensors are called \"", tensor.name, '"');
        }
    }
    return index;
}

/// Looks for NaN and infinity among floats, of which a few are given at a time: without a branch,
/// and added up only when it is asked, for every weight passes here.
template <class T>
class finite_check {
public:
    void add(std::span<T const> values)
    {
        auto const* const in = values.data();
        auto const whole = values.size() / lanes * lanes;
        vectorised([&]() HAIGA_INLINE_LAMBDA {
            for (std::size_t i = 0; i < whole; i += lanes) {
                for (std::size_t lane = 0; lane < lanes; ++lane) {
                    seen_[lane] |= carry_of(in[i + lane]);
                }
            }
        });
        for (auto i = whole; i < values.size(); ++i) {
            seen_[0] |= carry_of(in[i]);
        }
    }

    [[nodiscard]] auto all_finite() const -> bool
    {
        return std::ranges::all_of(seen_, [](word w) { return (w & top) == 0; });
    }

private:
    using word = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
    static constexpr std::size_t lanes = 16;
    static constexpr word top = word{1} << (8 * sizeof(T) - 1);
    static constexpr word exponent = std::bit_cast<word>(std::numeric_limits<T>::infinity());
    static constexpr word one = exponent & (~exponent + 1); ///< the exponent's lowest bit

    /// An exponent of ones alone, and one more: its topmost bit is set.
    static constexpr auto carry_of(T value) -> word
    {
        return (std::bit_cast<word>(value) & exponent) + one;
    }

    std::array<word, lanes> seen_{};
};

/// Errors: invalid, naming the tensor and the first of its numbers that is not finite.
template <class T>
auto fail_not_finite(checkpoint_tensor const& tensor) -> result<>
{
    T value = 0;
    auto const count = tensor.dims.elements();
    for (std::int64_t i = 0; i < count; ++i) {
        read_elements<T>(tensor, i, {&value, 1});
        if (!std::isfinite(value)) {
            return fail(errc::invalid, '"', tensor.name, "\" is ",
                        std::isnan(value) ? "NaN" : "infinite", " in its element ", i, " of ",
                        count);
        }
    }
    return fail(errc::invalid, '"', tensor.name, "\" changes while it is read");
}

/// What one thread fills at a time.
struct piece {
    std::size_t source = 0;
    device::patch part;
};

/// Pieces of about one size, and small tensors: about a millisecond each at most.
template <class T>
auto pieces_of(flat_parameters<T> const& parameters, std::span<parameter_source const> sources)
    -> std::vector<piece>
{
    constexpr std::int64_t most = std::int64_t{1} << 18U;
    std::vector<piece> pieces;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        device::for_each_patch(parameters.info(sources[i].parameter), most,
                               [&](device::patch const& part) {
                                   pieces.push_back({i, part});
                               });
    }
    return pieces;
}

/// Converts and arranges a piece; false where a number is not finite.
template <class T>
auto fill_piece(flat_parameters<T> const& parameters, parameter_source const& source,
                device::patch const& part) -> bool
{
    constexpr std::size_t in_cache = 4096;
    auto const& p = parameters.info(source.parameter);
    auto const columns = device::whole_patch(p).columns;
    finite_check<T> check;
    auto const read = [&](std::int64_t row, std::int64_t column, std::span<T> to) {
        auto first = row * columns + column;
        while (!to.empty()) {
            auto const now = to.first(std::min(to.size(), in_cache));
            auto const next = first + static_cast<std::int64_t>(now.size());
            read_elements<T>(*source.tensor, first, now);
            check.add(now);
            first = next;
            to = to.subspan(now.size());
        }
    };
    device::arrange<T>(p, part, parameters.stored(source.parameter), read);
    return check.all_finite();
}

} // namespace detail

/// Finds the tensor of every parameter whose name begins with prefix, as load_parameters does.
///
/// Errors: as there. Nothing is read but names, types and sizes.
template <class T>
auto match_parameters(flat_parameters<T> const& parameters,
                      std::span<checkpoint_tensor const> tensors, std::string_view prefix = {})
    -> result<std::vector<parameter_source>>
{
    HAIGA_TRY(auto index, detail::index_tensors(tensors));
    std::vector<parameter_source> sources;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        auto const& p = parameters.info(i);
        if (!std::string_view(p.name).starts_with(prefix)) {
            continue;
        }
        auto const at = index.find(std::string_view(p.name).substr(prefix.size()));
        if (at == index.end()) {
            return fail(errc::not_found, '"', p.name.substr(prefix.size()), "\" is missing");
        }
        if (at->second->dims != p.shape) {
            return fail(errc::mismatch, '"', at->first, "\" should be ", p.shape, "; found ",
                        at->second->dims);
        }
        HAIGA_TRY_VOID(detail::check_tensor(*at->second));
        sources.push_back({i, at->second});
        index.erase(at);
    }
    if (!index.empty()) {
        return fail(errc::mismatch, '"', index.begin()->first, "\" is no parameter of this model, ",
                    index.size(), " such in all");
    }
    return sources;
}

/// Converts values and lays them out as the library has them, in one pass.
///
/// Order:  each element is written once; the same bytes for any number of threads.
/// Errors: invalid for a number that is not finite, naming the first tensor that has one. The
///         buffer may then be partly filled.
template <class T>
auto fill_parameters(flat_parameters<T> const& parameters,
                     std::span<parameter_source const> sources,
                     parallelism team = parallelism::all_cores()) -> result<>
{
    auto const pieces = detail::pieces_of(parameters, sources);
    std::atomic<std::size_t> first_bad{sources.size()};
    parallel_for(team, std::ssize(pieces), [&](std::ptrdiff_t i, int) {
        auto const& [source, part] = pieces[static_cast<std::size_t>(i)];
        if (!detail::fill_piece(parameters, sources[source], part)) {
            auto seen = first_bad.load();
            while (source < seen && !first_bad.compare_exchange_weak(seen, source)) {
            }
        }
    });
    return first_bad == sources.size() ? result<>()
                                       : detail::fail_not_finite<T>(*sources[first_bad].tensor);
}

/// Fills a flat buffer from a checkpoint. prefix, as in "unet.", is what the graph's names have
/// before the checkpoint's; parameters without it are another model's and stay as they are.
///
/// Errors: not_found for a parameter that the checkpoint lacks; mismatch for another shape, and for
///         a tensor that no parameter wants; unsupported for a type that holds no real numbers;
///         invalid for numbers that are not finite. Each names the tensor. For the last of them
///         alone the buffer may be partly filled.
template <class T>
auto load_parameters(flat_parameters<T> const& parameters,
                     std::span<checkpoint_tensor const> tensors, std::string_view prefix = {},
                     parallelism team = parallelism::all_cores()) -> result<>
{
    HAIGA_TRY(auto const sources, match_parameters(parameters, tensors, prefix));
    return fill_parameters<T>(parameters, sources, team);
}

} // namespace haiga::model
