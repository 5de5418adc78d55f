#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace haiga::schema {

/// The parts of a URI reference as they stand, percent signs and all.
/// Source: RFC 3986, appendix B.
struct uri_parts {
    std::optional<std::string_view> scheme, authority;
    std::string_view path;
    std::optional<std::string_view> query, fragment;
};

constexpr auto split_uri(std::string_view text) -> uri_parts
{
    uri_parts parts;
    auto const cut = [&](char mark) -> std::optional<std::string_view> {
        auto const at = text.find(mark);
        if (at == std::string_view::npos) {
            return std::nullopt;
        }
        auto const behind = text.substr(at + 1);
        text = text.substr(0, at);
        return behind;
    };
    parts.fragment = cut('#');
    parts.query = cut('?');
    if (auto const colon = text.find_first_of(":/");
        colon != std::string_view::npos && colon > 0 && text[colon] == ':') {
        parts.scheme = text.substr(0, colon);
        text.remove_prefix(colon + 1);
    }
    if (text.starts_with("//")) {
        text.remove_prefix(2);
        auto const end = text.find('/');
        parts.authority = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end);
    }
    parts.path = text;
    return parts;
}

inline auto join_uri(uri_parts const& parts) -> std::string
{
    std::string text;
    if (parts.scheme) {
        text.append(*parts.scheme).append(":");
    }
    if (parts.authority) {
        text.append("//").append(*parts.authority);
    }
    text.append(parts.path);
    if (parts.query) {
        text.append("?").append(*parts.query);
    }
    if (parts.fragment) {
        text.append("#").append(*parts.fragment);
    }
    return text;
}

/// Source: RFC 3986, section 5.2.4.
inline auto remove_dot_segments(std::string_view path) -> std::string
{
    std::string out;
    bool const rooted = path.starts_with('/');
    bool open = false; // ends in a dot segment, hence in a slash
    while (!path.empty()) {
        if (path.starts_with('/')) {
            path.remove_prefix(1);
        }
        auto const segment = path.substr(0, path.find('/'));
        path.remove_prefix(segment.size());
        open = segment == "." || segment == "..";
        if (segment == "..") {
            auto const last = out.rfind('/');
            out.erase(last == std::string::npos ? 0 : last);
        } else if (!open) {
            out.append(out.empty() && !rooted ? "" : "/").append(segment);
        }
    }
    return open ? out + '/' : out;
}

/// What `reference` means in a document at `base`, both as written; the fragment is kept.
/// Source: RFC 3986, section 5.2.2.
inline auto resolve_uri(std::string_view base_text, std::string_view reference) -> std::string
{
    auto const base = split_uri(base_text);
    auto target = split_uri(reference);
    std::string path;
    if (target.scheme || target.authority) {
        path = remove_dot_segments(target.path);
    } else if (target.path.empty()) {
        path = base.path;
        target.query = target.query ? target.query : base.query;
    } else if (target.path.starts_with('/')) {
        path = remove_dot_segments(target.path);
    } else {
        auto const folder = base.path.substr(0, base.path.rfind('/') + 1);
        auto const rootless = base.authority && base.path.empty();
        path = remove_dot_segments(std::string(rootless ? "/" : folder).append(target.path));
    }
    if (target.scheme && !target.authority && !target.path.starts_with('/')) {
        path = target.path; // urn:, tag: and the like have no segments
    }
    target.authority = target.scheme || target.authority ? target.authority : base.authority;
    target.scheme = target.scheme ? target.scheme : base.scheme;
    target.path = path;
    return join_uri(target);
}

/// The bytes that %xx stand for; a % that begins no such triple stays.
inline auto percent_decoded(std::string_view text) -> std::string
{
    auto const digit = [](char c) -> int {
        return c >= '0' && c <= '9'   ? c - '0'
               : c >= 'a' && c <= 'f' ? c - 'a' + 10
               : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                      : -1;
    };
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
            digit(text[i + 2]) >= 0) {
            out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

} // namespace haiga::schema
