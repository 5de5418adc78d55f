#pragma once

#include "haiga/base/bytes.hpp"
#include "haiga/base/crc32.hpp"
#include "haiga/io/sink.hpp"
#include "haiga/io/zip_format.hpp"

#include <array>
#include <string>
#include <vector>

namespace haiga::io {

/// Writes a zip archive of stored files, one after the other, to a sink that is only appended to.
/// zip64 where a size or a place needs it. The same files give the same bytes: every date is the
/// first that the format has, 1980-01-01.
///
/// Order:  add ... add, finish. Errors: those of the sink and of what produces the data.
template <byte_sink Sink>
class zip_writer {
public:
    /// alignment: of the first byte of every file's data, from the start of the archive.
    explicit zip_writer(Sink& sink, std::size_t alignment = 1) : sink_(sink), alignment_(alignment)
    {
        HAIGA_CHECK(alignment > 0 && alignment <= 4096);
    }

    /// produce(piece_sink) writes the data, size bytes of them, in as many pieces as it likes.
    /// Errors: also mismatch for another number of bytes; invalid for a name that leads out.
    template <class Produce>
    auto add(std::string name, std::uint64_t size, Produce const& produce) -> result<>
    {
        HAIGA_TRY_VOID(check_inner_name(name));
        if (name.size() > longest_name) {
            return fail(errc::too_large, "zip: a name of ", name.size(), " bytes");
        }
        entry next{std::move(name), size, at_, 0};
        HAIGA_TRY_VOID(put(local_header(next)));
        piece_sink pieces{*this};
        auto const begin = at_;
        HAIGA_TRY_VOID(produce(pieces));
        if (at_ - begin != size) {
            return fail(errc::mismatch, "zip: \"", next.name, "\": expected ", size, " bytes, got ",
                        at_ - begin);
        }
        next.crc = pieces.crc.value();
        HAIGA_TRY_VOID(put(descriptor_of(next)));
        entries_.push_back(std::move(next));
        return {};
    }

    auto add(std::string name, std::span<std::byte const> data) -> result<>
    {
        return add(std::move(name), data.size(), [&](auto& out) { return out.write(data); });
    }

    /// The directory. Nothing may follow.
    auto finish() -> result<>
    {
        auto const begin = at_;
        for (auto const& e : entries_) {
            HAIGA_TRY_VOID(put(central_header(e)));
        }
        return put(end_records(begin, at_ - begin));
    }

private:
    static constexpr std::size_t longest_name = 0x8000;
    static constexpr std::uint16_t version = 20, version64 = 45, first_date = 0x21;

    struct entry {
        std::string name;
        std::uint64_t size = 0, header = 0;
        std::uint32_t crc = 0;

        [[nodiscard]] auto is_large() const -> bool { return size >= zip::elsewhere; }
    };

    struct piece_sink {
        zip_writer& out;
        crc32 crc{};

        auto write(std::span<std::byte const> bytes) -> result<>
        {
            crc.add(bytes);
            return out.put(as_text(bytes));
        }
        template <class Mapped>
        auto copy(Mapped const& from, std::span<std::byte const> part) -> result<>
        {
            crc.add(part);
            out.at_ += part.size();
            return copy_part(out.sink_, from, part);
        }
        auto sync() -> result<> { return out.sink_.sync(); }
    };

    static void append(std::string& to, auto... values)
    {
        auto const one = [&](std::unsigned_integral auto value) {
            std::array<std::byte, sizeof value> bytes{};
            store_le(bytes, 0, value);
            to.append(as_text(bytes));
        };
        (one(values), ...);
    }

    static auto u16(std::size_t value) { return static_cast<std::uint16_t>(value); }
    static auto in32(std::uint64_t value) -> std::uint32_t
    {
        return value >= zip::elsewhere ? zip::elsewhere : static_cast<std::uint32_t>(value);
    }

    /// Which version reads it, flags, method 0, time and date.
    static void append_kind(std::string& to, std::uint16_t needs)
    {
        constexpr std::uint16_t flags = zip::flag_descriptor | zip::flag_utf8;
        append(to, needs, flags, std::uint16_t{0}, std::uint16_t{0}, first_date);
    }

    auto local_header(entry const& e) const -> std::string
    {
        // The checksum is known when the data have been written: it follows them.
        std::string extra;
        if (e.is_large()) {
            append(extra, zip::extra_zip64, std::uint16_t{16}, std::uint64_t{0}, std::uint64_t{0});
        }
        auto const unpadded = at_ + zip::local_header_bytes + e.name.size() + extra.size();
        if (unpadded % alignment_ != 0) {
            constexpr std::uint16_t padding_id = 0x4246; // what PyTorch's writer takes for it
            constexpr std::size_t field = 4;
            auto const missing = alignment_ - (unpadded + field) % alignment_;
            append(extra, padding_id, u16(missing % alignment_));
            extra.append(missing % alignment_, 'Z');
        }
        auto const nothing = e.is_large() ? zip::elsewhere : 0U;
        std::string header;
        append(header, zip::local_header);
        append_kind(header, e.is_large() ? version64 : version);
        append(header, std::uint32_t{0}, nothing, nothing, u16(e.name.size()), u16(extra.size()));
        return header + e.name + extra;
    }

    static auto descriptor_of(entry const& e) -> std::string
    {
        std::string text;
        append(text, zip::data_descriptor, e.crc);
        if (e.is_large()) {
            append(text, e.size, e.size);
        } else {
            append(text, in32(e.size), in32(e.size));
        }
        return text;
    }

    static auto central_header(entry const& e) -> std::string
    {
        std::string extra;
        if (e.is_large()) {
            append(extra, e.size, e.size);
        }
        if (e.header >= zip::elsewhere) {
            append(extra, e.header);
        }
        bool const large = !extra.empty();
        if (large) {
            std::string head;
            append(head, zip::extra_zip64, u16(extra.size()));
            extra.insert(0, head);
        }
        std::string header;
        append(header, zip::central_header, version64);
        append_kind(header, large ? version64 : version);
        append(header, e.crc, in32(e.size), in32(e.size), u16(e.name.size()), u16(extra.size()));
        append(header, std::uint16_t{0}, std::uint16_t{0}, std::uint16_t{0}, std::uint32_t{0},
               in32(e.header));
        return header + e.name + extra;
    }

    auto end_records(std::uint64_t begin, std::uint64_t bytes) const -> std::string
    {
        std::uint64_t const count = entries_.size();
        std::string text;
        if (count >= zip::elsewhere16 || begin >= zip::elsewhere || bytes >= zip::elsewhere) {
            append(text, zip::end_of_directory64, std::uint64_t{zip::end_of_directory64_bytes - 12},
                   version64, version64, std::uint32_t{0}, std::uint32_t{0}, count, count, bytes,
                   begin);
            append(text, zip::locator64, std::uint32_t{0}, begin + bytes, std::uint32_t{1});
        }
        auto const count16 = u16(std::min<std::uint64_t>(count, zip::elsewhere16));
        append(text, zip::end_of_directory, std::uint16_t{0}, std::uint16_t{0}, count16, count16,
               in32(bytes), in32(begin), std::uint16_t{0});
        return text;
    }

    auto put(std::string_view text) -> result<>
    {
        at_ += text.size();
        return sink_.write(as_bytes(text));
    }

    Sink& sink_;
    std::size_t alignment_;
    std::uint64_t at_ = 0;
    std::vector<entry> entries_;
};

} // namespace haiga::io
