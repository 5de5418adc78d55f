#include "haiga/context/conversation.hpp"
#include "haiga/context/apply_window.hpp"
#include "haiga/context/cache_plan.hpp"
#include "haiga/context/claude_counter.hpp"
#include "haiga/context/model_catalogue.hpp"
#include "haiga/context/window_table.hpp"

#include "haiga/base/bytes.hpp"
#include "tests/fuzz/seeds.hpp"

#include <cmath>
#include <cstdlib>
#include <string_view>

// Whatever conversation is read is written as it was, has a finite number of tokens that its parts
// add up to, and is cut into one that is still a conversation and fits; whatever is refused is one
// line.

namespace {

using namespace haiga;

void demand(bool is_so)
{
    if (!is_so) {
        std::abort();
    }
}

void check_window(context::conversation const& c, context::model const& m)
{
    auto const book = context::ledger_of(c, m, context::claude_counter{});
    auto const total = book.total();
    demand(std::isfinite(total.tokens) && std::isfinite(total.error) && total.error >= 0);
    context::window_policy const policy{.max_output = m.context - 300, .shrink_images = 56};
    auto const plan = context::plan_window(book, c.prompt.messages, policy);
    auto const cache = context::plan_cache(book, c.prompt, {});
    demand(cache.points.size() <= 4);
    demand(!context::window_table(book, c.prompt.messages, plan, cache).empty());
    auto const cut = context::apply_window(
        plan, c.prompt,
        [](messages::image_block image, messages::pixel_size to) -> result<messages::image_block> {
            image.size = to;
            return image;
        });
    demand(cut.has_value() == plan.fits);
    demand(!cut || context::check_tool_pairs(cut->messages));
    auto marked = c.prompt;
    context::mark(marked, cache);
    demand(messages::read<messages::prompt>(messages::write(marked)).has_value());
}

} // namespace

extern "C" auto LLVMFuzzerInitialize(int* count, char*** arguments) -> int
{
    constexpr std::string_view seed = R"({"system": "s", "tools": [{"name": "f",
        "input_schema": {}}], "messages": [{"role": "user", "content": [{"type": "image", "source":
        {"type": "base64", "media_type": "image/png", "data":
        "iVBORw0KGgoAAAANSUhEUgAAAoAAAAHg"}}]}, {"role": "assistant", "usage": {"input_tokens": 9,
        "output_tokens": 2}, "content": [{"type": "tool_use", "id": "1", "name": "f", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "1", "content":
        [{"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data":
        "L0NvdW50IDk5"}}]}]}]})";
    haiga_test::add_seed({*arguments, static_cast<std::size_t>(*count)}, "conversation",
                         {reinterpret_cast<unsigned char const*>(seed.data()), seed.size()});
    return 0;
}

extern "C" auto LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) -> int
{
    static auto const model = context::model_catalogue::built_in().find("claude-haiku-4-5").value();
    auto const text = as_text(std::as_bytes(std::span(data, size)));
    auto const estimate = context::claude_counter{}.count(text);
    demand(std::isfinite(estimate.tokens) && estimate.tokens >= 0);
    auto const c = context::read_conversation(text);
    if (!c) {
        demand(haiga_test::is_one_line(c.error()));
    } else {
        auto const given = json::parse(text).value();
        demand(!given.is_object() || messages::write(c->prompt) == given);
        check_window(*c, model);
    }
    if (auto const own = context::model_catalogue::read(text); !own) {
        demand(haiga_test::is_one_line(own.error()));
    }
    return 0;
}
