// SPDX-License-Identifier: Apache-2.0
#include "support/diagram.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace tda::test {
namespace {

bool near(double a, double b, double relative) {
  if (std::isinf(a) || std::isinf(b)) return a == b;
  return std::abs(a - b) <= relative * std::max({std::abs(a), std::abs(b), 1e-300});
}

}  // namespace

std::string to_string(const Diagrams& diagrams) {
  std::string text;
  char number[80];
  for (std::size_t dimension = 0; dimension < diagrams.size(); ++dimension) {
    text += "\n  H" + std::to_string(dimension) + ":";
    for (const Bar& bar : diagrams[dimension]) {
      std::snprintf(number, sizeof number, " (%.17g, %.17g)", bar.birth, bar.death);
      text += number;
    }
  }
  return text;
}

bool nearly_equal(const Diagrams& a, const Diagrams& b, double relative) {
  return std::ranges::equal(a, b, [&](const Diagram& x, const Diagram& y) {
    return std::ranges::equal(x, y, [&](const Bar& p, const Bar& q) {
      return near(p.birth, q.birth, relative) && near(p.death, q.death, relative);
    });
  });
}

}  // namespace tda::test
