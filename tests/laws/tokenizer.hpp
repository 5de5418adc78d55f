#pragma once

#include "haiga/tokenizer/tokenizer.hpp"

#include <doctest/doctest.h>

/// The law of haiga::tokenizer::tokenizer, of the texts given.
template <haiga::tokenizer::tokenizer T>
void check_tokenizer(T const& t, std::span<std::string_view const> texts)
{
    using haiga::tokenizer::token_id;
    for (auto const& special : t.special_tokens()) {
        CHECK(special.id < t.size());
        CHECK(t.token(special.id) == special.text);
    }
    CHECK(t.encode("").empty());
    CHECK(t.decode({}).empty());
    for (auto const text : texts) {
        CAPTURE(std::string(text));
        auto const ids = t.encode(text);
        CHECK(t.encode(text) == ids);
        CHECK(t.count(text) == ids.size());
        CHECK(haiga::tokenizer::check_ids(t, ids));
        auto const once = t.decode(ids);
        CHECK(t.decode(t.encode(once)) == once);
    }
    for (token_id const none : {token_id{-1}, t.size()}) {
        CHECK(haiga::tokenizer::check_ids(t, std::vector{none}).error().offset == 0);
    }
}
