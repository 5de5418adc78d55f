#define HAIGA_TEST_COMPILE_PRODUCTS
#include "tests/backends.hpp"
