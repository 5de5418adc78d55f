#pragma once

#include "haiga/model/down_block.hpp"
#include "haiga/nn/silu.hpp"
#include "tests/model/picture_test.hpp"

namespace haiga::test {

/// What diffusers' tests/models/unets/test_unet_blocks_common.py makes, at
/// 5f334281947803dea809f34e5423cee10ff08eac: one layer, 32 channels, one head, no context.
struct block_test : picture_test {
    device::value x = picture(4, 32, 32);
    model::conditions told{nn::silu(graph, input({4, 128})), device::value::none};
};

inline auto level(bool attention, bool resample = true) -> model::level_options
{
    return {.channels = 32,
            .attention = attention,
            .resample = resample,
            .norm = {.groups = 32, .eps = 1e-6},
            .transformer = {.block = {.heads = 1, .double_self_attention = true}}};
}

} // namespace haiga::test
