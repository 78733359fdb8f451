// SPDX-License-Identifier: Apache-2.0
//
// Persistence diagrams as plain values, for comparisons in tests.
#pragma once

#include <compare>
#include <limits>
#include <string>
#include <vector>

namespace tda::test {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

struct Bar {
  double birth;
  double death;
  friend auto operator<=>(const Bar&, const Bar&) = default;
};

/// The bars of one dimension, sorted by birth, then death; zero-length bars left out.
using Diagram = std::vector<Bar>;
/// By dimension.
using Diagrams = std::vector<Diagram>;

std::string to_string(const Diagrams& diagrams);

/// Equal number of bars in each dimension, each value within `relative` of the other (sorted order; infinities exact).
bool nearly_equal(const Diagrams& a, const Diagrams& b, double relative);

}  // namespace tda::test
