#include "halves.hpp"

static_assert(__cplusplus > 202002L, "this half is C++23");

auto newer_half(int n) -> haiga::result<int>
{
    if (n == 0) {
        return haiga::fail(haiga::errc::invalid, "newer: zero has no odd part");
    }
    return older_half(n);
}
