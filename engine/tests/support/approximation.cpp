// SPDX-License-Identifier: Apache-2.0
#include "support/approximation.hpp"

#include <gtest/gtest.h>

#include "support/bottleneck.hpp"

namespace tda::test {
namespace {

/// Up to a rounding of `relative` and of that part of the largest value.
MatchingRule rule_of(const tda_rips_statistics& statistics, double relative, double largest) {
  const double slack = relative * largest;
  const double bound = statistics.error_bound;
  if (statistics.error_kind == TDA_ERROR_KIND_MULTIPLICATIVE) {
    const auto grown = [=](double exact, double value) {
      return exact == value || (value >= exact - slack && value <= bound * exact + slack);
    };
    return {.may_match = [=](const Bar& exact, const Bar& bar) { return grown(exact.birth, bar.birth) && grown(exact.death, bar.death); },
            .may_be_left = [=](const Bar& bar) { return bar.death <= bound * bar.birth + slack; }};
  }
  const auto near = [=](double exact, double value) { return exact == value || std::abs(exact - value) <= bound + slack; };
  return {.may_match = [=](const Bar& exact, const Bar& bar) { return near(exact.birth, bar.birth) && near(exact.death, bar.death); },
          .may_be_left = [=](const Bar& bar) { return bar.death - bar.birth <= 2 * bound + slack; }};
}

}  // namespace

tda_rips_options sparse_rips(tda_rips_options options, double epsilon) {
  options.approximation = TDA_APPROXIMATION_SPARSE_RIPS;
  options.epsilon = epsilon;
  return options;
}

tda_rips_options subsample(tda_rips_options options, std::uint64_t points) {
  options.approximation = TDA_APPROXIMATION_SUBSAMPLE;
  options.subsample_points = points;
  return options;
}

Outcome expect_bound_holds(const Input& input, const tda_rips_options& approximate, double relative) {
  tda_rips_options exact_options = approximate;
  exact_options.approximation = TDA_APPROXIMATION_NONE;
  const Outcome exact = compute(input, exact_options);
  const Outcome outcome = compute(input, approximate);
  EXPECT_EQ(exact.status, TDA_OK) << exact.error.message;
  EXPECT_EQ(outcome.status, TDA_OK) << outcome.error.message << to_string(input, approximate);
  if (exact.status != TDA_OK || outcome.status != TDA_OK) return outcome;
  EXPECT_EQ(exact.statistics.approximation, static_cast<std::uint32_t>(TDA_APPROXIMATION_NONE));
  EXPECT_EQ(exact.statistics.error_kind, static_cast<std::uint32_t>(TDA_ERROR_KIND_NONE));
  EXPECT_EQ(exact.statistics.error_bound, 0.0);
  double largest = 0;
  for (const Diagram& diagram : exact.diagrams)
    for (const Bar& bar : diagram) largest = std::max({largest, bar.birth, bar.death < infinity ? bar.death : 0});
  const MatchingRule rule = rule_of(outcome.statistics, relative, largest);
  for (std::size_t d = 0; d < exact.diagrams.size(); ++d) {
    EXPECT_TRUE(can_be_matched(exact.diagrams[d], outcome.diagrams[d], rule))
        << "dimension " << d << " bound " << outcome.statistics.error_bound << " epsilon " << approximate.epsilon << " points "
        << approximate.subsample_points << "\nexact " << to_string(exact.diagrams) << "\ngiven " << to_string(outcome.diagrams)
        << to_string(input, approximate);
  }
  return outcome;
}

}  // namespace tda::test
