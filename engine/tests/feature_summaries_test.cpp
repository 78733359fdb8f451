// SPDX-License-Identifier: Apache-2.0
//
// Summaries of one diagram, embeddings, samples, scores: known values, definitions taken literally, properties.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>

#include "support/features.hpp"
#include "support/test_scale.hpp"

namespace tda::test {
namespace {

using Numbers = std::vector<double>;

Numbers values_of(const Feature& feature) {
  const FeatureOutcome outcome = compute(feature);
  EXPECT_EQ(outcome.status, TDA_OK) << outcome.error.message;
  return outcome.values.empty() ? Numbers{} : outcome.values[0];
}

double entropy(const Diagram& diagram) { return compute(summary_of(TDA_FEATURE_PERSISTENCE_ENTROPY, diagram)).number(); }

double total_persistence(const Diagram& diagram, double order) {
  Feature feature = summary_of(TDA_FEATURE_TOTAL_PERSISTENCE, diagram);
  feature.head.order = order;
  return compute(feature).number();
}

Feature landscape_of(const Diagram& diagram, std::uint64_t levels) {
  Feature feature = summary_of(TDA_FEATURE_PERSISTENCE_LANDSCAPE, diagram);
  feature.head.levels = levels;
  return feature;
}

TEST(Entropy, KnownValues) {
  EXPECT_DOUBLE_EQ(entropy({{0, 1}, {0, 1}, {0, 2}}), -0.25 * std::log(0.25) * 2 - 0.5 * std::log(0.5));
  EXPECT_EQ(entropy({}), 0);
  EXPECT_EQ(entropy({{1, 3}}), 0);
  EXPECT_EQ(entropy({{1, 3}, {0, infinity}}), 0);
  EXPECT_DOUBLE_EQ(entropy(Diagram(1000, {2, 5})), std::log(1000));
}

TEST(Entropy, DoesNotDependOnScaleOrOrder) {
  Random random(1);
  for (std::uint32_t round = 0; round < scaled_count(50); ++round) {
    Diagram diagram = random_diagram(1 + random.below(60), 1, round % 2 == 0, random);
    const double expected = entropy(diagram);
    EXPECT_GE(expected, 0);
    EXPECT_LE(expected, std::log(60) + 1e-12);
    for (Bar& bar : diagram) bar = {bar.birth * 0x1p300, bar.death * 0x1p300};
    random.shuffle(diagram);
    EXPECT_EQ(entropy(diagram), expected);
  }
}

// The C library's logarithm may differ in the last bit between versions, but never by more than this.
TEST(Entropy, TheLogarithmIsWithinTwoUnitsInTheLastPlace) {
  Random random(2);
  for (std::uint32_t round = 0; round < scaled_count(20'000); ++round) {
    const double share = std::ldexp(1 + random.uniform(), -static_cast<int>(1 + random.below(round % 2 == 0 ? 3 : 900)));
    const double rest = 1 - share;
    const double expected = -share * std::log(share) - (rest < 1 ? rest * std::log(rest) : 0.0);
    // Lengths share and 1 - share, of total 1.
    EXPECT_NEAR(entropy({{0, share}, {0, rest}}), expected, expected * 1e-15 + 1e-300) << share;
  }
}

TEST(TotalPersistence, KnownValues) {
  const Diagram diagram{{0, 1}, {0, 2}, {1, 4}, {0, infinity}};
  EXPECT_EQ(total_persistence(diagram, 1), 6);
  EXPECT_EQ(total_persistence(diagram, 2), 14);
  EXPECT_DOUBLE_EQ(total_persistence(diagram, 3), 36);
  EXPECT_EQ(total_persistence(diagram, 0), 3);
  EXPECT_DOUBLE_EQ(total_persistence(diagram, 0.5), 1 + std::sqrt(2) + std::sqrt(3));
  EXPECT_EQ(total_persistence({}, 2), 0);
  Feature replaced = summary_of(TDA_FEATURE_TOTAL_PERSISTENCE, diagram);
  replaced.head.essential_death = 10;
  EXPECT_EQ(compute(replaced).number(), 16);
}

TEST(BettiCurve, CountsHalfOpenBars) {
  const Diagram diagram{{0, 1}, {0.5, 2}, {1, infinity}};
  EXPECT_EQ(values_of(on_grid(summary_of(TDA_FEATURE_BETTI_CURVE, diagram), 0, 2, 5)), (Numbers{1, 2, 2, 2, 1}));
  EXPECT_EQ(values_of(on_grid(summary_of(TDA_FEATURE_BETTI_CURVE, {}), 0, 2, 3)), (Numbers{0, 0, 0}));
  EXPECT_EQ(values_of(on_grid(summary_of(TDA_FEATURE_BETTI_CURVE, diagram), 1, 1, 1)), (Numbers{2}));
}

Numbers grid(double start, double end, std::size_t count) {
  Numbers points(count, end);
  for (std::size_t i = 0; i + 1 < count; ++i) points[i] = start + static_cast<double>(i) * ((end - start) / static_cast<double>(count - 1));
  return points;
}

TEST(BettiCurve, IsItsDefinition) {
  Random random(3);
  for (std::uint32_t round = 0; round < scaled_count(50); ++round) {
    const Diagram diagram = random_diagram(random.below(50), random.below(3), round % 2 == 0, random);
    Numbers expected;
    for (const double t : grid(-0.25, 2, 37)) {
      expected.push_back(static_cast<double>(std::ranges::count_if(diagram, [&](const Bar& bar) { return bar.birth <= t && t < bar.death; })));
    }
    EXPECT_EQ(values_of(on_grid(summary_of(TDA_FEATURE_BETTI_CURVE, diagram), -0.25, 2, 37)), expected);
  }
}

TEST(Landscape, IsItsDefinition) {
  Random random(4);
  for (std::uint32_t round = 0; round < scaled_count(50); ++round) {
    const Diagram diagram = random_diagram(random.below(40), 0, round % 2 == 0, random);
    const std::size_t levels = 1 + random.below(6);
    Numbers expected(levels * 29);
    const Numbers points = grid(0, 2.25, 29);
    for (std::size_t i = 0; i < points.size(); ++i) {
      Numbers tents(levels, 0.0);
      for (const Bar& bar : diagram) tents.push_back(std::max(0.0, std::min(points[i] - bar.birth, bar.death - points[i])));
      std::ranges::sort(tents, std::greater());
      for (std::size_t k = 0; k < levels; ++k) expected[k * 29 + i] = tents[k];
    }
    EXPECT_EQ(values_of(on_grid(landscape_of(diagram, levels), 0, 2.25, 29)), expected);
  }
}

TEST(Landscape, LeavesEssentialBarsOutUnlessTheyGetADeath) {
  Feature feature = on_grid(landscape_of({{0, infinity}}, 1), 0, 4, 5);
  EXPECT_EQ(values_of(feature), (Numbers{0, 0, 0, 0, 0}));
  feature.head.essential_death = 4;
  EXPECT_EQ(values_of(feature), (Numbers{0, 1, 2, 1, 0}));
}

Feature image_of(const Diagram& diagram, double bandwidth) {
  Feature feature = on_grid(summary_of(TDA_FEATURE_PERSISTENCE_IMAGE, diagram), 0, 1, 9);
  feature.head.persistence_start = 0;
  feature.head.persistence_end = 2;
  feature.head.persistence_points = 5;
  feature.head.bandwidth = bandwidth;
  feature.head.order = 2;
  return feature;
}

TEST(Image, IsItsDefinition) {
  Random random(5);
  for (std::uint32_t round = 0; round < scaled_count(20); ++round) {
    const Diagram diagram = random_diagram(random.below(20), 0, false, random);
    const double bandwidth = std::array{0.05, 0.5, 4.0}[round % 3];
    const Numbers image = values_of(image_of(diagram, bandwidth));
    ASSERT_EQ(image.size(), 45u);
    for (std::size_t row = 0; row < 5; ++row) {
      for (std::size_t column = 0; column < 9; ++column) {
        double expected = 0;
        for (const Bar& bar : diagram) {
          const double length = bar.death - bar.birth;
          const double x = static_cast<double>(column) / 8 - bar.birth;
          const double y = static_cast<double>(row) / 2 - length;
          expected += length * length * std::exp(-(x * x + y * y) / (2 * bandwidth * bandwidth)) / (2 * std::numbers::pi * bandwidth * bandwidth);
        }
        EXPECT_NEAR(image[row * 9 + column], expected, 1e-12 * expected + 1e-300);
      }
    }
  }
  EXPECT_EQ(values_of(image_of({{0, infinity}}, 1)), Numbers(45, 0.0));
}

TEST(Takens, KnownEmbeddings) {
  Numbers series(10);
  std::iota(series.begin(), series.end(), 1.0);
  EXPECT_EQ(values_of(takens_of(series, 1, 3, 1, 1)),
            (Numbers{1, 2, 3, 2, 3, 4, 3, 4, 5, 4, 5, 6, 5, 6, 7, 6, 7, 8, 7, 8, 9, 8, 9, 10}));
  EXPECT_EQ(values_of(takens_of(series, 1, 3, 3, 1)), (Numbers{1, 4, 7, 2, 5, 8, 3, 6, 9, 4, 7, 10}));
  EXPECT_EQ(values_of(takens_of(series, 1, 3, 1, 3)), (Numbers{1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(values_of(takens_of(series, 2, 2, 2, 1)), (Numbers{1, 2, 5, 6, 3, 4, 7, 8, 5, 6, 9, 10}));
  EXPECT_EQ(values_of(takens_of(series, 1, 10, 1, 5)).size(), 10u);
  EXPECT_TRUE(values_of(takens_of(series, 1, 11, 1, 1)).empty());
  EXPECT_TRUE(values_of(takens_of(series, 1, 3, UINT32_MAX, 1)).empty());
  EXPECT_TRUE(values_of(takens_of({}, 1, 1, 1, 1)).empty());
}

/// The definition taken literally: O(n k).
Numbers farthest_rows(const Numbers& points, std::size_t columns, std::size_t most) {
  const std::size_t count = points.size() / columns;
  Numbers distance(count, infinity);
  Numbers rows;
  double radius = infinity;
  std::size_t next = 0;
  while (rows.size() < most && radius > 0) {
    rows.push_back(static_cast<double>(next));
    for (std::size_t i = 0; i < count; ++i) {
      double sum = 0;
      for (std::size_t k = 0; k < columns; ++k) sum += (points[i * columns + k] - points[next * columns + k]) * (points[i * columns + k] - points[next * columns + k]);
      distance[i] = std::min(distance[i], std::sqrt(sum));
    }
    next = static_cast<std::size_t>(std::ranges::max_element(distance) - distance.begin());
    radius = distance[next];
  }
  std::ranges::sort(rows);
  rows.insert(rows.begin(), radius);
  return rows;
}

TEST(FarthestPoints, AreTheirDefinition) {
  Random random(6);
  for (std::uint32_t round = 0; round < scaled_count(60); ++round) {
    const std::size_t columns = 1 + random.below(4);
    const std::size_t count = 1 + random.below(round % 4 == 0 ? 700 : 60);
    Numbers points(count * columns);
    for (double& x : points) x = round % 2 == 0 ? random.below(6) / 4.0 : random.uniform();
    const std::size_t most = 1 + random.below(static_cast<std::uint32_t>(count) + 5);
    EXPECT_EQ(values_of(farthest_of(points, columns, most)), farthest_rows(points, columns, most)) << count << ' ' << columns << ' ' << most;
  }
}

TEST(FarthestPoints, OfFewPoints) {
  EXPECT_EQ(values_of(farthest_of({}, 2, 3)), (Numbers{0}));
  EXPECT_EQ(values_of(farthest_of({1, 1}, 2, 3)), (Numbers{0, 0}));
  EXPECT_EQ(values_of(farthest_of({1, 1, 1, 1, 2, 1}, 2, 3)), (Numbers{0, 0, 2}));
  EXPECT_EQ(values_of(farthest_of({0, 5, 3, 10}, 1, 2)), (Numbers{5, 0, 3}));
}

TEST(RobustZScore, KnownValues) {
  constexpr double consistency = 1.482602218505602;
  EXPECT_EQ(values_of(z_score_of({1, 2, 3, 4, 5}, {3, 5, 0})), (Numbers{0, 2 / consistency, -3 / consistency}));
  EXPECT_EQ(values_of(z_score_of({4, 1, 2, 3}, {3.5})), (Numbers{1 / consistency}));
  EXPECT_TRUE(values_of(z_score_of({}, {1, 2})).empty());
  EXPECT_TRUE(values_of(z_score_of({7}, {9})).empty());
  EXPECT_TRUE(values_of(z_score_of({7, 7, 7, 9}, {9})).empty());
  EXPECT_TRUE(values_of(z_score_of({1, 2, 3}, {})).empty());
}

TEST(RobustZScore, DoesNotDependOnTheOrderOfTheHistory) {
  Random random(7);
  for (std::uint32_t round = 0; round < scaled_count(50); ++round) {
    Numbers history(2 + random.below(30));
    for (double& x : history) x = random.gaussian();
    const Numbers expected = values_of(z_score_of(history, {0.25, 100}));
    random.shuffle(history);
    EXPECT_EQ(values_of(z_score_of(history, {0.25, 100})), expected);
  }
}

}  // namespace
}  // namespace tda::test
