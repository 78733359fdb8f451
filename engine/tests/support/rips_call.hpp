// SPDX-License-Identifier: Apache-2.0
//
// The C ABI as the tests call it: an input that owns its arrays, and a call that copies everything out of the result.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/diagram.hpp"
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

/// The arrays in the layout of the ABI. The Input must outlive it.
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
  tda_input raw_;
};

/// Defaults of the ABI, with the three options that most tests vary.
tda_rips_options rips_options(std::uint32_t max_dimension, double threshold = infinity, std::uint32_t field = 2);

struct Outcome {
  tda_status status = TDA_ERROR_INTERNAL;
  tda_error error{};
  Diagrams diagrams;
  tda_rips_statistics statistics{};
};

/// Calls tda_vietoris_rips and checks what holds for every call: result is NULL exactly on failure, the error repeats the status,
/// the diagrams are sorted, hold no NaN and no empty bar, the input is unchanged. A breach is reported as a test failure.
Outcome compute(const Input& input, const tda_rips_options& options, const tda_control* control = nullptr);
Outcome compute(BorrowedInput& input, const tda_rips_options& options, const tda_control* control = nullptr);

/// Same doubles, bit by bit.
bool same_bytes(const Diagrams& a, const Diagrams& b);

/// The instruction sets that this build and this processor have.
std::vector<std::uint32_t> available_simd_targets();

/// The whole call as text, to be pasted into a test.
std::string to_string(const Input& input, const tda_rips_options& options);

}  // namespace tda::test
