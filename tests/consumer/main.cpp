#include "halves.hpp"

#include <iostream>

/// The odd part of a number, worked out by both halves in turn; failures cross between them too.
auto main() -> int
{
    auto const odd = older_half(40);
    auto const zero = older_half(0);
    auto const negative = newer_half(-3);
    bool const right = odd && *odd == 5 && !zero &&
                       zero.error().message == "newer: zero has no odd part" && !negative &&
                       negative.error().code == haiga::errc::invalid;
    std::cout << (right ? "ok\n" : "wrong\n");
    return right ? 0 : 1;
}
