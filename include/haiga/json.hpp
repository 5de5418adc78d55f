#pragma once

#include "haiga/json/get.hpp"
#include "haiga/json/parse.hpp"
#include "haiga/json/pointer.hpp"
#include "haiga/json/quote_non_finite.hpp"
#include "haiga/json/unique_keys.hpp"
#include "haiga/json/value_builder.hpp"
#include "haiga/json/write.hpp"
