// SPDX-License-Identifier: Apache-2.0
//
// The kernels for x86-64 with AVX-512 (F, BW, DQ, VL, CD); flags in cmake/TdaSimdTargets.cmake.
#define TDA_TARGET_NAMESPACE avx512
#define TDA_TARGET_NUMBER TDA_SIMD_AVX512
#define TDA_VECTOR_BYTES 64
#include "simd/target.inl"
