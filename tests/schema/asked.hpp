#pragma once

#include "haiga/schema/validator.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>

namespace haiga_test {

/// A schema and who asks it, from text.
struct asked_schema {
    std::unique_ptr<haiga::schema::program> program;
    haiga::schema::validator ask;

    auto accepts(std::string_view instance) -> bool
    {
        auto const value = haiga::json::parse(instance);
        REQUIRE(value);
        auto const verdict = ask.accepts(*value);
        REQUIRE(verdict);
        return *verdict;
    }

    /// What is wrong, one line each: "/pointer keyword: message".
    auto problems(std::string_view instance) -> std::string
    {
        auto const value = haiga::json::parse(instance);
        REQUIRE(value);
        auto const found = ask.violations(*value);
        REQUIRE(found);
        std::string text;
        for (auto const& one : *found) {
            text += one.instance + ' ' + one.keyword_location + ": " + one.message() + '\n';
        }
        return text;
    }
};

inline auto compiled(std::string_view text, haiga::schema::compile_options const& options = {})
    -> asked_schema
{
    auto const document = haiga::json::parse(text);
    REQUIRE(document);
    auto made = haiga::schema::compile(*document, options);
    if (!made) {
        FAIL(made.error().to_string());
    }
    auto kept = std::make_unique<haiga::schema::program>(std::move(*made));
    auto const& program = *kept;
    return {std::move(kept), haiga::schema::validator(program)};
}

/// What is said of a schema that does not compile.
inline auto refused(std::string_view text, haiga::schema::compile_options const& options = {})
    -> std::string
{
    auto const document = haiga::json::parse(text);
    REQUIRE(document);
    auto const made = haiga::schema::compile(*document, options);
    return made ? std::string("compiles") : made.error().to_string();
}

} // namespace haiga_test
