// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tda::detail {

/// An edge of a minimum spanning tree. Length in float64, not rounded yet: rounding keeps the order, so the tree is minimum for rounded lengths, too.
struct TreeEdge {
  double length;
  std::uint32_t from;
  std::uint32_t to;
};

}  // namespace tda::detail
