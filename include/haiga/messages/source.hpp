#pragma once

#include "haiga/messages/codec.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace haiga::messages {

/// Bytes of a picture or of a PDF file, encoded.
struct base64_source {
    static constexpr std::string_view type = "base64";
    std::string media_type; ///< "image/jpeg", "application/pdf" ...
    std::string data;
    boost::json::object extra{};
};
BOOST_DESCRIBE_STRUCT(base64_source, (), (media_type, data))

struct url_source {
    static constexpr std::string_view type = "url";
    std::string url;
    boost::json::object extra{};
};
BOOST_DESCRIBE_STRUCT(url_source, (), (url))

/// What was uploaded to the Files API.
struct file_source {
    static constexpr std::string_view type = "file";
    std::string file_id;
    boost::json::object extra{};
};
BOOST_DESCRIBE_STRUCT(file_source, (), (file_id))

/// A document that is plain text.
struct text_source {
    static constexpr std::string_view type = "text";
    std::string media_type = "text/plain";
    std::string data;
    boost::json::object extra{};
};
BOOST_DESCRIBE_STRUCT(text_source, (), (media_type, data))

using image_source = std::variant<base64_source, url_source, file_source, unknown_object>;

} // namespace haiga::messages
