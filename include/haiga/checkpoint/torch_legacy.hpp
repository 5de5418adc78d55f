#pragma once

#include "haiga/checkpoint/torch_tensors.hpp"

#include <map>

namespace haiga::checkpoint {

/// The number that a torch file of the form before 1.6 begins with, as its first pickle:
/// 0x1950a86a20f9469cfc6c behind PROTO 2, LONG1 and its length.
/// Source: torch/serialization.py of PyTorch, _legacy_save.
inline constexpr std::string_view torch_legacy_magic =
    "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";

namespace detail {

/// Several pickles, one after the other.
class pickle_sequence {
public:
    explicit pickle_sequence(std::span<std::byte const> text) : text_(text) {}

    [[nodiscard]] auto rest() const { return text_; }

    auto next() -> result<pickle::document>
    {
        HAIGA_TRY(auto one, pickle::read_pickle(text_, is_torch_global));
        text_ = text_.subspan(one.bytes);
        return std::move(one.contents);
    }

private:
    std::span<std::byte const> text_;
};

/// What the third pickle says of the machine that wrote the file.
inline auto check_legacy_machine(pickle::document const& about) -> result<>
{
    auto const* const members = about.get_if<pickle::mapping>(about.root());
    auto const* const at = members != nullptr ? about.find(*members, "little_endian") : nullptr;
    auto const* const little = at != nullptr ? about.get_if<bool>(*at) : nullptr;
    return little != nullptr && *little
               ? result<>()
               : fail(errc::unsupported, "the file does not say that it is little-endian");
}

/// How wide the elements of each storage are: every persistent id tells.
inline auto storage_widths(pickle::document const& object)
    -> result<std::map<std::string, std::size_t>>
{
    std::map<std::string, std::size_t> widths;
    for (pickle::ref at = 0; at < object.size(); ++at) {
        if (object.get_if<pickle::persistent>(at) != nullptr) {
            HAIGA_TRY(auto const id, read_storage_id(object, at));
            auto const width = size_of(id.type.value_or(dtype::u8));
            if (widths.emplace(id.key, width).first->second != width) {
                return fail(errc::invalid, "storage ", id.key, " is of two types");
            }
        }
    }
    return widths;
}

/// Behind the last pickle: of every storage, in the order of that pickle, the number of its
/// elements in 8 bytes, and its data.
inline auto place_storages(std::vector<std::string> const& keys, std::span<std::byte const> data,
                           std::map<std::string, std::size_t> const& widths)
    -> result<std::map<std::string, std::span<std::byte const>>>
{
    std::map<std::string, std::span<std::byte const>> placed;
    for (auto const& key : keys) {
        auto const width = widths.find(key);
        if (width == widths.end()) {
            return fail(errc::unsupported, "nothing tells the type of storage ", key);
        }
        if (data.size() < 8) {
            return fail(errc::truncated, "storage ", key, " is missing");
        }
        auto const count = load_le<std::uint64_t>(data);
        data = data.subspan(8);
        if (count > data.size() / width->second) {
            return fail(errc::truncated, "storage ", key, " needs ", count, " elements of ",
                        width->second, " bytes, the file has ", data.size(), " bytes left");
        }
        auto const bytes = static_cast<std::size_t>(count) * width->second;
        if (!placed.emplace(key, data.first(bytes)).second) {
            return fail(errc::invalid, "storage ", key, " is there twice");
        }
        data = data.subspan(bytes);
    }
    return placed;
}

inline auto read_legacy_keys(pickle::document const& last) -> result<std::vector<std::string>>
{
    auto const* const list = last.get_if<pickle::sequence>(last.root());
    if (list == nullptr) {
        return fail(errc::invalid, "the list of storages is missing");
    }
    std::vector<std::string> keys;
    for (auto const item : list->items) {
        auto const* const key = last.get_if<std::string>(item);
        if (key == nullptr) {
            return fail(errc::invalid, "the name of a storage is not a text");
        }
        keys.push_back(*key);
    }
    return keys;
}

} // namespace detail

/// Reads everything but the data of a torch file in its form before PyTorch 1.6: a magic number, a
/// version, a description of the machine, the object, the names of its storages, each a pickle;
/// then the storages.
///
/// Errors: those of pickle::read_pickle and read_torch_tensors; truncated; unsupported for another
///         version or byte order.
inline auto read_torch_legacy(std::span<std::byte const> file) -> result<torch_contents>
{
    constexpr std::int64_t version = 1001;
    if (!as_text(file).starts_with(torch_legacy_magic)) {
        return fail(errc::invalid, "the magic number is missing");
    }
    detail::pickle_sequence pickles(file.subspan(torch_legacy_magic.size()));
    HAIGA_TRY(auto const second, pickles.next());
    auto const* const found = second.get_if<std::int64_t>(second.root());
    if (found == nullptr || *found != version) {
        return fail(errc::unsupported, "another version of the format than ", version);
    }
    HAIGA_TRY(auto const machine, pickles.next());
    HAIGA_TRY_VOID(detail::check_legacy_machine(machine));
    HAIGA_TRY(auto const object, pickles.next());
    HAIGA_TRY(auto const last, pickles.next());
    HAIGA_TRY(auto const keys, detail::read_legacy_keys(last));
    HAIGA_TRY(auto const widths, detail::storage_widths(object));
    HAIGA_TRY(auto const storages, detail::place_storages(keys, pickles.rest(), widths));
    return read_torch_tensors(
        object, [&](storage_id const& id) -> result<std::span<std::byte const>> {
            auto const at = storages.find(id.key);
            if (at == storages.end()) {
                return fail(errc::not_found, "its storage ", id.key, " is missing");
            }
            if (!has_bytes(at->second, id.offset, id.bytes)) {
                return fail(errc::mismatch, "its storage ", id.key, " has ", at->second.size(),
                            " bytes, needed are ", id.bytes, " from ", id.offset, " on");
            }
            return at->second.subspan(id.offset, id.bytes);
        });
}

} // namespace haiga::checkpoint
