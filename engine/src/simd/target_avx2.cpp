// SPDX-License-Identifier: Apache-2.0
//
// The kernels for x86-64 with AVX2 and BMI; flags in cmake/TdaSimdTargets.cmake.
#define TDA_TARGET_NAMESPACE avx2
#define TDA_TARGET_NUMBER TDA_SIMD_AVX2
#define TDA_VECTOR_BYTES 32
#include "simd/target.inl"
