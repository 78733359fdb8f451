// SPDX-License-Identifier: Apache-2.0
//
// The cost estimate: exact where it counts, near where it samples.
#include <gtest/gtest.h>

#include <cmath>

#include "support/inputs.hpp"
#include "support/oracle.hpp"

namespace tda::test {
namespace {

tda_rips_estimate estimate_of(const Input& input, const tda_rips_options& options) {
  BorrowedInput borrowed(input);
  tda_rips_estimate estimate{};
  estimate.struct_size = sizeof estimate;
  tda_error error{};
  error.struct_size = sizeof error;
  EXPECT_EQ(tda_vietoris_rips_estimate(borrowed.get(), &options, nullptr, &estimate, &error), TDA_OK) << error.message;
  return estimate;
}

TEST(Estimate, NoPointAndOnePointCostNothing) {
  for (std::uint64_t rows : {0u, 1u}) {
    const tda_rips_estimate estimate = estimate_of(points_input(std::vector<std::vector<double>>(rows, {1.0})), rips_options(2));
    EXPECT_EQ(estimate.points, rows);
    EXPECT_EQ(estimate.edges, 0);
    EXPECT_GE(estimate.bytes, 0);
    EXPECT_GE(estimate.seconds, 0);
  }
}

TEST(Estimate, CountsTheFullSimplex) {
  const Input input = lower_input(DistanceMatrix(10));
  const tda_rips_estimate estimate = estimate_of(input, rips_options(2));
  EXPECT_EQ(estimate.points, 10u);
  EXPECT_EQ(estimate.edges, 45);
  EXPECT_NEAR(estimate.simplices[0], 10, 1e-9);
  EXPECT_NEAR(estimate.simplices[1], 45, 1e-9);
  EXPECT_NEAR(estimate.simplices[2], 120, 1e-6);
  EXPECT_NEAR(estimate.simplices[3], 210, 1e-6);
  for (std::uint32_t dimension = 4; dimension < TDA_ESTIMATE_DIMENSIONS; ++dimension) EXPECT_EQ(estimate.simplices[dimension], 0);
}

TEST(Estimate, IsWithinAFactorOfTheTruthOnRandomPoints) {
  Random random(31);
  const Input input = uniform_points_input(80, 3, random);
  const tda_rips_options options = rips_options(2, 0.5);
  const tda_rips_estimate estimate = estimate_of(input, options);
  const Outcome outcome = compute(input, options);
  ASSERT_EQ(outcome.status, TDA_OK);
  EXPECT_EQ(estimate.threshold, outcome.statistics.threshold);
  EXPECT_NEAR(estimate.edges, static_cast<double>(outcome.statistics.edges), 0.3 * static_cast<double>(outcome.statistics.edges));
  DistanceMatrix matrix(80);
  for (std::uint32_t i = 0; i < 80; ++i) {
    for (std::uint32_t j = 0; j < i; ++j) {
      const double* x = &input.values[3 * i];
      const double* y = &input.values[3 * j];
      matrix.set(i, j, std::hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2]));
    }
  }
  double counts[4] = {};
  for (const FilteredSimplex& simplex : flag_complex(matrix, 3, 0.5)) counts[simplex.vertices.size() - 1] += 1;
  for (int dimension = 0; dimension <= 3; ++dimension) {
    EXPECT_GT(estimate.simplices[dimension], counts[dimension] / 3) << dimension;
    EXPECT_LT(estimate.simplices[dimension], counts[dimension] * 3) << dimension;
  }
}

TEST(Estimate, WhatIsCalledExactIsCounted) {
  Random random(33);
  for (int k = 0; k < 60; ++k) {
    DistanceMatrix matrix(random.between(1, 14));
    for (std::uint32_t i = 0; i < matrix.size(); ++i)
      for (std::uint32_t j = 0; j < i; ++j) matrix.set(i, j, random.chance(0.2) ? infinity : random.between(1, 6) / 8.0);
    const tda_scalar scalar = random.pick({TDA_FLOAT32, TDA_FLOAT64});
    const tda_rips_options options = rips_options(random.between(0, 3), random.pick({infinity, 0.5}));
    for (const Input& input : {full_input(matrix, scalar), lower_input(matrix, scalar), lower_diagonal_input(matrix, scalar),
                               sparse_input(matrix, scalar, random)}) {
      const tda_rips_estimate estimate = estimate_of(input, options);
      std::vector<double> counts(TDA_ESTIMATE_DIMENSIONS);
      for (const FilteredSimplex& simplex : flag_complex(matrix, options.max_dimension + 1, estimate.threshold))
        counts[simplex.vertices.size() - 1] += 1;
      EXPECT_EQ(estimate.points, matrix.size());
      EXPECT_EQ(estimate.edges, counts[1]) << to_string(input, options);
      if (estimate.exact == 0) continue;
      for (std::uint32_t dimension = 0; dimension < TDA_ESTIMATE_DIMENSIONS; ++dimension)
        EXPECT_NEAR(estimate.simplices[dimension], counts[dimension], 1e-6) << dimension << to_string(input, options);
    }
  }
}

TEST(Estimate, OfPointsInEveryMetricAndScalarCountsTheEdges) {
  Random random(35);
  for (std::uint32_t metric : {TDA_EUCLIDEAN, TDA_MANHATTAN, TDA_CHEBYSHEV, TDA_COSINE, TDA_MINKOWSKI}) {
    for (tda_scalar scalar : {TDA_FLOAT32, TDA_FLOAT64}) {
      Input input = uniform_points_input(60, 4, random, scalar);
      input.metric = metric;
      input.minkowski_p = 3;
      for (double threshold : {infinity, 0.2}) {
        const Outcome outcome = compute(input, rips_options(1, threshold));
        const tda_rips_estimate estimate = estimate_of(input, rips_options(1, threshold));
        EXPECT_EQ(estimate.edges, static_cast<double>(outcome.statistics.edges)) << metric << ' ' << scalar << ' ' << threshold;
        EXPECT_EQ(estimate.threshold, outcome.statistics.threshold) << metric << ' ' << scalar << ' ' << threshold;
      }
    }
  }
}

TEST(Estimate, BytesAreNotFarBelowThePeak) {
  Random random(37);
  for (std::uint32_t max_dimension : {1u, 2u}) {
    const Input input = sphere_points_input(150, 3, random);
    const tda_rips_estimate estimate = estimate_of(input, rips_options(max_dimension));
    const Outcome outcome = compute(input, rips_options(max_dimension));
    EXPECT_GT(estimate.bytes * 4, static_cast<double>(outcome.statistics.peak_bytes));
  }
}

TEST(Estimate, OfAMillionPointsNeedsNoQuadraticWork) {
  const tda_rips_estimate estimate = estimate_of(circle_among_isolated_points(1'000'000), rips_options(1, 10.0));
  EXPECT_EQ(estimate.points, 1'000'000u);
  EXPECT_TRUE(std::isfinite(estimate.edges));
  EXPECT_TRUE(std::isfinite(estimate.bytes));
}

TEST(Estimate, OfTheLargestDenseInputIsHuge) {
  Random random(41);
  const tda_rips_estimate estimate = estimate_of(uniform_points_input(20'000, 3, random), rips_options(2));
  EXPECT_GT(estimate.edges, 5e7);
  EXPECT_GT(estimate.simplices[2], 1e11);
}

}  // namespace
}  // namespace tda::test
