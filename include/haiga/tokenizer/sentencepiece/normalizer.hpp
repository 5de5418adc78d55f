#pragma once

#include "haiga/base/utf8.hpp"
#include "haiga/tokenizer/normalize/character_map.hpp"
#include "haiga/tokenizer/prefix_trie.hpp"
#include "haiga/tokenizer/sentencepiece/model_file.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace haiga::tokenizer {

/// U+2581, which stands for a space.
inline constexpr std::string_view space_mark = "\xe2\x96\x81";

/// What sentencepiece does to a text before it looks for pieces: sequences of the character map are
/// replaced, the longest first, user-defined symbols kept; spaces become marks, those at the ends
/// and repeated ones go; one stands before (or behind) the whole.
///
/// Source: google/sentencepiece 0.2.3, src/normalizer.cc.
class sentencepiece_normalizer {
public:
    sentencepiece_normalizer() = default;

    /// kept: what is never replaced. Errors: those of character_map::make.
    static auto make(sentencepiece_file::normalizer const& spec, bool mark_behind, prefix_trie kept)
        -> result<sentencepiece_normalizer>
    {
        sentencepiece_normalizer made;
        if (!spec.character_map.empty()) {
            HAIGA_TRY(made.map_, character_map::make(spec.character_map));
        }
        made.kept_ = std::move(kept);
        made.plain_ = made.map_.kept_bytes();
        made.plain_space_ = made.plain_[' '] && !made.kept_.begins_with(' ');
        for (std::size_t byte = 0; byte < made.plain_.size(); ++byte) {
            made.plain_[byte] = made.plain_[byte] && byte != ' ' &&
                                !made.kept_.begins_with(static_cast<char>(byte));
        }
        made.mark_before_ = spec.add_dummy_prefix && !mark_behind;
        made.mark_behind_ = spec.add_dummy_prefix && mark_behind;
        made.trim_ = spec.remove_extra_whitespaces;
        made.space_ = spec.escape_whitespaces ? space_mark : std::string_view(" ");
        return made;
    }

    /// The text as pieces are looked for in it. origins, where it is given: for every byte of the
    /// result, and for its end, the byte of the text that it comes from.
    void run(std::string_view text, std::string& out, std::vector<std::uint32_t>* origins) const;

    [[nodiscard]] auto trims() const -> bool { return trim_; }
    [[nodiscard]] auto adds_mark() const -> bool { return mark_before_ || mark_behind_; }
    [[nodiscard]] auto space() const -> std::string_view { return space_; }

private:
    struct part {
        std::size_t length;    ///< of the source
        std::string_view text; ///< what it becomes
    };

    [[nodiscard]] auto next(std::string_view rest) const -> part
    {
        if (auto const kept = kept_.longest_prefix(rest).length; kept != 0) {
            return {kept, rest.substr(0, kept)};
        }
        if (auto const found = map_.longest(rest); found.length != 0) {
            return {found.length, found.with};
        }
        auto const length = utf8_sequence_length(rest);
        return length == 0 ? part{1, "\xef\xbf\xbd"} : part{length, rest.substr(0, length)};
    }

    [[nodiscard]] auto is_plain(char byte) const -> bool
    {
        auto const b = static_cast<unsigned char>(byte);
        return b < 0x80 && plain_[b];
    }

    class writer;

    /// Characters that stay as they are, and single spaces between them, as far as there are only
    /// those; how many bytes of the text that was.
    auto copy_plain(std::string_view text, bool& after_space, std::string& out) const -> std::size_t
    {
        constexpr std::size_t most = 2048; // of which each byte may become a mark
        auto const before = out.size();
        auto const size = std::min(text.size(), most);
        out.resize(before + size * space_mark.size());
        auto* to = out.data() + before;
        std::size_t at = 0;
        for (; at < size; ++at) {
            auto const next = at + 1 < text.size() ? text[at + 1] : '\0';
            if (is_plain(text[at]) && static_cast<unsigned char>(next) < 0x80) {
                *to++ = text[at];
                after_space = false;
            } else if (plain_space_ && text[at] == ' ' && is_plain(next) && at + 1 < text.size()) {
                for (std::size_t i = 0; i < space_.size() && !after_space; ++i) {
                    *to++ = space_[i];
                }
            } else {
                break;
            }
        }
        out.resize(static_cast<std::size_t>(to - out.data()));
        return at;
    }

    character_map map_;
    prefix_trie kept_;
    std::array<bool, 128> plain_{}; ///< stays as it is before another byte of ASCII
    bool plain_space_ = false;
    bool mark_before_ = false, mark_behind_ = false, trim_ = false;
    std::string_view space_ = space_mark;
};

/// The result that grows, with where it came from.
class sentencepiece_normalizer::writer {
public:
    writer(std::string& out, std::vector<std::uint32_t>* origins, std::string_view space)
        : out_(out), origins_(origins), space_(space)
    {
        out_.clear();
        if (origins_ != nullptr) {
            origins_->clear();
        }
    }

    void add(std::string_view text, std::size_t origin)
    {
        out_.append(text);
        if (origins_ != nullptr) {
            origins_->insert(origins_->end(), text.size(), static_cast<std::uint32_t>(origin));
        }
    }

    void add_space(std::size_t origin) { add(space_, origin); }

    void add_marked(std::string_view text, std::size_t origin)
    {
        for (auto const byte : text) {
            byte == ' ' ? add_space(origin) : add({&byte, 1}, origin);
        }
    }

    /// Bytes that stay as they are.
    void copy(std::string_view text, std::size_t origin)
    {
        out_.append(text);
        for (std::size_t i = 0; i < text.size() && origins_ != nullptr; ++i) {
            origins_->push_back(static_cast<std::uint32_t>(origin + i));
        }
    }

    /// Takes spaces away from the end; where the last of them came from, or `end`.
    auto trim(std::size_t end) -> std::size_t
    {
        while (out_.ends_with(space_)) {
            out_.resize(out_.size() - space_.size());
            if (origins_ != nullptr) {
                end = (*origins_)[out_.size()];
                origins_->resize(out_.size());
            }
        }
        return end;
    }

    void finish(std::size_t end)
    {
        if (origins_ != nullptr) {
            origins_->push_back(static_cast<std::uint32_t>(end));
        }
    }

private:
    std::string& out_;
    std::vector<std::uint32_t>* origins_;
    std::string_view space_;
};

inline void sentencepiece_normalizer::run(std::string_view text, std::string& out,
                                          std::vector<std::uint32_t>* origins) const
{
    writer to(out, origins, space_);
    std::size_t at = 0;
    while (trim_ && at < text.size()) {
        auto const first = next(text.substr(at));
        if (first.text != " ") {
            break;
        }
        at += first.length;
    }
    if (at == text.size()) {
        return; // not even a mark
    }
    if (mark_before_) {
        to.add_space(at);
    }
    bool after_space = trim_;
    while (at < text.size()) {
        if (origins == nullptr) {
            if (auto const copied = copy_plain(text.substr(at), after_space, out); copied > 0) {
                at += copied;
                continue;
            }
        }
        auto end = at;
        while (end < text.size() && is_plain(text[end])) {
            ++end;
        }
        if (end > at && end < text.size() && static_cast<unsigned char>(text[end]) >= 0x80) {
            --end; // what follows may change it
        }
        if (end > at) {
            to.copy(text.substr(at, end - at), at);
            at = end;
            after_space = false;
            continue;
        }
        if (plain_space_ && text[at] == ' ' && at + 1 < text.size() && is_plain(text[at + 1])) {
            if (!after_space) {
                to.add_space(at);
            }
            ++at;
            continue; // what follows is no space
        }
        auto [length, becomes] = next(text.substr(at));
        while (after_space && becomes.starts_with(' ')) {
            becomes.remove_prefix(1);
        }
        if (!becomes.empty()) {
            to.add_marked(becomes, at);
            after_space = trim_ && becomes.ends_with(' ');
        }
        at += length;
    }
    auto const end = trim_ ? to.trim(at) : at;
    if (mark_behind_) {
        to.add_space(end);
    }
    to.finish(end);
}

} // namespace haiga::tokenizer
