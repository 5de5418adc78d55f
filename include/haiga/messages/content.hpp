#pragma once

#include "haiga/messages/cache_control.hpp"
#include "haiga/messages/source.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace haiga::messages {

/// Content of a message, of a tool's result, of a document. Source of all blocks: the Messages
/// API's OpenAPI description, schemas InputContentBlock and ContentBlock.
struct content_block;

/// Blocks in order. The API takes a string where it takes one block of text: `plain` remembers
/// that.
struct content {
    content();
    explicit content(std::vector<content_block> some, bool is_plain = false);
    content(content const&);
    content(content&&) noexcept;
    auto operator=(content const&) -> content&;
    auto operator=(content&&) noexcept -> content&;
    ~content();

    std::vector<content_block> blocks;
    bool plain = false;
};

struct text_block {
    static constexpr std::string_view type = "text";
    std::string text;
    std::optional<boost::json::value> citations{};
    std::optional<messages::cache_control> cache_control{};
    boost::json::object extra{};
};
BOOST_DESCRIBE_STRUCT(text_block, (), (text, citations, cache_control))

/// Units: pixels.
struct pixel_size {
    std::int64_t width = 0;
    std::int64_t height = 0;

    friend auto operator==(pixel_size const&, pixel_size const&) -> bool = default;
};

struct image_block {
    static constexpr std::string_view type = "image";
    image_source source;
    std::optional<messages::cache_control> cache_control{};
    boost::json::object extra{};
    std::optional<pixel_size> size{}; ///< for what is not in the message; it is not sent
};
BOOST_DESCRIBE_STRUCT(image_block, (), (source, cache_control))

/// A document that is made of blocks, which citations can point at.
struct content_source {
    static constexpr std::string_view type = "content";
    messages::content content{};
    boost::json::object extra{};
};
BOOST_DESCRIBE_STRUCT(content_source, (), (content))

using document_source = std::variant<base64_source, url_source, file_source, text_source,
                                     content_source, unknown_object>;

struct document_block {
    static constexpr std::string_view type = "document";
    document_source source;
    std::optional<std::string> title{};
    std::optional<std::string> context{};
    std::optional<boost::json::value> citations{};
    std::optional<messages::cache_control> cache_control{};
    boost::json::object extra{};
};
BOOST_DESCRIBE_STRUCT(document_block, (), (source, title, context, citations, cache_control))

struct search_result_block {
    static constexpr std::string_view type = "search_result";
    std::string source;
    std::string title;
    messages::content content{};
    std::optional<boost::json::value> citations{};
    std::optional<messages::cache_control> cache_control{};
    boost::json::object extra{};
};
BOOST_DESCRIBE_STRUCT(search_result_block, (), (source, title, content, citations, cache_control))

/// What the model thought; the signature proves to the API that nobody changed it.
struct thinking_block {
    static constexpr std::string_view type = "thinking";
    std::string thinking;
    std::string signature;
    boost::json::object extra{};
};
BOOST_DESCRIBE_STRUCT(thinking_block, (), (thinking, signature))

struct redacted_thinking_block {
    static constexpr std::string_view type = "redacted_thinking";
    std::string data;
    boost::json::object extra{};
};
BOOST_DESCRIBE_STRUCT(redacted_thinking_block, (), (data))

/// The model calls a tool; a tool_result with its id must stand in the next message.
struct tool_use_block {
    static constexpr std::string_view type = "tool_use";
    std::string id;
    std::string name;
    boost::json::object input{};
    std::optional<messages::cache_control> cache_control{};
    boost::json::object extra{};
};
BOOST_DESCRIBE_STRUCT(tool_use_block, (), (id, name, input, cache_control))

struct tool_result_block {
    static constexpr std::string_view type = "tool_result";
    std::string tool_use_id;
    std::optional<messages::content> content{};
    std::optional<bool> is_error{};
    std::optional<messages::cache_control> cache_control{};
    boost::json::object extra{};
};
BOOST_DESCRIBE_STRUCT(tool_result_block, (), (tool_use_id, content, is_error, cache_control))

/// A tool that the API runs itself; its result is a block of the same message.
struct server_tool_use_block {
    static constexpr std::string_view type = "server_tool_use";
    std::string id;
    std::string name;
    boost::json::object input{};
    std::optional<messages::cache_control> cache_control{};
    boost::json::object extra{};
};
BOOST_DESCRIBE_STRUCT(server_tool_use_block, (), (id, name, input, cache_control))

using any_block = std::variant<text_block, image_block, document_block, search_result_block,
                               thinking_block, redacted_thinking_block, tool_use_block,
                               tool_result_block, server_tool_use_block, unknown_object>;

struct content_block {
    any_block value;
};

// Content holds blocks that hold content: what it does with them is said where they are known.
inline content::content() = default;
inline content::content(std::vector<content_block> some, bool is_plain)
    : blocks(std::move(some)), plain(is_plain)
{
}
inline content::content(content const&) = default;
inline content::content(content&&) noexcept = default;
inline auto content::operator=(content const&) -> content& = default;
inline auto content::operator=(content&&) noexcept -> content& = default;
inline content::~content() = default;

/// The block where it is of this kind, else null.
template <class Block>
auto get_if(content_block const& block) -> Block const*
{
    return std::get_if<Block>(&block.value);
}
template <class Block>
auto get_if(content_block& block) -> Block*
{
    return std::get_if<Block>(&block.value);
}

/// Content that is one text, as the API takes it in short.
inline auto plain_text(std::string text) -> content
{
    std::vector<content_block> blocks;
    blocks.push_back({text_block{std::move(text)}});
    return content(std::move(blocks), true);
}

template <>
struct codec<content_block> {
    static auto read(boost::json::value const& value) -> result<content_block>
    {
        HAIGA_TRY(auto block, messages::read<any_block>(value));
        return content_block{std::move(block)};
    }
    static auto write(content_block const& block) -> boost::json::value
    {
        return messages::write(block.value);
    }
};

template <>
struct codec<content> {
    /// Errors: mismatch, for what is neither a string nor an array of blocks.
    static auto read(boost::json::value const& value) -> result<content>
    {
        if (auto const* const text = value.if_string()) {
            return plain_text(std::string(*text));
        }
        if (!value.is_array()) {
            return fail(errc::mismatch, "expected a string or an array of blocks");
        }
        HAIGA_TRY(auto blocks, messages::read<std::vector<content_block>>(value));
        return content(std::move(blocks));
    }
    static auto write(content const& c) -> boost::json::value
    {
        auto const* const text =
            c.plain && c.blocks.size() == 1 ? get_if<text_block>(c.blocks[0]) : nullptr;
        if (text != nullptr && !text->citations && !text->cache_control && text->extra.empty()) {
            return boost::json::value(text->text);
        }
        return messages::write(c.blocks);
    }
};

} // namespace haiga::messages
