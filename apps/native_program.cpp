#define HAIGA_COMPILE_NATIVE_PROGRAM
#include "apps/native_program.hpp"
