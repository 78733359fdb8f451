// SPDX-License-Identifier: Apache-2.0
//
// The smallest and the most degenerate inputs, and the limits of the options.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "support/inputs.hpp"
#include "support/oracle.hpp"

namespace tda::test {
namespace {

constexpr tda_input_kind kinds[] = {TDA_POINTS, TDA_DISTANCES_FULL, TDA_DISTANCES_LOWER, TDA_DISTANCES_LOWER_DIAG,
                                    TDA_DISTANCES_SPARSE};

/// n points at the same place, or with all distances equal to `distance`, in the given kind.
Input equal_distances(tda_input_kind kind, std::uint32_t n, double distance) {
  DistanceMatrix matrix(n);
  for (std::uint32_t i = 0; i < n; ++i)
    for (std::uint32_t j = 0; j < i; ++j) matrix.set(i, j, distance);
  Random random(n);
  switch (kind) {
    case TDA_DISTANCES_FULL: return full_input(matrix);
    case TDA_DISTANCES_LOWER: return lower_input(matrix);
    case TDA_DISTANCES_LOWER_DIAG: return lower_diagonal_input(matrix);
    case TDA_DISTANCES_SPARSE: return sparse_input(matrix, TDA_FLOAT64, random);
    default: return points_input(std::vector<std::vector<double>>(n, {3.0, -1.0}));
  }
}

class EveryKind : public testing::TestWithParam<tda_input_kind> {};

TEST_P(EveryKind, NoPointGivesEmptyDiagrams) {
  for (std::uint32_t max_dimension : {0u, 1u, 3u, 16u}) {
    const Outcome outcome = compute(equal_distances(GetParam(), 0, 0), rips_options(max_dimension));
    ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
    EXPECT_EQ(outcome.diagrams, Diagrams(max_dimension + 1));
    EXPECT_EQ(outcome.statistics.points, 0u);
  }
}

TEST_P(EveryKind, OnePointIsOneEssentialBar) {
  for (std::uint32_t max_dimension : {0u, 1u, 3u, 16u}) {
    Diagrams expected(max_dimension + 1);
    expected[0] = {{0, infinity}};
    const Outcome outcome = compute(equal_distances(GetParam(), 1, 0), rips_options(max_dimension));
    ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
    EXPECT_EQ(outcome.diagrams, expected);
    EXPECT_EQ(outcome.statistics.points, 1u);
    EXPECT_EQ(outcome.statistics.edges, 0u);
  }
}

TEST_P(EveryKind, AllAtTheSamePlaceIsOneEssentialBar) {
  for (std::uint32_t n : {2u, 3u, 20u}) {
    const Outcome outcome = compute(equal_distances(GetParam(), n, 0), rips_options(2));
    ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
    EXPECT_EQ(outcome.diagrams, (Diagrams{{{0, infinity}}, {}, {}}));
    EXPECT_EQ(outcome.statistics.edges, n * (n - 1) / 2);
  }
}

TEST_P(EveryKind, AllAtOneDistanceOrAtNoneAtAll) {
  if (GetParam() == TDA_POINTS) {
    const Outcome two = compute(points_input({{0.0}, {5.0}}), rips_options(1));
    EXPECT_EQ(two.diagrams, (Diagrams{{{0, 5}, {0, infinity}}, {}}));
    return;
  }
  for (std::uint32_t n : {2u, 3u, 20u}) {
    Diagrams equal = {Diagram(n - 1, {0, 5}), {}, {}};
    equal[0].push_back({0, infinity});
    EXPECT_EQ(compute(equal_distances(GetParam(), n, 5), rips_options(2)).diagrams, equal);
    const Outcome none = compute(equal_distances(GetParam(), n, infinity), rips_options(2));
    ASSERT_EQ(none.status, TDA_OK) << none.error.message;
    EXPECT_EQ(none.diagrams, (Diagrams{Diagram(n, {0, infinity}), {}, {}}));
    EXPECT_EQ(none.statistics.enclosing_radius, infinity);
  }
}

INSTANTIATE_TEST_SUITE_P(Kind, EveryKind, testing::ValuesIn(kinds));

TEST(EdgeCases, AThresholdBelowZeroLeavesNothing) {
  for (double threshold : {-1.0, -infinity}) {
    const Outcome outcome = compute(points_input({{0.0}, {5.0}}), rips_options(1, threshold));
    ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
    EXPECT_EQ(outcome.diagrams, Diagrams(2));
    EXPECT_EQ(outcome.statistics.points, 0u);
  }
}

TEST(EdgeCases, PointsBornAboveTheThresholdAreAbsent) {
  DistanceMatrix matrix = from_lower_triangle(4, {4, 4, 4, 4, 4, 4});
  for (std::uint32_t i = 0; i < 4; ++i) matrix.set(i, i, i);
  const Outcome outcome = compute(full_input(matrix), rips_options(1, 2.0));
  ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
  EXPECT_EQ(outcome.diagrams, (Diagrams{{{0, infinity}, {1, infinity}, {2, infinity}}, {}}));
  EXPECT_EQ(outcome.statistics.points, 3u);
}

TEST(EdgeCases, ALonePointBornLaterKeepsItsBirth) {
  DistanceMatrix matrix(1);
  matrix.set(0, 0, 7);
  EXPECT_EQ(compute(full_input(matrix), rips_options(1)).diagrams, (Diagrams{{{7, infinity}}, {}}));
}

TEST(EdgeCases, NegativeZeroIsZero) {
  Input input = lower_input(from_lower_triangle(3, {-0.0, 1, -0.0}));
  const Outcome outcome = compute(input, rips_options(1));
  ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
  EXPECT_TRUE(same_bytes(outcome.diagrams, {{{0, infinity}}, {}}));
}

TEST(EdgeCases, HighestDimensionOnASimplexAndOnACrossPolytope) {
  // All at one distance: a full simplex. The cross-polytope with d + 1 axes is a d-sphere: its class lives from 1 to 2.
  const std::uint32_t axes = 7;
  DistanceMatrix cross(2 * axes);
  for (std::uint32_t i = 0; i < 2 * axes; ++i)
    for (std::uint32_t j = 0; j < i; ++j) cross.set(i, j, i == j + axes ? 2 : 1);
  for (std::uint32_t field : {2u, 3u}) {
    for (std::uint32_t target : available_simd_targets()) {
      tda_rips_options options = rips_options(axes - 1, infinity, field);
      options.simd_target = target;
      const Outcome outcome = compute(lower_input(cross), options);
      ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
      Diagrams expected(axes);
      expected[0] = Diagram(2 * axes - 1, {0, 1});
      expected[0].push_back({0, infinity});
      expected[axes - 1] = {{1, 2}};
      EXPECT_EQ(outcome.diagrams, expected) << to_string(outcome.diagrams);
    }
  }
  const Outcome highest = compute(equal_distances(TDA_DISTANCES_LOWER, 12, 1), rips_options(TDA_MAX_DIMENSION));
  ASSERT_EQ(highest.status, TDA_OK) << highest.error.message;
  EXPECT_TRUE(std::ranges::all_of(highest.diagrams.begin() + 1, highest.diagrams.end(), &Diagram::empty));
}

TEST(EdgeCases, AMaxDimensionAboveTheNumberOfPointsIsHarmless) {
  const Outcome outcome = compute(points_input({{0.0}, {1.0}, {3.0}}), rips_options(TDA_MAX_DIMENSION));
  ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
  EXPECT_EQ(outcome.diagrams[0], (Diagram{{0, 1}, {0, 2}, {0, infinity}}));
}

TEST(EdgeCases, AThresholdIsRoundedToTheScalarOfTheInput) {
  Input input = lower_input(from_lower_triangle(2, {static_cast<double>(0.1f)}), TDA_FLOAT32);
  EXPECT_EQ(compute(input, rips_options(0, 0.1)).statistics.edges, 1u);
  input.scalar = TDA_FLOAT64;
  EXPECT_EQ(compute(input, rips_options(0, 0.1)).statistics.edges, 0u);
}

/// Ranks of up to 65,535 edges fit 16-bit lanes, those of more do not. The shortest edges of a sphere, given
/// sparsely, are any number, and no point has an edge to all others, which would cut them.
TEST(EdgeCases, AroundTheBorderOfNarrowRanks) {
  constexpr std::uint32_t size = 400;
  Random random(3);
  const Input points = sphere_points_input(size, 3, random);
  std::vector<std::tuple<double, std::uint32_t, std::uint32_t>> pairs;
  for (std::uint32_t i = 0; i < size; ++i) {
    for (std::uint32_t j = 0; j < i; ++j) {
      const double* x = &points.values[3 * i];
      const double* y = &points.values[3 * j];
      pairs.emplace_back(std::hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2]), i, j);
    }
  }
  std::ranges::sort(pairs);
  pairs.resize(65'540);
  Input input;
  input.kind = TDA_DISTANCES_SPARSE;
  input.rows = size;
  for (const auto& [length, i, j] : pairs) {
    input.row_indices.push_back(i);
    input.column_indices.push_back(j);
    input.values.push_back(length);
  }
  for (std::uint64_t edges : {65'540u, 65'536u, 65'535u, 65'534u, 65'533u}) {
    input.row_indices.resize(edges);
    input.column_indices.resize(edges);
    input.values.resize(edges);
    Input renumbered = input;
    for (std::uint32_t& i : renumbered.row_indices) i = size - 1 - i;
    for (std::uint32_t& i : renumbered.column_indices) i = size - 1 - i;
    tda_rips_options options = rips_options(1);
    options.simd_target = TDA_SIMD_BASELINE;
    const Outcome expected = compute(input, options);
    ASSERT_EQ(expected.status, TDA_OK) << expected.error.message;
    ASSERT_EQ(expected.statistics.edges, edges);
    for (std::uint32_t target : available_simd_targets()) {
      options.simd_target = target;
      EXPECT_TRUE(same_bytes(compute(input, options).diagrams, expected.diagrams)) << edges << ' ' << target;
      EXPECT_TRUE(same_bytes(compute(renumbered, options).diagrams, expected.diagrams)) << edges << ' ' << target;
    }
  }
}

}  // namespace
}  // namespace tda::test
