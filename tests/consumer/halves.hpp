#pragma once

#include <haiga/base/result.hpp>

/// Two halves of a stranger's program, one compiled as C++20 and one as C++23: the type that
/// crosses between them must be the same in both.
auto older_half(int n) -> haiga::result<int>;
auto newer_half(int n) -> haiga::result<int>;
