#pragma once

#include "haiga/json/parse.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace haiga::json {

namespace detail {

/// Follows a document and stops at the first key that its object already has.
class unique_key_handler {
    using error_code = boost::json::error_code;
    using text = boost::json::string_view;

public:
    static constexpr auto max_object_size = static_cast<std::size_t>(-1);
    static constexpr auto max_array_size = max_object_size;
    static constexpr auto max_key_size = max_object_size;
    static constexpr auto max_string_size = max_object_size;

    auto on_object_begin(error_code&) -> bool
    {
        objects_.emplace_back();
        return true;
    }
    auto on_object_end(std::size_t, error_code&) -> bool
    {
        objects_.pop_back();
        return true;
    }
    auto on_key_part(text part, std::size_t, error_code&) -> bool
    {
        key_.append(part.data(), part.size());
        return true;
    }
    auto on_key(text part, std::size_t, error_code& error) -> bool
    {
        key_.append(part.data(), part.size());
        if (!objects_.back().insert(key_).second) {
            error = boost::json::error::exception;
            return false;
        }
        key_.clear();
        return true;
    }

    auto on_document_begin(error_code&) -> bool { return true; }
    auto on_document_end(error_code&) -> bool { return true; }
    auto on_array_begin(error_code&) -> bool { return true; }
    auto on_array_end(std::size_t, error_code&) -> bool { return true; }
    auto on_string_part(text, std::size_t, error_code&) -> bool { return true; }
    auto on_string(text, std::size_t, error_code&) -> bool { return true; }
    auto on_number_part(text, error_code&) -> bool { return true; }
    auto on_int64(std::int64_t, text, error_code&) -> bool { return true; }
    auto on_uint64(std::uint64_t, text, error_code&) -> bool { return true; }
    auto on_double(double, text, error_code&) -> bool { return true; }
    auto on_bool(bool, error_code&) -> bool { return true; }
    auto on_null(error_code&) -> bool { return true; }
    auto on_comment_part(text, error_code&) -> bool { return true; }
    auto on_comment(text, error_code&) -> bool { return true; }

    [[nodiscard]] auto key() const -> std::string const& { return key_; }

private:
    std::vector<std::unordered_set<std::string>> objects_;
    std::string key_;
};

} // namespace detail

/// Refuses a key that occurs twice in one object: readers differ in which of the two they believe.
/// text has been parsed: anything else that is wrong with it is not reported.
/// Errors: invalid, naming the key.
inline auto check_unique_keys(std::string_view text) -> result<>
{
    boost::json::parse_options options;
    options.max_depth = static_cast<std::size_t>(-1);
    boost::json::basic_parser<detail::unique_key_handler> parser(options);
    boost::json::error_code error;
    auto const used = parser.write_some(false, text.data(), text.size(), error);
    if (error == boost::json::error::exception) {
        return tl::unexpected(
            failure{errc::invalid,
                    concat("JSON: key \"", parser.handler().key(), "\" occurs twice"), used});
    }
    return {};
}

namespace detail {

inline auto count_members(boost::json::value const& v) -> std::size_t
{
    std::size_t count = 0;
    if (auto const* const object = v.if_object()) {
        count = object->size();
        for (auto const& member : *object) {
            count += count_members(member.value());
        }
    } else if (auto const* const array = v.if_array()) {
        for (auto const& element : *array) {
            count += count_members(element);
        }
    }
    return count;
}

} // namespace detail

/// parse() of a document in no object of which a key may occur twice.
/// Errors: also invalid, naming the key.
inline auto parse_unique(std::string_view text, parse_limits limits = {})
    -> result<boost::json::value>
{
    std::size_t members = 0;
    HAIGA_TRY(auto document, detail::parse(text, limits, members));
    if (detail::count_members(document) != members) {
        HAIGA_TRY_VOID(check_unique_keys(text));
    }
    return document;
}

} // namespace haiga::json
