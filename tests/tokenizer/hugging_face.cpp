#include "haiga/tokenizer/huggingface/tokenizer_json.hpp"

#include "tests/golden/hugging_face.hpp"
#include "tests/laws/tokenizer.hpp"

#include <doctest/doctest.h>

#include <sstream>

using namespace haiga;
using tokenizer::token_id;

namespace hugging_face_test {
namespace {

/// What a golden sample holds of an encoding.
struct printed {
    std::string ids, offsets, tokens;

    explicit printed(tokenizer::huggingface::encoding const& whole)
    {
        add(whole);
        for (auto const& overflow : whole.overflowing) {
            add(overflow);
        }
    }

    void add(tokenizer::huggingface::encoding const& one)
    {
        auto const next = [](std::string& list, auto number) {
            list += (list.empty() ? "" : " ") + std::to_string(number);
        };
        for (auto const& token : one.tokens) {
            next(ids, token.id);
            next(offsets, token.source.begin);
            next(offsets, token.source.end);
            tokens += token.text + '\x1f' + std::to_string(token.type) +
                      (token.special ? "1" : "0") + (token.attended ? "1" : "0") + '\x1d';
        }
        tokens += "\x1e\x1d";
    }
};

auto read(std::string_view json) { return tokenizer::read_tokenizer_json(json); }

auto told(std::string_view json) -> std::string { return read(json).error().to_string(); }

/// A file with a model of two words and one part more.
auto with(std::string_view part) -> std::string
{
    return concat(
        R"({"version": "1.0", )", part,
        R"(, "model": {"type": "WordLevel", "unk_token": "?", "vocab": {"?": 0, "a": 1}}})");
}

auto with_model(std::string_view model) -> std::string
{
    return concat(R"({"model": )", model, "}");
}

} // namespace

TEST_CASE("tokenizer.json: ids, offsets, types, overflows and texts as Hugging Face's")
{
    for (auto const& file : golden::hugging_face::files) {
        CAPTURE(std::string(file.name));
        auto const t = read(file.json);
        REQUIRE_MESSAGE(t, (t ? "" : t.error().to_string()));
        for (auto const& sample : file.samples) {
            CAPTURE(std::string(sample.text));
            auto const whole = sample.is_pair ? t->encode_pair(sample.text, sample.second)
                                              : t->encode_whole(sample.text);
            REQUIRE(whole);
            printed const ours(*whole);
            CHECK(ours.ids == sample.ids);
            CHECK(ours.offsets == sample.offsets);
            CHECK(ours.tokens == std::string(sample.tokens) + '\x1d');
            CHECK(t->decode(whole->ids()) == sample.decoded);
        }
    }
}

TEST_CASE("tokenizer.json: the law of tokenizers, and the same ids with offsets and without")
{
    std::string_view const texts[] = {"Hello world.",
                                      "\xff\xfe"
                                      "abc",
                                      "\xe6\x97\xa5 <mask>"};
    for (auto const& file : golden::hugging_face::files) {
        CAPTURE(std::string(file.name));
        auto const t = read(file.json);
        REQUIRE(t);
        if (file.name == "llama3" || file.name == "left_out") {
            check_tokenizer(*t, texts);
        }
        for (auto const text : texts) {
            auto const located = t->encode_located(text);
            CHECK(located.ids == t->encode(text));
            for (auto const& span : located.spans) {
                CHECK(span.begin <= span.end);
                CHECK(span.end <= text.size());
            }
        }
    }
}

TEST_CASE("tokenizer.json: special tokens are left out of texts where that is asked for")
{
    auto const t = read(with(R"("added_tokens": [{"id": 2, "content": "<s>", "single_word": false,
        "lstrip": false, "rstrip": false, "normalized": false, "special": true}])"));
    REQUIRE(t);
    CHECK(t->encode("a<s>a") == std::vector<token_id>{1, 2, 1});
    std::vector<token_id> const ids{2, 1};
    CHECK(t->decode(ids) == "<s> a"); // without a decoder a space stands between tokens
    CHECK(t->decode(ids, true) == "a");
    REQUIRE(t->special_tokens().size() == 1);
    CHECK(t->special_tokens()[0] == tokenizer::special_token{"<s>", 2});
}

TEST_CASE("tokenizer.json: what is wrong with a file is told")
{
    CHECK(told("{").starts_with("JSON: incomplete"));
    CHECK(told("[]") == "expected an object");
    CHECK(told("{}") == "\"model\" is missing");
    CHECK(told(R"({"version": "2.0"})") == "version \"2.0\", expected \"1.0\"");
    CHECK(told(with(R"("normalizer": {"type": "Rot13"})")) ==
          "normalizer: Rot13: the type \"Rot13\" is not known");
    CHECK(told(with(R"("normalizer": 7)")) == "normalizer: expected an object with a \"type\"");
    CHECK(told(with(R"("normalizer": {"type": "Precompiled", "precompiled_charsmap": "a=b"})")) ==
          "normalizer: Precompiled: base64 of 3 characters");
    CHECK(told(with(R"("normalizer": {"type": "Precompiled", "precompiled_charsmap": "AAA="})")) ==
          "normalizer: Precompiled: character map: 2 bytes, needs 4");
    CHECK(told(with(R"("pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(a)\\1"},
                     "behavior": "Isolated", "invert": false})")) ==
          "pre_tokenizer: Split: the pattern \"(a)\\1\" is none that is known");
    CHECK(told(with(R"("pre_tokenizer": {"type": "Punctuation", "behavior": "Lost"})")) ==
          "pre_tokenizer: Punctuation: \"behavior\": \"Lost\" is not known");
    CHECK(told(with(R"("post_processor": {"type": "TemplateProcessing", "special_tokens": {},
        "single": [{"SpecialToken": {"id": "[X]", "type_id": 0}}], "pair": []})")) ==
          "post_processor: TemplateProcessing: \"[X]\" is missing");
    CHECK(
        told(with(R"("truncation": {"max_length": 2, "stride": 2, "strategy": "LongestFirst"})")) ==
        "\"stride\" is 2, \"max_length\" 2");
    CHECK(told(with(R"("padding": {"strategy": {"Fixed": 99999999999}, "direction": "Left",
        "pad_id": 0, "pad_type_id": 0, "pad_token": ""})"))
              .starts_with("\"padding\": to 99999999999 tokens"));
}

TEST_CASE("tokenizer.json: what is wrong with a model is told")
{
    CHECK(told(with_model(R"({"type": "Magic"})")) == "model: the type \"Magic\" is not known");
    CHECK(told(with_model(R"({"type": "BPE", "vocab": {"a": 0, "b": 1}, "merges": ["a b"]})")) ==
          "model: merge 1: no token is \"ab\"");
    CHECK(told(with_model(R"({"type": "BPE", "vocab": {"a": 0}, "merges": ["a", "a b c"]})")) ==
          "model: merge 1 is not two tokens");
    CHECK(told(with_model(R"({"type": "BPE", "vocab": {"a": -1}, "merges": []})")) ==
          "model: token \"a\" has the number -1, expected 0 to 4194303");
    CHECK(told(with_model(R"({"type": "BPE", "vocab": {"a": 4194304}, "merges": []})")) ==
          "model: token \"a\" has the number 4194304, expected 0 to 4194303");
    CHECK(told(with_model(R"({"type": "BPE", "vocab": {"a": 0}, "merges": [], "dropout": 0.1})")) ==
          "model: \"dropout\": merges that are left out at random");
    CHECK(
        told(with_model(R"({"type": "BPE", "vocab": {"a": 0}, "merges": [], "unk_token": "u"})")) ==
        "model: \"unk_token\": no token is \"u\"");
    CHECK(told(with_model(R"({"type": "BPE", "vocab": {}, "merges": []})")) ==
          "model: \"vocab\" is empty");
    CHECK(told(with_model(R"({"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "u"})")) ==
          "model: \"unk_token\": no token is \"u\"");
    CHECK(told(with_model(R"({"type": "Unigram", "vocab": [["a", 0]], "unk_id": 1})")) ==
          "model: \"unk_id\" is 1, of 1 tokens");
    CHECK(told(with_model(R"({"type": "Unigram", "vocab": [["a"]], "unk_id": 0})")) ==
          "model: \"vocab\": token 0 is not a text and a score");
}

TEST_CASE("tokenizer.json: a text of one letter takes about as long as any other")
{
    for (auto const& file : golden::hugging_face::files) {
        if (file.samples.size() > std::size(golden::hugging_face::pre_bert)) { // a trained model
            auto const t = read(file.json);
            REQUIRE(t);
            // squared, each of them would take minutes
            CHECK(t->count(std::string(1 << 17, 'a')) > 0);
            std::string marks = "e";
            for (int i = 0; i < 1 << 16; ++i) {
                marks += i % 2 == 0 ? "\xcc\xa3" : "\xcc\x87"; // below and above: out of order
            }
            CHECK(t->count(marks) > 0);
        }
    }
}

} // namespace hugging_face_test
