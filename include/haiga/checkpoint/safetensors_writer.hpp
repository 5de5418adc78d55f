#pragma once

#include "haiga/base/bytes.hpp"
#include "haiga/base/utf8.hpp"
#include "haiga/checkpoint/safetensors_format.hpp"
#include "haiga/io/sink.hpp"
#include "haiga/tensor/view.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace haiga::checkpoint {

static_assert(std::endian::native == std::endian::little, "the data are written as they lie");

/// Where everything goes in a file that is still to be written.
struct safetensors_plan {
    std::string head;                  ///< the length and the header
    std::vector<tensor_entry> tensors; ///< in the order of their data
    std::vector<std::size_t> order;    ///< order[i]: which of the given entries tensors[i] is

    [[nodiscard]] auto file_bytes() const -> std::uint64_t
    {
        return head.size() + (tensors.empty() ? 0 : tensors.back().end);
    }
};

namespace detail {

/// The reference writer's order: the widest types first, so that all data are aligned.
constexpr auto write_rank(dtype type) -> int
{
    constexpr std::array widest_first = {dtype::i64,     dtype::f64, dtype::f32, dtype::i32,
                                         dtype::bf16,    dtype::f16, dtype::i16, dtype::f8_e4m3,
                                         dtype::f8_e5m2, dtype::i8,  dtype::u8,  dtype::boolean};
    return static_cast<int>(std::ranges::find(widest_first, type) - widest_first.begin());
}

inline auto write_header(std::span<tensor_entry const> tensors, metadata_map const& metadata)
    -> std::string
{
    boost::json::object header;
    if (!metadata.empty()) {
        auto& texts = header[safetensors_metadata_key].emplace_object();
        for (auto const& [key, value] : metadata) {
            texts[key] = value;
        }
    }
    for (auto const& tensor : tensors) {
        header[tensor.name] = {
            {"dtype", to_string(tensor.type)},
            {"shape", boost::json::array(tensor.dims.begin(), tensor.dims.end())},
            {"data_offsets", boost::json::array{tensor.begin, tensor.end}}};
    }
    auto text = boost::json::serialize(header);
    text.resize((text.size() + 7) / 8 * 8, ' ');
    return text;
}

inline auto place_tensors(std::span<tensor_entry> sorted) -> result<>
{
    std::uint64_t end = 0;
    for (auto& tensor : sorted) {
        auto const bytes = checked_bytes(tensor.type, tensor.dims);
        if (!bytes || *bytes > std::numeric_limits<std::int64_t>::max() - end) {
            return fail(errc::too_large, '"', tensor.name, "\": more than 2^63 bytes");
        }
        tensor.begin = std::exchange(end, end + *bytes);
        tensor.end = end;
    }
    return {};
}

/// Counts what passes to another sink.
template <io::byte_sink Sink>
struct counting_sink {
    Sink& sink;
    std::uint64_t count = 0;

    auto write(std::span<std::byte const> bytes) -> result<>
    {
        count += bytes.size();
        return sink.write(bytes);
    }
    template <class Mapped>
    auto copy(Mapped const& from, std::span<std::byte const> part) -> result<>
    {
        count += part.size();
        return io::copy_part(sink, from, part);
    }
    auto sync() -> result<> { return sink.sync(); }
};

} // namespace detail

/// Lays out a file for tensors of which only names, types and shapes are known (begin and end are
/// not looked at). The same tensors in any order give the same bytes.
///
/// Errors: invalid for a name that occurs twice, is reserved or not UTF-8, and for such metadata;
///         too_large.
inline auto plan_safetensors(std::span<tensor_entry const> tensors,
                             metadata_map const& metadata = {}) -> result<safetensors_plan>
{
    safetensors_plan plan;
    plan.order.resize(tensors.size());
    std::iota(plan.order.begin(), plan.order.end(), std::size_t{0});
    std::ranges::sort(plan.order, {}, [&](std::size_t i) {
        return std::tuple(detail::write_rank(tensors[i].type), std::string_view(tensors[i].name));
    });
    for (auto const i : plan.order) {
        if (tensors[i].name == safetensors_metadata_key) {
            return fail(errc::invalid, "no tensor may be called ", safetensors_metadata_key);
        }
        plan.tensors.push_back(tensors[i]);
    }
    HAIGA_TRY_VOID(detail::place_tensors(plan.tensors));
    HAIGA_TRY_VOID(check_names(tensors));
    for (auto const& [key, value] : metadata) {
        if (find_invalid_utf8(key) || find_invalid_utf8(value)) {
            return fail(errc::invalid, "metadata \"", key, "\" is not UTF-8");
        }
    }
    auto const header = detail::write_header(plan.tensors, metadata);
    if (header.size() > safetensors_max_header) {
        return fail(errc::too_large, "the header takes ", header.size(), " bytes");
    }
    std::array<std::byte, safetensors_prefix> length{};
    store_le<std::uint64_t>(length, 0, header.size());
    plan.head.append(as_text(length)).append(header);
    return plan;
}

/// Writes a planned file tensor by tensor: produce(index, sink) writes the data of the tensor that
/// was given to plan_safetensors at that index, in as many pieces as it likes.
/// Errors: those of produce and the sink; mismatch when produce writes another number of bytes.
template <io::byte_sink Sink, class Produce>
auto write_safetensors(Sink& sink, safetensors_plan const& plan, Produce const& produce) -> result<>
{
    HAIGA_TRY_VOID(sink.write(as_bytes(plan.head)));
    for (std::size_t i = 0; i < plan.tensors.size(); ++i) {
        detail::counting_sink<Sink> counted{sink};
        HAIGA_TRY_VOID(produce(plan.order[i], counted));
        if (counted.count != plan.tensors[i].bytes()) {
            return fail(errc::mismatch, "safetensors: \"", plan.tensors[i].name, "\": expected ",
                        plan.tensors[i].bytes(), " bytes, got ", counted.count);
        }
    }
    return {};
}

struct named_tensor {
    std::string name;
    any_view values;
};

/// Writes tensors that are all in memory. Errors: those of plan_safetensors and of the sink.
template <io::byte_sink Sink>
auto write_safetensors(Sink& sink, std::span<named_tensor const> tensors,
                       metadata_map const& metadata = {}) -> result<>
{
    std::vector<tensor_entry> entries;
    for (auto const& [name, values] : tensors) {
        entries.push_back({name, values.type(), values.shape()});
    }
    HAIGA_TRY(auto const plan, plan_safetensors(entries, metadata));
    return write_safetensors(sink, plan, [&](std::size_t i, auto& out) {
        auto const& values = tensors[i].values;
        return out.write({static_cast<std::byte const*>(values.data()), values.bytes()});
    });
}

} // namespace haiga::checkpoint
