// SPDX-License-Identifier: Apache-2.0
//
// A small dense distance matrix with births, and its conversion to every kind of input of the C ABI.
#pragma once

#include <cstdint>
#include <vector>

#include "support/random.hpp"
#include "support/rips_call.hpp"

namespace tda::test {

/// Symmetric; entry (i, i) is the birth of i; infinity = no edge.
class DistanceMatrix {
 public:
  explicit DistanceMatrix(std::uint32_t size) : size_(size), entries_(std::size_t{size} * size, 0.0) {}

  std::uint32_t size() const { return size_; }
  double at(std::uint32_t i, std::uint32_t j) const { return entries_[std::size_t{i} * size_ + j]; }
  void set(std::uint32_t i, std::uint32_t j, double value) {
    entries_[std::size_t{i} * size_ + j] = value;
    entries_[std::size_t{j} * size_ + i] = value;
  }
  bool has_births() const;

 private:
  std::uint32_t size_;
  std::vector<double> entries_;
};

/// Rows of the lower triangle without the diagonal, one after the other: d(1,0), d(2,0), d(2,1), …
DistanceMatrix from_lower_triangle(std::uint32_t size, const std::vector<double>& values);
DistanceMatrix permuted(const DistanceMatrix& matrix, const std::vector<std::uint32_t>& order);
DistanceMatrix scaled(const DistanceMatrix& matrix, double factor);

Input full_input(const DistanceMatrix& matrix, tda_scalar scalar = TDA_FLOAT64);
/// Precondition: no births.
Input lower_input(const DistanceMatrix& matrix, tda_scalar scalar = TDA_FLOAT64);
Input lower_diagonal_input(const DistanceMatrix& matrix, tda_scalar scalar = TDA_FLOAT64);
/// Entries in random order and orientation, some given twice, some pairs without an edge given as infinity.
Input sparse_input(const DistanceMatrix& matrix, tda_scalar scalar, Random& random);

}  // namespace tda::test
