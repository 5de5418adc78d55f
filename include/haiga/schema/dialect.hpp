#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace haiga::schema {

/// The drafts of JSON Schema that are compiled.
/// Source: json-schema.org/draft-07, /draft/2019-09 and /draft/2020-12.
enum class dialect : std::uint8_t { draft7, draft2019_09, draft2020_12 };

constexpr auto uri_of(dialect d) -> std::string_view
{
    switch (d) {
    case dialect::draft7: return "http://json-schema.org/draft-07/schema";
    case dialect::draft2019_09: return "https://json-schema.org/draft/2019-09/schema";
    case dialect::draft2020_12: return "https://json-schema.org/draft/2020-12/schema";
    }
    return {};
}

constexpr auto dialect_of(std::string_view uri) -> std::optional<dialect>
{
    for (auto const d : {dialect::draft7, dialect::draft2019_09, dialect::draft2020_12}) {
        if (uri_of(d) == uri) {
            return d;
        }
    }
    return std::nullopt;
}

/// Sets of keywords, as $vocabulary of a metaschema lists them. Draft-07 has all but `unevaluated`,
/// and needs no list.
enum class vocabulary : std::uint8_t {
    core,
    applicator,
    unevaluated,
    validation,
    metadata,
    format_annotation,
    format_assertion,
    content,
};

class vocabularies {
public:
    constexpr void insert(vocabulary v) { bits_ |= 1U << static_cast<unsigned>(v); }
    [[nodiscard]] constexpr auto contains(vocabulary v) const -> bool
    {
        return (bits_ >> static_cast<unsigned>(v) & 1U) != 0;
    }

    /// What the metaschemas of the drafts themselves list.
    static constexpr auto standard() -> vocabularies
    {
        vocabularies all;
        for (auto const v : {vocabulary::core, vocabulary::applicator, vocabulary::unevaluated,
                             vocabulary::validation, vocabulary::metadata,
                             vocabulary::format_annotation, vocabulary::content}) {
            all.insert(v);
        }
        return all;
    }

private:
    std::uint32_t bits_ = 0;
};

/// The vocabulary of a URI. 2019-09 has one of formats, whose value says whether they are asserted
/// (here: never, unless options ask), and `unevaluated` is a part of its applicators.
constexpr auto vocabulary_of(std::string_view uri) -> std::optional<vocabulary>
{
    struct entry {
        std::string_view name;
        vocabulary meaning;
    };
    constexpr std::array<entry, 9> names = {{
        {"core", vocabulary::core},
        {"applicator", vocabulary::applicator},
        {"unevaluated", vocabulary::unevaluated},
        {"validation", vocabulary::validation},
        {"meta-data", vocabulary::metadata},
        {"format-annotation", vocabulary::format_annotation},
        {"format-assertion", vocabulary::format_assertion},
        {"format", vocabulary::format_annotation},
        {"content", vocabulary::content},
    }};
    for (std::string_view const prefix : {"https://json-schema.org/draft/2020-12/vocab/",
                                          "https://json-schema.org/draft/2019-09/vocab/"}) {
        for (auto const& [name, meaning] : names) {
            if (uri.starts_with(prefix) && uri.substr(prefix.size()) == name) {
                return meaning;
            }
        }
    }
    return std::nullopt;
}

} // namespace haiga::schema
