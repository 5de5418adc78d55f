#include "haiga/context/calibration.hpp"
#include "haiga/context/claude_counter.hpp"

#include "haiga/base/bytes.hpp"
#include "haiga/io/read_file.hpp"
#include "haiga/json/get.hpp"
#include "haiga/json/parse.hpp"
#include "tests/archetypes/context.hpp"
#include "tests/laws/token_counter.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <vector>

using namespace haiga;

namespace counter_test {

using context::claude_counter;
using context::features_of;

struct counted_text {
    std::string category;
    std::string text;
    double tokens;
};

/// The texts with the API's own counts, of HAIGA_TEST_DATA; none where that is not set.
auto counted_texts() -> std::vector<counted_text>
{
    std::vector<counted_text> texts;
    auto const* const folder = std::getenv("HAIGA_TEST_DATA");
    if (folder == nullptr) {
        MESSAGE("skipped: HAIGA_TEST_DATA is not set");
        return texts;
    }
    auto const file = std::filesystem::path(folder) / "tokenizers" / "claude_haiku_4_5_counts.json";
    auto const bytes = io::read_file(file, 1 << 24).value();
    auto const document = json::parse(as_text(bytes)).value();
    for (auto const& one : document.at("samples").as_array()) {
        auto const& o = one.as_object();
        texts.push_back({json::get<std::string>(o, "category").value(),
                         json::get<std::string>(o, "text").value(),
                         json::get<double>(o, "expected").value()});
    }
    return texts;
}

TEST_CASE("counters keep the law")
{
    check_token_counter(archetypes::token_counter{});
    check_token_counter(claude_counter{});
    check_token_counter(context::exact_counter([](std::string_view s) { return s.size(); }));
}

TEST_CASE("words, numbers and signs are told apart as tokenizers do")
{
    CHECK(features_of("").pieces == 0);
    CHECK(features_of("Hello, world!").pieces == 4); // Hello | , | world | !
    CHECK(features_of("1234567").pieces == 3);       // 123 | 456 | 7
    CHECK(features_of("a 1").pieces == 3);           // no number takes the space before it
    CHECK(features_of("fetchUserName").pieces == 3);
    CHECK(features_of("aGVsbGcU").pieces > 6); // base64: eight letters, about as many tokens
    CHECK(features_of("JSONValue").pieces == 1);
    CHECK(features_of("if (x)\n    return;\n").pieces == 9); // if ( x ) \n ___ return ; \n
    CHECK(features_of("--").punctuation == 0);
    CHECK(features_of("=> {").punctuation == 1);
    CHECK(features_of("→").symbols == 3);
    CHECK(features_of("字").east_asian == doctest::Approx(1.02)); // as text_tables.hpp says
    CHECK(features_of("Ж").alphabets == doctest::Approx(0.65));
    CHECK(features_of("—").pieces == 1);
}

TEST_CASE("a long word counts for more where its line is not English")
{
    auto const english = features_of("The committee considered several recommendations yesterday.");
    auto const finnish = features_of("Eduskunnan valiokunta käsitteli useita suosituksia eilen.");
    CHECK(finnish.latin > 4 * english.latin);
    // the line decides for all of its words, and lends the next one half of its certainty
    CHECK(features_of("Eduskunnan valiokunta\nrecommendations").latin >
          features_of("considered several\nrecommendations").latin + 5);
}

TEST_CASE("estimates of 60 texts are near what the API counts")
{
    auto const texts = counted_texts();
    std::vector<double> errors;
    double sum = 0;
    double of = 0;
    double covered = 0;
    for (auto const& one : texts) {
        auto const estimate = claude_counter{}.count(one.text);
        errors.push_back(std::abs(estimate.tokens / one.tokens - 1));
        sum += estimate.tokens;
        of += one.tokens;
        covered += std::abs(estimate.tokens - one.tokens) <= estimate.error ? 1 : 0;
    }
    if (!texts.empty()) { // what tests/bench/claude_counts.cpp reports, rounded up
        std::ranges::sort(errors);
        CHECK(errors[errors.size() / 2] < 0.05);
        CHECK(std::abs(sum / of - 1) < 0.02);
        CHECK(covered / static_cast<double>(texts.size()) >= 0.9);
    }
}

TEST_CASE("what was reported of texts makes estimates of others like them surer, and no worse")
{
    std::map<std::string, std::vector<counted_text>> kinds;
    for (auto& one : counted_texts()) {
        kinds[one.category].push_back(one);
    }
    double before = 0;
    double after = 0;
    double covered = 0;
    double all = 0;
    for (auto const& [kind, texts] : kinds) {
        for (std::size_t left = 0; left < texts.size(); ++left) {
            context::calibration learned;
            for (std::size_t i = 0; i < texts.size(); ++i) {
                if (i != left) {
                    learned.learn(claude_counter{}.count(texts[i].text).tokens, texts[i].tokens);
                }
            }
            auto const estimate = claude_counter{}.count(texts[left].text);
            auto const corrected = learned.corrected(estimate);
            CHECK(corrected.error < estimate.error * learned.ratio());
            before += std::abs(estimate.tokens - texts[left].tokens);
            after += std::abs(corrected.tokens - texts[left].tokens);
            covered += std::abs(corrected.tokens - texts[left].tokens) <= corrected.error ? 1 : 0;
            all += 1;
        }
    }
    if (all > 0) {
        CHECK(after < before);
        CHECK(covered / all >= 0.85);
        MESSAGE("errors before ", before, " and after ", after, " tokens, within the bound ",
                covered / all);
    }
}

TEST_CASE("a megabyte of anything is counted in one pass")
{
    auto const seconds = [](std::string const& text) {
        auto const start = std::chrono::steady_clock::now();
        auto const count = claude_counter{}.count(text);
        CHECK(count.tokens > 0);
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
    for (std::string const unit :
         {"a", " ", "\n", "=", "7", "\xff", "e\xcc\x81", "字", "👩‍👩‍👦", "aB"}) {
        CAPTURE(unit);
        std::string text;
        while (text.size() < 1'000'000) {
            text += unit;
        }
        CHECK(seconds(text) < 5); // a quadratic pass would take hours
    }
}

} // namespace counter_test
