// SPDX-License-Identifier: Apache-2.0
//
// FeatureValues: the numbers that the features of a call give, one after the other. Like a Diagram it outlives the computation: counted in the budget, but
// freed outside of it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "exec/execution.hpp"

namespace tda::detail {

/// A number of doubles that a caller asks for, where it can be the size of an array; else BudgetExceeded.
inline std::size_t array_size(std::uint64_t count) {
  if (count > PTRDIFF_MAX / sizeof(double)) throw BudgetExceeded{UINT64_MAX};
  return static_cast<std::size_t>(count);
}

/// rows x columns likewise.
inline std::size_t array_size(std::uint64_t rows, std::uint64_t columns) {
  std::uint64_t count = 0;
  return array_size(__builtin_mul_overflow(rows, columns, &count) ? UINT64_MAX : count);
}

class FeatureValues {
 public:
  explicit FeatureValues(Budget& budget) noexcept : budget_(&budget) {}

  /// `count` more numbers, all 0. The pointer is good until the next call.
  double* append(std::size_t count) {
    const std::size_t before = values_.size();
    if (count > values_.capacity() - before) {
      const std::size_t needed = array_size(std::uint64_t{before} + count);
      const std::size_t old_capacity = values_.capacity();
      const std::size_t capacity = std::max(needed, 2 * old_capacity);
      budget_->charge(capacity * sizeof(double));
      values_.reserve(capacity);
      budget_->release(old_capacity * sizeof(double));
    }
    values_.resize(before + count);
    return values_.data() + before;
  }
  void push_back(double value) { *append(1) = value; }
  std::size_t size() const noexcept { return values_.size(); }

  /// The numbers, free of the budget.
  std::vector<double> release() noexcept { return std::move(values_); }

 private:
  Budget* budget_;
  std::vector<double> values_;
};

}  // namespace tda::detail
