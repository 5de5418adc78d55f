// Fits the weights of context::claude_counter to the counts that the API gives for some texts, and
// says how far off it is: on the texts of the fit, and on each one left out of it.
//
// HAIGA_TEST_DATA: the folder with tokenizers/claude_haiku_4_5_counts.json, from the project
// bpe-lite (MIT): {"samples": [{"category", "name", "text", "expected"}, ...]}.

#include "haiga/base/bytes.hpp"
#include "haiga/context/claude_counter.hpp"
#include "haiga/io/read_file.hpp"
#include "haiga/json/get.hpp"
#include "haiga/json/parse.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <numeric>

namespace haiga::bench {
namespace {

using context::claude_counter;
using weights = claude_counter::weights;

struct sample {
    std::string name;
    weights features{};
    double tokens = 0;
};

auto read_samples(std::filesystem::path const& file) -> result<std::vector<sample>>
{
    HAIGA_TRY(auto const bytes, io::read_file(file, 1 << 24));
    HAIGA_TRY(auto const document, json::parse(as_text(bytes)));
    HAIGA_TRY(auto const root, json::as<boost::json::object>(document));
    HAIGA_TRY(auto const given, json::get<std::vector<boost::json::object>>(root, "samples"));
    std::vector<sample> samples;
    for (auto const& one : given) {
        HAIGA_TRY(auto const text, json::get<std::string>(one, "text"));
        HAIGA_TRY(auto const name, json::get<std::string>(one, "name"));
        HAIGA_TRY(auto const tokens, json::get<double>(one, "expected"));
        samples.push_back({name, context::features_of(text).values(), tokens});
    }
    return samples;
}

auto estimate(weights const& w, sample const& s) -> double
{
    return std::inner_product(w.begin(), w.end(), s.features.begin(), 0.0);
}

/// Gauss' elimination with the largest pivot; the matrix is symmetric and positive.
auto solve(std::array<weights, 6> a, weights b) -> weights
{
    for (std::size_t i = 0; i < 6; ++i) {
        auto best = i;
        for (std::size_t r = i; r < 6; ++r) {
            best = std::abs(a[r][i]) > std::abs(a[best][i]) ? r : best;
        }
        std::swap(a[i], a[best]);
        std::swap(b[i], b[best]);
        for (std::size_t r = i + 1; r < 6; ++r) {
            auto const factor = a[r][i] / a[i][i];
            for (std::size_t c = i; c < 6; ++c) {
                a[r][c] -= factor * a[i][c];
            }
            b[r] -= factor * b[i];
        }
    }
    for (std::size_t i = 6; i-- > 0;) {
        for (std::size_t c = i + 1; c < 6; ++c) {
            b[i] -= a[i][c] * b[c];
        }
        b[i] /= a[i][i];
    }
    return b;
}

/// The least sum of |relative error|^1.25, by reweighted squares. Ten tokens are added to what
/// errors are relative to, so that a text of one token does not decide.
auto fit(std::span<sample const> samples, std::size_t left_out) -> weights
{
    weights found{};
    for (int pass = 0; pass < 80; ++pass) {
        std::array<weights, 6> a{};
        weights b{};
        for (std::size_t s = 0; s < samples.size(); ++s) {
            if (s == left_out) {
                continue;
            }
            auto const& one = samples[s];
            auto const scale = 1 / (one.tokens + 10);
            auto const error = std::abs(estimate(found, one) - one.tokens) * scale;
            auto const weight = scale * scale * (pass == 0 ? 1 : std::pow(error + 0.005, 1.25 - 2));
            for (std::size_t i = 0; i < 6; ++i) {
                for (std::size_t j = 0; j < 6; ++j) {
                    a[i][j] += weight * one.features[i] * one.features[j];
                }
                b[i] += weight * one.features[i] * one.tokens;
            }
        }
        found = solve(a, b);
    }
    return found;
}

struct summary {
    double median = 0, mean = 0, nine_of_ten = 0, total = 0, covered = 0;
};

auto summarize(std::span<sample const> samples, std::span<weights const> used) -> summary
{
    std::vector<double> errors;
    double sum = 0, of = 0, covered = 0;
    for (std::size_t s = 0; s < samples.size(); ++s) {
        auto const& one = samples[s];
        auto const& w = used.size() == 1 ? used[0] : used[s];
        auto const tokens = estimate(w, one);
        double bound = 0.5;
        for (std::size_t i = 0; i < 6; ++i) {
            bound += w[i] * one.features[i] * claude_counter::uncertain[i];
        }
        errors.push_back(std::abs(tokens / one.tokens - 1));
        covered += std::abs(tokens - one.tokens) <= bound ? 1 : 0;
        sum += tokens;
        of += one.tokens;
    }
    auto const count = static_cast<double>(samples.size());
    auto const mean = std::accumulate(errors.begin(), errors.end(), 0.0) / count;
    std::ranges::sort(errors);
    auto const half = errors.size() / 2;
    return {(errors[half] + errors[(errors.size() - 1) / 2]) / 2, mean,
            errors[errors.size() * 9 / 10], sum / of - 1, covered / count};
}

void print(char const* what, summary const& s)
{
    std::printf(
        "%-34s median %.1f %%, mean %.1f %%, nine of ten below %.1f %%, total %+.1f %%, within "
        "the bound %.0f %%\n",
        what, 100 * s.median, 100 * s.mean, 100 * s.nine_of_ten, 100 * s.total, 100 * s.covered);
}

auto run(std::filesystem::path const& data) -> result<>
{
    HAIGA_TRY(auto const samples,
              read_samples(data / "tokenizers" / "claude_haiku_4_5_counts.json"));
    auto const none = samples.size();
    auto const all = fit(samples, none);
    std::vector<weights> without;
    for (std::size_t s = 0; s < samples.size(); ++s) {
        without.push_back(fit(samples, s));
    }
    for (std::size_t s = 0; s < samples.size(); ++s) {
        std::printf("%-28s %5.0f tokens, fitted %7.1f, left out %7.1f\n", samples[s].name.c_str(),
                    samples[s].tokens, estimate(all, samples[s]), estimate(without[s], samples[s]));
    }
    std::printf("fitted:");
    for (auto const w : all) {
        std::printf(" %.3f", w);
    }
    std::printf("\n");
    print("the weights in the library", summarize(samples, std::span(&claude_counter::fitted, 1)));
    print("fitted now", summarize(samples, std::span(&all, 1)));
    print("each text left out of its fit", summarize(samples, without));
    return {};
}

} // namespace
} // namespace haiga::bench

int main()
{
    auto const* const data = std::getenv("HAIGA_TEST_DATA");
    if (data == nullptr) {
        std::cerr << "claude_counts: HAIGA_TEST_DATA is not set\n";
        return 2;
    }
    auto const done = haiga::bench::run(data);
    if (!done) {
        std::cerr << "claude_counts: " << done.error().to_string() << '\n';
    }
    return done ? 0 : 1;
}
