/* The header of the kernels is C99 and needs no other header: compiled by a test, never linked. */
#include "haiga/device/cuda/abi.h"

static haiga_group_norm const example = {HAIGA_BF16, 1, 64, 32, 8, 1e-5F, 1};

size_t abi_is_c99(void);
size_t abi_is_c99(void) { return haiga_cuda_group_norm_workspace(&example); }
