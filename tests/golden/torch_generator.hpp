#pragma once
// Written by tests/peers/torch_generator.py with torch 2.15.0, one
// generator with seed 2026, asked in this order. Normals: capability AVX2.

#include <cstdint>

namespace golden::torch_generator {

inline constexpr float rand_5[] = {0x1.3848080000000p-3F, 0x1.01f6180000000p-2F,
                                   0x1.7646340000000p-1F, 0x1.073b800000000p-4F,
                                   0x1.3213400000000p-6F};
inline constexpr float uniform_9[] = {
    0x1.8e64000000000p-3F,  0x1.d525400000000p-2F,  -0x1.3249640000000p-2F,
    0x1.97c33c0000000p-2F,  -0x1.039c680000000p-2F, 0x1.069e640000000p-1F,
    -0x1.ac50800000000p-4F, 0x1.b24bfc0000000p-2F,  0x1.5ccd3c0000000p-2F};
inline constexpr float randn_7[] = {
    0x1.2e73a20000000p-2F,  0x1.91a66a0000000p-1F,  0x1.10e3a00000000p+0F, 0x1.80cb120000000p-2F,
    -0x1.0877a60000000p-2F, -0x1.f2f2240000000p-2F, 0x1.3a8c040000000p+0F};
inline constexpr float randn_16[] = {
    -0x1.bcf3020000000p+0F, -0x1.86bbfe0000000p-1F, 0x1.e6105a0000000p-1F,  -0x1.d7a5440000000p-1F,
    0x1.b37dae0000000p-2F,  -0x1.07ce6a0000000p+0F, -0x1.319c760000000p+0F, 0x1.37c2ea0000000p-1F,
    0x1.9641820000000p+0F,  0x1.6bb2fe0000000p-1F,  -0x1.ae4d1e0000000p+0F, -0x1.d87f5c0000000p-1F,
    0x1.dd5bc00000000p-3F,  0x1.69fe380000000p-1F,  0x1.4d9ea20000000p+0F,  0x1.cae5b60000000p-1F};
inline constexpr float randn_37[] = {
    0x1.51c0280000000p+0F,  -0x1.f5b0360000000p+0F, -0x1.dacfe60000000p-1F, -0x1.ab7dd80000000p+0F,
    -0x1.3bae140000000p-4F, -0x1.a1f66a0000000p-2F, 0x1.da10340000000p-2F,  0x1.2219940000000p+0F,
    0x1.74d0440000000p-5F,  -0x1.39223a0000000p-2F, 0x1.9770160000000p-2F,  -0x1.dcc6ee0000000p-2F,
    -0x1.347eec0000000p+0F, -0x1.92d8480000000p+0F, 0x1.c9060c0000000p-2F,  -0x1.663a400000000p-2F,
    0x1.c367920000000p+0F,  -0x1.8400800000000p-1F, 0x1.34a9d80000000p-1F,  -0x1.392d120000000p+0F,
    -0x1.4177c80000000p+0F, 0x1.311efe0000000p-2F,  0x1.53e1380000000p-2F,  -0x1.d9f0720000000p-2F,
    0x1.b40caa0000000p+0F,  0x1.d7f8b20000000p-2F,  0x1.e700dc0000000p-7F,  -0x1.6193dc0000000p-1F,
    -0x1.b0cbce0000000p+0F, 0x1.531c8c0000000p-2F,  -0x1.08cff80000000p+1F, 0x1.03acac0000000p+1F,
    0x1.46150e0000000p-3F,  -0x1.2358bc0000000p+0F, -0x1.3991340000000p-3F, -0x1.162d520000000p-1F,
    -0x1.1f614e0000000p+0F};
inline constexpr float randn_3_with_spare[] = {0x1.a0ffb60000000p-1F, -0x1.8f92580000000p-1F,
                                               -0x1.e4557a0000000p-3F};
inline constexpr std::int64_t randint_8[] = {250, -2, 539, 64, 744, 835, 877, 199};
inline constexpr std::int64_t randint_wide_8[] = {712895017118, 444312562934, 1070970466418,
                                                  758751736789, 93054961485,  986095469094,
                                                  951641409266, 696140669371};
inline constexpr std::int64_t randperm_20[] = {10, 8, 9,  14, 7, 2,  15, 4,  0, 11,
                                               18, 3, 16, 12, 5, 19, 13, 17, 1, 6};
inline constexpr float rand_2_later[] = {0x1.15d2ac0000000p-1F, 0x1.5236cc0000000p-2F};

} // namespace golden::torch_generator
