#pragma once

#include "haiga/base/bytes.hpp"
#include "haiga/io/zip_format.hpp"

#include <algorithm>
#include <span>
#include <vector>

namespace haiga::io {

namespace zip {

/// Where the central directory lies.
struct directory {
    std::uint64_t entries = 0, begin = 0, bytes = 0;
};

/// The last record of an archive, which only a comment of less than 64 KiB may follow.
inline auto find_end(std::span<std::byte const> file) -> result<std::size_t>
{
    constexpr std::size_t longest_comment = 0xffff;
    if (file.size() < end_of_directory_bytes) {
        return fail(errc::truncated, "need ", end_of_directory_bytes, " bytes, have ", file.size());
    }
    auto const last = file.size() - end_of_directory_bytes;
    for (auto at = last + 1; at-- > last - std::min(last, longest_comment);) {
        if (load_le<std::uint32_t>(file, at) == end_of_directory &&
            load_le<std::uint16_t>(file, at + 20) == last - at) {
            return at;
        }
    }
    return fail(errc::truncated, "the directory at the end is missing");
}

inline auto read_end64(std::span<std::byte const> file, std::size_t end) -> result<directory>
{
    if (end < locator64_bytes || load_le<std::uint32_t>(file, end - locator64_bytes) != locator64) {
        return fail(errc::invalid, "the zip64 locator is missing");
    }
    auto const at = load_le<std::uint64_t>(file, end - locator64_bytes + 8);
    if (!has_bytes(file.first(end), at, end_of_directory64_bytes) ||
        load_le<std::uint32_t>(file, at) != end_of_directory64) {
        return fail(errc::invalid, "the zip64 end of the directory is not at byte ", at);
    }
    return directory{load_le<std::uint64_t>(file, at + 32), load_le<std::uint64_t>(file, at + 48),
                     load_le<std::uint64_t>(file, at + 40)};
}

/// Errors: also where the directory cannot hold as many entries as it claims.
inline auto find_directory(std::span<std::byte const> file) -> result<directory>
{
    HAIGA_TRY(auto const end, find_end(file));
    if (load_le<std::uint16_t>(file, end + 4) != load_le<std::uint16_t>(file, end + 6)) {
        return fail(errc::unsupported, "the archive has several volumes");
    }
    directory found{load_le<std::uint16_t>(file, end + 10), load_le<std::uint32_t>(file, end + 16),
                    load_le<std::uint32_t>(file, end + 12)};
    if (found.entries == elsewhere16 || found.begin == elsewhere || found.bytes == elsewhere) {
        HAIGA_TRY(found, read_end64(file, end));
    }
    if (!has_bytes(file.first(end), found.begin, found.bytes)) {
        return fail(errc::truncated, "the directory claims ", found.bytes, " bytes at ",
                    found.begin, ", the file has ", end);
    }
    if (found.entries > found.bytes / central_header_bytes) {
        return fail(errc::invalid, found.entries, " files do not fit into a directory of ",
                    found.bytes, " bytes");
    }
    return found;
}

/// A record of the central directory.
struct central_record {
    zip_entry entry; ///< without begin
    std::uint64_t compressed = 0, header = 0;
    std::uint16_t flags = 0, method = 0;
    std::size_t bytes = 0;
};

/// The fields that do not fit into 32 bits stand in the zip64 extra field, in this order.
inline auto read_extra64(std::span<std::byte const> extra, central_record& record) -> result<>
{
    while (extra.size() >= 4) {
        auto const id = load_le<std::uint16_t>(extra);
        std::size_t const size = load_le<std::uint16_t>(extra, 2);
        if (size > extra.size() - 4) {
            break;
        }
        auto field = extra.subspan(4, size);
        extra = extra.subspan(4 + size);
        if (id != extra_zip64) {
            continue;
        }
        for (auto* const value : {&record.entry.size, &record.compressed, &record.header}) {
            if (*value == elsewhere && field.size() >= 8) {
                *value = load_le<std::uint64_t>(field);
                field = field.subspan(8);
            }
        }
        return {};
    }
    return {};
}

inline auto read_central(std::span<std::byte const> at) -> result<central_record>
{
    if (at.size() < central_header_bytes || load_le<std::uint32_t>(at) != central_header) {
        return fail(errc::invalid, "an entry of the directory is missing");
    }
    central_record record;
    record.flags = load_le<std::uint16_t>(at, 8);
    record.method = load_le<std::uint16_t>(at, 10);
    record.entry.crc = load_le<std::uint32_t>(at, 16);
    record.compressed = load_le<std::uint32_t>(at, 20);
    record.entry.size = load_le<std::uint32_t>(at, 24);
    record.header = load_le<std::uint32_t>(at, 42);
    std::size_t const name = load_le<std::uint16_t>(at, 28), extra = load_le<std::uint16_t>(at, 30),
                      comment = load_le<std::uint16_t>(at, 32);
    record.bytes = central_header_bytes + name + extra + comment;
    if (record.bytes > at.size()) {
        return fail(errc::invalid, "an entry of the directory is longer than the directory");
    }
    record.entry.name = as_text(at.subspan(central_header_bytes, name));
    HAIGA_TRY_VOID(read_extra64(at.subspan(central_header_bytes + name, extra), record));
    return record;
}

/// The data of an entry, behind the header that stands before them.
inline auto find_data(std::span<std::byte const> file, central_record record) -> result<zip_entry>
{
    auto const at = record.header;
    if (!has_bytes(file, at, local_header_bytes) ||
        load_le<std::uint32_t>(file, at) != local_header) {
        return fail(errc::invalid, "no file begins at byte ", at);
    }
    std::size_t const name = load_le<std::uint16_t>(file, at + 26);
    auto const head = local_header_bytes + name + load_le<std::uint16_t>(file, at + 28);
    if (!has_bytes(file, at, head) || !has_bytes(file, at + head, record.entry.size)) {
        return fail(errc::truncated, record.entry.size, " bytes at ", at, ", the archive has ",
                    file.size());
    }
    if (as_text(file.subspan(at + local_header_bytes, name)) != record.entry.name) {
        return fail(errc::mismatch, "the file itself has another name");
    }
    record.entry.begin = at + head;
    return std::move(record.entry);
}

inline auto check_stored(central_record const& record) -> result<>
{
    if ((record.flags & flag_encrypted) != 0) {
        return fail(errc::unsupported, "encrypted");
    }
    if (record.method != 0) {
        return fail(errc::unsupported, "compressed (method ", record.method,
                    "); only stored files are read");
    }
    if (record.compressed != record.entry.size) {
        return fail(errc::mismatch, "stored in ", record.compressed, " bytes, expected ",
                    record.entry.size);
    }
    return check_inner_name(record.entry.name);
}

/// No byte belongs to two files, nor to a file and the directory: such an archive unpacks to more
/// than it holds. Source: Fifield, "A better zip bomb", WOOT 2019.
inline auto check_disjoint(std::span<zip_entry const> entries, std::uint64_t directory) -> result<>
{
    std::vector<zip_entry const*> sorted;
    for (auto const& entry : entries) {
        sorted.push_back(&entry);
    }
    std::ranges::sort(sorted, {}, [](zip_entry const* e) { return std::pair(e->begin, e->size); });
    std::uint64_t free = 0;
    for (auto const* const entry : sorted) {
        auto const header = entry->begin - local_header_bytes - entry->name.size();
        if (header < free || entry->size > directory || entry->begin > directory - entry->size) {
            return fail(errc::invalid, '"', entry->name, "\" shares bytes with another file");
        }
        free = entry->begin + entry->size;
    }
    std::ranges::sort(sorted, {}, &zip_entry::name);
    auto const twice = std::ranges::adjacent_find(sorted, {}, &zip_entry::name);
    if (twice != sorted.end()) {
        return fail(errc::invalid, "two files are called \"", (*twice)->name, '"');
    }
    return {};
}

} // namespace zip

/// The files of an archive whose files are stored, in the order of its directory; folders are left
/// out. zip64 is read. The data are not looked at: crc32 of them should be the entry's crc.
///
/// Errors: truncated; invalid (records out of place, files that overlap, two of one name, names
///         that lead out); mismatch; unsupported (compressed, encrypted, several volumes).
inline auto read_zip(std::span<std::byte const> file) -> result<std::vector<zip_entry>>
{
    auto const read = [&]() -> result<std::vector<zip_entry>> {
        HAIGA_TRY(auto const directory, zip::find_directory(file));
        auto rest = file.subspan(directory.begin, directory.bytes);
        std::vector<zip_entry> entries;
        for (std::uint64_t i = 0; i < directory.entries; ++i) {
            HAIGA_TRY(auto record, zip::read_central(rest));
            rest = rest.subspan(record.bytes);
            auto const name = record.entry.name;
            auto const named = [&](failure&& f) {
                return std::move(f).within(concat('"', name, '"'));
            };
            if (name.ends_with('/') && record.entry.size == 0) {
                continue;
            }
            HAIGA_TRY_VOID(zip::check_stored(record).map_error(named));
            HAIGA_TRY(auto entry, zip::find_data(file, std::move(record)).map_error(named));
            entries.push_back(std::move(entry));
        }
        HAIGA_TRY_VOID(zip::check_disjoint(entries, directory.begin));
        return entries;
    };
    return read().map_error([](failure&& f) { return std::move(f).within("zip"); });
}

} // namespace haiga::io
