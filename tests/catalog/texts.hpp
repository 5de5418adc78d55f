#pragma once

#include "haiga/catalog/base_models.hpp"
#include "haiga/json/parse.hpp"

#include <doctest/doctest.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace haiga::test {

inline auto object_of(std::string_view text) -> boost::json::object
{
    auto const parsed = json::parse(text);
    REQUIRE_MESSAGE(parsed.has_value(), (parsed ? "" : parsed.error().message));
    return parsed->as_object();
}

/// Every key that is published stands in the text, with the same value.
inline void check_holds(std::string_view text, std::string_view published)
{
    auto const written = object_of(text);
    for (auto const& [key, value] : object_of(published)) {
        CAPTURE(std::string(key));
        auto const* const found = written.if_contains(key);
        CHECK(boost::json::serialize(found != nullptr ? *found : "missing") ==
              boost::json::serialize(value));
    }
}

inline auto base(std::string_view id) -> catalog::base_model
{
    return catalog::find_base_model(id).value();
}

inline auto unet_of(std::string_view id) -> catalog::unet_layout
{
    return std::get<catalog::unet_layout>(base(id).denoiser);
}

template <class T>
auto refusal(result<T> const& outcome) -> std::string
{
    return outcome ? "fine" : outcome.error().to_string();
}

} // namespace haiga::test
