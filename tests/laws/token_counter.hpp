#pragma once

#include "haiga/context/token_counter.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

/// The law of haiga::context::token_counter.
template <haiga::context::token_counter Counter>
void check_token_counter(Counter const& counter)
{
    std::string const texts[] = {
        "A sentence of English prose, and another one.\n",
        "int main() { return 0x2a + argc; }\n",
        "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.\n",
        "Съешь же ещё этих мягких французских булок, да выпей чаю.\n",
        "人工智能正在改变世界。\n",
        "😀👍🏽 ✓ → ∀x\n",
        "                \t\t\n\n\n\n",
        std::string(1000, 'a') + '\n',
        "\xff\xfe\x80 not UTF-8 \xe4\xba\n",
    };
    CHECK(counter.count("") == haiga::context::token_count{});
    for (auto const& text : texts) {
        CAPTURE(text);
        auto const one = counter.count(text);
        CHECK(one == counter.count(std::string(text)));
        CHECK(std::isfinite(one.tokens));
        CHECK(std::isfinite(one.error));
        CHECK(one.tokens > 0);
        CHECK(one.error >= 0);
        for (auto const& behind : texts) {
            auto const apart = one + counter.count(behind);
            auto const whole = counter.count(text + behind);
            CHECK(std::abs(whole.tokens - apart.tokens) <= whole.error + apart.error + 2);
        }
    }
}
