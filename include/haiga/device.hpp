#pragma once

#include "haiga/device/add.hpp"
#include "haiga/device/backend.hpp"
#include "haiga/device/convolution.hpp"
#include "haiga/device/cpu_eigen.hpp"
#include "haiga/device/cpu_native.hpp"
#include "haiga/device/gradients.hpp"
#include "haiga/device/graph.hpp"
#include "haiga/device/op.hpp"
#include "haiga/device/parameter.hpp"
#include "haiga/device/plan.hpp"
#include "haiga/device/program.hpp"
#include "haiga/device/reshape.hpp"
