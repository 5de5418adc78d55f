#include "tests/laws/tokenizer.hpp"

#include "haiga/tokenizer/clip.hpp"
#include "tests/archetypes/tokenizer.hpp"
#include "tests/tokenizer/toy_ranks.hpp"

using namespace haiga;

namespace {

using namespace std::string_view_literals;

constexpr std::string_view texts_of_all_kinds[] = {"a"sv,
                                                   "the cat isn't there, is it?"sv,
                                                   "  two  spaces\n\nand lines\r\n"sv,
                                                   "na\u00efve \u732b\u304c \U0001f600 e\u0301"sv,
                                                   "nul \0 and \xff\xc3 bytes"sv,
                                                   "<|endoftext|> 12345"sv};

} // namespace

TEST_CASE("the archetype keeps the law of tokenizers")
{
    check_tokenizer(archetypes::tokenizer(), texts_of_all_kinds);
}

TEST_CASE("byte-level BPE keeps the law of tokenizers, whatever its splitter")
{
    for (auto const split : test::all_splits) {
        check_tokenizer(test::toy_bpe({"th", "the", " t", " the", "\xe7\x8c"}, split),
                        texts_of_all_kinds);
    }
}

TEST_CASE("CLIP's keeps the law of tokenizers")
{
    auto const made =
        tokenizer::clip::make(tokenizer::read_clip_merges("note\nt h\nth e</w>\n", 2).value());
    check_tokenizer(made.value(), texts_of_all_kinds);
}
