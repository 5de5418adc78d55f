#pragma once

#include "haiga/context/calibration.hpp"
#include "haiga/context/cost.hpp"
#include "haiga/context/estimate.hpp"

#include <span>
#include <utility>
#include <vector>

namespace haiga::context {

/// What a part turns out to be, once reports have been heard.
struct known_part : part {
    token_count tokens{};
};

/// Tokens and money of one conversation, as it grows.
///
/// The API tells a whole: of everything up to a message. Between two such reports the sum is exact,
/// and its parts are shared out by their estimates; what comes behind the last is an estimate,
/// which has learned from the reports. Cost: each message is counted once, when it is added.
template <token_counter Counter>
class ledger {
public:
    ledger(context::model model, Counter counter)
        : model_(std::move(model)), counter_(std::move(counter))
    {
    }

    /// Tools and system prompt; before any message.
    void begin(messages::prompt const& prompt)
    {
        HAIGA_CHECK(parts_.empty(), "a ledger begins once");
        parts_ = parts_before(prompt, counter_, model_);
    }

    void add(messages::message const& message)
    {
        auto more = parts_of(message, messages_, counter_, model_);
        parts_.insert(parts_.end(), std::make_move_iterator(more.begin()),
                      std::make_move_iterator(more.end()));
        ++messages_;
    }

    /// What the reply to all that has been added so far reported; before the reply is added.
    void report(messages::usage const& usage)
    {
        counted(messages::total_input(usage));
        spent_ += cost_of(usage, model_);
    }

    /// What count_tokens said of all that has been added so far.
    void counted(std::int64_t tokens)
    {
        auto const now = static_cast<double>(tokens);
        auto const before = reports_.empty() ? report_point{} : reports_.back();
        learn(std::span(parts_).subspan(before.parts), now - before.tokens);
        reports_.push_back({parts_.size(), now});
    }

    /// Of the whole input, as it stands.
    [[nodiscard]] auto total() const -> token_count
    {
        auto const last = reports_.empty() ? report_point{} : reports_.back();
        return token_count{last.tokens, 0} + sum(std::span(parts_).subspan(last.parts));
    }

    [[nodiscard]] auto parts() const -> std::vector<known_part>
    {
        std::vector<known_part> known;
        known.reserve(parts_.size());
        report_point from;
        for (auto const& to : reports_) {
            auto const between = std::span(parts_).subspan(from.parts, to.parts - from.parts);
            share_out(known, between, to.tokens - from.tokens);
            from = to;
        }
        for (auto const& one : std::span(parts_).subspan(from.parts)) {
            known.push_back({one, corrected(one)});
        }
        return known;
    }

    [[nodiscard]] auto spent() const -> cost const& { return spent_; }
    [[nodiscard]] auto messages() const -> std::size_t { return messages_; }
    [[nodiscard]] auto model() const -> context::model const& { return model_; }
    [[nodiscard]] auto counter() const -> Counter const& { return counter_; }
    [[nodiscard]] auto learned() const -> calibration const& { return calibration_; }

private:
    struct report_point {
        std::size_t parts = 0; ///< how many of them it covers
        double tokens = 0;
    };

    [[nodiscard]] auto corrected(part const& one) const -> token_count
    {
        return calibration_.corrected(one.text) + one.fixed;
    }

    [[nodiscard]] auto sum(std::span<part const> parts) const -> token_count
    {
        token_count all;
        for (auto const& one : parts) {
            all += corrected(one);
        }
        return all;
    }

    /// Only where text is nearly all of it: an error in an image's tokens says nothing of text's.
    void learn(std::span<part const> parts, double tokens)
    {
        token_count text;
        token_count fixed;
        for (auto const& one : parts) {
            text += one.text;
            fixed += one.fixed;
        }
        auto const of_text = tokens - fixed.tokens;
        if (!text.exact() && of_text > 0 && 10 * fixed.error < text.tokens) {
            calibration_.learn(text.tokens, of_text);
        }
    }

    void share_out(std::vector<known_part>& known, std::span<part const> parts, double tokens) const
    {
        auto const all = sum(parts);
        if (all.error == 0 || parts.size() == 1) {
            auto const factor = all.tokens > 0 ? tokens / all.tokens : 0;
            for (auto const& one : parts) {
                known.push_back({one, {corrected(one).tokens * factor, 0}});
            }
            return;
        }
        // each gets of what is left over or missing in proportion to how uncertain it is
        for (auto const& one : parts) {
            auto share = corrected(one);
            share.tokens =
                std::max(0.0, share.tokens + (tokens - all.tokens) * share.error / all.error);
            known.push_back({one, share});
        }
    }

    context::model model_;
    Counter counter_;
    std::vector<part> parts_;
    std::vector<report_point> reports_;
    std::size_t messages_ = 0;
    context::calibration calibration_;
    cost spent_;
};

} // namespace haiga::context
