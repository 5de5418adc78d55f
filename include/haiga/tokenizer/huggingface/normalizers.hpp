#pragma once

#include "haiga/tokenizer/byte_level.hpp"
#include "haiga/tokenizer/lower_case.hpp"
#include "haiga/tokenizer/normalize/character_map.hpp"
#include "haiga/tokenizer/normalize/normal_form.hpp"
#include "haiga/tokenizer/pretokenize/grapheme.hpp"
#include "haiga/tokenizer/pretokenize/properties.hpp"
#include "haiga/tokenizer/pretokenize/text_pattern.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// The normalizers of a tokenizer.json. Each reads what a rewriter has and writes it anew.
// Source: huggingface/tokenizers 0.23, src/normalizers.

namespace haiga::tokenizer::huggingface {

struct strip_spaces {
    bool left = true, right = true;
};
struct strip_accents {};
struct lower_letters {};
struct translation_cleaning {}; ///< "Nmt"
struct byte_characters_of {};   ///< "ByteLevel"
struct bert_cleaning {
    bool clean_text = true, spaced_ideographs = true, accents_go = true, lower = true;
};
struct prepend_text {
    std::string text;
};
struct replace_text {
    text_pattern pattern;
    std::string with;
};
struct mapped_characters { ///< "Precompiled"
    std::shared_ptr<character_map const> map;
};

using normalizer = std::variant<strip_spaces, strip_accents, lower_letters, translation_cleaning,
                                byte_characters_of, bert_cleaning, prepend_text, replace_text,
                                mapped_characters, normal_form>;

namespace detail {

using tokenizer::rewriter;

/// Calls each(character, bytes) for everything that is left; what it sees may be kept, dropped or
/// put anew.
template <class Each>
void each_character(rewriter& to, Each const& each)
{
    for (auto rest = to.rest(); !rest.empty();) {
        auto const before = rest.size();
        auto const c = take_utf8(rest);
        each(c, before - rest.size());
    }
}

template <class Goes>
void drop_characters(rewriter& to, Goes const& goes)
{
    each_character(
        to, [&](char32_t c, std::size_t bytes) { goes(c) ? to.drop(bytes) : to.keep(bytes); });
}

inline auto leading_spaces(std::string_view text) -> std::size_t
{
    for (auto rest = text; !rest.empty();) {
        auto const at = text.size() - rest.size();
        if (!is_white_space(take_utf8(rest))) {
            return at;
        }
    }
    return text.size();
}

/// Where the white space at the end of a text begins.
inline auto trailing_spaces_at(std::string_view text) -> std::size_t
{
    auto end = text.size();
    while (end > 0) {
        auto at = end - 1;
        while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80) {
            --at;
        }
        auto character = text.substr(at, end - at);
        if (!is_white_space(take_utf8(character))) {
            break;
        }
        end = at;
    }
    return end;
}

inline void apply(rewriter& to, strip_spaces const& strip)
{
    auto const text = to.rest();
    auto const begin = strip.left ? leading_spaces(text) : 0;
    auto const end = strip.right ? std::max(begin, trailing_spaces_at(text)) : text.size();
    to.drop(begin);
    to.keep(end - begin);
}

inline void apply(rewriter& to, strip_accents const&)
{
    drop_characters(to, [](char32_t c) {
        if (c < 0x300) {
            return false;
        }
        auto const kind = category_of(c);
        return kind >= category::Mn && kind <= category::Me;
    });
}

inline void apply(rewriter& to, lower_letters const&)
{
    each_character(to, [&](char32_t c, std::size_t bytes) {
        if (c == U'\u0130') { // the only one that becomes two
            to.put(U'i', 0);
            to.put(U'\u0307', 1);
        } else if (auto const low = to_lower(c); low != c) {
            to.put(low, 0);
        } else {
            to.keep(bytes);
        }
    });
}

inline void apply(rewriter& to, translation_cleaning const&)
{
    each_character(to, [&](char32_t c, std::size_t bytes) {
        if ((c >= 1 && c <= 8) || c == 0xb || (c >= 0xe && c <= 0x1f) || c == 0x7f || c == 0x8f ||
            c == 0x9f) {
            to.drop(bytes);
        } else if (c == 9 || c == 0xa || c == 0xc || c == 0xd || c == 0x1680 ||
                   (c >= 0x200b && c <= 0x200f) || c == 0x2028 || c == 0x2029 || c == 0x2581 ||
                   c == 0xfeff || c == 0xfffd) {
            to.put(U' ', 0);
        } else {
            to.keep(bytes);
        }
    });
}

inline void apply(rewriter& to, byte_characters_of const&)
{
    static constexpr auto characters = byte_characters();
    auto rest = to.rest();
    each_character(to, [&](char32_t, std::size_t bytes) {
        for (std::size_t i = 0; i < bytes; ++i) {
            to.put(characters[static_cast<unsigned char>(rest[i])], i == 0 ? 0 : 1);
        }
        rest.remove_prefix(bytes);
    });
}

inline void apply(rewriter& to, prepend_text const& prepend)
{
    if (auto rest = to.rest(); !rest.empty()) {
        auto const first = take_utf8(rest);
        to.replace(prepend.text);
        prepend.text.empty() ? to.put(first, 0) : to.put(first, 1);
        to.keep(to.rest().size());
    }
}

inline void apply(rewriter& to, replace_text const& replace)
{
    auto const text = to.rest();
    std::visit(
        [&](auto const& pattern) {
            for (std::size_t from = 0; from < text.size();) {
                auto const [at, length] = pattern.find(text, from);
                if (length == 0) {
                    break;
                }
                to.keep(at - from);
                to.drop(length);
                to.insert(replace.with);
                from = at + length;
            }
        },
        replace.pattern);
    to.keep(to.rest().size());
}

/// Source: src/normalizers/precompiled.rs: whole clusters of up to five bytes first, and of what
/// matches there the shortest.
inline void apply(rewriter& to, mapped_characters const& mapped)
{
    std::vector<std::pair<char32_t, int>> changes;
    auto const add = [&](std::string_view old, std::string_view with) {
        auto more = 0;
        for (auto rest = with; !rest.empty(); ++more) {
            changes.emplace_back(take_utf8(rest), 0);
        }
        for (auto rest = old; !rest.empty(); --more) {
            take_utf8(rest);
        }
        for (auto i = changes.size(); more > 0; --more) {
            changes[--i].second = 1;
        }
        if (more < 0 && !changes.empty()) {
            changes.back().second += more;
        }
    };
    auto const text = to.rest();
    bool modified = false;
    for (auto rest = text; !rest.empty();) {
        auto cluster = rest.substr(0, grapheme_length(rest));
        rest.remove_prefix(cluster.size());
        if (cluster.size() < 6) {
            if (auto const found = mapped.map->shortest(cluster); found.length != 0) {
                add(cluster, found.with);
                modified = true;
                continue;
            }
        }
        while (!cluster.empty()) {
            auto const whole = cluster;
            auto const c = take_utf8(cluster);
            auto const part = whole.substr(0, whole.size() - cluster.size());
            if (auto const found = mapped.map->shortest(part); found.length != 0) {
                add(part, found.with);
                modified = true;
            } else {
                changes.emplace_back(c, 0);
            }
        }
    }
    if (!modified) {
        to.keep(text.size());
        return;
    }
    for (auto const& [c, change] : changes) {
        to.put(c, change);
    }
}

inline void apply(rewriter& to, normal_form form) { tokenizer::normalize(to, form); }

/// One pass of BERT's over a whole text.
template <class Step>
void pass(aligned_text& text, aligned_text& memory, Step const& step)
{
    memory.clear();
    memory.tracked = text.tracked;
    memory.text.reserve(text.text.size() + text.text.size() / 8);
    rewriter to(text, 0, text.text.size(), memory);
    step(to);
    std::swap(text, memory);
}

/// Source: src/normalizers/bert.rs; google-research/bert, tokenization.py.
inline void apply_bert(aligned_text& text, aligned_text& memory, bert_cleaning const& bert)
{
    if (bert.clean_text) {
        pass(text, memory, [](rewriter& to) {
            each_character(to, [&](char32_t c, std::size_t bytes) {
                if (c == U'\t' || c == U'\n' || c == U'\r') {
                    to.put(U' ', 0);
                } else if (c < 0x80 ? c < 0x20 || c == 0x7f
                                    : c == 0xfffd || (category_of(c) <= category::Co &&
                                                      category_of(c) != category::Cn)) {
                    to.drop(bytes);
                } else if (c >= 0x80 && is_white_space(c)) {
                    to.put(U' ', 0);
                } else {
                    to.keep(bytes);
                }
            });
        });
    }
    if (bert.spaced_ideographs) {
        pass(text, memory, [](rewriter& to) {
            each_character(to, [&](char32_t c, std::size_t bytes) {
                if (is_ideograph(c)) {
                    to.put(U' ', 0);
                    to.put(c, 1);
                    to.put(U' ', 1);
                } else {
                    to.keep(bytes);
                }
            });
        });
    }
    if (bert.accents_go) {
        pass(text, memory, [](rewriter& to) { tokenizer::normalize(to, normal_form::nfd); });
        pass(text, memory, [](rewriter& to) {
            drop_characters(
                to, [](char32_t c) { return c >= 0x300 && category_of(c) == category::Mn; });
        });
    }
    if (bert.lower) {
        pass(text, memory, [](rewriter& to) { apply(to, lower_letters{}); });
    }
}

} // namespace detail

/// Changes a text by one normalizer after the other.
inline void normalize(aligned_text& text, std::vector<normalizer> const& steps)
{
    aligned_text memory;
    for (auto const& step : steps) {
        if (auto const* const bert = std::get_if<bert_cleaning>(&step)) {
            detail::apply_bert(text, memory, *bert);
            continue;
        }
        detail::pass(text, memory, [&](rewriter& to) {
            std::visit(
                [&](auto const& s) {
                    if constexpr (!std::same_as<std::decay_t<decltype(s)>, bert_cleaning>) {
                        detail::apply(to, s);
                    }
                },
                step);
        });
    }
}

} // namespace haiga::tokenizer::huggingface
