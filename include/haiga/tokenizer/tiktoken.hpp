#pragma once

#include "haiga/base/bytes.hpp"
#include "haiga/io/gzip.hpp"
#include "haiga/io/read_file.hpp"
#include "haiga/tokenizer/byte_level_bpe.hpp"
#include "haiga/tokenizer/rank_file.hpp"

#include <filesystem>

namespace haiga::tokenizer {

/// What a published encoding is, besides its file of ranks.
struct tiktoken_encoding {
    std::string_view name;
    split_rule split;
    std::size_t tokens; ///< in the file
    token_id size;      ///< numbers are below it
    std::vector<special_token> specials;
};

/// Source: openai/tiktoken 0.14, tiktoken_ext/openai_public.py.
inline auto tiktoken_encodings() -> std::vector<tiktoken_encoding> const&
{
    static std::vector<tiktoken_encoding> const all = {
        {"r50k_base", split_rule::gpt2, 50256, 50257, {{"<|endoftext|>", 50256}}},
        {"p50k_base", split_rule::gpt2, 50280, 50281, {{"<|endoftext|>", 50256}}},
        {"p50k_edit",
         split_rule::gpt2,
         50280,
         50284,
         {{"<|endoftext|>", 50256},
          {"<|fim_prefix|>", 50281},
          {"<|fim_middle|>", 50282},
          {"<|fim_suffix|>", 50283}}},
        {"cl100k_base",
         split_rule::cl100k,
         100256,
         100277,
         {{"<|endoftext|>", 100257},
          {"<|fim_prefix|>", 100258},
          {"<|fim_middle|>", 100259},
          {"<|fim_suffix|>", 100260},
          {"<|endofprompt|>", 100276}}},
        {"o200k_base",
         split_rule::o200k,
         199998,
         200019,
         {{"<|endoftext|>", 199999}, {"<|endofprompt|>", 200018}}},
    };
    return all;
}

/// Errors: not_found, with the names that there are.
inline auto tiktoken_named(std::string_view name) -> result<tiktoken_encoding>
{
    auto const& all = tiktoken_encodings();
    auto const found = std::ranges::find(all, name, &tiktoken_encoding::name);
    if (found != all.end()) {
        return *found;
    }
    std::string names;
    for (auto const& e : all) {
        names.append(names.empty() ? "" : ", ").append(e.name);
    }
    return fail(errc::not_found, "no encoding is called \"", one_line(name, 80), "\"; there are ",
                names);
}

/// A published encoding from the text of its file of ranks.
/// Errors: those of read_rank_file and byte_level_bpe; mismatch where the file has not as many
///         tokens as it must.
inline auto make_tiktoken(tiktoken_encoding const& encoding, std::string_view ranks)
    -> result<byte_level_bpe>
{
    HAIGA_TRY(auto tokens, read_rank_file(ranks));
    std::size_t count = 0;
    for (std::size_t rank = 0; rank < tokens.size(); ++rank) {
        count += tokens[rank].empty() ? 0U : 1U;
    }
    if (count != encoding.tokens) {
        return fail(errc::mismatch, encoding.name, " has ", encoding.tokens, " tokens, the file ",
                    count);
    }
    HAIGA_TRY(auto made, byte_level_bpe::make({.tokens = std::move(tokens),
                                               .split = encoding.split,
                                               .specials = encoding.specials,
                                               .ids = {}}));
    if (made.size() != encoding.size) {
        return fail(errc::mismatch, encoding.name, " has numbers below ", encoding.size,
                    ", the file ", made.size());
    }
    return made;
}

/// The encoding that a file of ranks is named after: o200k_base.tiktoken, or the same with .gz.
/// Errors: those of tiktoken_named, of make_tiktoken, of reading files and of io::gunzip.
inline auto open_tiktoken(std::filesystem::path const& file, std::string_view name = {})
    -> result<byte_level_bpe>
{
    constexpr std::size_t most_bytes = std::size_t{1} << 26U;
    auto const of_file = file.filename().string();
    HAIGA_TRY(auto const encoding,
              tiktoken_named(name.empty() ? std::string_view(of_file).substr(0, of_file.find('.'))
                                          : name));
    HAIGA_TRY(auto bytes, io::read_file(file, most_bytes));
    if (io::is_gzip(bytes)) {
        HAIGA_TRY(bytes, io::gunzip(bytes, most_bytes));
    }
    return make_tiktoken(encoding, as_text(bytes)).map_error([&](failure&& f) {
        return std::move(f).within(of_file);
    });
}

} // namespace haiga::tokenizer
