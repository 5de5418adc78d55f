#pragma once

#include <boost/json/value.hpp>

#include <functional>
#include <optional>

namespace haiga::bench {

/// What Debian's valijson says of a value, over its adapter of Boost.JSON; none where it is not
/// installed. Both values must outlive the function.
auto valijson_judge(boost::json::value const& schema)
    -> std::optional<std::function<bool(boost::json::value const&)>>;

} // namespace haiga::bench
