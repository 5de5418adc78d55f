#pragma once

#include "haiga/sample/paint.hpp"
#include "haiga/sample/prompt.hpp"
#include "haiga/sample/prompt_chunks.hpp"
#include "haiga/sample/prompt_schedule.hpp"
#include "haiga/sample/prompt_weights.hpp"
#include "haiga/sample/prompt_words.hpp"
