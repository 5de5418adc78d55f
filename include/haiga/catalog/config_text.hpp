#pragma once

#include "haiga/json/write.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <map>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

namespace haiga::catalog::detail {

/// Keys sorted, as Diffusers and Transformers write them.
inline auto config_text(boost::json::object const& config) -> std::string
{
    std::map<std::string_view, boost::json::value const*> members;
    for (auto const& member : config) {
        members.emplace(member.key(), &member.value());
    }
    boost::json::object sorted;
    for (auto const& [key, value] : members) {
        sorted.emplace(key, *value);
    }
    return json::pretty(sorted);
}

/// The same for a class of Diffusers, with the version whose keys these are: its pipelines ask.
inline auto diffusers_text(std::string_view class_name, boost::json::object config) -> std::string
{
    config["_class_name"] = class_name;
    config["_diffusers_version"] = "0.42.1";
    return config_text(config);
}

template <class T>
auto json_list(std::vector<T> const& items) -> boost::json::array
{
    return boost::json::array(items.begin(), items.end());
}

/// `most` groups of channels, or as many as small levels can be cut into.
inline auto groups_of(std::int64_t most, std::vector<std::int64_t> const& channels) -> std::int64_t
{
    for (auto const count : channels) {
        most = std::gcd(most, count);
    }
    return most;
}

/// Heads of 64 channels; one where that does not divide them.
inline auto heads_of(std::int64_t channels) -> std::int64_t
{
    return channels % 64 == 0 ? channels / 64 : 1;
}

} // namespace haiga::catalog::detail
