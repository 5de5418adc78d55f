#pragma once

#include "haiga/sample/paint.hpp"
