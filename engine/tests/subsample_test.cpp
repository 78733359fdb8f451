// SPDX-License-Identifier: Apache-2.0
//
// Farthest-point subsamples: the bound holds, the sample is the greedy one, and what cannot be bounded is refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "support/approximation.hpp"
#include "support/bottleneck.hpp"
#include "support/distance_matrix.hpp"
#include "support/inputs.hpp"
#include "support/representatives.hpp"
#include "support/test_scale.hpp"

namespace tda::test {
namespace {

double euclidean(const Input& input, std::uint64_t a, std::uint64_t b) {
  double sum = 0;
  for (std::uint64_t k = 0; k < input.columns; ++k) {
    const double difference = input.values[a * input.columns + k] - input.values[b * input.columns + k];
    sum += difference * difference;
  }
  return std::sqrt(sum);
}

/// The textbook permutation from the centre, all distances at hand.
std::vector<std::uint64_t> greedy_rows(const Input& input, std::uint64_t count, double& cover_radius) {
  std::vector<double> largest(input.rows, 0), nearest(input.rows, infinity);
  for (std::uint64_t i = 0; i < input.rows; ++i)
    for (std::uint64_t j = 0; j < input.rows; ++j) largest[i] = std::max(largest[i], euclidean(input, i, j));
  std::vector<std::uint64_t> rows;
  auto next = static_cast<std::uint64_t>(std::ranges::min_element(largest) - largest.begin());
  while (rows.size() < count) {
    rows.push_back(next);
    for (std::uint64_t i = 0; i < input.rows; ++i) nearest[i] = std::min(nearest[i], euclidean(input, next, i));
    next = static_cast<std::uint64_t>(std::ranges::max_element(nearest) - nearest.begin());
  }
  cover_radius = nearest[next];
  std::ranges::sort(rows);
  return rows;
}

Input rows_of(const Input& input, const std::vector<std::uint64_t>& rows) {
  Input chosen = input;
  chosen.rows = rows.size();
  chosen.values.clear();
  for (const std::uint64_t row : rows)
    for (std::uint64_t k = 0; k < input.columns; ++k) chosen.values.push_back(input.values[row * input.columns + k]);
  return chosen;
}

TEST(Subsample, IsTheExactDiagramOfTheFarthestPoints) {
  Random random(101);
  for (std::uint32_t k = 0; k < scaled_count(60); ++k) {
    const std::uint32_t dimension = random.pick({1u, 2u, 3u, 7u});
    const Input input = uniform_points_input(random.between(20, 300), dimension, random);
    const std::uint32_t count = random.between(1, 19);
    double cover_radius = 0;
    const Input sample = rows_of(input, greedy_rows(input, count, cover_radius));
    const Outcome given = compute(input, subsample(rips_options(2), count));
    ASSERT_EQ(given.status, TDA_OK) << given.error.message;
    EXPECT_TRUE(same_bytes(given.diagrams, compute(sample, rips_options(2)).diagrams)) << input.rows << ' ' << count;
    EXPECT_EQ(given.statistics.points, count);
    EXPECT_EQ(given.statistics.cover_radius, cover_radius);
    EXPECT_EQ(given.statistics.error_bound, 2 * cover_radius);
    EXPECT_EQ(given.statistics.error_kind, static_cast<std::uint32_t>(TDA_ERROR_KIND_ADDITIVE));
    EXPECT_EQ(given.statistics.approximation, static_cast<std::uint32_t>(TDA_APPROXIMATION_SUBSAMPLE));
  }
}

TEST(Subsample, TheBoundHoldsForPointsInEveryMetric) {
  Random random(102);
  for (std::uint32_t k = 0; k < scaled_count(250); ++k) {
    const tda_scalar scalar = random.chance(0.3) ? TDA_FLOAT32 : TDA_FLOAT64;
    const std::uint32_t dimension = random.between(1, 4);
    Input input = random.chance(0.3) ? sphere_points_input(random.between(2, 40), std::max(dimension, 2u), random, scalar)
                                     : uniform_points_input(random.between(2, 40), dimension, random, scalar);
    if (random.chance(0.2)) for (double& x : input.values) x = std::round(4 * x) + (random.chance(0.5) ? 1 : 0);  // ties, duplicates
    input.metric = random.below(5);
    input.minkowski_p = random.pick({1.0, 1.5, 2.0, 3.5});
    if (input.metric == TDA_COSINE) for (double& x : input.values) x += 0.25;
    const auto options = subsample(rips_options(2), random.between(1, static_cast<std::uint32_t>(input.rows)));
    expect_bound_holds(input, options, scalar == TDA_FLOAT32 ? 1e-6 : 1e-12);
  }
}

TEST(Subsample, TheBoundHoldsForMatricesWithoutTriangleInequalityAndWithBirths) {
  Random random(103);
  for (std::uint32_t k = 0; k < scaled_count(250); ++k) {
    const std::uint32_t size = random.between(2, 22);
    const bool births = random.chance(0.5);
    DistanceMatrix matrix(size);
    for (std::uint32_t i = 0; i < size; ++i) matrix.set(i, i, births ? random.below(3) * 0.25 : 0);
    const double steps = random.chance(0.5) ? 4 : 1e6;
    for (std::uint32_t i = 0; i < size; ++i)
      for (std::uint32_t j = 0; j < i; ++j)
        matrix.set(i, j, std::max({matrix.at(i, i), matrix.at(j, j), std::round(random.uniform() * steps) / steps}));
    const Input input = random.chance(0.5) ? full_input(matrix) : lower_diagonal_input(matrix);
    expect_bound_holds(input, subsample(rips_options(2), random.between(1, size)));
  }
}

TEST(Subsample, AMatrixGivesWhatItsPointsGive) {
  Random random(104);
  const Input points = uniform_points_input(80, 3, random);
  DistanceMatrix matrix(80);
  for (std::uint32_t i = 0; i < 80; ++i)
    for (std::uint32_t j = 0; j < i; ++j) matrix.set(i, j, euclidean(points, i, j));
  const auto options = subsample(rips_options(2), 30);
  const Outcome of_points = compute(points, options);
  for (const Input& input : {full_input(matrix), lower_input(matrix), lower_diagonal_input(matrix)}) {
    const Outcome of_matrix = compute(input, options);
    EXPECT_TRUE(same_bytes(of_matrix.diagrams, of_points.diagrams));
    EXPECT_EQ(of_matrix.statistics.cover_radius, of_points.statistics.cover_radius);
    EXPECT_LE(of_matrix.statistics.error_bound, of_points.statistics.error_bound) << "measured, not bounded";
    EXPECT_GT(of_matrix.statistics.error_bound, 0);
  }
}

TEST(Subsample, OfACircle) {
  Input circle;
  circle.rows = 1000;
  circle.columns = 2;
  for (int i = 0; i < 1000; ++i) {
    const double angle = 2 * std::numbers::pi * i / 1000;
    circle.values.insert(circle.values.end(), {std::cos(angle), std::sin(angle)});
  }
  const Outcome exact = compute(circle, rips_options(1));
  const Outcome given = compute(circle, subsample(rips_options(1), 50));
  ASSERT_EQ(given.diagrams[1].size(), 1u);
  EXPECT_GT(given.statistics.cover_radius, 0.0);
  EXPECT_LT(given.statistics.cover_radius, 2 * std::sin(std::numbers::pi / 32));
  EXPECT_EQ(given.statistics.error_bound, 2 * given.statistics.cover_radius);
  EXPECT_LE(bottleneck_distance(exact.diagrams[1], given.diagrams[1]), given.statistics.error_bound);
}

TEST(Subsample, RepresentativesNameRowsOfTheInput) {
  Random random(107);
  Input circle;
  circle.rows = 1000;
  circle.columns = 2;
  for (int i = 0; i < 1000; ++i) {
    const double angle = 2 * std::numbers::pi * random.uniform();
    circle.values.insert(circle.values.end(), {std::cos(angle), std::sin(angle)});
  }
  // Each point of the sample is the birth of a component.
  tda_rips_options components = subsample(rips_options(0), 50);
  components.representatives = TDA_REPRESENTATIVES_SIMPLICES;
  std::vector<std::uint64_t> rows;
  const Representatives births = compute_representatives(circle, components).representatives;
  for (const Representative& bar : births.at(0)) rows.push_back(bar.birth.at(0));
  std::ranges::sort(rows);
  ASSERT_EQ(std::ranges::adjacent_find(rows), rows.end());
  ASSERT_EQ(rows.size(), 50u);
  ASSERT_GT(rows.back(), 900u) << "rows of the sample, not of the input";
  for (const std::uint32_t kind : {TDA_REPRESENTATIVES_SIMPLICES, TDA_REPRESENTATIVES_COCYCLES, TDA_REPRESENTATIVES_CYCLES}) {
    tda_rips_options options = subsample(rips_options(1), 50);
    options.representatives = kind;
    tda_rips_options of_sample = rips_options(1);
    of_sample.representatives = kind;
    const RepresentativeOutcome given = compute_representatives(circle, options);
    Representatives expected = compute_representatives(rows_of(circle, rows), of_sample).representatives;
    ASSERT_EQ(given.outcome.status, TDA_OK) << given.outcome.error.message;
    ASSERT_FALSE(given.representatives.at(1).empty());
    const auto rename = [&](std::vector<std::uint32_t>& vertices) {
      for (std::uint32_t& v : vertices) v = static_cast<std::uint32_t>(rows[v]);
    };
    for (std::vector<Representative>& bars : expected) {
      for (Representative& bar : bars) {
        rename(bar.birth);
        rename(bar.death);
        rename(bar.loop);
        for (auto& [simplex, coefficient] : bar.chain) rename(simplex);
      }
    }
    EXPECT_EQ(given.representatives, expected) << "kind " << kind;
  }
}

TEST(Subsample, OfAllPointsIsExact) {
  Random random(105);
  const Input input = uniform_points_input(40, 2, random);
  const Outcome exact = compute(input, rips_options(1));
  for (const std::uint64_t points : {std::uint64_t{40}, std::uint64_t{41}, UINT64_MAX}) {
    const Outcome given = compute(input, subsample(rips_options(1), points));
    EXPECT_TRUE(same_bytes(given.diagrams, exact.diagrams));
    EXPECT_EQ(given.statistics.approximation, static_cast<std::uint32_t>(TDA_APPROXIMATION_NONE));
    EXPECT_EQ(given.statistics.error_kind, static_cast<std::uint32_t>(TDA_ERROR_KIND_NONE));
    EXPECT_EQ(given.statistics.error_bound, 0.0);
  }
}

TEST(Subsample, OfOnePointIsTheCentre) {
  const Outcome given = compute(points_input({{0.0}, {10.0}, {4.0}}), subsample(rips_options(1), 1));
  EXPECT_EQ(given.diagrams, (Diagrams{{{0, infinity}}, {}}));
  EXPECT_EQ(given.statistics.cover_radius, 6.0);
  EXPECT_EQ(given.statistics.error_bound, 12.0);
}

TEST(Subsample, DuplicatesAreCoveredByOneOfThem) {
  const Input input = points_input({{1, 1}, {0, 0}, {1, 1}, {0, 0}, {0, 1}, {1, 0}, {1, 1}, {0, 0}});
  const Outcome exact = compute(input, rips_options(1));
  const Outcome given = compute(input, subsample(rips_options(1), 6));
  EXPECT_EQ(given.diagrams, exact.diagrams);
  EXPECT_EQ(given.statistics.points, 4u);
  EXPECT_EQ(given.statistics.error_bound, 0.0);
  EXPECT_EQ(given.statistics.approximation, static_cast<std::uint32_t>(TDA_APPROXIMATION_SUBSAMPLE));
  const Outcome all_equal = compute(points_input({{3.0}, {3.0}, {3.0}}), subsample(rips_options(1), 2));
  EXPECT_EQ(all_equal.diagrams, (Diagrams{{{0, infinity}}, {}}));
}

TEST(Subsample, AThresholdCutsTheDiagramOfTheSample) {
  Random random(106);
  for (std::uint32_t k = 0; k < scaled_count(30); ++k) {
    const Input input = uniform_points_input(60, 2, random);
    const Outcome whole = compute(input, subsample(rips_options(1), 25));
    const double threshold = 0.6 * random.uniform();
    const Outcome cut = compute(input, subsample(rips_options(1, threshold), 25));
    for (std::size_t d = 0; d < 2; ++d) EXPECT_EQ(cut.diagrams[d], truncated(whole.diagrams[d], threshold));
    EXPECT_EQ(cut.statistics.truncated, threshold < whole.statistics.enclosing_radius ? 1u : 0u);
    EXPECT_EQ(cut.statistics.error_bound, whole.statistics.error_bound);
  }
}

TEST(Subsample, PairsWithoutAnEdge) {
  DistanceMatrix matrix(6);  // two triangles, infinitely far apart
  for (std::uint32_t i = 0; i < 6; ++i)
    for (std::uint32_t j = 0; j < i; ++j) matrix.set(i, j, i / 3 == j / 3 ? 1 + 0.25 * j : infinity);
  const Outcome two = compute(full_input(matrix), subsample(rips_options(1), 2));
  ASSERT_EQ(two.status, TDA_OK) << two.error.message;
  EXPECT_EQ(two.diagrams, (Diagrams{{{0, infinity}, {0, infinity}}, {}}));
  EXPECT_LT(two.statistics.error_bound, infinity);
  EXPECT_EQ(compute(full_input(matrix), subsample(rips_options(1), 1)).status, TDA_ERROR_NOT_SUPPORTED);
}

TEST(Subsample, RowsThatAreNeverBornAreNotChosen) {
  DistanceMatrix matrix(5);
  for (std::uint32_t i = 0; i < 5; ++i)
    for (std::uint32_t j = 0; j <= i; ++j) matrix.set(i, j, i == 2 || j == 2 ? infinity : i == j ? 0 : i - j);
  const Outcome given = expect_bound_holds(full_input(matrix), subsample(rips_options(1), 3));
  EXPECT_EQ(given.statistics.points, 3u);
  EXPECT_EQ(given.statistics.error_bound, 1.0);
}

}  // namespace
}  // namespace tda::test
