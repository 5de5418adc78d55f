#pragma once

#include "haiga/base/result.hpp"
#include "haiga/base/utf8.hpp"
#include "haiga/tokenizer/pretokenize/properties.hpp"

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace haiga::tokenizer {

/// The characters that one class of a regular expression matches: a letter, \s, \p{Lu}, [^a-z\d].
class character_set {
public:
    /// Takes a class away from the front of a pattern. In [...] there may be characters, ranges,
    /// escapes and an ^ at the front; no sets inside of sets.
    /// Errors: unsupported for anything else.
    static auto take(std::string_view& pattern) -> result<character_set>
    {
        character_set set;
        if (pattern.starts_with('[')) {
            HAIGA_TRY_VOID(set.take_brackets(pattern));
        } else if (pattern.starts_with('.')) {
            pattern.remove_prefix(1);
            set.ranges_.emplace_back(U'\n', U'\n');
            set.negated_ = true;
        } else {
            HAIGA_TRY_VOID(set.take_item(pattern));
        }
        set.fill();
        return set;
    }

    [[nodiscard]] auto contains(char32_t c) const -> bool
    {
        return c < ascii_.size() ? ascii_[c] : matches(c);
    }

private:
    enum class property : std::uint8_t { space, not_space, word, not_word };

    auto refuse(std::string_view pattern) const
    {
        return fail(errc::unsupported, "\"", one_line(pattern, 80), "\" is no class of characters");
    }

    auto take_brackets(std::string_view& pattern) -> result<>
    {
        auto const whole = pattern;
        pattern.remove_prefix(1);
        negated_ = pattern.starts_with('^');
        pattern.remove_prefix(negated_ ? 1 : 0);
        for (bool first = true; !pattern.starts_with(']'); first = false) {
            if (pattern.empty() || pattern.starts_with('[') || pattern.starts_with("&&") ||
                (pattern.starts_with('-') && !first)) {
                return refuse(whole);
            }
            HAIGA_TRY_VOID(take_item(pattern));
            if (pattern.starts_with('-') && !pattern.starts_with("-]")) {
                pattern.remove_prefix(1);
                auto const [low, is_one] = last_;
                HAIGA_TRY_VOID(take_item(pattern));
                if (!is_one || !last_.second || last_.first < low) {
                    return refuse(whole);
                }
                ranges_.emplace_back(low, last_.first);
            } else if (pattern.starts_with("-]")) {
                pattern.remove_prefix(1);
                ranges_.emplace_back(U'-', U'-');
            }
        }
        pattern.remove_prefix(1);
        return {};
    }

    /// A character or an escape.
    auto take_item(std::string_view& pattern) -> result<>
    {
        last_ = {0, false};
        if (pattern.empty()) {
            return refuse(pattern);
        }
        if (!pattern.starts_with('\\')) {
            add_one(take_utf8(pattern));
            return {};
        }
        auto const whole = pattern;
        pattern.remove_prefix(1);
        if (pattern.empty()) {
            return refuse(whole);
        }
        char const kind = pattern[0];
        pattern.remove_prefix(1);
        switch (kind) {
        case 's': properties_.push_back(property::space); return {};
        case 'S': properties_.push_back(property::not_space); return {};
        case 'w': properties_.push_back(property::word); return {};
        case 'W': properties_.push_back(property::not_word); return {};
        case 'd': categories_ |= bit(category::Nd); return {};
        case 'D': categories_ |= ~bit(category::Nd); return {};
        case 'n': add_one(U'\n'); return {};
        case 'r': add_one(U'\r'); return {};
        case 't': add_one(U'\t'); return {};
        case 'p':
        case 'P': return take_property(pattern, kind == 'P', whole);
        default: break;
        }
        auto const byte = static_cast<unsigned char>(kind);
        if (byte >= 0x80 || is_word(byte)) {
            return refuse(whole);
        }
        add_one(byte);
        return {};
    }

    /// {L}, {Lu}: general categories.
    auto take_property(std::string_view& pattern, bool negated, std::string_view whole) -> result<>
    {
        constexpr std::string_view names =
            "CnCcCfCsCoLuLlLtLmLoMnMcMeNdNlNoPcPdPsPePiPfPoSmScSkSoZsZlZp";
        auto const close = pattern.find('}');
        if (!pattern.starts_with('{') || close == std::string_view::npos) {
            return refuse(whole);
        }
        auto const name = pattern.substr(1, close - 1);
        pattern.remove_prefix(close + 1);
        std::uint32_t found = 0;
        for (std::size_t i = 0; i < names.size() / 2 && !name.empty(); ++i) {
            found |= names.substr(2 * i, 2).starts_with(name) ? std::uint32_t{1} << i : 0;
        }
        if (found == 0) {
            return refuse(whole);
        }
        categories_ |= negated ? ~found : found;
        return {};
    }

    static auto bit(category c) -> std::uint32_t
    {
        return std::uint32_t{1} << static_cast<unsigned>(c);
    }

    void add_one(char32_t c)
    {
        ranges_.emplace_back(c, c);
        last_ = {c, true};
    }

    [[nodiscard]] auto matches(char32_t c) const -> bool
    {
        bool found = categories_ != 0 && (categories_ & bit(category_of(c))) != 0;
        for (auto const& [first, last] : ranges_) {
            found = found || (c >= first && c <= last);
        }
        for (auto const p : properties_) {
            auto const has =
                p == property::space || p == property::not_space ? is_white_space(c) : is_word(c);
            found = found || has == (p == property::space || p == property::word);
        }
        return found != negated_;
    }

    void fill()
    {
        for (char32_t c = 0; c < ascii_.size(); ++c) {
            ascii_[c] = matches(c);
        }
    }

    std::vector<std::pair<char32_t, char32_t>> ranges_;
    std::vector<property> properties_;
    std::uint32_t categories_ = 0;
    bool negated_ = false;
    std::array<bool, 128> ascii_{};
    std::pair<char32_t, bool>
        last_; ///< while it is read: the last character, and whether it was one
};

} // namespace haiga::tokenizer
