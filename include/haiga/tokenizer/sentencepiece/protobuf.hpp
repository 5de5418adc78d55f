#pragma once

#include "haiga/base/result.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace haiga::tokenizer::detail {

/// One field of a message in protobuf's wire format.
struct protobuf_field {
    std::uint64_t number = 0;
    std::uint64_t value = 0;  ///< of a varint, or of 4 or 8 bytes in little-endian order
    std::string_view bytes;   ///< of a string, of bytes, of a message inside
    std::uint64_t offset = 0; ///< where it begins in the file
    unsigned wire = 0;        ///< 0 varint, 1 eight bytes, 2 bytes, 5 four bytes

    [[nodiscard]] auto as_float() const -> float
    {
        return std::bit_cast<float>(static_cast<std::uint32_t>(value));
    }
};

/// Reads the fields of a message one after the other.
/// Source: Protocol Buffers, "Encoding".
class protobuf_reader {
public:
    /// offset: where the message begins in the file, for what is told of failures.
    protobuf_reader(std::string_view message, std::uint64_t offset)
        : rest_(message), offset_(offset)
    {
    }

    [[nodiscard]] auto done() const -> bool { return rest_.empty(); }

    /// Errors: truncated; invalid for a number of no field or a wire type that is none.
    auto next() -> result<protobuf_field>
    {
        protobuf_field field;
        field.offset = offset_;
        HAIGA_TRY(auto const key, varint());
        field.number = key >> 3U;
        field.wire = static_cast<unsigned>(key & 7U);
        if (field.number == 0 || field.number >= std::uint64_t{1} << 29U) {
            return failed(errc::invalid, "a field's number is ", field.number);
        }
        switch (field.wire) {
        case 0: {
            HAIGA_TRY(field.value, varint());
            return field;
        }
        case 1: return fixed(field, 8);
        case 2: {
            HAIGA_TRY(auto const size, varint());
            if (size > rest_.size()) {
                return failed(errc::truncated, "field ", field.number, " has ", size, " bytes, ",
                              rest_.size(), " are left");
            }
            field.offset = offset_;
            field.bytes = take(static_cast<std::size_t>(size));
            return field;
        }
        case 5: return fixed(field, 4);
        default:
            return failed(errc::invalid, "field ", field.number, " has the wire type ", field.wire);
        }
    }

private:
    template <class... Parts>
    auto failed(errc code, Parts const&... parts) const -> tl::unexpected<failure>
    {
        return tl::unexpected(failure{code, concat(parts...), offset_});
    }

    auto take(std::size_t size) -> std::string_view
    {
        auto const taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        offset_ += size;
        return taken;
    }

    auto varint() -> result<std::uint64_t>
    {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 70; shift += 7) {
            if (rest_.empty()) {
                return failed(errc::truncated, "ends inside a number");
            }
            auto const byte = static_cast<unsigned char>(take(1)[0]);
            if (shift < 64) {
                value |= std::uint64_t{byte & 0x7fU} << shift;
            }
            if (byte < 0x80) {
                return value;
            }
        }
        return failed(errc::invalid, "a number of more than ten bytes");
    }

    auto fixed(protobuf_field field, std::size_t size) -> result<protobuf_field>
    {
        if (rest_.size() < size) {
            return failed(errc::truncated, "field ", field.number, " has ", size, " bytes, ",
                          rest_.size(), " are left");
        }
        auto const bytes = take(size);
        for (std::size_t i = 0; i < size; ++i) {
            field.value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
        }
        return field;
    }

    std::string_view rest_;
    std::uint64_t offset_;
};

} // namespace haiga::tokenizer::detail
