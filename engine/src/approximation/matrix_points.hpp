// SPDX-License-Identifier: Apache-2.0
//
// The greedy permutation of a distance matrix.
#pragma once

#include <algorithm>

#include "approximation/greedy_permutation.hpp"
#include "distance/matrix_view.hpp"
#include "exec/execution.hpp"

namespace tda::detail {

/// The distance of two different points.
template <class Scalar>
double matrix_distance(const MatrixView<Scalar>& matrix, std::uint32_t a, std::uint32_t b) noexcept {
  return static_cast<double>(matrix.row(std::max(a, b))[std::min(a, b)]) + 0.0;
}

struct MatrixPermutation {
  explicit MatrixPermutation(Budget& budget) : chosen(budget), nearest(budget) {}

  GreedyPermutation chosen;
  /// By row: which of the chosen points is the nearest one (the first of equally near ones); `unborn` for rows that are never born.
  RawVector<std::uint32_t> nearest;
  static constexpr std::uint32_t unborn = UINT32_MAX;
};

/// At most `most` rows of a valid matrix. The first has the least largest distance; ties go to the least row. Rows whose birth is +inf are
/// left out. Cost: n^2 / 2 entries for the first, then n a row. Memory: 20 bytes a row. Polls; columns: rows chosen.
template <class Scalar>
MatrixPermutation farthest_rows(const MatrixView<Scalar>& matrix, std::uint32_t most, Execution& execution);

}  // namespace tda::detail
