#pragma once

#include "haiga/base/utf8.hpp"
#include "haiga/tokenizer/tokenizer.hpp"

namespace haiga::tokenizer {

namespace detail {

/// How many bytes at the end of a text may begin a character that its next bytes complete.
inline auto open_character(std::string_view text) -> std::size_t
{
    for (std::size_t length = 1; length <= 3 && length <= text.size(); ++length) {
        auto const tail = text.substr(text.size() - length);
        auto const lead = static_cast<unsigned char>(tail[0]);
        if ((lead & 0xc0U) == 0x80) {
            continue;
        }
        // completed by the lowest and by the highest that may follow: one of both is well formed
        for (char const byte : {'\x80', '\x90', '\xa0', '\xbf'}) {
            std::string whole(tail);
            while (whole.size() < 4) {
                whole += whole.size() == 1 ? byte : '\x80';
                if (utf8_sequence_length(whole) == whole.size()) {
                    return length;
                }
            }
        }
        return 0;
    }
    return 0;
}

} // namespace detail

/// The text of tokens as they come, in whole characters: the bytes of one that is not whole yet
/// wait for the rest. Bytes that no further ones make a character of come as they are. The
/// tokenizer must outlive it.
template <tokenizer T>
class stream_decoder {
public:
    explicit stream_decoder(T const& t) : tokenizer_(&t) {}

    /// What a token adds to the text.
    [[nodiscard]] auto add(token_id id) -> std::string
    {
        waiting_ += tokenizer_->decode(std::span(&id, 1));
        auto const whole = waiting_.size() - detail::open_character(waiting_);
        auto text = waiting_.substr(0, whole);
        waiting_.erase(0, whole);
        return text;
    }

    /// What still waits, once there are no more tokens.
    [[nodiscard]] auto finish() -> std::string { return std::exchange(waiting_, {}); }

private:
    T const* tokenizer_;
    std::string waiting_;
};

} // namespace haiga::tokenizer
