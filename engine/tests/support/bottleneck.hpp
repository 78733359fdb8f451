// SPDX-License-Identifier: Apache-2.0
//
// Matchings of small diagrams, exactly: the bottleneck distance, and any other rule of what may be matched.
#pragma once

#include <functional>

#include "support/diagram.hpp"

namespace tda::test {

struct MatchingRule {
  std::function<bool(const Bar&, const Bar&)> may_match;
  /// May stay without a partner. Applied to bars of either diagram.
  std::function<bool(const Bar&)> may_be_left;
};

/// Whether the bars can be matched one to one such that every pair and every bar that is left obeys the rule. Essential bars are
/// matched like the others: death +inf. O(n^3).
bool can_be_matched(const Diagram& a, const Diagram& b, const MatchingRule& rule);

/// Exact: the least of the finitely many candidates. Unequal numbers of essential bars: +inf.
double bottleneck_distance(const Diagram& a, const Diagram& b);

/// What of a diagram is seen up to a threshold: later births are absent, later deaths never come.
Diagram truncated(const Diagram& diagram, double threshold);

}  // namespace tda::test
