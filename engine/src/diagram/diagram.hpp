// SPDX-License-Identifier: Apache-2.0
//
// Diagram: the bars of one dimension as (birth, death) pairs of doubles, +inf = essential. Bars of no length are never taken in.
// Its memory outlives the computation (it becomes the caller's result), so it is counted in the budget but freed outside of it: 16 bytes a bar,
// at most twice that while it grows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "exec/execution.hpp"

namespace tda::detail {

struct Bar {
  double birth;
  double death;
};

class Diagram {
 public:
  explicit Diagram(Budget& budget) noexcept : budget_(&budget) {}

  void add(double birth, double death) {
    if (birth == death) return;
    if (bars_.size() == bars_.capacity()) grow();
    bars_.push_back({birth, death});
  }
  void add_essential(double birth);

  /// Sorts by birth, then death. O(k log k).
  void sort(Execution& execution);

  /// The bars, free of the budget. The diagram is empty afterwards.
  std::vector<Bar> release() noexcept { return std::move(bars_); }

 private:
  void grow();

  Budget* budget_;
  std::vector<Bar> bars_;
};

}  // namespace tda::detail
