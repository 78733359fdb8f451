// SPDX-License-Identifier: Apache-2.0
//
// The kernels for arm64, whose base instruction set has NEON.
#define TDA_TARGET_NAMESPACE neon
#define TDA_TARGET_NUMBER TDA_SIMD_NEON
#define TDA_VECTOR_BYTES 16
#include "simd/target.inl"
