#pragma once

#include "haiga/checkpoint/safetensors_format.hpp"
#include "haiga/checkpoint/safetensors_header.hpp"
#include "haiga/checkpoint/safetensors_reader.hpp"
#include "haiga/checkpoint/safetensors_writer.hpp"
