// SPDX-License-Identifier: Apache-2.0
#include "core/rips_options.hpp"

#include <algorithm>
#include <cmath>
#if !defined(__wasm__)
#include <thread>
#endif

#include "simd/kernel_table.hpp"

namespace tda::detail {
namespace {

constexpr std::uint32_t largest_prime = 32749;

bool is_prime(std::uint32_t n) noexcept {
  if (n < 2) return false;
  for (std::uint32_t d = 2; d * d <= n; ++d) {
    if (n % d == 0) return false;
  }
  return true;
}

}  // namespace

Expected<void> validate_options(const tda_rips_options& options) {
  if (options.max_dimension > TDA_MAX_DIMENSION)
    return fail({.status = TDA_ERROR_INVALID_DIMENSION, .message = "The largest homology dimension is too high."});
  if (std::isnan(options.threshold)) return fail({.status = TDA_ERROR_INVALID_THRESHOLD, .message = "The threshold is not a number."});
  if (options.coefficient_field > largest_prime || !is_prime(options.coefficient_field))
    return fail({.status = TDA_ERROR_INVALID_FIELD, .message = "The coefficient field is not a prime below 32768."});
  if (options.edge_collapse > TDA_COLLAPSE_OFF)
    return fail({.status = TDA_ERROR_INVALID_OPTION, .message = "The edge collapse option is unknown."});
  if (options.representatives > TDA_REPRESENTATIVES_CYCLES)
    return fail({.status = TDA_ERROR_INVALID_OPTION, .message = "The representatives option is unknown."});
  if (options.simd_target > TDA_SIMD_WASM128)
    return fail({.status = TDA_ERROR_INVALID_OPTION, .message = "The instruction set is unknown."});
  if (kernel_table(options.simd_target) == nullptr)
    return fail({.status = TDA_ERROR_NOT_SUPPORTED, .message = "This processor does not have the requested instruction set."});
  return {};
}

unsigned thread_count(const tda_rips_options& options) noexcept {
  constexpr unsigned most = 256;
#if defined(__wasm__)
  constexpr unsigned available = 1;
#else
  const unsigned available = std::max(1u, std::thread::hardware_concurrency());
#endif
  return std::min(options.threads == 0 ? available : options.threads, most);
}

}  // namespace tda::detail
