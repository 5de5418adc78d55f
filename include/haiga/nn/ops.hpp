#pragma once

#include "haiga/device/add.hpp"
#include "haiga/device/program.hpp"
#include "haiga/device/reshape.hpp"
#include "haiga/nn/add_per_sample.hpp"
#include "haiga/nn/add_positions.hpp"
#include "haiga/nn/attention.hpp"
#include "haiga/nn/concat.hpp"
#include "haiga/nn/conv2d.hpp"
#include "haiga/nn/coordinate_planes.hpp"
#include "haiga/nn/embedding.hpp"
#include "haiga/nn/geglu.hpp"
#include "haiga/nn/gelu.hpp"
#include "haiga/nn/group_norm.hpp"
#include "haiga/nn/layer_norm.hpp"
#include "haiga/nn/linear.hpp"
#include "haiga/nn/loss.hpp"
#include "haiga/nn/quick_gelu.hpp"
#include "haiga/nn/repeat_batch.hpp"
#include "haiga/nn/row_of_token.hpp"
#include "haiga/nn/sample_gaussian.hpp"
#include "haiga/nn/scale_shift.hpp"
#include "haiga/nn/silu.hpp"
#include "haiga/nn/timestep_embedding.hpp"
#include "haiga/nn/upsample_nearest.hpp"

namespace haiga::nn {

/// Every kind of op of this library: what a program is made with.
using all_ops = device::op_list<
    device::add_op, device::copy_op, device::reshape_op, add_per_sample_op, sum_per_sample_op,
    add_positions_op, add_positions_gradient, row_of_token_op, row_of_token_gradient,
    sample_gaussian_op, sample_gaussian_gradient, scale_shift_op, attention_op, attention_gradient,
    bias_gradient, concat_op, slice_op, conv2d_op, conv2d_input_gradient, conv2d_weight_gradient,
    coordinate_planes_op, embedding_op, embedding_gradient, geglu_op, geglu_gradient, gelu_op,
    gelu_gradient, group_stats, group_apply, group_gradient, layer_norm_op, layer_norm_gradient,
    linear_op, linear_input_gradient, linear_weight_gradient, mse_loss_op, mse_loss_gradient,
    quick_gelu_op, quick_gelu_gradient, repeat_batch_op, repeat_batch_gradient, silu_op,
    silu_gradient, timestep_embedding_op, upsample_nearest_op, upsample_nearest_gradient>;

} // namespace haiga::nn
