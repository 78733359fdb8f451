// SPDX-License-Identifier: Apache-2.0
//
// The kernels for any processor of the architecture: SSE2 on x86-64; one lane elsewhere and in a scalar build.
#define TDA_TARGET_NAMESPACE baseline
#define TDA_TARGET_NUMBER TDA_SIMD_BASELINE
#if defined(__x86_64__) && !defined(TDA_SCALAR_ONLY)
#define TDA_VECTOR_BYTES 16
#else
#define TDA_VECTOR_BYTES 0
#endif
#include "simd/target.inl"
