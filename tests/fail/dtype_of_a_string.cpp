// A type that no checkpoint holds has no dtype, and the compiler's message says so.
// error: no_dtype_for_this_type
#include "haiga/tensor/dtype.hpp"

#include <string>

constexpr auto type = haiga::dtype_of<std::string>;
