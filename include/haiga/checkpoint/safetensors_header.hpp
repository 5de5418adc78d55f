#pragma once

#include "haiga/base/bytes.hpp"
#include "haiga/checkpoint/safetensors_format.hpp"
#include "haiga/json/get.hpp"
#include "haiga/json/unique_keys.hpp"

#include <algorithm>
#include <limits>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

namespace haiga::checkpoint {

/// What the header of a safetensors file says.
struct safetensors_header {
    std::vector<tensor_entry> tensors; ///< in the order of their data
    metadata_map metadata;
    std::size_t data_offset = 0; ///< bytes from the start of the file
};

namespace detail {

inline auto header_text(std::span<std::byte const> file) -> result<std::string_view>
{
    if (file.size() < safetensors_prefix) {
        return fail(errc::truncated, "need ", safetensors_prefix, " bytes, have ", file.size());
    }
    auto const length = load_le<std::uint64_t>(file);
    if (length > safetensors_max_header) {
        return fail(errc::too_large, "the header claims ", length, " bytes, at most ",
                    safetensors_max_header, " are allowed");
    }
    if (length > file.size() - safetensors_prefix) {
        return fail(errc::truncated, "the header needs ", length, " bytes, the file has ",
                    file.size() - safetensors_prefix, " after its length");
    }
    auto const text = as_text(file.subspan(safetensors_prefix, static_cast<std::size_t>(length)));
    if (!text.starts_with('{')) {
        return fail(errc::invalid, "the header does not start with {");
    }
    return text;
}

inline auto read_dims(boost::json::object const& info) -> result<shape>
{
    HAIGA_TRY(auto const extents, json::get<std::vector<std::int64_t>>(info, "shape"));
    if (extents.size() > shape::max_rank) {
        return fail(errc::unsupported, "rank ", extents.size(), ", at most ", shape::max_rank);
    }
    if (std::ranges::any_of(extents, [](std::int64_t extent) { return extent < 0; })) {
        return fail(errc::invalid, "\"shape\": a negative extent");
    }
    return shape(std::span(extents));
}

inline auto read_entry(std::string_view name, boost::json::value const& value)
    -> result<tensor_entry>
{
    HAIGA_TRY(auto const info, json::as<boost::json::object>(value));
    HAIGA_TRY(auto const type_name, json::get<std::string>(info, "dtype"));
    auto const type = dtype_from_string(type_name);
    if (!type) {
        return fail(errc::unsupported, "dtype \"", type_name, "\" is not known");
    }
    HAIGA_TRY(auto const dims, read_dims(info));
    HAIGA_TRY(auto const ends, json::get<std::vector<std::uint64_t>>(info, "data_offsets"));
    if (ends.size() != 2 || ends[0] > ends[1]) {
        return fail(errc::invalid, "\"data_offsets\" is not [begin, end]");
    }
    auto const bytes = checked_bytes(*type, dims);
    if (!bytes || *bytes != ends[1] - ends[0]) {
        return fail(errc::mismatch, type_name, ' ', dims, " needs ",
                    bytes ? concat(*bytes) : "more than 2^63", " bytes, has ", ends[1] - ends[0]);
    }
    return tensor_entry{std::string(name), *type, dims, ends[0], ends[1]};
}

inline auto read_metadata(boost::json::value const& value) -> result<metadata_map>
{
    HAIGA_TRY(auto const object, json::as<boost::json::object>(value));
    metadata_map metadata;
    for (auto const& member : object) {
        HAIGA_TRY(auto text, json::get<std::string>(object, member.key()));
        metadata.emplace(member.key(), std::move(text));
    }
    return metadata;
}

/// No hole, no overlap, nothing after the end: every byte of the data belongs to one tensor.
inline auto check_offsets(std::span<tensor_entry const> sorted, std::uint64_t data_bytes)
    -> result<>
{
    std::uint64_t end = 0;
    for (auto const& tensor : sorted) {
        if (tensor.begin != end) {
            return fail(errc::invalid, '"', tensor.name, "\" starts at byte ", tensor.begin,
                        " of the data, expected ", end);
        }
        end = tensor.end;
    }
    if (end != data_bytes) {
        return fail(end > data_bytes ? errc::truncated : errc::invalid, "the tensors take ", end,
                    " bytes, the file has ", data_bytes);
    }
    return {};
}

inline auto read_members(std::string_view text) -> result<safetensors_header>
{
    constexpr std::size_t deepest = 4; // the tensors' arrays are on level 3
    HAIGA_TRY(auto const document, json::parse_unique(text, {text.size(), deepest}));
    safetensors_header header;
    for (auto const& member : document.get_object()) {
        std::string_view const name = member.key();
        auto const named = [&](failure&& f) { return std::move(f).within(concat('"', name, '"')); };
        if (name == safetensors_metadata_key) {
            HAIGA_TRY(header.metadata, read_metadata(member.value()).map_error(named));
        } else {
            HAIGA_TRY(auto entry, read_entry(name, member.value()).map_error(named));
            header.tensors.push_back(std::move(entry));
        }
    }
    std::ranges::sort(header.tensors, {}, [](tensor_entry const& tensor) {
        return std::tuple(tensor.begin, tensor.end, std::string_view(tensor.name));
    });
    return header;
}

} // namespace detail

/// Reads and checks everything but the data of a safetensors file.
///
/// Errors: truncated; too_large; invalid (JSON, duplicate keys, holes, overlaps); mismatch (a
///         tensor's bytes are not those of its shape); unsupported (dtype, rank above 8).
inline auto read_safetensors_header(std::span<std::byte const> file) -> result<safetensors_header>
{
    auto const read = [&]() -> result<safetensors_header> {
        HAIGA_TRY(auto const text, detail::header_text(file));
        HAIGA_TRY(auto header, detail::read_members(text));
        header.data_offset = safetensors_prefix + text.size();
        HAIGA_TRY_VOID(detail::check_offsets(header.tensors, file.size() - header.data_offset));
        return header;
    };
    return read().map_error([](failure&& f) { return std::move(f).within("safetensors"); });
}

} // namespace haiga::checkpoint
