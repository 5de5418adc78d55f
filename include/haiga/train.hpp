#pragma once

#include "haiga/train/batch.hpp"
#include "haiga/train/demo_recipe.hpp"
#include "haiga/train/environment.hpp"
#include "haiga/train/painting.hpp"
#include "haiga/train/recipe.hpp"
#include "haiga/train/recipe_json.hpp"
#include "haiga/train/resume.hpp"
#include "haiga/train/score.hpp"
#include "haiga/train/session.hpp"
#include "haiga/train/trainer.hpp"
