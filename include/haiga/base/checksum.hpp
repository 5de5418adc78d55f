#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace haiga {

/// CRC-64/XZ: tells damaged bytes from whole ones; no protection against intent.
/// Source: ECMA-182, annex B, reflected, as in the .xz file format; of "123456789" it is
///         0x995dc9bbdf1939fa.
class crc64 {
public:
    void add(std::span<std::byte const> bytes)
    {
        for (auto const byte : bytes) {
            auto const index = (state_ ^ std::to_integer<std::uint64_t>(byte)) & 0xffU;
            state_ = table()[static_cast<std::size_t>(index)] ^ (state_ >> 8U);
        }
    }
    [[nodiscard]] auto value() const -> std::uint64_t { return ~state_; }

private:
    static auto table() -> std::array<std::uint64_t, 256> const&
    {
        static constexpr auto made = [] {
            std::array<std::uint64_t, 256> entries{};
            for (std::uint64_t i = 0; i < 256; ++i) {
                auto entry = i;
                for (int bit = 0; bit < 8; ++bit) {
                    entry = (entry & 1U) != 0 ? (entry >> 1U) ^ 0xc96c5795d7870f42U : entry >> 1U;
                }
                entries[static_cast<std::size_t>(i)] = entry;
            }
            return entries;
        }();
        return made;
    }

    std::uint64_t state_ = ~std::uint64_t{0};
};

} // namespace haiga
