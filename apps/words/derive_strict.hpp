#pragma once

#include "haiga/base/bytes.hpp"
#include "haiga/base/result.hpp"
#include "haiga/io/read_file.hpp"
#include "haiga/json/parse.hpp"
#include "haiga/json/write.hpp"
#include "haiga/schema/strict.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace haiga::app {

/// haiga-words derive-strict SCHEMA --for VENDOR
struct strict_options {
    std::filesystem::path schema;
    std::string vendor;

    void declare(CLI::App& app)
    {
        app.add_option("SCHEMA", schema, "a JSON Schema")->required();
        app.add_option("--for", vendor, "whose subset: anthropic or openai")
            ->required()
            ->check(CLI::IsMember({"anthropic", "openai"}));
    }
};

/// The strict form on standard output, and on standard error what it does not say.
inline auto derive_strict(strict_options const& o) -> result<>
{
    constexpr std::uint64_t largest = std::uint64_t{1} << 26;
    HAIGA_TRY(auto const who, schema::find_vendor(o.vendor));
    HAIGA_TRY(auto const bytes, io::read_file(o.schema, largest));
    auto const in_file = [&](failure&& f) { return std::move(f).within(o.schema.string()); };
    HAIGA_TRY(auto const given, json::parse(as_text(bytes)).map_error(in_file));
    HAIGA_TRY(auto const strict, schema::strict_form(given, who).map_error(in_file));
    std::cout << json::pretty(strict.schema);
    for (auto const& lost : strict.lost) {
        std::cerr << "not expressed: " << one_line(lost.pointer) << ": " << one_line(lost.what)
                  << '\n';
    }
    return {};
}

} // namespace haiga::app
