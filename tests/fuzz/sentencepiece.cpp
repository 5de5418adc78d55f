#include "haiga/tokenizer/sentencepiece/sentencepiece.hpp"

#include "tests/fuzz/seeds.hpp"
#include "tests/golden/sentencepiece.hpp"

#include <cstdlib>

// Any bytes are a model or one failure; of a model, any text's ids are of pieces and lie in it.

extern "C" auto LLVMFuzzerInitialize(int* count, char*** arguments) -> int
{
    using namespace golden::sentencepiece;
    for (auto const& [name, model] :
         {std::pair("unigram", unigram_model), std::pair("bpe-bytes", bpe_bytes_model)}) {
        haiga_test::add_seed({*arguments, static_cast<std::size_t>(*count)}, name,
                             {reinterpret_cast<unsigned char const*>(model.data()), model.size()});
    }
    return 0;
}

extern "C" auto LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) -> int
{
    using namespace haiga;
    auto const bytes = as_text(std::as_bytes(std::span(data, size)));
    auto const file = tokenizer::read_sentencepiece_file(bytes);
    auto const t = file ? tokenizer::sentencepiece::make(*file) : tl::unexpected(file.error());
    if (!t) {
        if (!haiga_test::is_one_line(t.error())) {
            std::abort();
        }
        return 0;
    }
    for (auto const text : {bytes.substr(0, 2000), std::string_view("the cat \xff e\xcc\x81 12")}) {
        auto const [ids, spans] = t->encode_located(text);
        for (auto const& span : spans) {
            if (span.begin > span.end || span.end > text.size()) {
                std::abort();
            }
        }
        if (ids != t->encode(text) || !tokenizer::check_ids(*t, ids)) {
            std::abort();
        }
        static_cast<void>(t->decode(ids));
    }
    return 0;
}
