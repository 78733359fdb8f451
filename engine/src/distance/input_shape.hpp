// SPDX-License-Identifier: Apache-2.0
//
// The size of an input, checked before anything is allocated or read.
#pragma once

#include <cstdint>

#include "core/error.hpp"
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

}  // namespace tda::detail
