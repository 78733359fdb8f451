// SPDX-License-Identifier: Apache-2.0
//
// Bottleneck and Wasserstein distances: known values, all matchings of small diagrams, the axioms of a metric, stability.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "support/bottleneck.hpp"
#include "support/features.hpp"
#include "support/rips_call.hpp"
#include "support/test_scale.hpp"

namespace tda::test {
namespace {

constexpr std::array norms{TDA_NORM_INFINITY, TDA_NORM_2, TDA_NORM_1};
constexpr std::array orders{1.0, 1.5, 2.0, 3.0, 7.25};

double bottleneck(const Diagram& a, const Diagram& b) { return compute(distance_of(TDA_FEATURE_BOTTLENECK_DISTANCE, a, b)).number(); }
double wasserstein(const Diagram& a, const Diagram& b, double order = 1, tda_diagram_norm norm = TDA_NORM_INFINITY) {
  return compute(wasserstein_of(a, b, order, norm)).number();
}

Diagram moved(Diagram diagram, double by) {
  for (Bar& bar : diagram) bar = {bar.birth + by, bar.death + by};
  return diagram;
}

TEST(FeatureDistances, KnownBottleneckDistances) {
  const Diagram a{{2.7, 3.7}, {9.6, 14}, {34.2, 34.974}, {3, infinity}};
  const Diagram b{{2.8, 4.45}, {9.5, 14.1}, {3.2, infinity}};
  EXPECT_DOUBLE_EQ(bottleneck(a, b), 0.75);
  EXPECT_NEAR(bottleneck(moved(a, -100), moved(b, -100)), 0.75, 1e-12);
  EXPECT_EQ(bottleneck({{0, infinity}}, {{1, 2}}), infinity);
  EXPECT_EQ(bottleneck({{0, 1}, {0, 1}}, {{0, 1}}), 0.5);
  EXPECT_EQ(bottleneck({}, {}), 0);
  EXPECT_EQ(bottleneck({{0, infinity}}, {{0.25, infinity}}), 0.25);
}

TEST(FeatureDistances, KnownWassersteinDistances) {
  const Diagram a{{0, 2}, {4, 6}};
  EXPECT_EQ(wasserstein(a, {}), 2);
  EXPECT_EQ(wasserstein(a, {}, 1, TDA_NORM_1), 4);
  EXPECT_DOUBLE_EQ(wasserstein(a, {}, 2, TDA_NORM_2), 2);
  EXPECT_EQ(wasserstein({{0, 3}, {4, infinity}}, {{7, 8}, {4, 6}, {3, infinity}}), 4);
  EXPECT_EQ(wasserstein({{0, infinity}}, {}), infinity);
  EXPECT_EQ(wasserstein({}, {}), 0);
}

// Each bar of a diagram faces the bars of the other and a place of its own on the diagonal.
double best_of_all_matchings(const Diagram& a, const Diagram& b, double order, tda_diagram_norm norm) {
  const auto pair = [&](double births, double deaths) {
    if (norm == TDA_NORM_1) return births + deaths;
    return norm == TDA_NORM_2 ? std::hypot(births, deaths) : std::max(births, deaths);
  };
  const auto alone = [&](const Bar& bar) { return pair((bar.death - bar.birth) / 2, (bar.death - bar.birth) / 2); };
  std::vector<std::size_t> partner(a.size() + b.size());
  std::iota(partner.begin(), partner.end(), 0u);
  double best = infinity;
  do {
    double sum = 0;
    double largest = 0;
    const auto add = [&](double cost) {
      sum += std::pow(cost, order);
      largest = std::max(largest, cost);
    };
    for (std::size_t i = 0; i < partner.size(); ++i) {
      const std::size_t j = partner[i];
      if (i < a.size()) add(j < b.size() ? pair(std::fabs(a[i].birth - b[j].birth), std::fabs(a[i].death - b[j].death)) : alone(a[i]));
      if (i >= a.size() && j < b.size()) add(alone(b[j]));
    }
    best = std::min(best, order == infinity ? largest : std::pow(sum, 1 / order));
  } while (std::ranges::next_permutation(partner).found);
  return best;
}

TEST(FeatureDistances, AreTheBestOfAllMatchings) {
  Random random(1);
  for (std::uint32_t round = 0; round < scaled_count(150); ++round) {
    const bool coarse = round % 2 == 0;
    const Diagram a = random_diagram(random.below(4), 0, coarse, random);
    const Diagram b = random_diagram(random.below(4), 0, coarse, random);
    EXPECT_NEAR(bottleneck(a, b), best_of_all_matchings(a, b, infinity, TDA_NORM_INFINITY), 1e-15) << to_string({a, b});
    const double order = orders[round % orders.size()];
    for (const tda_diagram_norm norm : norms)
      EXPECT_NEAR(wasserstein(a, b, order, norm), best_of_all_matchings(a, b, order, norm), 1e-14) << to_string({a, b}) << order << norm;
  }
}

TEST(FeatureDistances, BottleneckIsTheLeastCandidateThatMatches) {
  Random random(2);
  for (std::uint32_t round = 0; round < scaled_count(300); ++round) {
    const bool coarse = round % 3 == 0;
    const std::uint32_t essential = random.below(3);
    const Diagram a = random_diagram(random.below(25), essential, coarse, random);
    const Diagram b = random_diagram(random.below(25), random.chance(0.1) ? essential + 1 : essential, coarse, random);
    EXPECT_EQ(bottleneck(a, b), bottleneck_distance(a, b)) << to_string({a, b});
  }
}

// The sums of a column and of a row potential, from above and from below, for sizes that no enumeration reaches: the Hungarian method on the
// full square matrix, in doubles.
double dense_assignment(const Diagram& a, const Diagram& b, double order) {
  const std::size_t n = a.size() + b.size();
  const auto alone = [&](const Bar& bar) { return std::pow((bar.death - bar.birth) / 2, order); };
  const auto cost = [&](std::size_t i, std::size_t j) {
    if (i < a.size() && j < b.size())
      return std::pow(std::max(std::fabs(a[i].birth - b[j].birth), std::fabs(a[i].death - b[j].death)), order);
    if (i < a.size()) return alone(a[i]);
    return j < b.size() ? alone(b[j]) : 0.0;
  };
  std::vector<double> u(n + 1), v(n + 1);
  std::vector<std::size_t> row_of(n + 1), way(n + 1);
  for (std::size_t i = 1; i <= n; ++i) {
    row_of[0] = i;
    std::size_t at = 0;
    std::vector<double> least(n + 1, infinity);
    std::vector<bool> used(n + 1);
    do {
      used[at] = true;
      const std::size_t row = row_of[at];
      double delta = infinity;
      std::size_t next = 0;
      for (std::size_t j = 1; j <= n; ++j) {
        if (used[j]) continue;
        const double reduced = cost(row - 1, j - 1) - u[row] - v[j];
        if (reduced < least[j]) least[j] = reduced, way[j] = at;
        if (least[j] < delta) delta = least[j], next = j;
      }
      for (std::size_t j = 0; j <= n; ++j) {
        if (used[j]) u[row_of[j]] += delta, v[j] -= delta;
        else least[j] -= delta;
      }
      at = next;
    } while (row_of[at] != 0);
    for (; at != 0; at = way[at]) row_of[at] = row_of[way[at]];
  }
  double total = 0;
  for (std::size_t j = 1; j <= n; ++j) total += cost(row_of[j] - 1, j - 1);
  return std::pow(total, 1 / order);
}

TEST(FeatureDistances, WassersteinAgreesWithADenseAssignment) {
  Random random(3);
  for (std::uint32_t round = 0; round < scaled_count(60); ++round) {
    Diagram a = random_diagram(20 + random.below(60), 0, round % 3 == 0, random);
    Diagram b = random_diagram(20 + random.below(60), 0, round % 3 == 0, random);
    if (round % 2 == 0) {  // all born at once, as in dimension 0
      for (Diagram* diagram : {&a, &b})
        for (Bar& bar : *diagram) bar = {0.25, 0.25 + (bar.death - bar.birth)};
    }
    const double order = orders[round % orders.size()];
    const double expected = dense_assignment(a, b, order);
    EXPECT_NEAR(wasserstein(a, b, order), expected, 1e-12 * expected);
  }
}

TEST(FeatureDistances, AreMetrics) {
  Random random(4);
  for (std::uint32_t round = 0; round < scaled_count(60); ++round) {
    const std::uint32_t essential = random.below(3);
    Diagram diagrams[3];
    for (Diagram& diagram : diagrams) diagram = random_diagram(random.below(30), essential, round % 2 == 0, random);
    const auto& [a, b, c] = diagrams;
    const double order = orders[round % orders.size()];
    for (const tda_diagram_norm norm : norms) {
      const auto distance = [&](const Diagram& x, const Diagram& y) { return wasserstein(x, y, order, norm); };
      EXPECT_EQ(distance(a, a), 0);
      EXPECT_EQ(distance(a, b), distance(b, a));
      EXPECT_LE(distance(a, c), (distance(a, b) + distance(b, c)) * (1 + 1e-14));
    }
    EXPECT_EQ(bottleneck(a, a), 0);
    EXPECT_EQ(bottleneck(a, b), bottleneck(b, a));
    EXPECT_LE(bottleneck(a, c), (bottleneck(a, b) + bottleneck(b, c)) * (1 + 1e-15));
    EXPECT_LE(bottleneck(a, b), wasserstein(a, b, order) * (1 + 1e-14));
    EXPECT_LE(wasserstein(a, b, 3), wasserstein(a, b, 2) * (1 + 1e-14));
  }
}

TEST(FeatureDistances, NeitherOrderNorEmptyBarsMatter) {
  Random random(5);
  for (std::uint32_t round = 0; round < scaled_count(40); ++round) {
    Diagram a = random_diagram(40, 2, round % 2 == 0, random);
    const Diagram b = random_diagram(30, 2, round % 2 == 0, random);
    const double expected[] = {bottleneck(a, b), wasserstein(a, b, 2, TDA_NORM_2), wasserstein(a, b, 1.5)};
    a.insert(a.end(), {{0.5, 0.5}, {-3, -3}});
    random.shuffle(a);
    EXPECT_EQ(bottleneck(a, b), expected[0]);
    EXPECT_EQ(wasserstein(a, b, 2, TDA_NORM_2), expected[1]);
    EXPECT_EQ(wasserstein(b, a, 1.5), expected[2]);
  }
}

TEST(FeatureDistances, PowersOfTwoScale) {
  Random random(6);
  for (const double scale : {0x1p-600, 0x1p-3, 0x1p700}) {
    const auto scaled = [&](Diagram diagram) {
      for (Bar& bar : diagram) bar = {bar.birth * scale, bar.death * scale};
      return diagram;
    };
    const Diagram a = random_diagram(30, 1, false, random);
    const Diagram b = random_diagram(30, 1, false, random);
    EXPECT_EQ(bottleneck(scaled(a), scaled(b)), scale * bottleneck(a, b));
    for (const double order : orders) EXPECT_EQ(wasserstein(scaled(a), scaled(b), order), scale * wasserstein(a, b, order));
  }
}

TEST(FeatureDistances, EssentialDeathsAreReplaced) {
  const Diagram a{{0, infinity}, {0, 1}};
  const Diagram b{{0, 2}, {3, infinity}};
  Feature feature = distance_of(TDA_FEATURE_BOTTLENECK_DISTANCE, a, b);
  feature.head.essential_death = 2.5;
  EXPECT_EQ(compute(feature).number(), bottleneck({{0, 2.5}, {0, 1}}, {{0, 2}}));
  feature.head.kind = TDA_FEATURE_WASSERSTEIN_DISTANCE;
  EXPECT_EQ(compute(feature).number(), 1);
}

// Moving each point by at most e changes each distance by at most 2 e, and so the diagrams (Chazal, de Silva, Oudot 2014).
TEST(FeatureDistances, DiagramsOfPerturbedCloudsAreNear) {
  Random random(7);
  for (std::uint32_t round = 0; round < scaled_count(12); ++round) {
    const double noise = std::array{0.3, 0.05, 1e-6}[round % 3];
    std::vector<std::vector<double>> rows(60), near(60);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      for (int k = 0; k < 3; ++k) rows[i].push_back(random.uniform());
      near[i] = rows[i];
      for (double& x : near[i]) x += noise * (random.uniform() - 0.5) / std::sqrt(3.0) * 2;
    }
    const Diagrams a = compute(points_input(rows), rips_options(2)).diagrams;
    const Diagrams b = compute(points_input(near), rips_options(2)).diagrams;
    for (std::size_t k = 0; k < a.size(); ++k) {
      const double distance = bottleneck(a[k], b[k]);
      EXPECT_LE(distance, 2 * noise * (1 + 1e-12));
      EXPECT_LE(distance, wasserstein(a[k], b[k], 2) * (1 + 1e-14));
      EXPECT_GT(distance, k == 2 && a[k].empty() ? -1 : 0);
    }
  }
}

}  // namespace
}  // namespace tda::test
