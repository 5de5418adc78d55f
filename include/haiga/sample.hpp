#pragma once

#include "haiga/sample/decode_tiles.hpp"
#include "haiga/sample/latent_decoder.hpp"
#include "haiga/sample/load_part.hpp"
#include "haiga/sample/paint.hpp"
#include "haiga/sample/tiling.hpp"
