// SPDX-License-Identifier: Apache-2.0
//
// The size of an input, checked before anything is allocated or read.
#pragma once

#include <cstdint>

#include "core/error.hpp"
#include "exec/execution.hpp"
#include "simd/kernel_table.hpp"
#include "tda/tda.h"

namespace tda::detail {

struct InputShape {
  /// Number of points, below 2^32 - 1.
  std::uint32_t points = 0;
  /// Length of `values` in elements.
  std::uint64_t values = 0;
  /// Bytes of all arrays of the caller.
  std::uint64_t bytes = 0;
};

/// TDA_ERROR_INVALID_OPTION: unknown kind or scalar. TDA_ERROR_INDEX_OVERFLOW: too many points or entries, or a product beyond 64 bits.
/// TDA_ERROR_NULL_ARGUMENT: an array of non-zero length is null.
Expected<InputShape> check_shape(const tda_input& input);

/// What a call needs before it reads the values: the shape and the kernels. Charges the input's bytes to the budget for the whole call.
struct PreparedInput {
  InputShape shape;
  const KernelTable* kernels;
};

/// The errors of check_shape; TDA_ERROR_INVALID_THRESHOLD: NaN; TDA_ERROR_NOT_SUPPORTED: an instruction set that is not here.
Expected<PreparedInput> prepare_input(const tda_input& input, const tda_rips_options& options, Execution& execution);

}  // namespace tda::detail
