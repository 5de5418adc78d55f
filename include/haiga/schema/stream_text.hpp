#pragma once

#include "haiga/base/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace haiga::schema::detail {

/// Reads JSON that arrives in pieces of any size, as strictly as json::parse, and tells a sink what
/// it has read as soon as it is known. Nothing recurses and no piece is read twice.
///
/// A sink has begin_object, end_object, begin_array, end_array, comma, begin_string, end_string,
/// begin_key, end_key, begin_literal('t', 'f' or 'n'), end_literal, begin_number(first byte) and
/// end_number(its text); text(bytes) for whole characters of strings and keys, which returns how
/// many of the bytes were read before it stopped; and stopped().
template <class Sink>
class text_reader {
public:
    explicit text_reader(Sink& sink) : sink_(&sink) {}

    /// Errors: why() is set where no JSON continues so. Stops there, and where the sink stops.
    void feed(std::string_view piece)
    {
        piece_ = piece;
        for (at_ = 0; at_ < piece_.size() && !stopped();) {
            if (state_ == state::string) {
                read_string();
            } else {
                read_byte(piece_[at_]);
            }
        }
        read_ += at_;
    }

    /// The text has ended: a number at the outermost level ends there.
    void finish()
    {
        if (stopped()) {
            return;
        }
        if (is_whole_number()) {
            end_number();
        }
        if (state_ != state::after || !open_.empty()) {
            fail("the text ends too early");
        }
    }

    /// Bytes read: up to and with the one that stopped it.
    [[nodiscard]] auto offset() const -> std::size_t { return read_; }
    [[nodiscard]] auto depth() const -> std::size_t { return open_.size(); }
    /// Whether a whole document has been read, apart from blanks behind it.
    [[nodiscard]] auto is_whole() const -> bool { return state_ == state::after && open_.empty(); }
    [[nodiscard]] auto why() const -> char const* { return why_; }

private:
    enum class state : std::uint8_t {
        value,
        first_item, ///< or the end of the array
        first_key,  ///< or the end of the object
        key,
        colon,
        after, ///< a value
        literal,
        string,
        character, ///< within one of several bytes
        escape,
        hex,
        low_surrogate, ///< a backslash and a u must follow
        low_surrogate_u,
        minus,
        zero,
        whole,
        point,
        fraction,
        e,
        e_sign,
        exponent,
    };

    [[nodiscard]] auto stopped() const -> bool { return why_ != nullptr || sink_->stopped(); }
    void fail(char const* why) { why_ = why; }

    static auto is_blank(char c) -> bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
    static auto is_digit(char c) -> bool { return c >= '0' && c <= '9'; }

    void read_byte(char c)
    {
        switch (state_) {
        case state::value:
        case state::first_item:
        case state::first_key:
        case state::key:
        case state::colon:
        case state::after: read_structure(c); break;
        case state::literal: read_literal(c); break;
        case state::string:
        case state::character: read_character(c); break;
        case state::escape:
        case state::hex:
        case state::low_surrogate:
        case state::low_surrogate_u: read_escape(c); break;
        default: read_number(c);
        }
    }

    void read_structure(char c)
    {
        ++at_;
        if (is_blank(c)) {
            return;
        }
        if (state_ == state::after) {
            read_after(c);
        } else if (state_ == state::colon) {
            state_ = state::value;
            if (c != ':') {
                fail("a colon must follow a key");
            }
        } else if (state_ == state::value || state_ == state::first_item) {
            c == ']' && state_ == state::first_item ? close(']') : begin_value(c);
        } else if (c == '"') {
            begin_text(true);
        } else if (c == '}' && state_ == state::first_key) {
            close('}');
        } else {
            fail("a key must follow, in quotes");
        }
    }

    void read_after(char c)
    {
        if (open_.empty()) {
            fail("something follows the document");
        } else if (c == ',') {
            state_ = open_.back() == '}' ? state::key : state::value;
            sink_->comma();
        } else if (c == open_.back()) {
            close(c);
        } else {
            fail("a comma or a closing bracket must follow");
        }
    }

    void begin_value(char c)
    {
        if (c == '{' || c == '[') {
            open_.push_back(c == '{' ? '}' : ']');
            state_ = c == '{' ? state::first_key : state::first_item;
            c == '{' ? sink_->begin_object() : sink_->begin_array();
        } else if (c == '"') {
            begin_text(false);
        } else if (c == '-' || is_digit(c)) {
            number_.assign(1, c);
            state_ = c == '-' ? state::minus : c == '0' ? state::zero : state::whole;
            sink_->begin_number(c);
        } else if (c == 't' || c == 'f' || c == 'n') {
            literal_ = c == 't' ? "rue" : c == 'f' ? "alse" : "ull";
            state_ = state::literal;
            sink_->begin_literal(c);
        } else {
            fail("no value begins so");
        }
    }

    void close(char c)
    {
        open_.pop_back();
        state_ = state::after;
        c == '}' ? sink_->end_object() : sink_->end_array();
    }

    void read_literal(char c)
    {
        ++at_;
        if (c != literal_[0]) {
            fail("a literal must be true, false or null");
            return;
        }
        literal_.remove_prefix(1);
        if (literal_.empty()) {
            state_ = state::after;
            sink_->end_literal();
        }
    }

    // ---- numbers

    [[nodiscard]] auto is_whole_number() const -> bool
    {
        return state_ == state::zero || state_ == state::whole || state_ == state::fraction ||
               state_ == state::exponent;
    }

    void end_number()
    {
        state_ = state::after;
        sink_->end_number(number_);
    }

    void read_number(char c)
    {
        auto const next = after_digit_of_number(c);
        if (next == state::after) { // the byte is read again
            is_whole_number() ? end_number() : fail_number();
            at_ += sink_->stopped() ? 1U : 0U; // this byte has decided
            return;
        }
        ++at_;
        state_ = next;
        number_ += c;
    }

    void fail_number()
    {
        ++at_;
        fail("a number must go on with a digit");
    }

    [[nodiscard]] auto after_digit_of_number(char c) const -> state
    {
        bool const digit = is_digit(c);
        bool const is_e = c == 'e' || c == 'E';
        switch (state_) {
        case state::minus: return c == '0' ? state::zero : digit ? state::whole : state::after;
        case state::whole:
            if (digit) {
                return state::whole;
            }
            [[fallthrough]];
        case state::zero: return c == '.' ? state::point : is_e ? state::e : state::after;
        case state::point: return digit ? state::fraction : state::after;
        case state::fraction: return digit ? state::fraction : is_e ? state::e : state::after;
        case state::e:
            if (c == '+' || c == '-') {
                return state::e_sign;
            }
            [[fallthrough]];
        default: return digit ? state::exponent : state::after;
        }
    }

    // ---- strings

    void begin_text(bool is_key)
    {
        is_key_ = is_key;
        state_ = state::string;
        is_key ? sink_->begin_key() : sink_->begin_string();
    }

    void end_text()
    {
        state_ = is_key_ ? state::colon : state::after;
        is_key_ ? sink_->end_key() : sink_->end_string();
    }

    /// As many plain bytes as there are, then one that is not.
    void read_string()
    {
        auto const begin = at_;
        auto end = at_;
        while (end < piece_.size() && is_plain(piece_[end])) {
            ++end;
        }
        if (end > begin) {
            at_ = begin + sink_->text(piece_.substr(begin, end - begin));
            return;
        }
        char const c = piece_[at_++];
        if (c == '"') {
            end_text();
        } else if (c == '\\') {
            state_ = state::escape;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            fail("a control character must be escaped");
        } else {
            begin_character(c);
        }
    }

    static auto is_plain(char c) -> bool
    {
        auto const byte = static_cast<unsigned char>(c);
        return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
    }

    void begin_character(char c)
    {
        auto const lead = static_cast<unsigned char>(c);
        wanted_ = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        character_.assign(1, c);
        state_ = state::character;
        if (lead < 0xc2 || lead > 0xf4) {
            fail("a string must be UTF-8");
        }
    }

    void read_character(char c)
    {
        ++at_;
        character_ += c;
        if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80) {
            fail("a string must be UTF-8");
        } else if (character_.size() == wanted_) {
            state_ = state::string;
            if (utf8_sequence_length(character_) != wanted_) {
                fail("a string must be UTF-8");
            } else {
                sink_->text(character_);
            }
        }
    }

    void read_escape(char c)
    {
        ++at_;
        if (state_ == state::hex) {
            read_hex(c);
        } else if (state_ == state::low_surrogate) {
            state_ = state::low_surrogate_u;
            if (c != '\\') {
                fail("half a pair of surrogates");
            }
        } else if (c == 'u') {
            unit_ = 0;
            wanted_ = 4;
            state_ = state::hex;
        } else if (state_ == state::low_surrogate_u) {
            fail("half a pair of surrogates");
        } else {
            read_short_escape(c);
        }
    }

    void read_short_escape(char c)
    {
        constexpr std::string_view letters = "\"\\/bfnrt";
        constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
        auto const which = letters.find(c);
        if (which == std::string_view::npos) {
            fail("no escape of JSON");
            return;
        }
        state_ = state::string;
        sink_->text(meanings.substr(which, 1));
    }

    void read_hex(char c)
    {
        int const digit = is_digit(c)            ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (digit < 0) {
            fail("four hexadecimal digits must follow");
            return;
        }
        unit_ = unit_ * 16 + static_cast<char32_t>(digit);
        if (--wanted_ > 0) {
            return;
        }
        bool const is_high = unit_ >= 0xd800 && unit_ < 0xdc00;
        bool const is_low = unit_ >= 0xdc00 && unit_ < 0xe000;
        if (is_low != (high_ != 0)) {
            fail("half a pair of surrogates");
        } else if (is_high) {
            high_ = unit_;
            state_ = state::low_surrogate;
        } else {
            character_.clear();
            append_utf8(character_,
                        is_low ? 0x10000 + ((high_ - 0xd800) << 10U) + (unit_ - 0xdc00) : unit_);
            high_ = 0;
            state_ = state::string;
            sink_->text(character_);
        }
    }

    Sink* sink_;
    std::string_view piece_;
    std::size_t at_ = 0;   ///< in the piece
    std::size_t read_ = 0; ///< in the text
    state state_ = state::value;
    std::string open_; ///< closing brackets that are awaited
    std::string_view literal_;
    std::string number_;
    std::string character_;
    std::size_t wanted_ = 0; ///< bytes or digits
    char32_t unit_ = 0;
    char32_t high_ = 0;
    bool is_key_ = false;
    char const* why_ = nullptr;
};

} // namespace haiga::schema::detail
