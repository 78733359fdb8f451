// SPDX-License-Identifier: Apache-2.0
//
// Sparse Rips: the factor holds, the flag complex of the edges has the diagram of the complex with blockers, and it ends in a point.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support/approximation.hpp"
#include "support/bottleneck.hpp"
#include "support/distance_matrix.hpp"
#include "support/inputs.hpp"
#include "support/oracle.hpp"
#include "support/test_scale.hpp"

namespace tda::test {
namespace {

constexpr double epsilons[] = {0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99};

DistanceMatrix distances_of(const Input& points) {
  const auto count = static_cast<std::uint32_t>(points.rows);
  DistanceMatrix matrix(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    for (std::uint32_t j = 0; j < i; ++j) {
      double sum = 0;
      for (std::uint64_t k = 0; k < points.columns; ++k) {
        const double difference = points.values[i * points.columns + k] - points.values[j * points.columns + k];
        sum += difference * difference;
      }
      matrix.set(i, j, std::sqrt(sum));
    }
  }
  return matrix;
}

/// Shortest paths of random lengths: a metric that no points have.
DistanceMatrix random_metric(std::uint32_t size, Random& random) {
  DistanceMatrix matrix(size);
  for (std::uint32_t i = 0; i < size; ++i)
    for (std::uint32_t j = 0; j < i; ++j) matrix.set(i, j, random.between(1, 64));
  for (std::uint32_t k = 0; k < size; ++k)
    for (std::uint32_t i = 0; i < size; ++i)
      for (std::uint32_t j = 0; j < i; ++j)
        if (i != k && j != k) matrix.set(i, j, std::min(matrix.at(i, j), matrix.at(i, k) + matrix.at(k, j)));
  return matrix;
}

/// The complex of the papers, with their blockers, from the definition. Distances are distinct.
FilteredComplex sparse_complex_with_blockers(const DistanceMatrix& matrix, double epsilon, std::uint32_t max_simplex_dimension) {
  const std::uint32_t size = matrix.size();
  std::vector<double> largest(size, 0), radius(size, infinity), nearest(size, infinity);
  for (std::uint32_t i = 0; i < size; ++i)
    for (std::uint32_t j = 0; j < size; ++j) largest[i] = std::max(largest[i], matrix.at(i, j));
  auto next = static_cast<std::uint32_t>(std::ranges::min_element(largest) - largest.begin());
  for (std::uint32_t step = 0; step < size; ++step) {
    radius[next] = nearest[next];
    nearest[next] = -infinity;
    for (std::uint32_t i = 0; i < size; ++i) nearest[i] = std::min(nearest[i], matrix.at(next, i));
    next = static_cast<std::uint32_t>(std::ranges::max_element(nearest) - nearest.begin());
  }
  DistanceMatrix lengths(size);
  std::vector<double> gone(size);
  for (std::uint32_t i = 0; i < size; ++i) gone[i] = 2 * radius[i] / (epsilon * (1 - epsilon));
  for (std::uint32_t i = 0; i < size; ++i) {
    for (std::uint32_t j = 0; j < i; ++j) {
      const double distance = matrix.at(i, j);
      const double small = std::min(radius[i], radius[j]) / epsilon;
      const double large = std::max(radius[i], radius[j]) / epsilon;
      // Balls of radius r and min(r, small) meet; the larger ball is still growing then, or they never meet.
      const double length = distance <= 2 * small ? distance : distance <= small + large ? 2 * (distance - small) : infinity;
      lengths.set(i, j, length <= std::min(gone[i], gone[j]) ? length : infinity);
    }
  }
  FilteredComplex complex = flag_complex(lengths, max_simplex_dimension, std::numeric_limits<double>::max());
  std::erase_if(complex, [&](const FilteredSimplex& simplex) {
    return std::ranges::any_of(simplex.vertices, [&](std::uint32_t v) { return simplex.value > gone[v]; });
  });
  return complex;
}

TEST(SparseRips, TheFactorHoldsForPoints) {
  Random random(201);
  for (std::uint32_t k = 0; k < scaled_count(400); ++k) {
    const tda_scalar scalar = random.chance(0.25) ? TDA_FLOAT32 : TDA_FLOAT64;
    const std::uint32_t dimension = random.between(1, 4);
    Input input = random.chance(0.4) ? sphere_points_input(random.between(1, 40), std::max(dimension, 2u), random, scalar)
                                     : uniform_points_input(random.between(1, 40), dimension, random, scalar);
    if (random.chance(0.3)) for (double& x : input.values) x = std::round(3 * x);               // ties, duplicates
    if (random.chance(0.3)) for (double& x : input.values) x = std::pow(10, 3 * x);             // many scales
    input.metric = random.pick({0u, 1u, 2u, 4u});
    input.minkowski_p = random.pick({1.0, 1.5, 2.0, 3.5});
    const double epsilon = random.pick(epsilons);
    const Outcome given = expect_bound_holds(input, sparse_rips(rips_options(2, infinity, random.pick({2u, 3u})), epsilon),
                                             scalar == TDA_FLOAT32 ? 1e-6 : 1e-12);
    if (input.rows < 2) continue;
    EXPECT_EQ(given.statistics.approximation, static_cast<std::uint32_t>(TDA_APPROXIMATION_SPARSE_RIPS));
    EXPECT_EQ(given.statistics.error_kind, static_cast<std::uint32_t>(TDA_ERROR_KIND_MULTIPLICATIVE));
    EXPECT_EQ(given.statistics.error_bound, 1 / (1 - epsilon));
  }
}

TEST(SparseRips, TheFactorHoldsForMetricMatrices) {
  Random random(202);
  for (std::uint32_t k = 0; k < scaled_count(300); ++k) {
    const DistanceMatrix matrix = random_metric(random.between(2, 30), random);
    const Input input = random.chance(0.5) ? full_input(matrix) : lower_input(matrix);
    expect_bound_holds(input, sparse_rips(rips_options(2), random.pick(epsilons)));
  }
}

TEST(SparseRips, NeedsNoBlockers) {
  Random random(203);
  std::uint32_t blocked = 0;
  for (std::uint32_t k = 0; k < scaled_count(150); ++k) {
    Input points = uniform_points_input(random.between(4, 18), random.between(1, 3), random);
    for (double& x : points.values) x = std::pow(50, x);
    const double epsilon = random.pick({0.3, 0.5, 0.7, 0.9});
    const DistanceMatrix matrix = distances_of(points);
    const FilteredComplex complex = sparse_complex_with_blockers(matrix, epsilon, 3);
    const Outcome given = compute(points, sparse_rips(rips_options(2), epsilon));
    ASSERT_EQ(given.status, TDA_OK) << given.error.message;
    EXPECT_TRUE(nearly_equal(given.diagrams, brute_force_persistence(complex, 2, 2), 1e-9))
        << to_string(given.diagrams) << to_string(points, sparse_rips(rips_options(2), epsilon));
    std::size_t edges = 0;
    for (const FilteredSimplex& simplex : complex) edges += simplex.vertices.size() == 2 ? 1 : 0;
    blocked += edges < std::size_t{matrix.size()} * (matrix.size() - 1) / 2 ? 1 : 0;
  }
  EXPECT_GT(blocked, 0u) << "no input was sparse: nothing was tested";
}

TEST(SparseRips, EndsInAPoint) {
  const Input rectangle = points_input({{0, 0}, {1, .4}, {0, 1}, {1, .6}});
  const Outcome exact = compute(rectangle, rips_options(1));
  ASSERT_EQ(exact.diagrams[1].size(), 1u);
  EXPECT_NEAR(exact.diagrams[1][0].birth, 1.07703, 1e-5);
  EXPECT_NEAR(exact.diagrams[1][0].death, 1.16619, 1e-5);
  std::vector<tda_rips_options> all;
  for (int k = 1; k < 100; ++k) all.push_back(sparse_rips(rips_options(2), k / 100.0));
  for (std::uint64_t points = 1; points <= 4; ++points) all.push_back(subsample(rips_options(2), points));
  for (const tda_rips_options& options : all) {
    const Outcome given = expect_bound_holds(rectangle, options);
    EXPECT_EQ(std::ranges::count(given.diagrams[0], infinity, &Bar::death), 1);
    for (const std::uint32_t d : {1, 2})
      EXPECT_EQ(std::ranges::count(given.diagrams[d], infinity, &Bar::death), 0) << to_string(given.diagrams) << options.epsilon;
  }
}

TEST(SparseRips, EndsInAPointOnGridsAndCloudsOfManyScales) {
  Random random(204);
  for (std::uint32_t k = 0; k < scaled_count(100); ++k) {
    Input input = uniform_points_input(random.between(2, 80), random.between(1, 3), random);
    const double steps = random.pick({2.0, 4.0, 8.0, 1e9});
    for (double& x : input.values) x = std::round(x * steps);
    if (random.chance(0.3)) for (double& x : input.values) x = std::exp2(x / steps * 20);
    const Outcome given = compute(input, sparse_rips(rips_options(1), random.pick(epsilons)));
    ASSERT_EQ(given.status, TDA_OK) << given.error.message;
    EXPECT_EQ(std::ranges::count(given.diagrams[0], infinity, &Bar::death), 1);
    EXPECT_EQ(std::ranges::count(given.diagrams[1], infinity, &Bar::death), 0) << to_string(given.diagrams);
    EXPECT_EQ(given.statistics.truncated, 0u);
  }
}

TEST(SparseRips, AThresholdCutsTheSparseFiltration) {
  Random random(205);
  for (std::uint32_t k = 0; k < scaled_count(60); ++k) {
    const Input input = uniform_points_input(60, 2, random, random.chance(0.5) ? TDA_FLOAT32 : TDA_FLOAT64);
    const double epsilon = random.pick(epsilons);
    const Outcome whole = compute(input, sparse_rips(rips_options(1), epsilon));
    const auto threshold = static_cast<double>(static_cast<float>(1.5 * random.uniform()));
    const Outcome cut = compute(input, sparse_rips(rips_options(1, threshold), epsilon));
    for (std::size_t d = 0; d < 2; ++d) EXPECT_EQ(cut.diagrams[d], truncated(whole.diagrams[d], threshold));
    EXPECT_EQ(cut.statistics.threshold, std::min(threshold, whole.statistics.threshold));
    EXPECT_EQ(cut.statistics.truncated, threshold < whole.statistics.threshold ? 1u : 0u);
  }
}

TEST(SparseRips, HasFewerEdges) {
  Random random(206);
  const Input input = uniform_points_input(5'000, 2, random);
  const Outcome loose = compute(input, sparse_rips(rips_options(0), 0.9));
  ASSERT_EQ(loose.status, TDA_OK) << loose.error.message;
  EXPECT_LT(loose.statistics.edges, 5'000u * 60);
  const Outcome tight = compute(input, sparse_rips(rips_options(0), 0.6));
  EXPECT_LT(loose.statistics.edges, tight.statistics.edges);
}

TEST(SparseRips, OfPointsInOnePlaceAndOfOne) {
  for (const Input& input : {points_input({{3.0, 1.0}, {3.0, 1.0}, {3.0, 1.0}}), points_input({{3.0, 1.0}})}) {
    const Outcome given = compute(input, sparse_rips(rips_options(1), 0.5));
    EXPECT_EQ(given.diagrams, (Diagrams{{{0, infinity}}, {}}));
  }
  Input empty;
  empty.columns = 2;
  const Outcome none = compute(empty, sparse_rips(rips_options(1), 0.5));
  EXPECT_EQ(none.status, TDA_OK);
  EXPECT_EQ(none.diagrams, (Diagrams{{}, {}}));
  const Outcome negative = compute(points_input({{0.0}, {1.0}}), sparse_rips(rips_options(1, -1), 0.5));
  EXPECT_EQ(negative.diagrams, (Diagrams{{}, {}}));
}

}  // namespace
}  // namespace tda::test
