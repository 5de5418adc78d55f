#include "haiga/tokenizer/interval_count.hpp"
#include "haiga/tokenizer/stream_decoder.hpp"

#include "haiga/base/bytes.hpp"
#include "tests/fuzz/seeds.hpp"

#include <cstdlib>
#include <map>

// The first bytes make a vocabulary, the others a text. Whatever both are, decoding gives the text
// back; counts agree, of the whole, of parts, and as it grows; and every piece is merged as the
// definition says.

namespace {

using namespace haiga;
using namespace haiga::tokenizer;

void require(bool holds)
{
    if (!holds) {
        std::abort();
    }
}

using rank_map = std::map<std::string, std::uint32_t, std::less<>>;

/// All bytes, and then what data has up to a zero byte, cut by 0x01.
auto vocabulary_in(std::string_view& data, rank_map& ranks) -> token_list
{
    token_list tokens;
    for (int byte = 0; byte < 256; ++byte) {
        char const c = static_cast<char>(byte);
        tokens.add({&c, 1});
    }
    auto words = data.substr(0, data.find('\0'));
    data.remove_prefix(std::min(words.size() + 1, data.size()));
    while (!words.empty()) {
        auto const word = words.substr(0, words.find('\x01'));
        words.remove_prefix(std::min(word.size() + 1, words.size()));
        if (word.size() > 1 &&
            ranks.emplace(word, static_cast<std::uint32_t>(tokens.size())).second) {
            tokens.add(word);
        }
    }
    return tokens;
}

auto merged(rank_map const& ranks, std::string_view piece) -> std::vector<std::string>
{
    std::vector<std::string> parts;
    for (char const c : piece) {
        parts.emplace_back(1, c);
    }
    while (true) {
        auto lowest = no_rank;
        std::size_t best = 0;
        for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
            auto const found = ranks.find(parts[i] + parts[i + 1]);
            if (found != ranks.end() && found->second < lowest) {
                lowest = found->second;
                best = i;
            }
        }
        if (lowest == no_rank) {
            return parts;
        }
        parts[best] += parts[best + 1];
        parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(best) + 1);
    }
}

void check_merges(byte_level_bpe const& t, rank_map const& ranks, std::string_view piece)
{
    std::vector<std::uint32_t> found(piece.size());
    std::optional<byte_bpe::scratch> scratch;
    auto const count = t.bpe().merge(piece, piece.data() + piece.size(), found.data(), scratch);
    auto const expected = merged(ranks, piece);
    require(count == expected.size());
    for (std::size_t i = 0; i < count; ++i) {
        require(t.bpe().table().tokens()[found[i]] == expected[i]);
    }
}

} // namespace

extern "C" auto LLVMFuzzerInitialize(int* count, char*** arguments) -> int
{
    using namespace std::string_view_literals;
    for (
        auto const seed :
        {"ab\1abc\1bc\1 the\1aa\1aaaa\0the abc's aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 12345\n\n  x"sv,
         "ab\1abcd\1cd\1\xe7\x8c\0abcdabcdabcdabcdabcdabcdabcdabcdabcdabcd\xe7\x8c\xab \xff Don'T"sv}) {
        haiga_test::add_seed({*arguments, static_cast<std::size_t>(*count)},
                             "bpe-" + std::to_string(seed.size()),
                             {reinterpret_cast<unsigned char const*>(seed.data()), seed.size()});
    }
    return 0;
}

extern "C" auto LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) -> int
{
    auto text = as_text(std::as_bytes(std::span(data, std::min<std::size_t>(size, 4096))));
    rank_map ranks;
    auto tokens = vocabulary_in(text, ranks);
    constexpr split_rule rules[] = {split_rule::gpt2, split_rule::cl100k, split_rule::o200k,
                                    split_rule::llama3, split_rule::qwen2};
    auto const t = byte_level_bpe::make(
        {std::move(tokens), rules[size % 5], {{"<|endoftext|>", 100'000}}, {}});
    require(t.has_value());
    auto const ids = t->encode(text);
    require(t->decode(ids) == text && t->count(text) == ids.size());
    require(t->count_up_to(text, ids.size()) == ids.size());
    stream_decoder decoder(*t);
    std::string streamed;
    for (auto const id : ids) {
        streamed += decoder.add(id);
    }
    require(streamed + decoder.finish() == text);
    check_merges(*t, ranks, text.substr(0, 300));
    auto const middle = text.size() / 3;
    running_count running(*t);
    running.add(text.substr(0, middle));
    require(running.add(text.substr(middle)) == ids.size());
    interval_count const counts(*t, text);
    require(counts.count(middle, text.size() - middle / 2) ==
            t->count(text.substr(middle, text.size() - middle / 2 - middle)));
    return 0;
}
