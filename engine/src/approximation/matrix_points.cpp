// SPDX-License-Identifier: Apache-2.0
#include "approximation/matrix_points.hpp"

#include <limits>

#include "distance/scalar.hpp"

namespace tda::detail {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();

template <class Scalar>
bool is_born(const MatrixView<Scalar>& matrix, std::uint32_t row) noexcept {
  return matrix.diagonal(row) < infinity<Scalar>;
}

// The born row whose largest distance to a born one is least; the number of rows if none is born.
template <class Scalar>
std::uint32_t central_row(const MatrixView<Scalar>& matrix, Execution& execution) {
  RawVector<double> largest(execution.budget());
  largest.assign(matrix.count, 0.0);
  for (std::uint32_t i = 0; i < matrix.count; ++i) {
    execution.poll(i);
    if (!is_born(matrix, i)) continue;
    const Scalar* row = matrix.row(i);
    for (std::uint32_t j = 0; j < i; ++j) {
      if (!is_born(matrix, j)) continue;
      const auto distance = static_cast<double>(row[j]);
      largest[i] = std::max(largest[i], distance);
      largest[j] = std::max(largest[j], distance);
    }
  }
  std::uint32_t centre = matrix.count;
  for (std::uint32_t i = 0; i < matrix.count; ++i)
    if (is_born(matrix, i) && (centre == matrix.count || largest[i] < largest[centre])) centre = i;
  return centre;
}

}  // namespace

template <class Scalar>
MatrixPermutation farthest_rows(const MatrixView<Scalar>& matrix, std::uint32_t most, Execution& execution) {
  MatrixPermutation permutation(execution.budget());
  GreedyPermutation& chosen = permutation.chosen;
  permutation.nearest.assign(matrix.count, MatrixPermutation::unborn);
  std::uint32_t next = central_row(matrix, execution);
  if (next == matrix.count || most == 0) return permutation;
  // From the chosen rows; below 0 for those and for the unborn.
  RawVector<double> distance(execution.budget());
  distance.assign(matrix.count, never);
  for (std::uint32_t i = 0; i < matrix.count; ++i)
    if (!is_born(matrix, i)) distance[i] = -1;
  double radius = never;
  do {
    const auto number = static_cast<std::uint32_t>(chosen.points.size());
    const std::uint32_t row = next;
    chosen.points.push_back(row);
    chosen.radius.push_back(radius);
    distance[row] = -1;
    permutation.nearest[row] = number;
    radius = 0;
    for (std::uint32_t i = 0; i < matrix.count; ++i) {
      if (distance[i] < 0) continue;
      const double to_new = matrix_distance(matrix, row, i);
      if (to_new < distance[i] || permutation.nearest[i] == MatrixPermutation::unborn) {
        distance[i] = to_new;
        permutation.nearest[i] = number;
      }
      if (distance[i] > radius) {
        radius = distance[i];
        next = i;
      }
    }
    execution.set_columns_done(chosen.points.size());
    execution.poll(4 * std::uint64_t{matrix.count});
  } while (radius > 0 && chosen.points.size() < most);
  chosen.cover_radius = radius;
  return permutation;
}

template MatrixPermutation farthest_rows<float>(const MatrixView<float>&, std::uint32_t, Execution&);
template MatrixPermutation farthest_rows<double>(const MatrixView<double>&, std::uint32_t, Execution&);

}  // namespace tda::detail
