#pragma once

#include "haiga/sample/decode_tiles.hpp"
#include "haiga/sample/latent_decoder.hpp"
#include "haiga/sample/load_part.hpp"
#include "haiga/sample/paint.hpp"
#include "haiga/sample/prompt.hpp"
#include "haiga/sample/prompt_chunks.hpp"
#include "haiga/sample/prompt_schedule.hpp"
#include "haiga/sample/prompt_weights.hpp"
#include "haiga/sample/prompt_words.hpp"
#include "haiga/sample/tiling.hpp"
