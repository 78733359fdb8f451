// SPDX-License-Identifier: Apache-2.0
//
// The kernels for WebAssembly with SIMD128.
#define TDA_TARGET_NAMESPACE wasm128
#define TDA_TARGET_NUMBER TDA_SIMD_WASM128
#define TDA_VECTOR_BYTES 16
#include "simd/target.inl"
