#pragma once

#include "haiga/base/result.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace haiga::schema::detail {

/// The pointer of "#/..." with its percent signs resolved. Source: RFC 3986, 2.1.
inline auto fragment(std::string_view reference) -> std::string
{
    auto const digit = [](char c) {
        return c >= '0' && c <= '9'   ? c - '0'
               : c >= 'a' && c <= 'f' ? c - 'a' + 10
               : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                      : -1;
    };
    std::string pointer;
    for (std::size_t i = 1; i < reference.size(); ++i) {
        auto const is_escape = reference[i] == '%' && i + 2 < reference.size() &&
                               digit(reference[i + 1]) >= 0 && digit(reference[i + 2]) >= 0;
        pointer += is_escape
                       ? static_cast<char>(digit(reference[i + 1]) * 16 + digit(reference[i + 2]))
                       : reference[i];
        i += is_escape ? 2 : 0;
    }
    return pointer;
}

/// Where a schema refers to itself.
class references {
public:
    /// Errors: mismatch, for a reference to nothing, with the pointer of both.
    static auto of(boost::json::value const& schema) -> result<references>
    {
        references found;
        found.collect(schema, {});
        for (auto const& [at, target] : found.all_) {
            boost::json::error_code error;
            if (schema.find_pointer(target, error) == nullptr) {
                return fail(errc::mismatch, at, ": refers to \"", target, "\", which is not there");
            }
        }
        return found;
    }

    /// The target of a reference that leads back to itself; none where there is no such.
    [[nodiscard]] auto circle() const -> std::string
    {
        std::map<std::string_view, std::vector<std::string_view>> inside; // references in a target
        for (auto const& [at, target] : all_) {
            inside[target];
        }
        for (auto const& [at, target] : all_) {
            for (auto end = at.size(); end != std::string::npos;
                 end = end == 0 ? std::string::npos : at.rfind('/', end - 1)) {
                auto const above = inside.find(std::string_view(at).substr(0, end));
                if (above != inside.end()) {
                    above->second.push_back(target);
                }
            }
        }
        return first_circle(inside);
    }

private:
    using graph = std::map<std::string_view, std::vector<std::string_view>>;

    /// Takes away, again and again, what leads nowhere; what is left leads in circles.
    static auto first_circle(graph const& inside) -> std::string
    {
        std::map<std::string_view, std::size_t> open; // ways on
        graph before;
        std::vector<std::string_view> done;
        for (auto const& [target, next] : inside) {
            open[target] = next.size();
            for (auto const& one : next) {
                before[one].push_back(target);
            }
            if (next.empty()) {
                done.push_back(target);
            }
        }
        auto left = inside.size();
        while (!done.empty()) {
            auto const target = done.back();
            done.pop_back();
            --left;
            for (auto const& one : before[target]) {
                if (--open[one] == 0) {
                    done.push_back(one);
                }
            }
        }
        for (auto const& [target, ways] : open) {
            if (left > 0 && ways > 0) {
                return target.empty() ? "#" : std::string(target);
            }
        }
        return {};
    }

    void collect(boost::json::value const& v, std::string const& at)
    {
        if (auto const* const object = v.if_object()) {
            for (auto const& member : *object) {
                if (member.key() == "$ref" && member.value().is_string()) {
                    all_.emplace_back(at, fragment(member.value().get_string()));
                } else if (member.key() != "enum" && member.key() != "const") {
                    collect(member.value(), at + '/' + escaped(member.key()));
                }
            }
        } else if (auto const* const array = v.if_array()) {
            for (std::size_t i = 0; i < array->size(); ++i) {
                collect((*array)[i], at + '/' + std::to_string(i));
            }
        }
    }

    static auto escaped(std::string_view key) -> std::string
    {
        std::string text;
        for (char const c : key) {
            text += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
        }
        return text;
    }

    std::vector<std::pair<std::string, std::string>> all_; ///< where, and whereto
};

} // namespace haiga::schema::detail
