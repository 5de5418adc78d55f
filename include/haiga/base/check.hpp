#pragma once

#include "haiga/base/config.hpp"

#include <sstream>
#include <stdexcept>
#include <string>

namespace haiga {

/// A caller's bug, found by HAIGA_CHECK. Bad input is never reported this way: see result.hpp.
struct contract_violation : std::logic_error {
    using std::logic_error::logic_error;
};

/// Joins its arguments, as a stream prints them, into one string.
template <class... Parts>
auto concat(Parts const&... parts) -> std::string
{
    std::ostringstream text;
    (text << ... << parts);
    return std::move(text).str();
}

template <class... Parts>
[[noreturn]] void contract_broken(char const* condition, char const* file, int line,
                                  Parts const&... parts)
{
    throw contract_violation(concat(file, ':', line, ": ", condition, ' ', parts...));
}

} // namespace haiga
