// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "exec/budget.hpp"

namespace tda::detail {

/// The lengths of the edges by rank, whatever their scalar type is. Borrows the array.
class EdgeLengths {
 public:
  explicit EdgeLengths(const RawVector<float>& length) noexcept : floats_(length.data()), count_(length.size()) {}
  explicit EdgeLengths(const RawVector<double>& length) noexcept : doubles_(length.data()), count_(length.size()) {}

  double operator[](std::uint32_t rank) const noexcept {
    return doubles_ != nullptr ? doubles_[rank] : static_cast<double>(floats_[rank]);
  }
  std::uint32_t count() const noexcept { return static_cast<std::uint32_t>(count_); }

  /// The number of edges shorter than `length`, which is the first rank that is not. O(log m).
  std::uint32_t shorter_than(double length) const noexcept {
    return partition([length](double l) { return l < length; });
  }
  /// The number of edges of at most `length`. O(log m).
  std::uint32_t at_most(double length) const noexcept {
    return partition([length](double l) { return l <= length; });
  }

 private:
  template <class Before>
  std::uint32_t partition(Before before) const noexcept {
    std::uint32_t low = 0;
    for (std::uint32_t left = count(); left > 0;) {
      const std::uint32_t half = left / 2;
      if (before((*this)[low + half])) {
        low += half + 1;
        left -= half + 1;
      } else {
        left = half;
      }
    }
    return low;
  }

  const float* floats_ = nullptr;
  const double* doubles_ = nullptr;
  std::size_t count_;
};

}  // namespace tda::detail
