// SPDX-License-Identifier: Apache-2.0
//
// One target: the vector types and the kernels for vectors of TDA_VECTOR_BYTES (0: one lane of any type).
// Included once by each target_<name>.cpp, which defines TDA_TARGET_NAMESPACE, TDA_TARGET_NUMBER and TDA_VECTOR_BYTES.
#include <cstddef>
#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__wasm_simd128__)
#include <wasm_simd128.h>
#endif

#include "simd/kernel_table.hpp"
#include "tda/tda.h"

namespace tda::detail::TDA_TARGET_NAMESPACE {
namespace {

template <class T>
struct Lanes {
  static constexpr std::size_t bytes = TDA_VECTOR_BYTES == 0 ? sizeof(T) : TDA_VECTOR_BYTES;
  static constexpr std::size_t count = bytes / sizeof(T);
  typedef T Vector __attribute__((vector_size(bytes)));
};

/// A vector of T as wide as the target's registers.
template <class T>
using Vec = typename Lanes<T>::Vector;

/// Its number of lanes.
template <class T>
constexpr std::size_t lanes = Lanes<T>::count;

template <class T>
inline Vec<T> load(const T* from) {  // any alignment
  Vec<T> v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}

template <class T>
inline void store(T* to, Vec<T> v) {  // any alignment
  __builtin_memcpy(to, &v, sizeof v);
}

template <class T>
inline Vec<T> broadcast(T value) {
  return value - Vec<T>{};
}

#include "simd/lanes.inl"

#include "simd/graph_kernels.inl"

#include "simd/collapse_kernels.inl"

#include "simd/distance_kernels.inl"

}  // namespace

extern const KernelTable table;
const KernelTable table{.target = TDA_TARGET_NUMBER, .graph = graph_kernels, .collapse = collapse_kernels, .distance = distance_kernels};

}  // namespace tda::detail::TDA_TARGET_NAMESPACE
