// SPDX-License-Identifier: Apache-2.0
//
// Rounding of computed numbers to the scalar type of the input: to nearest, ties to even; what is too large becomes infinite.
#pragma once

#include <concepts>
#include <limits>

namespace tda::detail {

template <std::floating_point Scalar>
inline constexpr Scalar infinity = std::numeric_limits<Scalar>::infinity();

template <std::floating_point Scalar>
Scalar round_to(double value) noexcept {
  if constexpr (sizeof(Scalar) == sizeof(float)) {
    // 2^128 - 2^103, halfway between the largest float and the next power of two, rounds up.
    constexpr double first_infinite = 0x1.ffffffp127;
    if (value >= first_infinite) return infinity<Scalar>;
    if (value <= -first_infinite) return -infinity<Scalar>;
  }
  return static_cast<Scalar>(value);
}

}  // namespace tda::detail
