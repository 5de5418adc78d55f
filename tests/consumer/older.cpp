#include "halves.hpp"

static_assert(__cplusplus == 202002L, "this half is C++20");

auto older_half(int n) -> haiga::result<int>
{
    if (n < 0) {
        return haiga::fail(haiga::errc::invalid, "older: need a natural number, have ", n);
    }
    HAIGA_TRY(auto const rest, n % 2 == 0 ? newer_half(n / 2) : haiga::result<int>(n));
    return rest;
}
