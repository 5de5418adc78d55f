#pragma once

#include "haiga/base/result.hpp"
#include "haiga/checkpoint/torch_globals.hpp"

#include <limits>
#include <span>

namespace haiga::checkpoint {

/// A storage of a torch file: an array that several tensors may share.
struct storage_id {
    std::optional<dtype> type; ///< nothing: bytes of any type
    std::string key;           ///< of the array in the file
    std::uint64_t offset = 0;  ///< of the storage in that array, bytes
    std::uint64_t bytes = 0;
};

namespace detail {

inline auto tuple_of(pickle::document const& document, pickle::ref at, std::size_t least)
    -> result<std::span<pickle::ref const>>
{
    auto const* const found = document.get_if<pickle::sequence>(at);
    if (found == nullptr || found->items.size() < least) {
        return fail(errc::invalid, "expected a tuple of ", least, " at least");
    }
    return std::span(found->items);
}

inline auto integer_of(pickle::document const& document, pickle::ref at) -> result<std::int64_t>
{
    auto const* const found = document.get_if<std::int64_t>(at);
    return found != nullptr ? result<std::int64_t>(*found)
                            : fail(errc::invalid, "expected a whole number");
}

inline auto storage_bytes(pickle::document const& document, pickle::ref elements, std::size_t width)
    -> result<std::uint64_t>
{
    HAIGA_TRY(auto const count, integer_of(document, elements));
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    if (count < 0 || count > most / static_cast<std::int64_t>(width)) {
        return fail(errc::invalid, "a storage of ", count, " elements");
    }
    return static_cast<std::uint64_t>(count) * width;
}

} // namespace detail

/// Reads a persistent id: ("storage", class, key, device, elements) and, in the legacy form, a view
/// of it: (key, offset, elements) or None.
/// Errors: invalid; unsupported for a storage of another class.
/// Source: torch/serialization.py of PyTorch, persistent_id.
inline auto read_storage_id(pickle::document const& document, pickle::ref at) -> result<storage_id>
{
    auto const* const id = document.get_if<pickle::persistent>(at);
    if (id == nullptr) {
        return fail(errc::invalid, "has no storage");
    }
    HAIGA_TRY(auto const given, detail::tuple_of(document, id->id, 5));
    auto const* const kind = document.get_if<std::string>(given[0]);
    auto const* const made = document.get_if<pickle::global>(given[1]);
    auto const* const key = document.get_if<std::string>(given[2]);
    if (kind == nullptr || *kind != "storage" || made == nullptr || key == nullptr) {
        return fail(errc::invalid, "its storage is not described as one");
    }
    storage_id storage{torch_type_of(*made, &torch_type::storage), *key, 0, 0};
    if (!storage.type && !is_untyped_storage(*made)) {
        return fail(errc::unsupported, "its storage is of ", made->full_name());
    }
    auto const width = storage.type ? size_of(*storage.type) : 1;
    if (given.size() > 5 && document.get_if<pickle::none>(given[5]) == nullptr) {
        HAIGA_TRY(auto const view, detail::tuple_of(document, given[5], 3));
        HAIGA_TRY(storage.offset, detail::storage_bytes(document, view[1], width));
        HAIGA_TRY(storage.bytes, detail::storage_bytes(document, view[2], width));
    } else {
        HAIGA_TRY(storage.bytes, detail::storage_bytes(document, given[4], width));
    }
    return storage;
}

} // namespace haiga::checkpoint
