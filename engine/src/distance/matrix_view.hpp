// SPDX-License-Identifier: Apache-2.0
//
// The three layouts of a distance matrix, seen as a lower triangle.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tda/tda.h"

namespace tda::detail {

template <class Scalar>
struct MatrixView {
  const Scalar* values;
  std::uint32_t count;  // of points
  std::uint32_t kind;   // TDA_DISTANCES_FULL, TDA_DISTANCES_LOWER or TDA_DISTANCES_LOWER_DIAG

  /// Distances of point i to the points 0 … i - 1.
  const Scalar* row(std::size_t i) const noexcept { return values + offset(i); }
  bool has_diagonal() const noexcept { return kind != TDA_DISTANCES_LOWER; }
  Scalar diagonal(std::size_t i) const noexcept { return has_diagonal() ? row(i)[i] : Scalar{0}; }
  /// How many values are stored for point i, from row(i) on.
  std::size_t stored(std::size_t i) const noexcept {
    return kind == TDA_DISTANCES_FULL ? count : kind == TDA_DISTANCES_LOWER ? i : i + 1;
  }

 private:
  std::size_t offset(std::size_t i) const noexcept {
    if (kind == TDA_DISTANCES_FULL) return i * count;
    if (kind == TDA_DISTANCES_LOWER) return i == 0 ? 0 : i * (i - 1) / 2;
    return i * (i + 1) / 2;
  }
};

}  // namespace tda::detail
