#pragma once

#include "haiga/optim/adamw.hpp"
#include "haiga/optim/adamw_kernel.hpp"
#include "haiga/optim/clip_norm.hpp"
#include "haiga/optim/ema.hpp"
#include "haiga/optim/learning_rate.hpp"
#include "haiga/optim/optimizer.hpp"
