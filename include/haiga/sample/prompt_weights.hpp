#pragma once

#include "haiga/sample/prompt_words.hpp"

#include <charconv>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace haiga::sample {

/// A piece of a prompt, and how much it counts; or where a new chunk begins.
struct weighted_text {
    std::string text;
    float weight = 1;
    bool breaks = false; ///< BREAK: text is empty
};

inline constexpr double max_weight = 1e6;

namespace detail {

/// The product of factors that come and go, in any order: kept as a sum of logarithms, so that a
/// thousand brackets cost no more than a thousand sums.
struct weight_sum {
    double logarithm = 0;
    int zeros = 0;
    int negatives = 0;

    void add(double factor, int sign)
    {
        logarithm += factor == 0 ? 0 : sign * std::log(std::abs(factor));
        zeros += factor == 0 ? sign : 0;
        negatives += factor < 0 ? sign : 0;
    }

    void add(weight_sum const& other)
    {
        logarithm += other.logarithm;
        zeros += other.zeros;
        negatives += other.negatives;
    }

    [[nodiscard]] auto value() const -> float
    {
        auto const size = zeros > 0 ? 0.0 : std::min(std::exp(logarithm), max_weight);
        return static_cast<float>(negatives % 2 != 0 ? -size : size);
    }
};

/// The weight and the length of ":1.2)" at the start of text.
struct closing_weight {
    double weight;
    std::size_t length;
};

inline auto closing_weight_at(std::string_view text) -> std::optional<closing_weight>
{
    auto const end = text.substr(0, 40).find(')');
    if (end == text.npos) {
        return {};
    }
    auto number = without_space_behind(without_space_before(text.substr(1, end - 1)));
    number.remove_prefix(number.starts_with('+') ? 1 : 0);
    double weight = 0;
    auto const [stop, error] =
        std::from_chars(number.data(), number.data() + number.size(), weight);
    if (number.find_first_not_of("0123456789.-") != number.npos || error != std::errc() ||
        stop != number.data() + number.size()) {
        return {};
    }
    return closing_weight{weight, end + 1};
}

/// Follows a prompt from bracket to bracket.
class weight_reader {
public:
    auto read(std::string_view text) -> std::vector<weighted_text>
    {
        for (std::size_t at = 0; at < text.size();) {
            at += take(text.substr(at));
        }
        for (auto const from : round_) {
            scale(from, 1.1);
        }
        for (auto const from : square_) {
            scale(from, 1 / 1.1);
        }
        return merged();
    }

private:
    /// Of one bracket, escape or run of text. Returns its length.
    auto take(std::string_view text) -> std::size_t
    {
        auto const closing =
            text[0] == ':' && !round_.empty() ? closing_weight_at(text) : std::nullopt;
        if (closing) {
            scale_from(round_, closing->weight);
            return closing->length;
        }
        switch (text[0]) {
        case '\\': return take_escape(text);
        case '(': round_.push_back(parts_.size()); return 1;
        case '[': square_.push_back(parts_.size()); return 1;
        case ')': return round_.empty() ? take_text(text) : scale_from(round_, 1.1);
        case ']': return square_.empty() ? take_text(text) : scale_from(square_, 1 / 1.1);
        default: return take_text(text);
        }
    }

    /// A backslash before anything that needs none is left out.
    auto take_escape(std::string_view text) -> std::size_t
    {
        bool const escapes =
            text.size() > 1 && std::string_view("()[]\\").find(text[1]) != text.npos;
        add(escapes ? text.substr(1, 1) : std::string_view());
        return escapes ? 2 : 1;
    }

    auto take_text(std::string_view text) -> std::size_t
    {
        auto const length = std::min(text.find_first_of("\\()[]:", 1), text.size());
        auto run = text.substr(0, length);
        constexpr std::string_view word = "BREAK";
        for (auto at = find_word(run, word, 0); at != run.npos; at = find_word(run, word, 0)) {
            add(without_space_behind(run.substr(0, at)));
            add({}, true);
            run = without_space_before(run.substr(at + word.size()));
        }
        add(run);
        return length;
    }

    void add(std::string_view text, bool breaks = false)
    {
        parts_.push_back({std::string(text), 1, breaks});
        changes_.resize(parts_.size() + 1);
    }

    auto scale_from(std::vector<std::size_t>& open, double factor) -> std::size_t
    {
        scale(open.back(), factor);
        open.pop_back();
        return 1;
    }

    /// The parts from here to the last one.
    void scale(std::size_t from, double factor)
    {
        if (from < parts_.size()) {
            changes_[from].add(factor, 1);
            changes_[parts_.size()].add(factor, -1);
        }
    }

    /// Those of one weight together.
    auto merged() -> std::vector<weighted_text>
    {
        std::vector<weighted_text> out;
        weight_sum sum;
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            sum.add(changes_[i]);
            auto& part = parts_[i];
            part.weight = part.breaks ? 1 : sum.value();
            if (part.breaks || out.empty() || out.back().breaks ||
                out.back().weight != part.weight) {
                out.push_back(std::move(part));
            } else {
                out.back().text += part.text;
            }
        }
        std::erase_if(out, [](weighted_text const& t) { return !t.breaks && t.text.empty(); });
        return out;
    }

    std::vector<weighted_text> parts_;
    std::vector<weight_sum> changes_; ///< of what applies from a part on; one more than parts
    std::vector<std::size_t> round_, square_;
};

} // namespace detail

/// What a prompt emphasizes: (x) counts 1.1 times, [x] 1 / 1.1, (x:w) w times, and they multiply.
/// \( \) \[ \] \\ are characters. BREAK, a word by itself, begins a new chunk. What is opened and
/// never closed holds to the end; what closes nothing is text. No weight is beyond max_weight.
///
/// Errors: none, whatever is written.
/// Cost:   linear.
/// Source: AUTOMATIC1111/stable-diffusion-webui, modules/prompt_parser.py, what its examples say.
inline auto read_weights(std::string_view prompt) -> std::vector<weighted_text>
{
    return detail::weight_reader().read(prompt);
}

} // namespace haiga::sample
