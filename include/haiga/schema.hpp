#pragma once

#include "haiga/schema/convert.hpp"
#include "haiga/schema/cpp_type.hpp"
#include "haiga/schema/derive.hpp"
#include "haiga/schema/place.hpp"
#include "haiga/schema/strict.hpp"
#include "haiga/schema/strict_references.hpp"
#include "haiga/schema/strict_writer.hpp"
