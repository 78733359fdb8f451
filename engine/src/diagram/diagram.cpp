// SPDX-License-Identifier: Apache-2.0
#include "diagram/diagram.hpp"

#include <algorithm>
#include <limits>

namespace tda::detail {

void Diagram::add_essential(double birth) { add(birth, std::numeric_limits<double>::infinity()); }

void Diagram::sort(Execution& execution) {
  std::sort(bars_.begin(), bars_.end(), [&](const Bar& a, const Bar& b) {
    execution.poll(1);
    return a.birth < b.birth || (a.birth == b.birth && a.death < b.death);
  });
}

void Diagram::grow() {
  const std::size_t before = bars_.capacity();
  const std::size_t after = std::max<std::size_t>(16, 2 * before);
  budget_->charge(after * sizeof(Bar));
  bars_.reserve(after);
  budget_->release(before * sizeof(Bar));
}

}  // namespace tda::detail
