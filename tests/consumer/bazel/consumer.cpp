#include <haiga/haiga.hpp>

auto main() -> int { return haiga::result<int>(0).value(); }
