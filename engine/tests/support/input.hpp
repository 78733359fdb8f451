// SPDX-License-Identifier: Apache-2.0
//
// An input of the C ABI that owns its arrays. No GoogleTest here: the fuzz targets use it too.
#pragma once

#include <cstdint>
#include <vector>

#include "tda/tda.h"

namespace tda::test {

/// A tda_input with its arrays. Values are kept as doubles and converted to `scalar` for the call.
struct Input {
  std::uint32_t kind = TDA_POINTS;  // tda_input_kind; tests also give numbers that are none
  tda_scalar scalar = TDA_FLOAT64;
  std::uint32_t metric = TDA_EUCLIDEAN;  // tda_metric, likewise
  double minkowski_p = 2;
  std::uint64_t rows = 0;
  std::uint64_t columns = 0;
  std::vector<double> values;
  std::vector<std::uint32_t> row_indices;
  std::vector<std::uint32_t> column_indices;
};

/// Points given by rows; all rows have the same length.
Input points_input(const std::vector<std::vector<double>>& points, std::uint32_t metric = TDA_EUCLIDEAN);

/// A copy of the values in the layout of the ABI; the indices are the Input's, which must outlive it.
class BorrowedInput {
 public:
  explicit BorrowedInput(const Input& input);
  BorrowedInput(const BorrowedInput&) = delete;
  BorrowedInput& operator=(const BorrowedInput&) = delete;

  const tda_input* get() const { return &raw_; }
  tda_input& raw() { return raw_; }
  /// What the engine counts as the input's own bytes.
  std::uint64_t bytes() const;
  /// False when the call wrote to the input.
  bool is_untouched() const;

 private:
  const Input& input_;
  std::vector<float> floats_;
  std::vector<double> doubles_;
  tda_input raw_;
};

}  // namespace tda::test
