#include "haiga/schema/pattern.hpp"

#include "tests/fuzz/seeds.hpp"

#include <cstdlib>
#include <string_view>

// Any bytes are a pattern and a text, divided by a line feed: they are refused with one line, or
// the engines that can run them agree, and none takes more steps than it may.

namespace {

using namespace haiga;
namespace regex = schema::regex;

constexpr schema::pattern_limits limits{.max_bytes = 4096,
                                        .max_depth = 100,
                                        .max_instructions = 4096,
                                        .max_states = 256,
                                        .max_steps = 100'000,
                                        .max_steps_each_byte = 64,
                                        .max_choices = 1U << 16U};

void check_engines(regex::syntax_tree const& tree, std::string_view text)
{
    schema::pattern_scratch scratch;
    auto const emit = [&](regex::engine how) {
        return regex::emitter(tree, how, limits.max_instructions).run();
    };
    auto const threads = emit(regex::engine::threads);
    auto const backtracking = emit(regex::engine::backtracking);
    if (!threads || !backtracking) {
        return;
    }
    auto const found = regex::thread_search(*threads, text, limits, scratch).found();
    auto const back = regex::backtrack_search(*backtracking, text, limits, scratch).found();
    auto const states = regex::determinize(*threads, limits);
    if ((found && back && *found != *back) ||
        (found && states && states->found_in(text) != *found)) {
        std::abort();
    }
}

} // namespace

extern "C" auto LLVMFuzzerInitialize(int* count, char*** arguments) -> int
{
    int n = 0;
    for (std::string_view const seed :
         {"^(?:a|b)*c{2,3}?$\nabcc", "(?<=a+)\\b[^\\w-.]\\p{Lu}\n a-\xc3\x89",
          "(?=.*[A-Z])(?!x|y)\\d{3}\nA123", "(?<n>.)\\k<n>\\1\naaa",
          "\\u{1f600}|[\\x41-\\x5a]\nB"}) {
        haiga_test::add_seed({*arguments, static_cast<std::size_t>(*count)},
                             "pattern" + std::to_string(n++),
                             {reinterpret_cast<unsigned char const*>(seed.data()), seed.size()});
    }
    return 0;
}

extern "C" auto LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) -> int
{
    std::string_view const all(reinterpret_cast<char const*>(data), size);
    auto const source = all.substr(0, all.find('\n'));
    auto const text = all.substr(std::min(all.size(), source.size() + 1));
    for (auto const how : {schema::strictness::strict, schema::strictness::usual}) {
        auto const tree = regex::parse(source, how, limits);
        auto const compiled = schema::pattern::compile(source, {how, limits});
        if (!tree || !compiled) {
            auto const& failure = tree ? compiled.error() : tree.error();
            if (!haiga_test::is_one_line(failure) || (!tree && compiled)) {
                std::abort();
            }
            continue;
        }
        schema::pattern_scratch scratch;
        auto const found = compiled->found_in(text, scratch);
        if (!found && !haiga_test::is_one_line(found.error())) {
            std::abort();
        }
        if (!tree->has_references) {
            check_engines(*tree, text);
        }
    }
    return 0;
}
