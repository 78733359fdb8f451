// SPDX-License-Identifier: Apache-2.0
#include "support/input.hpp"

#include <cstring>

namespace tda::test {

Input points_input(const std::vector<std::vector<double>>& points, std::uint32_t metric) {
  Input input;
  input.kind = TDA_POINTS;
  input.metric = metric;
  input.rows = points.size();
  input.columns = points.empty() ? 0 : points.front().size();
  for (const auto& point : points) input.values.insert(input.values.end(), point.begin(), point.end());
  return input;
}

BorrowedInput::BorrowedInput(const Input& input) : input_(input) {
  tda_input_init(&raw_);
  raw_.kind = input.kind;
  raw_.scalar = input.scalar;
  raw_.metric = input.metric;
  raw_.minkowski_p = input.minkowski_p;
  raw_.rows = input.rows;
  raw_.columns = input.columns;
  raw_.entry_count = input.kind == TDA_DISTANCES_SPARSE ? input.values.size() : 0;
  raw_.row_indices = input.row_indices.data();
  raw_.column_indices = input.column_indices.data();
  if (input.scalar == TDA_FLOAT32) {
    for (double value : input.values) floats_.push_back(static_cast<float>(value));
    raw_.values = floats_.data();
  } else {
    doubles_ = input.values;
    raw_.values = doubles_.data();
  }
}

std::uint64_t BorrowedInput::bytes() const {
  const std::uint64_t scalar_bytes = input_.scalar == TDA_FLOAT32 ? 4 : 8;
  return input_.values.size() * scalar_bytes + input_.row_indices.size() * 4 + input_.column_indices.size() * 4;
}

bool BorrowedInput::is_untouched() const {
  for (std::size_t i = 0; i < floats_.size(); ++i) {
    const float expected = static_cast<float>(input_.values[i]);
    if (std::memcmp(&expected, &floats_[i], sizeof expected) != 0) return false;
  }
  return doubles_.empty() || std::memcmp(doubles_.data(), input_.values.data(), doubles_.size() * sizeof(double)) == 0;
}

}  // namespace tda::test
