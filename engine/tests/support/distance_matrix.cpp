// SPDX-License-Identifier: Apache-2.0
#include "support/distance_matrix.hpp"

#include <cmath>
#include <numeric>

namespace tda::test {
namespace {

Input matrix_input(const DistanceMatrix& matrix, tda_input_kind kind, tda_scalar scalar) {
  Input input;
  input.kind = kind;
  input.scalar = scalar;
  input.rows = matrix.size();
  return input;
}

}  // namespace

bool DistanceMatrix::has_births() const {
  for (std::uint32_t i = 0; i < size_; ++i)
    if (at(i, i) != 0) return true;
  return false;
}

DistanceMatrix from_lower_triangle(std::uint32_t size, const std::vector<double>& values) {
  DistanceMatrix matrix(size);
  std::size_t next = 0;
  for (std::uint32_t i = 0; i < size; ++i)
    for (std::uint32_t j = 0; j < i; ++j) matrix.set(i, j, values.at(next++));
  return matrix;
}

DistanceMatrix permuted(const DistanceMatrix& matrix, const std::vector<std::uint32_t>& order) {
  DistanceMatrix result(matrix.size());
  for (std::uint32_t i = 0; i < matrix.size(); ++i)
    for (std::uint32_t j = 0; j <= i; ++j) result.set(i, j, matrix.at(order[i], order[j]));
  return result;
}

DistanceMatrix scaled(const DistanceMatrix& matrix, double factor) {
  DistanceMatrix result(matrix.size());
  for (std::uint32_t i = 0; i < matrix.size(); ++i)
    for (std::uint32_t j = 0; j <= i; ++j) result.set(i, j, matrix.at(i, j) * factor);
  return result;
}

Input full_input(const DistanceMatrix& matrix, tda_scalar scalar) {
  Input input = matrix_input(matrix, TDA_DISTANCES_FULL, scalar);
  for (std::uint32_t i = 0; i < matrix.size(); ++i)
    for (std::uint32_t j = 0; j < matrix.size(); ++j) input.values.push_back(matrix.at(i, j));
  return input;
}

Input lower_input(const DistanceMatrix& matrix, tda_scalar scalar) {
  Input input = matrix_input(matrix, TDA_DISTANCES_LOWER, scalar);
  for (std::uint32_t i = 0; i < matrix.size(); ++i)
    for (std::uint32_t j = 0; j < i; ++j) input.values.push_back(matrix.at(i, j));
  return input;
}

Input lower_diagonal_input(const DistanceMatrix& matrix, tda_scalar scalar) {
  Input input = matrix_input(matrix, TDA_DISTANCES_LOWER_DIAG, scalar);
  for (std::uint32_t i = 0; i < matrix.size(); ++i)
    for (std::uint32_t j = 0; j <= i; ++j) input.values.push_back(matrix.at(i, j));
  return input;
}

Input sparse_input(const DistanceMatrix& matrix, tda_scalar scalar, Random& random) {
  struct Entry {
    std::uint32_t row, column;
    double value;
  };
  std::vector<Entry> entries;
  for (std::uint32_t i = 0; i < matrix.size(); ++i) {
    for (std::uint32_t j = 0; j <= i; ++j) {
      const double value = matrix.at(i, j);
      const bool may_be_left_out = i == j ? value == 0 : std::isinf(value);
      if (may_be_left_out && random.chance(0.7)) continue;
      const std::uint32_t copies = random.chance(0.1) ? 2 : 1;
      for (std::uint32_t copy = 0; copy < copies; ++copy) {
        const bool flipped = random.chance(0.5);
        entries.push_back({flipped ? j : i, flipped ? i : j, value});
      }
    }
  }
  random.shuffle(entries);
  Input input = matrix_input(matrix, TDA_DISTANCES_SPARSE, scalar);
  for (const Entry& entry : entries) {
    input.row_indices.push_back(entry.row);
    input.column_indices.push_back(entry.column);
    input.values.push_back(entry.value);
  }
  return input;
}

}  // namespace tda::test
