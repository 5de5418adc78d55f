#pragma once

#include "haiga/base/utf8.hpp"
#include "haiga/context/text_tables.hpp"
#include "haiga/tokenizer/category.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>

namespace haiga::context {

/// What of a text tokenizers of the present kind make tokens of, told without a vocabulary.
struct text_features {
    /// Words, split where capitals begin; groups of three digits; runs of ASCII punctuation; line
    /// breaks; runs of other space, but for the one space that joins the word or sign behind it.
    double pieces = 0;
    double punctuation = 0; ///< changes from one sign to another within runs
    double latin = 0;       ///< letters of Latin words behind the fourth, mostly in other languages
    double alphabets = 0;   ///< letters of other alphabets, weighed by their script
    double east_asian = 0;  ///< the same of Han, kana and Hangul
    double symbols = 0;     ///< bytes of what is neither letter nor ordinary punctuation

    [[nodiscard]] auto values() const -> std::array<double, 6>
    {
        return {pieces, punctuation, latin, alphabets, east_asian, symbols};
    }
};

namespace detail {

enum class sign : unsigned char { space, latin, letter, digit, punctuation, dash, symbol };

inline auto is_latin(char32_t c) -> bool
{
    return c < 0x250 || (c >= 0x300 && c < 0x370) || (c >= 0x1e00 && c < 0x1f00);
}

inline auto sign_of(char32_t c) -> sign
{
    using tokenizer::category;
    if (c < 0x80) {
        auto const lower = c | 0x20U;
        return lower >= 'a' && lower <= 'z'      ? sign::latin
               : c >= '0' && c <= '9'            ? sign::digit
               : c == ' ' || (c >= 9 && c <= 13) ? sign::space
                                                 : sign::punctuation;
    }
    if (tokenizer::is_white_space(c)) {
        return sign::space;
    }
    auto const kind = tokenizer::category_of(c);
    auto const mark = kind >= category::Mn && kind <= category::Me;
    auto const of_symbols = (c >= 0x20d0 && c < 0x2100) || (c >= 0xfe00 && c < 0xfe10);
    if (tokenizer::is_letter(kind) || (mark && !of_symbols)) {
        return is_latin(c) ? sign::latin : sign::letter;
    }
    auto const east_asian = (c >= 0x3000 && c < 0x3040) || (c >= 0xff00 && c < 0xff66);
    return east_asian || kind == category::Pd || kind == category::Pi || kind == category::Pf
               ? sign::dash
               : sign::symbol;
}

/// Goes over a text once.
class feature_scan {
public:
    explicit feature_scan(std::string_view text) : rest_(text)
    {
        while (!rest_.empty()) {
            step();
        }
        end_line();
    }

    [[nodiscard]] auto features() const -> text_features const& { return found_; }

private:
    // The constants below are no fits to counts: they say what a vocabulary is likely to hold.
    static constexpr double english_share = 0.08; ///< of a letter too many in an English word
    static constexpr double accent = 2;           ///< letters that one with an accent counts as
    static constexpr double surprise =
        3; ///< by which a line must look un-English (natural logarithm)
    static constexpr std::size_t free_letters = 4;
    static constexpr std::size_t line_words = 32;

    void step()
    {
        auto const before = rest_.size();
        auto next = rest_;
        auto const c = take_utf8(next);
        switch (sign_of(c)) {
        case sign::space: space(); break;
        case sign::latin: word(); break;
        case sign::digit: found_.pieces += std::ceil(static_cast<double>(digits()) / 3); break;
        case sign::punctuation: punctuation(); break;
        case sign::dash:
            rest_ = next;
            found_.pieces += 1;
            break;
        case sign::letter:
            rest_ = next;
            letter(c, before - next.size());
            break;
        case sign::symbol:
            rest_ = next;
            found_.symbols += static_cast<double>(before - next.size());
            break;
        }
    }

    void letter(char32_t c, std::size_t bytes)
    {
        auto const* const known =
            std::ranges::find_if(scripts, [&](script const& s) { return c <= s.last; });
        if (known == std::end(scripts) || c < known->first) {
            found_.alphabets += 0.6 * static_cast<double>(bytes); // as text_tables.py says
        } else {
            (known->east_asian ? found_.east_asian : found_.alphabets) += known->tokens;
        }
    }

    void space()
    {
        std::size_t breaks = 0;
        std::size_t behind = 0; // spaces after the last line break
        bool plain = false;     // the last one is ' '
        while (!rest_.empty()) {
            auto next = rest_;
            auto const c = take_utf8(next);
            if (sign_of(c) != sign::space) {
                break;
            }
            auto const line = c == '\n' || c == '\r';
            breaks += line ? 1 : 0;
            behind = line ? 0 : behind + 1;
            plain = c == ' ';
            rest_ = next;
        }
        if (breaks > 0) {
            found_.pieces += 1 + static_cast<double>(breaks / 16);
            end_line();
        }
        if (plain && !rest_.empty() && joins_space()) {
            --behind;
        }
        if (behind > 0) {
            found_.pieces += 1 + static_cast<double>(behind / 64);
        }
    }

    [[nodiscard]] auto joins_space() const -> bool
    {
        auto next = rest_;
        auto const what = sign_of(take_utf8(next));
        return what != sign::digit && what != sign::symbol;
    }

    auto digits() -> std::size_t
    {
        std::size_t n = 0;
        while (n < rest_.size() && rest_[n] >= '0' && rest_[n] <= '9') {
            ++n;
        }
        rest_.remove_prefix(n);
        return n;
    }

    void punctuation()
    {
        found_.pieces += 1;
        std::size_t same = 0;
        char last = rest_[0];
        while (!rest_.empty() && static_cast<unsigned char>(rest_[0]) < 0x80 &&
               sign_of(static_cast<unsigned char>(rest_[0])) == sign::punctuation) {
            found_.punctuation += rest_[0] != last ? 1 : 0;
            same = rest_[0] == last ? same + 1 : 1;
            found_.pieces += same % 16 == 0 ? 1 : 0; // rulers are cut into pieces
            last = rest_[0];
            rest_.remove_prefix(1);
        }
    }

    /// A part of a word between changes of case.
    struct piece {
        std::size_t letters = 0;
        std::size_t repeated = 0; ///< letters in runs of three and more of the same one
        std::size_t run = 0;
    };

    void end_run(piece& p)
    {
        if (p.run >= 3) {
            p.repeated += p.run;
            found_.pieces += static_cast<double>((p.run + 2) / 3);
        }
        p.run = 0;
    }

    void end_piece(piece& p)
    {
        end_run(p);
        found_.pieces += p.letters > 0 && p.repeated < p.letters ? 1 : 0;
        auto const other = p.letters - p.repeated;
        excess_ += other > free_letters ? static_cast<double>(other - free_letters) : 0;
        p = {};
    }

    void word()
    {
        using tokenizer::category;
        piece now;
        double odds = 0;
        std::size_t letters = 0;
        std::size_t accents = 0;
        char32_t last = 0;
        bool was_lower = false;
        std::size_t pair = 0; // 1 + the letter before, where it is one of a to z
        auto const before = found_.pieces;
        while (!rest_.empty()) {
            auto next = rest_;
            auto const c = take_utf8(next);
            if (sign_of(c) != sign::latin) {
                break;
            }
            rest_ = next;
            auto const ascii = c < 0x80;
            auto const lower = ascii ? c >= 'a' : tokenizer::category_of(c) != category::Lu;
            if (!lower && was_lower) {
                end_piece(now);
            }
            if (c != last) {
                end_run(now);
            }
            ++now.letters;
            ++now.run;
            accents += ascii ? 0 : 1;
            auto const index = ascii ? static_cast<std::size_t>((c | 0x20U) - 'a') + 1 : 0;
            odds += ascii && (pair > 0 || letters == 0) ? odds_of(pair, index) : 0;
            pair = index;
            ++letters;
            last = c;
            was_lower = lower;
        }
        end_piece(now);
        confused(static_cast<double>(letters), found_.pieces - before);
        odds += pair > 0 ? odds_of(pair, 0) : 0;
        accents_ += static_cast<double>(accents);
        if (letters > 1) {
            odds_ += std::clamp(odds, -4.0, 4.0) + (accents > 1 ? 1 : accents > 0 ? 0.5 : 0);
            if (++words_ == line_words) {
                end_line();
            }
        }
    }

    /// Letters whose case changes with every second or third of them are no words, but base64 and
    /// its like: hardly two of them are in one token.
    void confused(double letters, double pieces)
    {
        if (letters >= 4 && letters <= 2.5 * pieces) {
            found_.pieces += std::max(0.0, 0.8 * letters - pieces);
        }
    }

    static auto odds_of(std::size_t first, std::size_t second) -> double
    {
        return static_cast<double>(letter_pairs[27 * first + second] - 'O') / 8;
    }

    /// Decides for the words of a line together whether they are English.
    void end_line()
    {
        auto const foreign = 1 / (1 + std::exp(surprise - std::clamp(odds_, -30.0, 30.0)));
        found_.latin += excess_ * (foreign + (1 - foreign) * english_share) + accent * accents_;
        odds_ /= 2; // the next line is likely to be in the same language
        excess_ = 0;
        accents_ = 0;
        words_ = 0;
    }

    std::string_view rest_;
    text_features found_;
    double odds_ = 0; ///< that this line is not English
    double excess_ = 0;
    double accents_ = 0;
    std::size_t words_ = 0;
};

} // namespace detail

/// Cost: one pass; nothing is allocated. Bytes that are no UTF-8 count as symbols.
inline auto features_of(std::string_view text) -> text_features
{
    return detail::feature_scan(text).features();
}

} // namespace haiga::context
