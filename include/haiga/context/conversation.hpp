#pragma once

#include "haiga/context/ledger.hpp"
#include "haiga/context/model_names.hpp"
#include "haiga/context/rounds.hpp"
#include "haiga/json/parse.hpp"
#include "haiga/messages/request.hpp"
#include "haiga/messages/usage.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace haiga::context {

/// A conversation as a file holds it: the body of a request, or an array of messages. Answers may
/// be whole responses of the API, "usage" among their members.
struct conversation {
    /// What an answer reported of everything before it.
    struct report {
        std::size_t message = 0;
        messages::usage usage{};
        std::optional<std::string> model{}; ///< whose tokens these are, where the answer says
    };

    messages::prompt prompt{};
    std::optional<std::string> model{};
    std::optional<std::int64_t> max_tokens{};
    std::vector<report> reports{};
};

/// Errors: those of JSON; mismatch, naming the message, the block and the member; mismatch, for
/// calls
///         of tools that have no results and the other way round.
inline auto read_conversation(std::string_view text) -> result<conversation>
{
    HAIGA_TRY(auto document, json::parse(text));
    if (document.is_array()) {
        boost::json::object body;
        body["messages"] = std::move(document);
        document = std::move(body);
    }
    conversation c;
    HAIGA_TRY(c.prompt, messages::read<messages::prompt>(document));
    HAIGA_TRY_VOID(check_tool_pairs(c.prompt.messages));
    auto const& more = c.prompt.extra;
    HAIGA_TRY_VOID(messages::detail::read_member(c.model, more, "model"));
    HAIGA_TRY_VOID(messages::detail::read_member(c.max_tokens, more, "max_tokens"));
    for (std::size_t i = 0; i < c.prompt.messages.size(); ++i) {
        conversation::report report{.message = i, .model = c.model};
        std::optional<messages::usage> usage;
        auto const& m = c.prompt.messages[i];
        auto read = messages::detail::read_member(usage, m.extra, "usage").and_then([&] {
            return messages::detail::read_member(report.model, m.extra, "model");
        });
        if (!read) {
            return tl::unexpected(std::move(read).error().within(concat("message ", i)));
        }
        if (usage && m.role == messages::role::assistant && messages::total_input(*usage) > 0) {
            report.usage = *std::move(usage);
            c.reports.push_back(std::move(report));
        }
    }
    return c;
}

/// The ledger that would have been kept while the conversation went on. What another model reported
/// is left out: it has other tokens and other prices.
template <token_counter Counter>
auto ledger_of(conversation const& c, model m, Counter counter) -> ledger<Counter>
{
    ledger<Counter> book(std::move(m), std::move(counter));
    book.begin(c.prompt);
    auto report = c.reports.begin();
    for (std::size_t i = 0; i < c.prompt.messages.size(); ++i) {
        if (report != c.reports.end() && report->message == i) {
            if (!report->model || is_called(book.model(), *report->model)) {
                book.report(report->usage);
            }
            ++report;
        }
        book.add(c.prompt.messages[i]);
    }
    return book;
}

} // namespace haiga::context
