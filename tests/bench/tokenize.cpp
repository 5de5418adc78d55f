// Megabytes a second of texts that a process has never seen, on one thread and on two, beside
// tiktoken and Hugging Face's tokenizers: every measurement is a process of its own, here and
// there. Then what loading takes, and what texts take that are hard to cut and to merge.
//
// Texts: what Debian's packages bring with them: manuals in English without their markup, headers
// in C++, manuals in Japanese, Korean and Chinese. HAIGA_TEST_DATA has the ranks.

#include "tests/bench/support/peer.hpp"
#include "tests/bench/support/report.hpp"
#include "tests/bench/support/resident.hpp"
#include "tests/bench/support/stopwatch.hpp"

#include "haiga/base/utf8.hpp"
#include "haiga/tokenizer/batch.hpp"
#include "haiga/tokenizer/tiktoken.hpp"

#include <iostream>
#include <sstream>

namespace haiga::bench {
namespace {

using path = std::filesystem::path;

constexpr int rounds = 5;
path const here = "build/bench/tokenize";

// ---------------------------------------------------------------- texts

auto next_line(std::string_view& text) -> std::string_view
{
    auto const line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    return line;
}

/// Lines of a manual that are no requests, without what chooses fonts.
auto without_markup(std::string_view manual) -> std::string
{
    std::string text;
    while (!manual.empty()) {
        auto line = next_line(manual);
        if (line.starts_with('.') || line.starts_with('\'')) {
            continue;
        }
        for (; !line.empty(); line.remove_prefix(1)) {
            if (line.starts_with("\\f")) {
                line.remove_prefix(std::min<std::size_t>(2, line.size() - 1));
            } else if (line[0] != '\\') {
                text += line[0];
            }
        }
        text += '\n';
    }
    return text;
}

struct corpus {
    std::string name;
    std::vector<path> folders;
    std::string ending;
};

auto corpora() -> std::vector<corpus>
{
    return {
        {"prose", {"/usr/share/man/man1", "/usr/share/man/man7", "/usr/share/man/man8"}, ".gz"},
        {"code", {"include", "/usr/include/eigen3", "/usr/include/c++"}, ""},
        {"CJK",
         {"/usr/share/man/ja", "/usr/share/man/ko", "/usr/share/man/zh_CN", "/usr/share/man/zh_TW"},
         ".gz"}};
}

/// At most 8 MB of what there is, at most 256 KB a file.
auto gather(corpus const& c) -> result<std::string>
{
    constexpr std::size_t most = 8'000'000, most_of_one = 1U << 18U;
    std::vector<path> files;
    for (auto const& folder : c.folders) {
        std::error_code error;
        for (auto const& entry : std::filesystem::recursive_directory_iterator(folder, error)) {
            if (entry.is_regular_file(error) && entry.path().string().ends_with(c.ending)) {
                files.push_back(entry.path());
            }
        }
    }
    std::ranges::sort(files);
    std::string text;
    for (auto const& file : files) {
        auto bytes = io::read_file(file, 1U << 24U);
        if (bytes && io::is_gzip(*bytes)) {
            bytes = io::gunzip(*bytes, 1U << 24U);
        }
        if (bytes && text.size() < most && !find_invalid_utf8(as_text(*bytes))) {
            auto const whole =
                c.ending.empty() ? std::string(as_text(*bytes)) : without_markup(as_text(*bytes));
            text += whole.substr(0, whole.size() > most_of_one ? whole.rfind('\n', most_of_one) + 1
                                                               : whole.size());
        }
    }
    return text.empty() ? result<std::string>(fail(errc::not_found, c.name, ": no files")) : text;
}

/// Documents of 16 KB and what is left of a line.
auto documents(std::string_view text) -> std::vector<std::string_view>
{
    std::vector<std::string_view> all;
    while (!text.empty()) {
        auto const end = text.find('\n', std::min<std::size_t>(16384, text.size()));
        all.push_back(text.substr(0, end == text.npos ? end : end + 1));
        text.remove_prefix(all.back().size());
    }
    return all;
}

// ---------------------------------------------------------------- a process that encodes once

struct job {
    std::string encoding, text;
    int threads = 1;

    [[nodiscard]] auto words() const -> std::vector<std::string>
    {
        return {(here / (encoding + ".tiktoken")).string(), encoding, (here / text).string(),
                std::to_string(threads)};
    }
};

/// "= MB/s tokens load-ms MiB": what the peer answers too.
auto encode_once(std::span<char* const> words) -> result<>
{
    auto const before = resident();
    stopwatch const loading;
    HAIGA_TRY(auto const t, tokenizer::open_tiktoken(words[0], words[1]));
    auto const loaded = loading.elapsed();
    auto const held = resident() - before;
    HAIGA_TRY(auto const bytes, io::read_file(words[2], 1U << 26U));
    auto const texts = documents(as_text(bytes));
    stopwatch const watch;
    auto const ids = tokenizer::encode_all(t, texts, {std::atoi(words[3])});
    auto const took = watch.elapsed();
    std::size_t count = 0;
    for (auto const& each : ids) {
        count += each.size();
    }
    std::cout << "= " << static_cast<double>(bytes.size()) / 1000 / took << ' ' << count << ' '
              << loaded << ' ' << held << std::endl;
    return {};
}

struct answer {
    double speed = 0, tokens = 0, load = 0, memory = 0;
};

auto run(std::vector<std::string> command, job const& work) -> result<answer>
{
    auto const words = work.words();
    command.insert(command.end(), words.begin(), words.end());
    HAIGA_TRY(auto process, peer::start(std::move(command)));
    HAIGA_TRY(auto const line, process.hear());
    answer got;
    std::istringstream(line) >> got.speed >> got.tokens >> got.load >> got.memory;
    return got;
}

auto peer_command(char const* name) -> std::vector<std::string>
{
    return {"build/peers/bin/python", "tests/bench/tokenize_peers.py", name};
}

/// Errors: a peer whose tokens are others'.
auto race(report& out, job const& work, bool with_peers) -> result<>
{
    auto const name = concat(work.encoding, ", ", work.text, ", ", work.threads, " thread",
                             work.threads == 1 ? "" : "s");
    std::vector<double> us, load, memory, tiktoken, faces;
    for (int i = 0; i < rounds; ++i) {
        HAIGA_TRY(auto const ours, run({"/proc/self/exe", "once"}, work));
        us.push_back(ours.speed);
        load.push_back(ours.load);
        memory.push_back(ours.memory);
        if (!with_peers) {
            continue;
        }
        HAIGA_TRY(auto const theirs, run(peer_command("tiktoken"), work));
        tiktoken.push_back(theirs.speed);
        if (theirs.tokens != ours.tokens) {
            return fail(errc::mismatch, name, ": ", ours.tokens, " tokens, tiktoken has ",
                        theirs.tokens);
        }
        if (i == 0) { // slow
            HAIGA_TRY(auto const face, run(peer_command("tokenizers"), work));
            faces.push_back(face.speed);
        }
    }
    auto const add = [&](std::vector<double> const& theirs, char const* peer_name) {
        row measured{.name = name, .ours = median(us), .unit = "MB/s", .better = better::larger};
        if (!theirs.empty()) {
            measured.peer = median(theirs);
            measured.peer_name = peer_name;
        }
        out.add(measured);
    };
    add(tiktoken, "tiktoken");
    if (!faces.empty()) {
        add(faces, "tokenizers");
    }
    if (work.threads == 1 && work.text == "prose") {
        out.add({.name = work.encoding + ": load", .ours = median(load), .unit = "ms"});
        out.add({.name = work.encoding + ": memory", .ours = median(memory), .unit = "MiB"});
    }
    return {};
}

// ---------------------------------------------------------------- hard texts

/// Nanoseconds a byte, the best of five.
auto cost(tokenizer::byte_level_bpe const& t, std::string_view text) -> double
{
    auto best = 1e300;
    for (int i = 0; i < 5; ++i) {
        stopwatch const watch;
        auto const count = t.count(text);
        best = std::min(best, watch.elapsed() * 1e6 / static_cast<double>(text.size()) +
                                  (count == 0 ? 1e300 : 0));
    }
    return best;
}

auto repeated(std::string_view what, std::size_t bytes) -> std::string
{
    std::string text;
    while (text.size() < bytes) {
        text += what;
    }
    return text;
}

auto random_bytes(std::size_t count) -> std::string
{
    std::string text;
    for (std::uint64_t state = 1; text.size() < count;) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        text += static_cast<char>(state >> 56U);
    }
    return text;
}

void measure_hard_texts(report& out, std::string const& encoding,
                        tokenizer::byte_level_bpe const& t, std::string_view prose)
{
    constexpr std::size_t mega = 1'000'000;
    auto const of_prose = cost(t, prose.substr(0, mega));
    out.note(
        concat(encoding, ": prose takes ", of_prose, " ns a byte; behind: how many times that"));
    struct text {
        char const* name;
        std::string (*make)(std::size_t);
    };
    for (auto const& [name, make] :
         {text{"one letter", [](std::size_t n) { return repeated("a", n); }},
          text{"spaces", [](std::size_t n) { return repeated(" ", n); }},
          text{"combining marks", [](std::size_t n) { return repeated("\u0301", n); }},
          text{"emoji joined by ZWJ",
               [](std::size_t n) { return repeated("\U0001f468\u200d", n); }},
          text{"random bytes", random_bytes},
          text{"dashes and one letter",
               [](std::size_t n) { return repeated("------------------x", n); }},
          text{"ideographs",
               [](std::size_t n) { return repeated("\u732b\u304c\u5ea7\u3063", n); }}}) {
        auto const once = cost(t, make(mega));
        auto const twice = cost(t, make(2 * mega));
        out.note(concat("  1 MB of ", name, ": ", once, " ns a byte, ", once / of_prose,
                        " times prose; 2 MB take ", 2 * twice / once, " times as long"));
        out.add({.name = concat(encoding, ", ", name), .ours = once, .unit = "ns/byte"});
    }
}

auto measure_all() -> result<>
{
    report out("tokenize");
    char const* const data = std::getenv("HAIGA_TEST_DATA");
    if (data == nullptr) {
        return fail(errc::not_found,
                    "HAIGA_TEST_DATA is not set: there are no ranks to measure with");
    }
    std::filesystem::create_directories(here);
    for (auto const& c : corpora()) {
        HAIGA_TRY(auto const text, gather(c));
        HAIGA_TRY_VOID(io::publish_bytes(here / c.name, as_bytes(text)));
        out.note(concat(c.name, ": ", static_cast<double>(text.size()) / 1e6, " MB"));
    }
    for (std::string const encoding : {"cl100k_base", "o200k_base"}) {
        auto const packed = path(data) / "tokenizers" / (encoding + ".tiktoken.gz");
        HAIGA_TRY(auto const file, io::read_file(packed, 1U << 26U));
        HAIGA_TRY(auto const ranks, io::gunzip(file, 1U << 26U));
        HAIGA_TRY_VOID(io::publish_bytes(here / (encoding + ".tiktoken"), ranks));
    }
    auto versions = peer_command("versions");
    auto started = peer::start(versions);
    auto const greeting =
        started ? started->hear() : result<std::string>(fail(errc::not_found, ""));
    out.note(greeting ? "against " + *greeting : "no peers (./dev peers installs them)");
    for (std::string const encoding : {"cl100k_base", "o200k_base"}) {
        for (auto const& c : corpora()) {
            for (int const threads : {1, 2}) {
                if (wanted(encoding + ", " + c.name)) {
                    HAIGA_TRY_VOID(race(out, {encoding, c.name, threads}, greeting.has_value()));
                }
            }
        }
        HAIGA_TRY(auto const t, tokenizer::open_tiktoken(here / (encoding + ".tiktoken")));
        HAIGA_TRY(auto const prose, io::read_file(here / "prose", 1U << 26U));
        measure_hard_texts(out, encoding, t, as_text(prose));
    }
    return out.finish();
}

} // namespace
} // namespace haiga::bench

auto main(int argc, char** argv) -> int
{
    using namespace haiga;
    auto const words = std::span<char* const>(argv, static_cast<std::size_t>(argc));
    auto const done = words.size() == 6 && std::string_view(words[1]) == "once"
                          ? bench::encode_once(words.subspan(2))
                          : bench::measure_all();
    if (!done) {
        std::cerr << done.error().to_string() << '\n';
        return 1;
    }
    return 0;
}
