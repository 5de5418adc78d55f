#pragma once

#include "haiga/tokenizer/clip_files.hpp"
#include "haiga/tokenizer/huggingface/tokenizer_json.hpp"
#include "haiga/tokenizer/sentencepiece/sentencepiece.hpp"
#include "haiga/tokenizer/tiktoken.hpp"

#include <memory>
#include <variant>

namespace haiga::tokenizer {

/// One of the library's tokenizers, whichever a file turned out to hold. Copies share it.
class any_tokenizer {
public:
    using model = std::variant<byte_level_bpe, clip, hugging_face, sentencepiece>;

    template <tokenizer T>
    requires std::constructible_from<model, T>
    explicit any_tokenizer(T t) : model_(std::make_shared<model const>(std::move(t))) {}

    /// Calls f with the tokenizer.
    template <class F>
    auto visit(F const& f) const -> decltype(auto)
    {
        return std::visit(f, *model_);
    }

    [[nodiscard]] auto encode(std::string_view text) const -> std::vector<token_id>
    {
        return visit([&](auto const& t) { return t.encode(text); });
    }
    [[nodiscard]] auto count(std::string_view text) const -> std::size_t
    {
        return visit([&](auto const& t) { return t.count(text); });
    }
    [[nodiscard]] auto decode(std::span<token_id const> ids) const -> std::string
    {
        return visit([&](auto const& t) { return t.decode(ids); });
    }
    [[nodiscard]] auto size() const -> token_id
    {
        return visit([](auto const& t) { return t.size(); });
    }
    [[nodiscard]] auto token(token_id id) const -> std::string_view
    {
        return visit([&](auto const& t) { return std::string_view(t.token(id)); });
    }
    [[nodiscard]] auto special_tokens() const -> std::span<special_token const>
    {
        return visit(
            [](auto const& t) { return std::span<special_token const>(t.special_tokens()); });
    }

private:
    std::shared_ptr<model const> model_;
};

static_assert(tokenizer<any_tokenizer>);

/// The tokenizer of a file, told by its name: NAME.tiktoken, for each of tiktoken_encodings(); what
/// has bpe_simple_vocab in its name is CLIP's; either may be packed, .gz. NAME.json is a
/// tokenizer.json, NAME.model sentencepiece's. A folder is a model's: of CLIP's, or with one of
/// tokenizer.json and tokenizer.model.
/// Errors: not_found; unsupported for a file of another name; those of the kind it is.
inline auto open_tokenizer(std::filesystem::path const& file) -> result<any_tokenizer>
{
    auto const any = [](auto made) -> result<any_tokenizer> {
        if (!made) {
            return tl::unexpected(std::move(made).error());
        }
        return any_tokenizer(*std::move(made));
    };
    std::error_code error;
    auto const name = file.filename().string();
    if (!std::filesystem::exists(file, error)) {
        return fail(errc::not_found, "there is no file ", file.string());
    }
    if (std::filesystem::is_directory(file, error)) {
        auto clips = open_clip(file);
        auto const other = [&](char const* of) {
            return std::filesystem::exists(file / of, error);
        };
        return clips || other("vocab.json") ? any(std::move(clips))
               : other("tokenizer.json")    ? any(open_tokenizer_json(file / "tokenizer.json"))
               : other("tokenizer.model")   ? any(open_sentencepiece(file / "tokenizer.model"))
                                            : any(std::move(clips));
    }
    if (name.ends_with(".json")) {
        return any(open_tokenizer_json(file));
    }
    if (name.ends_with(".model")) {
        return any(open_sentencepiece(file));
    }
    if (name.ends_with(".tiktoken") || name.ends_with(".tiktoken.gz")) {
        return any(open_tiktoken(file));
    }
    if (name.find("bpe_simple_vocab") != name.npos) {
        return any(open_clip_merges(file));
    }
    return fail(errc::unsupported, file.string(),
                ": expected NAME.tiktoken, NAME.json, NAME.model, bpe_simple_vocab*.txt, or a "
                "model's folder");
}

} // namespace haiga::tokenizer
