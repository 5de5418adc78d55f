#pragma once

#include "haiga/tokenizer/any_tokenizer.hpp"

#include <CLI/CLI.hpp>

#include <fstream>
#include <iostream>
#include <iterator>

namespace haiga::app {

/// What haiga-words count, encode and decode were asked for.
struct token_options {
    std::string tokenizer;
    std::filesystem::path file;
    bool null_separated = false;
    std::string special = "literal";

    void declare(CLI::App& app, bool encodes)
    {
        app.add_option("--tokenizer", tokenizer,
                       "a file: NAME.tiktoken, CLIP's merges; or NAME, a file in the folder "
                       "$HAIGA_TOKENIZERS")
            ->required();
        app.add_option("FILE", file, "standard input where it is not given");
        if (encodes) {
            app.add_flag("-0,--null", null_separated, "many texts, a zero byte between them");
            app.add_option("--special", special, "special tokens in a text are")
                ->check(CLI::IsMember({"literal", "allowed", "forbidden"}));
        }
    }
};

namespace detail {

inline auto read_input(std::filesystem::path const& file) -> result<std::string>
{
    std::ifstream opened;
    if (!file.empty()) {
        opened.open(file, std::ios::binary);
        if (!opened) {
            return fail(errc::not_found, file.string(), ": cannot be opened");
        }
    }
    std::istream& in = file.empty() ? std::cin : opened;
    std::string text(std::istreambuf_iterator<char>(in), {});
    return in.bad() ? result<std::string>(fail(errc::io, file.string(), ": cannot be read")) : text;
}

/// The file, or what is so called in the folder of HAIGA_TOKENIZERS.
inline auto find_tokenizer(std::string const& name) -> result<tokenizer::any_tokenizer>
{
    std::error_code error;
    char const* const folder = std::getenv("HAIGA_TOKENIZERS");
    if (folder != nullptr && !std::filesystem::exists(name, error)) {
        for (std::string const ending : {"", ".tiktoken", ".tiktoken.gz"}) {
            auto const file = std::filesystem::path(folder) / (name + ending);
            if (std::filesystem::exists(file, error)) {
                return tokenizer::open_tokenizer(file);
            }
        }
    }
    return tokenizer::open_tokenizer(name);
}

inline auto encoded(tokenizer::any_tokenizer const& t, std::string_view text,
                    std::string const& special) -> result<std::vector<tokenizer::token_id>>
{
    using enum tokenizer::special_use;
    auto const use = special == "allowed" ? allowed : special == "forbidden" ? forbidden : literal;
    return t.visit([&](auto const& model) -> result<std::vector<tokenizer::token_id>> {
        if constexpr (requires { model.encode(text, use); }) {
            return model.encode(text, use);
        } else {
            return model.encode(text);
        }
    });
}

inline auto write_ids(std::span<tokenizer::token_id const> ids) -> void
{
    std::string line;
    for (auto const id : ids) {
        line.append(line.empty() ? "" : " ").append(std::to_string(id));
    }
    std::cout << line << '\n';
}

/// Numbers with white space between them.
inline auto read_ids(std::string_view text) -> result<std::vector<tokenizer::token_id>>
{
    std::vector<tokenizer::token_id> ids;
    for (std::size_t at = 0;;) {
        at = text.find_first_not_of(" \t\r\n", at);
        if (at == text.npos) {
            return ids;
        }
        tokenizer::token_id id = 0;
        auto const end = std::min(text.find_first_of(" \t\r\n", at), text.size());
        auto const read = std::from_chars(text.data() + at, text.data() + end, id);
        if (read.ec != std::errc() || read.ptr != text.data() + end) {
            return tl::unexpected(
                failure{errc::invalid,
                        concat("token ", ids.size(), ": \"",
                               one_line(text.substr(at, end - at), 80), "\" is no number"),
                        at});
        }
        ids.push_back(id);
        at = end;
    }
}

} // namespace detail

inline auto decode_tokens(token_options const& o) -> result<>
{
    HAIGA_TRY(auto const t, detail::find_tokenizer(o.tokenizer));
    HAIGA_TRY(auto const text, detail::read_input(o.file));
    HAIGA_TRY(auto const ids, detail::read_ids(text));
    if (auto const checked = tokenizer::check_ids(t, ids); !checked) {
        return fail(errc::invalid, "token ", *checked.error().offset, ": ",
                    checked.error().message);
    }
    std::cout << t.decode(ids);
    return {};
}

/// Writes the ids of each text, or only how many there are, a line a text.
inline auto encode_tokens(token_options const& o, bool counts) -> result<>
{
    HAIGA_TRY(auto const t, detail::find_tokenizer(o.tokenizer));
    HAIGA_TRY(auto const input, detail::read_input(o.file));
    for (std::string_view rest = input;;) {
        auto const end = o.null_separated ? std::min(rest.find('\0'), rest.size()) : rest.size();
        auto const text = rest.substr(0, end);
        if (counts && o.special == "literal") {
            std::cout << t.count(text) << '\n';
        } else {
            HAIGA_TRY(auto const ids, detail::encoded(t, text, o.special));
            counts ? void(std::cout << ids.size() << '\n') : detail::write_ids(ids);
        }
        if (end == rest.size()) {
            return {};
        }
        rest.remove_prefix(end + 1);
    }
}

} // namespace haiga::app
