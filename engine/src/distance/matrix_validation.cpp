// SPDX-License-Identifier: Apache-2.0
#include "distance/matrix_validation.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace tda::detail {
namespace {

// Rows and columns of a square that is compared with its mirror image: two of them fit into the first-level cache.
constexpr std::size_t square = 32;

template <class Scalar>
Expected<void> validate_numbers(const MatrixView<Scalar>& matrix, Execution& execution) {
  std::optional<Error> negative;
  for (std::size_t i = 0; i < matrix.count; ++i) {
    const Scalar* row = matrix.row(i);
    const std::size_t count = matrix.stored(i);
    bool bad = false;
    for (std::size_t j = 0; j < count; ++j) bad |= !(row[j] >= 0);
    execution.poll(count);
    if (!bad) continue;
    const Scalar* nan = std::find_if(row, row + count, [](Scalar x) { return std::isnan(x); });
    if (nan != row + count)
      return fail({.status = TDA_ERROR_NOT_A_NUMBER,
                   .message = "A distance is not a number.",
                   .row = i,
                   .column = static_cast<std::uint64_t>(nan - row)});
    if (!negative)
      negative = Error{.status = TDA_ERROR_NEGATIVE_DISTANCE,
                       .message = "A distance is below zero.",
                       .row = i,
                       .column = static_cast<std::uint64_t>(std::find_if(row, row + count, [](Scalar x) { return x < 0; }) - row)};
  }
  if (negative) return fail(*std::move(negative));
  return {};
}

template <class Scalar>
Expected<void> validate_symmetry(const MatrixView<Scalar>& matrix, Execution& execution) {
  const std::size_t n = matrix.count;
  const Scalar* values = matrix.values;
  for (std::size_t begin = 0; begin < n; begin += square) {
    const std::size_t end = std::min(n, begin + square);
    // The first difference in these rows, right of the diagonal.
    std::size_t bad_i = n;
    std::size_t bad_j = n;
    for (std::size_t left = begin; left < n; left += square) {
      const std::size_t right = std::min(n, left + square);
      for (std::size_t i = begin; i < std::min(end, bad_i); ++i) {
        bool differs = false;
        for (std::size_t j = std::max(left, i + 1); j < right; ++j) differs |= values[i * n + j] != values[j * n + i];
        if (!differs) continue;
        bad_i = i;
        bad_j = std::max(left, i + 1);
        while (values[i * n + bad_j] == values[bad_j * n + i]) ++bad_j;
      }
      execution.poll(square * square);
    }
    if (bad_i != n)
      return fail({.status = TDA_ERROR_ASYMMETRIC_DISTANCE,
                   .message = "The distance of two points differs from the one in the other direction.",
                   .row = bad_i,
                   .column = bad_j});
  }
  return {};
}

template <class Scalar>
Expected<void> validate_births(const MatrixView<Scalar>& matrix, Execution& execution) {
  bool any = false;
  for (std::size_t i = 0; i < matrix.count; ++i) any |= matrix.diagonal(i) > 0;
  if (!any) return {};
  for (std::size_t i = 0; i < matrix.count; ++i) {
    const Scalar* row = matrix.row(i);
    const Scalar birth = matrix.diagonal(i);
    for (std::size_t j = 0; j < i; ++j) {
      if (row[j] < birth || row[j] < matrix.diagonal(j))
        return fail({.status = TDA_ERROR_DIAGONAL_ABOVE_EDGE,
                     .message = "The birth of a point on the diagonal is above one of its distances.",
                     .row = i,
                     .column = j});
    }
    execution.poll(i);
  }
  return {};
}

}  // namespace

template <class Scalar>
Expected<void> validate_matrix(const MatrixView<Scalar>& matrix, Execution& execution) {
  if (auto checked = validate_numbers(matrix, execution); !checked) return checked;
  if (matrix.kind == TDA_DISTANCES_FULL)
    if (auto checked = validate_symmetry(matrix, execution); !checked) return checked;
  if (matrix.has_diagonal()) return validate_births(matrix, execution);
  return {};
}

template Expected<void> validate_matrix<float>(const MatrixView<float>&, Execution&);
template Expected<void> validate_matrix<double>(const MatrixView<double>&, Execution&);

}  // namespace tda::detail
