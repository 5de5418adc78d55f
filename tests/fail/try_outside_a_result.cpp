// HAIGA_TRY returns the failure, so the function around it must be able to.
// error: (cannot convert|no viable conversion).*unexpected
#include "haiga/base/result.hpp"

auto parse() -> haiga::result<int>;

auto careless() -> int
{
    HAIGA_TRY(auto const n, parse());
    return n;
}
