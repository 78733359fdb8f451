// SPDX-License-Identifier: Apache-2.0
//
// The matcher that judges the approximations, on distances known from elsewhere.
#include <gtest/gtest.h>

#include "support/bottleneck.hpp"
#include "support/random.hpp"

namespace tda::test {
namespace {

TEST(Bottleneck, KnownDistances) {
  const Diagram a{{2.7, 3.7}, {9.6, 14}, {34.2, 34.974}, {3, infinity}};
  const Diagram b{{2.8, 4.45}, {9.5, 14.1}, {3.2, infinity}};
  EXPECT_DOUBLE_EQ(bottleneck_distance(a, b), 0.75);
  EXPECT_EQ(bottleneck_distance({{0, infinity}}, {{1, 2}}), infinity);
  EXPECT_EQ(bottleneck_distance({{0, 1}, {0, 1}}, {{0, 1}}), 0.5);
  EXPECT_EQ(bottleneck_distance({{0, 2}, {4, 6}}, {}), 1);
  EXPECT_EQ(bottleneck_distance({}, {}), 0);
}

TEST(Bottleneck, IsNotTheGreedyMatching) {
  // The nearest pair of births, 3 and 2, leaves 0 and 6; the best matching takes 0 to 2 and 3 to 6.
  EXPECT_EQ(bottleneck_distance({{0, 20}, {3, 20}}, {{2, 20}, {6, 20}}), 3);
}

TEST(Bottleneck, IsSymmetricAndObeysTheTriangleInequality) {
  Random random(5);
  const auto diagram = [&] {
    Diagram bars(random.below(7));
    for (Bar& bar : bars) bar = {random.uniform(), 0};
    for (Bar& bar : bars) bar.death = random.chance(0.1) ? infinity : bar.birth + random.uniform();
    return bars;
  };
  for (int k = 0; k < 200; ++k) {
    const Diagram a = diagram(), b = diagram(), c = diagram();
    EXPECT_EQ(bottleneck_distance(a, b), bottleneck_distance(b, a));
    EXPECT_EQ(bottleneck_distance(a, a), 0);
    EXPECT_LE(bottleneck_distance(a, c), bottleneck_distance(a, b) + bottleneck_distance(b, c) + 1e-12);
  }
}

TEST(Bottleneck, ATruncatedDiagramEndsAtTheThreshold) {
  EXPECT_EQ(truncated({{0, 1}, {0, 3}, {2, 3}, {2.5, infinity}}, 2), (Diagram{{0, 1}, {0, infinity}, {2, infinity}}));
}

}  // namespace
}  // namespace tda::test
