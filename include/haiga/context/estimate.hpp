#pragma once

#include "haiga/context/image_tokens.hpp"
#include "haiga/context/part.hpp"
#include "haiga/context/pdf_pages.hpp"
#include "haiga/messages/picture_size.hpp"
#include "haiga/messages/request.hpp"

#include <boost/json/serialize.hpp>

#include <utility>
#include <vector>

namespace haiga::context {

namespace detail {

/// Guesses about what the API puts around content; nobody has published them. The first message's 7
/// are measured (Haiku 4.5, a request of one message).
inline constexpr token_count first_frame = {7, 0};
inline constexpr token_count later_frame = {5, 3};
inline constexpr token_count tool_use_frame = {15, 15};
inline constexpr token_count tool_result_frame = {10, 10};
inline constexpr token_count server_tool = {600, 600};
inline constexpr token_count own_tool_frame = {10, 10};

/// A page of a PDF is its text and its picture.
/// Source: platform.claude.com/docs/en/build-with-claude/pdf-support: 1,500 to 3,000 tokens of
/// text.
inline auto page_tokens(image_limits const& limits) -> token_count
{
    return token_count{2250, 750} + unknown_image_tokens(limits);
}

/// A document that is elsewhere: nobody knows how long it is.
inline constexpr double unknown_pages = 10;

/// Walks over content and appends parts.
template <token_counter Counter>
class estimator {
public:
    estimator(Counter const& counter, image_limits limits, double text_scale,
              std::vector<part>& parts)
        : counter_(counter), limits_(std::move(limits)), scale_(text_scale), parts_(parts)
    {
    }

    [[nodiscard]] auto text(std::string_view text) const -> token_count
    {
        // a model with another tokenizer than the counter's: a tenth more uncertain
        auto const count = counter_.count(text) * scale_;
        return {count.tokens, count.error + (scale_ == 1 ? 0 : count.tokens / 10)};
    }

    void operator()(messages::text_block const& b, part at) const
    {
        add(at, part_kind::text, text(b.text), {});
    }
    void operator()(messages::image_block const& b, part at) const
    {
        at.size = messages::size_of(b);
        add(at, part_kind::image, {},
            at.size ? image_tokens(*at.size, limits_) : unknown_image_tokens(limits_));
    }
    void operator()(messages::document_block const& b, part at) const
    {
        auto around = text(b.title.value_or("")) + text(b.context.value_or(""));
        around.error += around.tokens > 0 ? 10 : 0;
        std::visit([&](auto const& source) { document(source, at, around); }, b.source);
    }
    void operator()(messages::search_result_block const& b, part at) const
    {
        add(at, part_kind::search_result, text(b.title) + text(b.source), tool_result_frame);
        content(b.content, at);
    }
    void operator()(messages::thinking_block const& b, part at) const
    {
        add(at, part_kind::thinking, text(b.thinking), {});
    }
    void operator()(messages::redacted_thinking_block const& b, part at) const
    {
        auto const about = static_cast<double>(b.data.size()) / 6; // base64 of a sealed text
        add(at, part_kind::thinking, {}, {about, about});
    }
    void operator()(messages::tool_use_block const& b, part at) const
    {
        add(at, part_kind::tool_use, text(b.name) + text(boost::json::serialize(b.input)),
            tool_use_frame);
    }
    void operator()(messages::server_tool_use_block const& b, part at) const
    {
        add(at, part_kind::tool_use, text(b.name) + text(boost::json::serialize(b.input)),
            tool_use_frame);
    }
    void operator()(messages::tool_result_block const& b, part at) const
    {
        add(at, part_kind::tool_result, {}, tool_result_frame);
        if (b.content) {
            content(*b.content, at);
        }
    }
    void operator()(messages::unknown_object const& b, part at) const
    {
        auto const all = text(boost::json::serialize(b.members));
        add(at, part_kind::other, {}, {all.tokens, all.tokens});
    }

    /// The blocks inside another block, which is the last part: text counts as a piece of it.
    void content(messages::content const& c, part at) const
    {
        auto const outer = parts_.size() - 1;
        auto const inside = at.inner != nowhere;
        for (std::size_t i = 0; i < c.blocks.size(); ++i) {
            at.inner = inside ? at.inner : i;
            if (auto const* const words = messages::get_if<messages::text_block>(c.blocks[i])) {
                parts_[outer].text += text(words->text);
            } else {
                std::visit([&](auto const& b) { (*this)(b, at); }, c.blocks[i].value);
            }
        }
    }

private:
    void add(part at, part_kind kind, token_count words, token_count fixed) const
    {
        at.kind = kind;
        at.text = words;
        at.fixed = fixed;
        parts_.push_back(at);
    }

    void document(messages::text_source const& s, part at, token_count around) const
    {
        add(at, part_kind::document, text(s.data) + around, {});
    }
    void document(messages::content_source const& s, part at, token_count around) const
    {
        add(at, part_kind::document, around, {});
        content(s.content, at);
    }
    void document(messages::base64_source const& s, part at, token_count around) const
    {
        auto const pages = pdf_pages(messages::base64_view(s.data));
        add(at, part_kind::document, around,
            pages ? page_tokens(limits_) * static_cast<double>(*pages) : unknown_document());
    }
    template <class Elsewhere>
    void document(Elsewhere const&, part at, token_count around) const
    {
        add(at, part_kind::document, around, unknown_document());
    }

    [[nodiscard]] auto unknown_document() const -> token_count
    {
        auto const tokens = page_tokens(limits_).tokens * unknown_pages;
        return {tokens, tokens};
    }

    Counter const& counter_;
    image_limits limits_;
    double scale_;
    std::vector<part>& parts_;
};

} // namespace detail

/// The parts of a message, its frame first.
template <token_counter Counter>
auto parts_of(messages::message const& message, std::size_t index, Counter const& counter,
              model const& m) -> std::vector<part>
{
    std::vector<part> parts;
    part at{.message = index};
    at.kind = part_kind::frame;
    at.fixed = index == 0 ? detail::first_frame : detail::later_frame;
    parts.push_back(at);
    at.fixed = {};
    detail::estimator const estimate(counter, m.image, m.text_scale, parts);
    for (auto const& block : message.content.blocks) {
        std::visit([&](auto const& b) { estimate(b, at); }, block.value);
        ++at.block;
    }
    return parts;
}

/// The parts before the messages: one a tool, with what tools cost at all in front, and the system
/// prompt.
template <token_counter Counter>
auto parts_before(messages::prompt const& prompt, Counter const& counter, model const& m)
    -> std::vector<part>
{
    std::vector<part> parts;
    detail::estimator const estimate(counter, m.image, m.text_scale, parts);
    if (prompt.tools && !prompt.tools->empty()) {
        auto const must = prompt.tool_choice &&
                          (prompt.tool_choice->type == "any" || prompt.tool_choice->type == "tool");
        auto const tokens =
            static_cast<double>(must ? m.tool_prompt.any : m.tool_prompt.autonomous);
        parts.push_back({.kind = part_kind::tools, .fixed = {tokens, 0}});
        for (std::size_t i = 0; i < prompt.tools->size(); ++i) {
            part one{.kind = part_kind::tools, .block = i + 1, .fixed = detail::server_tool};
            if (auto const* const own = std::get_if<messages::tool>(&(*prompt.tools)[i])) {
                auto const schema = boost::json::serialize(own->input_schema);
                one.text = estimate.text(own->name) + estimate.text(own->description.value_or("")) +
                           estimate.text(schema);
                one.fixed = detail::own_tool_frame;
            }
            parts.push_back(one);
        }
    }
    if (prompt.system) {
        std::size_t const before = parts.size();
        parts.push_back({.kind = part_kind::system});
        estimate.content(*prompt.system, {});
        for (auto i = before + 1; i < parts.size(); ++i) {
            parts[before].text += parts[i].text;
            parts[before].fixed += parts[i].fixed;
        }
        parts.resize(before + 1);
    }
    return parts;
}

} // namespace haiga::context
