#pragma once

#include "haiga/base/result.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace haiga::sample {

/// What stands in a prompt during some steps.
struct prompt_range {
    int first, last; ///< steps from 0; last is not one of them
    std::string text;
};

inline constexpr std::size_t max_prompt_bytes = std::size_t{1} << 20U;
inline constexpr std::size_t max_scheduled_bytes = std::size_t{1} << 26U; ///< of all ranges

namespace detail {

/// A bracket whose content depends on the step.
struct prompt_group {
    std::size_t open;               ///< offset of its [
    std::size_t close;              ///< and of its ]
    std::vector<std::size_t> marks; ///< of the : or the | between
    int when = 0;                   ///< of [before:after:when]: how many steps come before
    bool alternates = false;
};

/// "12" is a step, "0.25" a part of all steps. Nothing where it is no number.
inline auto prompt_moment(std::string_view text, int steps) -> std::optional<int>
{
    constexpr std::string_view white = " \t\r\n\f\v";
    text.remove_prefix(std::min(text.find_first_not_of(white), text.size()));
    text = text.substr(0, text.find_last_not_of(white) + 1);
    text.remove_prefix(text.starts_with('+') ? 1 : 0);
    if (text.find_first_not_of("0123456789.-") != text.npos) {
        return {};
    }
    double number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
        return {};
    }
    auto const moment = text.find('.') != text.npos ? number * steps : number;
    return static_cast<int>(std::clamp(moment, 0.0, static_cast<double>(steps)));
}

/// Finds the brackets that mean something. One that nothing closes, or that is closed by one of
/// another kind, is text, and so are all that are open around it.
class prompt_groups {
public:
    prompt_groups(std::string_view prompt, int steps) : prompt_(prompt), steps_(steps)
    {
        for (std::size_t at = 0; at < prompt.size(); ++at) {
            switch (prompt[at]) {
            case '\\': ++at; break;
            case '(':
            case '[': open_.push_back({at, {}, {}}); break;
            case ':':
            case '|': mark(at); break;
            case ')':
            case ']': close(at); break;
            default: break;
            }
        }
        std::ranges::sort(groups_, {}, &prompt_group::open);
    }

    auto take() && -> std::vector<prompt_group> { return std::move(groups_); }

private:
    struct opened {
        std::size_t at;
        std::vector<std::size_t> colons, bars;
    };

    void mark(std::size_t at)
    {
        if (!open_.empty()) {
            (prompt_[at] == ':' ? open_.back().colons : open_.back().bars).push_back(at);
        }
    }

    void close(std::size_t at)
    {
        if (open_.empty() || prompt_[open_.back().at] != (prompt_[at] == ')' ? '(' : '[')) {
            open_.clear();
            return;
        }
        auto const group = std::move(open_.back());
        open_.pop_back();
        if (prompt_[at] == ')' || group.colons.empty() == group.bars.empty()) {
            return; // weights are another matter; and [a|b:c] is text
        }
        if (!group.bars.empty()) {
            groups_.push_back({group.at, at, group.bars, 0, true});
            return;
        }
        auto const last = group.colons.back();
        auto const when = prompt_moment(prompt_.substr(last + 1, at - last - 1), steps_);
        if (when && group.colons.size() <= 2) {
            groups_.push_back({group.at, at, group.colons, *when, false});
        }
    }

    std::string_view prompt_;
    int steps_;
    std::vector<opened> open_;
    std::vector<prompt_group> groups_;
};

struct prompt_slice {
    std::size_t begin, end;
};

/// What a group stands for at a step.
inline auto slice_at(prompt_group const& g, int step) -> prompt_slice
{
    if (g.alternates) {
        auto const i = static_cast<std::size_t>(step) % (g.marks.size() + 1);
        return {i == 0 ? g.open + 1 : g.marks[i - 1] + 1,
                i == g.marks.size() ? g.close : g.marks[i]};
    }
    bool const has_before = g.marks.size() == 2;
    if (step < g.when) {
        return has_before ? prompt_slice{g.open + 1, g.marks[0]} : prompt_slice{g.close, g.close};
    }
    return {has_before ? g.marks[0] + 1 : g.open + 1, g.marks.back()};
}

/// The prompt at a step: walks through it, into the slice of each group and on behind the group.
inline auto prompt_at(std::string_view prompt, std::vector<prompt_group> const& groups, int step)
    -> std::string
{
    struct way_back {
        std::size_t from, to;
    };
    std::vector<way_back> inside;
    std::string text;
    auto group = groups.begin();
    for (std::size_t at = 0;;) {
        while (!inside.empty() && at == inside.back().from) {
            at = inside.back().to;
            inside.pop_back();
        }
        while (group != groups.end() && group->open < at) {
            ++group;
        }
        auto const stop = std::min(group != groups.end() ? group->open : prompt.size(),
                                   inside.empty() ? prompt.size() : inside.back().from);
        text.append(prompt.substr(at, stop - at));
        at = stop;
        if (group != groups.end() && at == group->open) {
            auto const slice = slice_at(*group, step);
            inside.push_back({slice.end, group->close + 1});
            at = slice.begin;
        } else if (at == prompt.size() && inside.empty()) {
            return text;
        }
    }
}

} // namespace detail

/// The prompt of each step, in ranges of steps in which it stays the same:
///   [before:after:when]  before in the first `when` steps, after in the others; when is a number
///   of
///                        steps, or with a point in it a part of all steps
///   [after:when]         nothing, then after
///   [before::when]       before, then nothing
///   [a|b|c]              another one each step
/// They nest. A backslash takes the meaning from the character behind it; the backslash stays, for
/// read_weights. Any other bracket, balanced or not, stays as it is.
///
/// Errors: too_large above max_prompt_bytes, and above max_scheduled_bytes for all ranges together.
/// Source: AUTOMATIC1111/stable-diffusion-webui, modules/prompt_parser.py, what its examples say.
/// (Its
///         samplers count steps from 0 where these examples count from 1, so that there the change
///         comes a step later.)
inline auto schedule_prompt(std::string_view prompt, int steps) -> result<std::vector<prompt_range>>
{
    HAIGA_CHECK(steps > 0, "a prompt for ", steps, " steps");
    if (prompt.size() > max_prompt_bytes) {
        return fail(errc::too_large, "prompt: ", prompt.size(), " bytes, at most ",
                    max_prompt_bytes, " are read");
    }
    auto const groups = detail::prompt_groups(prompt, steps).take();
    std::vector<bool> changes(static_cast<std::size_t>(steps) + 1);
    bool const alternates = std::ranges::any_of(groups, &detail::prompt_group::alternates);
    for (auto const& g : groups) {
        changes[static_cast<std::size_t>(g.when)] = true;
    }
    std::vector<prompt_range> ranges{{0, steps, detail::prompt_at(prompt, groups, 0)}};
    auto bytes = ranges[0].text.size();
    for (int step = 1; step < steps; ++step) {
        if (!alternates && !changes[static_cast<std::size_t>(step)]) {
            continue;
        }
        auto text = detail::prompt_at(prompt, groups, step);
        if (text == ranges.back().text) {
            continue;
        }
        bytes += text.size();
        if (bytes > max_scheduled_bytes) {
            return fail(errc::too_large, "prompt: more than ", max_scheduled_bytes,
                        " bytes in the ranges of ", steps, " steps");
        }
        ranges.back().last = step;
        ranges.push_back({step, steps, std::move(text)});
    }
    return ranges;
}

} // namespace haiga::sample
