// SPDX-License-Identifier: Apache-2.0
//
// The part of the C ABI that computes nothing: version, names, defaults, the processor's instruction sets.
#include <limits>

#include "simd/kernel_table.hpp"
#include "tda/tda.h"

extern "C" {

const char* tda_version(void) { return TDA_VERSION_STRING; }

const char* tda_status_name(uint32_t status) {
#define TDA_NAME(name) \
  case name:           \
    return #name
  switch (status) {
    TDA_NAME(TDA_OK);
    TDA_NAME(TDA_ERROR_NULL_ARGUMENT);
    TDA_NAME(TDA_ERROR_NOT_A_NUMBER);
    TDA_NAME(TDA_ERROR_NEGATIVE_DISTANCE);
    TDA_NAME(TDA_ERROR_ASYMMETRIC_DISTANCE);
    TDA_NAME(TDA_ERROR_DIAGONAL_ABOVE_EDGE);
    TDA_NAME(TDA_ERROR_INDEX_OUT_OF_RANGE);
    TDA_NAME(TDA_ERROR_CONFLICTING_ENTRIES);
    TDA_NAME(TDA_ERROR_ZERO_VECTOR);
    TDA_NAME(TDA_ERROR_DISTANCE_OVERFLOW);
    TDA_NAME(TDA_ERROR_DEATH_BEFORE_BIRTH);
    TDA_NAME(TDA_ERROR_INVALID_DIMENSION);
    TDA_NAME(TDA_ERROR_INVALID_FIELD);
    TDA_NAME(TDA_ERROR_INVALID_THRESHOLD);
    TDA_NAME(TDA_ERROR_INVALID_METRIC);
    TDA_NAME(TDA_ERROR_NOT_SUPPORTED);
    TDA_NAME(TDA_ERROR_INVALID_OPTION);
    TDA_NAME(TDA_ERROR_NO_BAR);
    TDA_NAME(TDA_ERROR_SCALE_OUTSIDE_BAR);
    TDA_NAME(TDA_ERROR_NOT_INTEGRAL);
    TDA_NAME(TDA_ERROR_MEMORY_LIMIT);
    TDA_NAME(TDA_ERROR_INDEX_OVERFLOW);
    TDA_NAME(TDA_ERROR_OUT_OF_MEMORY);
    TDA_NAME(TDA_ERROR_CANCELLED);
    TDA_NAME(TDA_ERROR_INTERNAL);
    default:
      return "TDA_ERROR_UNKNOWN";
  }
#undef TDA_NAME
}

const char* tda_simd_target_name(uint32_t target) {
  switch (target) {
    case TDA_SIMD_AUTO:
      return "auto";
    case TDA_SIMD_BASELINE:
      return "baseline";
    case TDA_SIMD_AVX2:
      return "avx2";
    case TDA_SIMD_AVX512:
      return "avx512";
    case TDA_SIMD_NEON:
      return "neon";
    case TDA_SIMD_WASM128:
      return "wasm128";
    default:
      return "unknown";
  }
}

uint32_t tda_simd_best_target(void) { return tda::detail::kernel_table(TDA_SIMD_AUTO)->target; }

int tda_simd_target_available(uint32_t target) { return tda::detail::kernel_table(target) != nullptr ? 1 : 0; }

void tda_rips_options_init(tda_rips_options* options) {
  if (options == nullptr) return;
  *options = tda_rips_options{};
  options->struct_size = sizeof(tda_rips_options);
  options->max_dimension = 1;
  options->threshold = std::numeric_limits<double>::infinity();
  options->coefficient_field = 2;
}

void tda_input_init(tda_input* input) {
  if (input == nullptr) return;
  *input = tda_input{};
  input->struct_size = sizeof(tda_input);
  input->minkowski_p = 2;
}

void tda_circular_options_init(tda_circular_options* options) {
  if (options == nullptr) return;
  *options = tda_circular_options{};
  options->struct_size = sizeof(tda_circular_options);
  options->bar = TDA_NO_INDEX;
  options->scale = std::numeric_limits<double>::quiet_NaN();
}

}  // extern "C"
