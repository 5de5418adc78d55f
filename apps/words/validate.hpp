#pragma once

#include "apps/words/stream.hpp"
#include "haiga/base/bytes.hpp"
#include "haiga/io/read_file.hpp"
#include "haiga/json/write.hpp"
#include "haiga/schema/check_schema.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <iostream>
#include <iterator>
#include <string>

namespace haiga::app {

/// What haiga-words validate was asked for.
struct validate_options {
    std::filesystem::path schema_file, instance_file;
    std::string draft = "2020-12", output;
    bool formats = false, stream = false;

    void declare(CLI::App& app)
    {
        app.add_option("SCHEMA", schema_file, "a file; references lead to files beside it")
            ->required();
        app.add_option("INSTANCE", instance_file, "a file; standard input where it is not given");
        app.add_option("--draft", draft, "of schemas without $schema; 2020-12 if not given")
            ->check(CLI::IsMember({"7", "2019-09", "2020-12"}));
        app.add_flag("--formats", formats, "\"format\" is judged");
        auto* const as_json =
            app.add_option("--output", output, "the verdict as JSON, in a format of the standard")
                ->check(CLI::IsMember({"flag", "basic", "detailed", "verbose"}));
        app.add_flag("--stream", stream,
                     "judge while it arrives, and stop at the byte that decides")
            ->excludes(as_json);
    }
};

namespace detail {

constexpr std::uint64_t largest_json = std::uint64_t{1} << 28U;

inline auto read_json(std::filesystem::path const& file, std::string& text)
    -> result<boost::json::value>
{
    if (file.empty()) {
        text.assign(std::istreambuf_iterator<char>(std::cin), {});
    } else {
        HAIGA_TRY(auto const bytes, io::read_file(file, largest_json));
        text = as_text(bytes);
    }
    return json::parse(text, {.max_bytes = largest_json, .max_depth = 1000})
        .map_error([&](failure&& f) {
            return std::move(f).within(file.empty() ? "standard input" : file.string());
        });
}

constexpr std::string_view file_scheme = "file://";

/// What a file is called in references.
inline auto uri_of_file(std::filesystem::path const& file) -> std::string
{
    std::string uri(file_scheme);
    for (char const c : std::filesystem::absolute(file).generic_string()) {
        uri += c == '%' ? "%25" : c == '#' ? "%23" : c == '?' ? "%3F" : std::string(1, c);
    }
    return uri;
}

/// Files, and nothing over the network.
inline auto fetch_file(std::string_view uri) -> result<boost::json::value>
{
    if (!uri.starts_with(file_scheme)) {
        return fail(errc::not_found, "only files are read");
    }
    std::string text;
    return read_json(schema::percent_decoded(uri.substr(file_scheme.size())), text);
}

inline auto write_output(validate_options const& o, schema::validator& ask,
                         boost::json::value const& value) -> result<bool>
{
    using enum schema::output_format;
    auto const format = o.output == "flag"       ? flag
                        : o.output == "basic"    ? basic
                        : o.output == "detailed" ? detailed
                                                 : verbose;
    HAIGA_TRY(auto const made, ask.output(value, format));
    std::cout << json::pretty(made);
    return made.at("valid").get_bool();
}

/// A line for each thing that is wrong, with the byte where it begins.
inline auto write_violations(schema::validator& ask, boost::json::value const& value,
                             std::string_view text) -> result<bool>
{
    HAIGA_TRY(auto const found, ask.violations(value, text));
    for (auto const& one : found) {
        std::cout << one_line(concat(one.instance.empty() ? "the root" : one.instance, " (byte ",
                                     one.offset.value_or(0), "): ", one.message(), " [",
                                     one.keyword_location, "]"))
                  << '\n';
    }
    return found.empty();
}

} // namespace detail

/// Whether the instance is valid; what is wrong goes to standard output.
inline auto validate(validate_options const& o) -> result<bool>
{
    schema::compile_options options;
    options.draft = o.draft == "7"         ? schema::dialect::draft7
                    : o.draft == "2019-09" ? schema::dialect::draft2019_09
                                           : schema::dialect::draft2020_12;
    options.assert_formats = o.formats;
    options.uri = detail::uri_of_file(o.schema_file);
    std::string text;
    HAIGA_TRY(auto const document, detail::read_json(o.schema_file, text));
    auto const name = [&](failure&& f) { return std::move(f).within(o.schema_file.string()); };
    HAIGA_TRY_VOID(schema::check_schema(document, options.draft).map_error(name));
    HAIGA_TRY(auto const program,
              schema::compile(document, options, detail::fetch_file).map_error(name));
    if (o.stream) {
        return validate_stream(program, o.instance_file);
    }
    HAIGA_TRY(auto const value, detail::read_json(o.instance_file, text));
    schema::validator ask(program);
    return o.output.empty() ? detail::write_violations(ask, value, text)
                            : detail::write_output(o, ask, value);
}

} // namespace haiga::app
