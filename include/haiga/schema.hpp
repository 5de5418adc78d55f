#pragma once

#include "haiga/schema/dialect.hpp"
#include "haiga/schema/formats.hpp"
#include "haiga/schema/pattern.hpp"
