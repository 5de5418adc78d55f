#pragma once

#include "haiga/tensor/convert_elements.hpp"
#include "haiga/tensor/dtype.hpp"
#include "haiga/tensor/page_array.hpp"
#include "haiga/tensor/shape.hpp"
#include "haiga/tensor/tensor.hpp"
#include "haiga/tensor/view.hpp"
