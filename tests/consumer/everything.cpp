#include <haiga/haiga.hpp>

#include <boost/json/src.hpp> // in one file of a program that links no compiled Boost.JSON

auto main() -> int { return haiga::result<int>(0).value(); }
