// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tda::detail {

/// A bar of dimension 1 or more, by the ranks of the longest edges of its two simplices.
struct RankPair {
  static constexpr std::uint32_t never = UINT32_MAX;

  std::uint32_t birth;
  std::uint32_t death;  // never: an essential class
};

}  // namespace tda::detail
