#pragma once

#include "haiga/context/ledger.hpp"
#include "haiga/context/rounds.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace haiga::context {

/// How a conversation is made to fit. What comes first in this list is tried first, each no longer
/// than is needed.
struct window_policy {
    std::optional<std::int64_t>
        max_output{}; ///< tokens to keep free; the model's own where missing
    std::optional<std::int64_t>
        shrink_images{};                     ///< to so many pixels of the longer side, oldest first
    std::optional<std::int64_t> summarise{}; ///< what is dropped is told in at most so many tokens
    bool drop_turns = true;                  ///< oldest first, whole, never the last
    bool drop_rounds = true; ///< of the last turn, oldest first, calls with results, never the last
    std::vector<std::size_t> pinned{}; ///< messages that stay, and with them their turn or round
    bool trust_estimates = false;      ///< else an estimate counts with its error
};

enum class cut_kind : std::uint8_t { shrink_image, drop_turn, drop_round };

constexpr auto to_string(cut_kind kind) -> std::string_view
{
    switch (kind) {
    case cut_kind::shrink_image: return "shrink image";
    case cut_kind::drop_turn: return "drop turn";
    case cut_kind::drop_round: return "drop round";
    }
    return "?";
}

/// One thing that is done to make room.
struct cut {
    cut_kind kind = cut_kind::drop_turn;
    std::size_t first = 0; ///< messages [first, last)
    std::size_t last = 0;
    std::size_t block = 0;       ///< of the image
    std::size_t inner = nowhere; ///< of the image, in that block
    messages::pixel_size to{};   ///< of the image
    token_count saved{};
};

/// What will be sent, told before it is.
struct window_plan {
    std::int64_t limit = 0; ///< tokens of input that leave room for the output
    token_count before{};
    token_count after{};
    std::vector<cut> cuts{};
    std::optional<std::int64_t> summary{}; ///< tokens kept free for one, where something is dropped
    bool fits = false;

    [[nodiscard]] auto drops() const -> bool
    {
        return std::ranges::any_of(cuts,
                                   [](auto const& c) { return c.kind != cut_kind::shrink_image; });
    }
};

namespace detail {

/// Makes a plan, cut by cut.
class planner {
public:
    planner(window_policy const& policy, model const& m, token_count total,
            std::vector<known_part> parts)
        : policy_(policy), model_(m), parts_(std::move(parts)), pinned_(policy.pinned)
    {
        std::ranges::sort(pinned_);
        auto const output =
            std::min({policy.max_output.value_or(m.max_output), m.max_output, m.context});
        plan_.limit = m.context - output;
        plan_.before = total;
        for (auto const& p : parts_) {
            kept_ += p.tokens;
            auto const messages = p.message == nowhere ? 0 : p.message + 1;
            of_message_.resize(std::max(of_message_.size(), messages));
            if (p.message != nowhere) {
                of_message_[p.message] += p.tokens;
            }
        }
        update();
    }

    void shrink_images()
    {
        if (!policy_.shrink_images) {
            return;
        }
        auto limits = model_.image;
        limits.edge = std::clamp<std::int64_t>(*policy_.shrink_images, 1, limits.edge);
        for (auto const& p : parts_) {
            if (plan_.fits) {
                return;
            }
            if (p.kind != part_kind::image || !p.size || p.message == nowhere) {
                continue;
            }
            auto const less = image_tokens(*p.size, limits).tokens;
            auto const saved = image_tokens(*p.size, model_.image).tokens - less;
            if (saved > 0) {
                of_message_[p.message].tokens -= saved;
                cut_out({.kind = cut_kind::shrink_image,
                         .first = p.message,
                         .last = p.message + 1,
                         .block = p.block,
                         .inner = p.inner,
                         .to = size_seen(*p.size, limits),
                         .saved = {saved, 0}});
            }
        }
    }

    void drop_turns(std::span<round const> rounds)
    {
        for (std::size_t i = 0; policy_.drop_turns && i < rounds.size() && !plan_.fits;) {
            auto end = i;
            while (end < rounds.size() && rounds[end].turn == rounds[i].turn) {
                ++end;
            }
            if (end == rounds.size()) {
                return;
            }
            drop(cut_kind::drop_turn, rounds[i].first, rounds[end - 1].last);
            i = end;
        }
    }

    void drop_rounds(std::span<round const> rounds)
    {
        for (std::size_t i = 0; policy_.drop_rounds && i + 1 < rounds.size() && !plan_.fits; ++i) {
            if (rounds[i].turn == rounds.back().turn && !rounds[i].opening) {
                drop(cut_kind::drop_round, rounds[i].first, rounds[i].last);
            }
        }
    }

    [[nodiscard]] auto plan() && -> window_plan { return std::move(plan_); }

private:
    void drop(cut_kind kind, std::size_t first, std::size_t last)
    {
        auto const pin = std::ranges::lower_bound(pinned_, first);
        if (pin != pinned_.end() && *pin < last) {
            return;
        }
        if (policy_.summarise && !plan_.summary) {
            plan_.summary = *policy_.summarise;
        }
        token_count saved;
        for (auto i = first; i < std::min(last, of_message_.size()); ++i) {
            saved += of_message_[i];
        }
        cut_out({.kind = kind, .first = first, .last = last, .saved = saved});
    }

    void cut_out(cut what)
    {
        gone_ += what.saved;
        kept_.tokens -= what.saved.tokens;
        kept_.error = std::max(0.0, kept_.error - what.saved.error);
        plan_.cuts.push_back(what);
        update();
    }

    /// Known are the whole, from which an estimate is taken, and what is left, as a sum of
    /// estimates: the surer of the two counts.
    void update()
    {
        token_count const rest{std::max(0.0, plan_.before.tokens - gone_.tokens),
                               plan_.before.error + gone_.error};
        plan_.after = rest.error <= kept_.error ? rest : token_count{rest.tokens, kept_.error};
        plan_.after.tokens += static_cast<double>(plan_.summary.value_or(0));
        auto const needed = policy_.trust_estimates ? plan_.after.tokens : plan_.after.most();
        plan_.fits = needed <= static_cast<double>(plan_.limit);
    }

    window_policy const& policy_;
    model const& model_;
    std::vector<known_part> parts_;
    std::vector<std::size_t> pinned_;
    std::vector<token_count> of_message_;
    token_count kept_, gone_;
    window_plan plan_;
};

} // namespace detail

/// What must be done for these messages, which the ledger has counted, to fit the model's window. A
/// plan that does not fit says how far it got.
template <token_counter Counter>
auto plan_window(ledger<Counter> const& book, std::span<messages::message const> messages,
                 window_policy const& policy) -> window_plan
{
    HAIGA_CHECK(book.messages() == messages.size(), "a ledger of other messages");
    detail::planner planner(policy, book.model(), book.total(), book.parts());
    auto const rounds = rounds_of(messages);
    planner.shrink_images();
    planner.drop_turns(rounds);
    planner.drop_rounds(rounds);
    return std::move(planner).plan();
}

} // namespace haiga::context
