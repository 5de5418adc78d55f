#include "haiga/context/apply_window.hpp"
#include "haiga/context/conversation.hpp"

#include "tests/archetypes/context.hpp"
#include "tests/context/examples.hpp"

#include <doctest/doctest.h>

using namespace haiga;

namespace window_test {

using namespace context_test;
using context::cut_kind;

/// A model whose window leaves `tokens` for the input.
auto with_room_for(std::int64_t tokens) -> context::model
{
    auto m = haiku();
    m.context = tokens + 100;
    m.max_output = 100;
    return m;
}

/// Two turns, the first with a tool, and a question. A byte is a token; the first message's frame
/// is 7, later ones' 5 give or take 3, a call's 15 and a result's 10, give or take all of it.
auto example() -> context::conversation
{
    return read(R"([
        {"role": "user", "content": "first question....."},
        {"role": "assistant", "content": [
            {"type": "tool_use", "id": "a", "name": "find", "input": {"what": "something"}}]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "a", "content": "found"}]},
        {"role": "assistant", "content": "first answer"},
        {"role": "user", "content": "second question"},
        {"role": "assistant", "content": "second answer"},
        {"role": "user", "content": "third question"}])");
}

auto plan(context::conversation const& c, std::int64_t room, context::window_policy const& policy)
{
    auto const book = context::ledger_of(c, with_room_for(room), archetypes::token_counter{});
    return context::plan_window(book, c.prompt.messages, policy);
}

auto ranges(context::window_plan const& p)
{
    std::vector<std::pair<std::size_t, std::size_t>> all;
    for (auto const& c : p.cuts) {
        all.emplace_back(c.first, c.last);
    }
    return all;
}
using range_list = std::vector<std::pair<std::size_t, std::size_t>>;

auto first_words(messages::prompt const& p)
{
    std::vector<std::string> words;
    for (auto const& m : p.messages) {
        auto const* const text = messages::get_if<messages::text_block>(m.content.blocks.at(0));
        words.push_back(text != nullptr ? text->text.substr(0, text->text.find(' ')) : "...");
    }
    return words;
}
using word_list = std::vector<std::string>;

TEST_CASE("messages are grouped into turns and rounds that keep calls with their results")
{
    auto const rounds = context::rounds_of(example().prompt.messages);
    REQUIRE(rounds.size() == 7 - 1); // the call and its result are one
    CHECK(rounds[1].first == 1);
    CHECK(rounds[1].last == 3);
    CHECK(rounds[2].turn == 0);
    CHECK(rounds[3].turn == 1);
    CHECK(rounds[3].opening);
    CHECK(context::rounds_of({}).empty());
    auto const answer_first = read(R"([{"role": "assistant", "content": "hi"},
                                       {"role": "user", "content": "a"},
                                       {"role": "user", "content": "b"}])");
    auto const two = context::rounds_of(answer_first.prompt.messages);
    REQUIRE(two.size() == 2);
    CHECK(two[1].turn == 1);
    CHECK(two[1].last == 3); // neighbours of one role are one message to the API
}

TEST_CASE("what fits is left alone")
{
    auto const p = plan(example(), 100'000, {});
    CHECK(p.fits);
    CHECK(p.cuts.empty());
    CHECK(p.limit == 100'000);
    CHECK(p.before == p.after);
}

TEST_CASE("an estimate counts with its error, unless it is trusted")
{
    auto const all = plan(example(), 100'000, {}).before;
    auto const middle = static_cast<std::int64_t>(all.tokens) + 1;
    CHECK_FALSE(plan(example(), middle, {}).cuts.empty());
    CHECK(plan(example(), middle, {.trust_estimates = true}).cuts.empty());
    CHECK(plan(example(), static_cast<std::int64_t>(all.most()) + 1, {}).cuts.empty());
}

TEST_CASE("the oldest turns go first, whole, until it fits")
{
    auto const one = plan(example(), 100, {});
    CHECK(one.fits);
    CHECK(ranges(one) == range_list{{0, 4}});
    CHECK(one.cuts[0].kind == cut_kind::drop_turn);
    CHECK(one.after.tokens == one.before.tokens - one.cuts[0].saved.tokens);
    auto const kept = context::apply_window(one, example().prompt).value();
    CHECK(first_words(kept) == word_list{"second", "second", "third"});

    auto const two = plan(example(), 40, {});
    CHECK(two.fits);
    CHECK(ranges(two) == range_list{{0, 4}, {4, 6}});
}

TEST_CASE("the last turn stays, and a plan that does not fit says how far it got")
{
    auto const p = plan(example(), 5, {});
    CHECK_FALSE(p.fits);
    CHECK(ranges(p) == range_list{{0, 4}, {4, 6}});
    auto const refused = context::apply_window(p, example().prompt).error();
    CHECK(refused.code == errc::too_large);
    CHECK(refused.message.find("of which 5 fit") != std::string::npos);
}

TEST_CASE("what is pinned stays, with its turn")
{
    auto const p = plan(example(), 170, {.pinned = {3, 99}});
    CHECK(ranges(p) == range_list{{4, 6}});
    CHECK(first_words(context::apply_window(p, example().prompt).value()) ==
          word_list{"first", "...", "...", "first", "third"});
    CHECK_FALSE(plan(example(), 60, {.pinned = {3}}).fits);
}

TEST_CASE("of a last turn that is too long by itself, old rounds go, with calls and results")
{
    std::string text = R"([{"role": "user", "content": "work"})";
    for (int i = 0; i < 4; ++i) {
        auto const id = std::to_string(i);
        text += R"(,{"role": "assistant", "content": [{"type": "tool_use", "id": ")" + id +
                R"(", "name": "f", "input": {}}]}, {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": ")" +
                id + R"(", "content": ")" + std::string(50, 'x') + R"("}]})";
    }
    auto const c = read(text + "]");
    auto const p = plan(c, 270, {});
    CHECK(p.fits);
    CHECK(ranges(p) == range_list{{1, 3}, {3, 5}});
    CHECK(p.cuts[0].kind == cut_kind::drop_round);
    auto const kept = context::apply_window(p, c.prompt).value();
    CHECK(kept.messages.size() == 5);
    CHECK(context::check_tool_pairs(kept.messages));
    CHECK_FALSE(plan(c, 270, {.drop_rounds = false}).fits);
    CHECK(ranges(plan(c, 1, {})) == range_list{{1, 3}, {3, 5}, {5, 7}}); // never the last
}

TEST_CASE("images are shrunk before anything is dropped, no more of them than must be")
{
    auto c = read(R"([
        {"role": "user", "content": [
            {"type": "image", "source": {"type": "file", "file_id": "1"}},
            {"type": "image", "source": {"type": "file", "file_id": "2"}}]},
        {"role": "assistant", "content": "nice"},
        {"role": "user", "content": "really?"}])");
    for (auto& block : c.prompt.messages[0].content.blocks) {
        messages::get_if<messages::image_block>(block)->size = {1120, 1120}; // 40 x 40 squares
    }
    auto const p = plan(c, 2500, {.shrink_images = 280}); // 10 x 10 squares
    CHECK(p.fits);
    REQUIRE(p.cuts.size() == 1);
    CHECK(p.cuts[0].kind == cut_kind::shrink_image);
    CHECK(p.cuts[0].to == messages::pixel_size{280, 280});
    // 1,600 squares are more than are seen: what is saved is of those that are
    CHECK(p.cuts[0].saved.tokens ==
          context::image_tokens({1120, 1120}, haiku().image).tokens - 165);

    CHECK(context::apply_window(p, c.prompt).error().code == errc::unsupported);
    auto const kept = context::apply_window(
        p, c.prompt,
        [](messages::image_block const&, messages::pixel_size to) -> result<messages::image_block> {
            return messages::image_block{.source = messages::url_source{"small"}, .size = to};
        });
    REQUIRE(kept);
    auto const size_in = [&](std::size_t block) {
        return messages::get_if<messages::image_block>(kept->messages[0].content.blocks[block])
            ->size;
    };
    CHECK(size_in(0) == messages::pixel_size{280, 280});
    CHECK(size_in(1) == messages::pixel_size{1120, 1120});
}

TEST_CASE("what is dropped is told in a summary, for which room is kept")
{
    auto const p = plan(example(), 120, {.summarise = 20});
    CHECK(p.fits);
    CHECK(p.summary == 20);
    CHECK(p.after.tokens == p.before.tokens - p.cuts[0].saved.tokens + 20);
    CHECK(context::apply_window(p, example().prompt).error().code == errc::unsupported);
    std::size_t told = 0;
    auto const kept = context::apply_window(p, example().prompt, context::no_hook{},
                                            [&](std::span<messages::message const> dropped,
                                                std::int64_t tokens) -> result<std::string> {
                                                told = dropped.size();
                                                CHECK(tokens == 20);
                                                return std::string("summary of it");
                                            });
    REQUIRE(kept);
    CHECK(told == 4);
    CHECK(first_words(*kept) == word_list{"summary", "second", "second", "third"});
    CHECK(kept->messages[0].role == messages::role::user);
    auto const failed = context::apply_window(
        p, example().prompt, context::no_hook{},
        [](auto, auto) -> result<std::string> { return fail(errc::io, "no model answers"); });
    CHECK(failed.error().message == "no model answers");
    CHECK_FALSE(plan(example(), 100'000, {.summarise = 20}).summary); // nothing is dropped
}

TEST_CASE("after a report, what is left is known as well as what was cut")
{
    auto c = example();
    messages::usage usage;
    usage.input_tokens = 150;
    usage.output_tokens = 14;
    c.reports.push_back({5, usage});
    auto const p = plan(c, 90, {});
    CHECK(p.fits);
    CHECK(p.before.tokens == 150 + 5 + 13 + 5 + 14);
    CHECK(p.before.error == 6); // of the two messages behind the report
    CHECK(p.after.tokens == doctest::Approx(p.before.tokens - p.cuts[0].saved.tokens));
    CHECK(p.after.error <= p.before.error + p.cuts[0].saved.error);
}

} // namespace window_test
