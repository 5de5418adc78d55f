#include "haiga/tokenizer/huggingface/tokenizer_json.hpp"

#include "tests/fuzz/seeds.hpp"
#include "tests/golden/hugging_face.hpp"

#include <cstdlib>

// Any bytes are a tokenizer or one failure; of a tokenizer, the ids of any text are tokens, the
// same with offsets and without, and lie in it.

namespace {

void check(haiga::tokenizer::hugging_face const& t, std::string_view text)
{
    auto const [ids, spans] = t.encode_located(text);
    for (auto const& span : spans) {
        // what became of a suffix may lie behind the end, as Hugging Face has it
        if (span.begin > span.end) {
            std::abort();
        }
    }
    if (ids != t.encode(text) || t.count(text) != ids.size()) {
        std::abort();
    }
    static_cast<void>(t.decode(ids));
    for (auto const& made : {t.encode_whole(text), t.encode_pair(text, "a b")}) {
        if (!made && !haiga_test::is_one_line(made.error())) {
            std::abort();
        }
    }
}

} // namespace

extern "C" auto LLVMFuzzerInitialize(int* count, char*** arguments) -> int
{
    for (auto const& file : golden::hugging_face::files) {
        haiga_test::add_seed(
            {*arguments, static_cast<std::size_t>(*count)}, std::string(file.name),
            {reinterpret_cast<unsigned char const*>(file.json.data()), file.json.size()});
    }
    return 0;
}

extern "C" auto LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) -> int
{
    auto const bytes = haiga::as_text(std::as_bytes(std::span(data, size)));
    auto const t = haiga::tokenizer::read_tokenizer_json(bytes);
    if (!t) {
        if (!haiga_test::is_one_line(t.error())) {
            std::abort();
        }
        return 0;
    }
    check(*t, bytes.substr(0, 1000));
    check(*t, "Hello, \xff e\xcc\x81 \xef\xac\x81 don't <mask> 123\n\n x");
    return 0;
}
