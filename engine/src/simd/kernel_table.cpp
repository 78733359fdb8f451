// SPDX-License-Identifier: Apache-2.0
#include "simd/kernel_table.hpp"

#include "tda/tda.h"

namespace tda::detail {

namespace baseline {
extern const KernelTable table;
}
namespace avx2 {
extern const KernelTable table;
}
namespace avx512 {
extern const KernelTable table;
}
namespace neon {
extern const KernelTable table;
}
namespace wasm128 {
extern const KernelTable table;
}

namespace {

const KernelTable* avx2_table() noexcept {
#if defined(TDA_HAS_AVX2)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
      __builtin_cpu_supports("lzcnt") && __builtin_cpu_supports("popcnt"))
    return &avx2::table;
#endif
  return nullptr;
}

const KernelTable* avx512_table() noexcept {
#if defined(TDA_HAS_AVX512)
  if (avx2_table() != nullptr && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd"))
    return &avx512::table;
#endif
  return nullptr;
}

const KernelTable* neon_table() noexcept {
#if defined(TDA_HAS_NEON)
  return &neon::table;
#else
  return nullptr;
#endif
}

const KernelTable* wasm128_table() noexcept {
#if defined(TDA_HAS_WASM128)
  return &wasm128::table;
#else
  return nullptr;
#endif
}

const KernelTable* best_table() noexcept {
  if (const KernelTable* table = avx512_table()) return table;
  if (const KernelTable* table = avx2_table()) return table;
  if (const KernelTable* table = neon_table()) return table;
  if (const KernelTable* table = wasm128_table()) return table;
  return &baseline::table;
}

}  // namespace

const KernelTable* kernel_table(std::uint32_t target) noexcept {
  switch (target) {
    case TDA_SIMD_AUTO:
      return best_table();
    case TDA_SIMD_BASELINE:
      return &baseline::table;
    case TDA_SIMD_AVX2:
      return avx2_table();
    case TDA_SIMD_AVX512:
      return avx512_table();
    case TDA_SIMD_NEON:
      return neon_table();
    case TDA_SIMD_WASM128:
      return wasm128_table();
    default:
      return nullptr;
  }
}

}  // namespace tda::detail
