#pragma once

#include "haiga/base/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace haiga::tokenizer {

/// What sequences of characters are replaced by, in the compiled form that sentencepiece and
/// tokenizer.json carry: the length of a double array (32 bits), the double array, texts that each
/// end in a zero byte.
///
/// Source: google/sentencepiece, src/normalizer.cc; s-yata/darts-clone, include/darts.h, whose
///         units hold a label in 8 bits and the sign bit, a mark for a leaf, an offset of 22 bits.
class character_map {
public:
    /// Replaces nothing.
    character_map() = default;

    /// Errors: truncated; invalid where the array is not whole units or nothing follows it.
    static auto make(std::string_view bytes) -> result<character_map>
    {
        std::uint64_t size = 0;
        if (bytes.size() < 4) {
            return fail(errc::truncated, "character map: ", bytes.size(), " bytes, needs 4");
        }
        for (unsigned i = 0; i < 4; ++i) {
            size |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
        }
        bytes.remove_prefix(4);
        if (size > bytes.size()) {
            return fail(errc::truncated, "character map: an array of ", size, " bytes, ",
                        bytes.size(), " are left");
        }
        if (size % 4 != 0 || size == 0) {
            return fail(errc::invalid, "character map: an array of ", size, " bytes");
        }
        character_map map;
        map.units_.resize(static_cast<std::size_t>(size) / 4);
        for (std::size_t i = 0; i < map.units_.size() * 4; ++i) {
            map.units_[i / 4] |= std::uint32_t{static_cast<unsigned char>(bytes[i])}
                                 << (8 * (i % 4));
        }
        map.texts_ = bytes.substr(static_cast<std::size_t>(size));
        return map;
    }

    [[nodiscard]] auto empty() const -> bool { return units_.empty(); }

    struct match {
        std::size_t length = 0; ///< of what is replaced; 0 where nothing is
        std::string_view with;  ///< what it becomes
    };

    /// The longest sequence at the start of a text that is replaced.
    [[nodiscard]] auto longest(std::string_view text) const -> match
    {
        match best;
        search(text, [&](std::size_t length, std::uint32_t value) {
            best = {length, text_at(value)};
            return true;
        });
        return best;
    }

    /// The shortest one.
    [[nodiscard]] auto shortest(std::string_view text) const -> match
    {
        match best;
        search(text, [&](std::size_t length, std::uint32_t value) {
            best = {length, text_at(value)};
            return false;
        });
        return best;
    }

    /// Of every byte of ASCII, whether it stays as it is before another byte of ASCII.
    [[nodiscard]] auto kept_bytes() const -> std::array<bool, 128>
    {
        std::array<bool, 128> kept{};
        for (std::size_t a = 0; a < kept.size(); ++a) {
            kept[a] = true;
            for (std::size_t b = 0; b < kept.size() && kept[a]; ++b) {
                char const pair[] = {static_cast<char>(a), static_cast<char>(b)};
                kept[a] = longest({pair, 2}).length == 0;
            }
        }
        return kept;
    }

private:
    /// found returns whether to look for longer ones.
    template <class Found>
    void search(std::string_view text, Found const& found) const
    {
        if (units_.empty()) {
            return;
        }
        std::size_t at = offset_of(units_[0]);
        for (std::size_t i = 0; i < text.size(); ++i) {
            auto const byte = static_cast<unsigned char>(text[i]);
            at ^= byte;
            if (at >= units_.size() || (units_[at] & 0x8000'00ffU) != byte || byte == 0) {
                return;
            }
            auto const unit = units_[at];
            at ^= offset_of(unit);
            if ((unit >> 8U & 1U) != 0 &&
                (at >= units_.size() || !found(i + 1, units_[at] & 0x7fff'ffffU))) {
                return;
            }
        }
    }

    static auto offset_of(std::uint32_t unit) -> std::size_t
    {
        return static_cast<std::size_t>(unit >> 10U) << ((unit & 0x200U) >> 6U);
    }

    [[nodiscard]] auto text_at(std::uint32_t at) const -> std::string_view
    {
        auto const rest = std::string_view(texts_).substr(std::min<std::size_t>(at, texts_.size()));
        return rest.substr(0, rest.find('\0'));
    }

    std::vector<std::uint32_t> units_;
    std::string texts_;
};

} // namespace haiga::tokenizer
