#include "haiga/sample/prompt.hpp"

#include "haiga/base/bytes.hpp"
#include "tests/fuzz/seeds.hpp"

#include <cstdlib>
#include <string_view>

// Any bytes are a prompt, or too many of them one failure: every step is in one range, every chunk
// has 77 tokens of the vocabulary and as many weights, whichever cleaning.

namespace {

auto make(haiga::tokenizer::clip_cleaning cleaning) -> haiga::tokenizer::clip
{
    using namespace haiga::tokenizer;
    constexpr std::string_view merges = "note\nt h\nth e</w>\na b\nab ab\nb a\na a\n";
    return clip::make(read_clip_merges(merges, 6).value(), {.cleaning = cleaning, .padding = "!"})
        .value();
}

void require(bool holds)
{
    if (!holds) {
        std::abort();
    }
}

} // namespace

extern "C" auto LLVMFuzzerInitialize(int* count, char*** arguments) -> int
{
    constexpr std::string_view seed = "a (cat:1.2), [dog:\\(fox\\):0.5] [x|y|] ((BREAK)) it's "
                                      "&eacute; AND e\xcc\x81 :0.5 ! <|endoftext|>";
    haiga_test::add_seed({*arguments, static_cast<std::size_t>(*count)}, "prompt",
                         {reinterpret_cast<unsigned char const*>(seed.data()), seed.size()});
    return 0;
}

extern "C" auto LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) -> int
{
    using namespace haiga;
    static auto const plain = make(tokenizer::clip_cleaning::hugging_face);
    static auto const repaired = make(tokenizer::clip_cleaning::openai);
    auto const text = as_text(std::as_bytes(std::span(data, size)));
    constexpr int steps = 7;
    for (auto const* t : {&plain, &repaired}) {
        auto const prompts = sample::read_prompt(*t, text, steps);
        if (!prompts) {
            require(haiga_test::is_one_line(prompts.error()));
            continue;
        }
        require(!prompts->empty());
        for (auto const& prompt : *prompts) {
            int next = 0;
            for (auto const& range : prompt.ranges) {
                require(range.first == next && range.last > next && !range.chunks.empty());
                next = range.last;
                for (auto const& chunk : range.chunks) {
                    require(chunk.tokens.size() == 77 && chunk.weights.size() == 77);
                    require(std::ranges::all_of(
                        chunk.tokens, [&](auto id) { return id >= 0 && id < t->size(); }));
                    require(std::ranges::all_of(chunk.weights, [](float w) {
                        return w >= -sample::max_weight && w <= sample::max_weight;
                    }));
                }
            }
            require(next == steps);
        }
    }
    return 0;
}
