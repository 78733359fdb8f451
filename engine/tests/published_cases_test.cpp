// SPDX-License-Identifier: Apache-2.0
//
// Inputs that tripped other implementations, as data: input, options, expected diagrams. Sources: public test suites and issue threads of
// GUDHI, Ripser, ripser.py, giotto-ph, giotto-tda and Ripserer.jl; each expectation recomputed independently.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "support/distance_matrix.hpp"
#include "support/inputs.hpp"

namespace tda::test {
namespace {

struct Case {
  const char* name;
  std::function<Input()> input;
  tda_rips_options options;
  Diagrams expected;
};

/// 13 points whose distances are 1 and 2 and whose flag complex at 1 is a projective plane.
DistanceMatrix projective_plane_13() {
  return from_lower_triangle(13, {1, 1, 2, 1, 2, 2, 1, 2, 2, 2, 1, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 1, 2, 2, 1, 2, 2, 1, 2, 1, 1, 2, 2, 2, 2,
                                  2, 1, 1, 2, 2, 1, 1, 1, 1, 2, 2, 2, 2, 2, 1, 1, 2, 2, 1, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 1, 1, 1,
                                  1, 1, 1, 2, 1, 1});
}

Input unit_square() { return points_input({{0, 0}, {1, 0}, {1, 1}, {0, 1}}); }

Input sparse(std::uint64_t rows, std::vector<std::uint32_t> i, std::vector<std::uint32_t> j, std::vector<double> values) {
  Input input;
  input.kind = TDA_DISTANCES_SPARSE;
  input.rows = rows;
  input.row_indices = std::move(i);
  input.column_indices = std::move(j);
  input.values = std::move(values);
  return input;
}

Input five_points_given_sparsely() {
  return sparse(5, {0, 0, 0, 0, 1, 1, 1, 2, 2, 3}, {4, 1, 3, 2, 4, 3, 2, 3, 4, 4}, {6, 8, 2, 4, 5, 9, 10, 3, 1, 1});
}

Input ten_equal_points_of_twelve() {
  std::vector<std::vector<double>> points(10, {1, 2});
  points.push_back({4, 6});
  points.push_back({1, 14});
  return points_input(points);
}

Input two_points_without_an_edge() {
  DistanceMatrix matrix(2);
  matrix.set(0, 1, infinity);
  return full_input(matrix);
}

Input matrix_with_births() {
  DistanceMatrix matrix(2);
  matrix.set(0, 0, 1);
  matrix.set(1, 1, 2);
  matrix.set(0, 1, 3);
  return full_input(matrix);
}

Diagram repeated(std::size_t count, Bar bar, Diagram others = {}) {
  others.insert(others.end(), count, bar);
  std::ranges::sort(others);
  return others;
}

const Bar essential{0, infinity};

std::vector<Case> cases() {
  const auto plane = [] { return lower_input(projective_plane_13()); };
  const Diagram plane_points = repeated(12, {0, 1}, {essential});
  const double root2 = std::sqrt(2.0);
  return {
      {"UnitSquare", unit_square, rips_options(1), {repeated(3, {0, 1}, {essential}), {{1, root2}}}},
      {"UnitSquareThresholdAtATieKeepsTheTies", unit_square, rips_options(1, 1.0),
       {repeated(3, {0, 1}, {essential}), {{1, infinity}}}},
      {"ProjectivePlaneField2", plane, rips_options(2, infinity, 2), {plane_points, {{1, 2}}, {{1, 2}}}},
      {"ProjectivePlaneField3", plane, rips_options(2, infinity, 3), {plane_points, {}, {}}},
      {"ProjectivePlaneField5", plane, rips_options(2, infinity, 5), {plane_points, {}, {}}},
      {"ProjectivePlaneField2Threshold1", plane, rips_options(2, 1.0, 2), {plane_points, {{1, infinity}}, {{1, infinity}}}},
      {"ProjectivePlaneField3Threshold1", plane, rips_options(2, 1.0, 3), {plane_points, {}, {}}},
      {"BirthsOnTheDiagonal", matrix_with_births, rips_options(1), {{{1, infinity}, {2, 3}}, {}}},
      {"SparseFivePoints", five_points_given_sparsely, rips_options(1), {{{0, 1}, {0, 1}, {0, 2}, {0, 5}, essential}, {}}},
      {"TwoEqualPointsAsMatrix", [] { return full_input(DistanceMatrix(2)); }, rips_options(1, 1.0), {{essential}, {}}},
      {"StoredZeroIsAnEdgeAbsentIsNone", [] { return sparse(3, {0}, {1}, {0.0}); }, rips_options(1), {{essential, essential}, {}}},
      {"TwoPointsAtInfinity", two_points_without_an_edge, rips_options(1), {{essential, essential}, {}}},
      {"ThreePointsDimension0", [] { return points_input({{1, 2}, {3, 4}, {5, 0}}); }, rips_options(0),
       {{{0, std::sqrt(8.0)}, {0, std::sqrt(20.0)}, essential}}},
      {"ThreePointsDimension1", [] { return points_input({{1, 2}, {3, 4}, {5, 0}}); }, rips_options(1),
       {{{0, std::sqrt(8.0)}, {0, std::sqrt(20.0)}, essential}, {}}},
      {"NoPoint", [] { return points_input({}); }, rips_options(2), {{}, {}, {}}},
      {"TenEqualPointsOfTwelve", ten_equal_points_of_twelve, rips_options(2), {{{0, 5}, {0, std::sqrt(73.0)}, essential}, {}, {}}},
      {"FlatRectangle", [] { return points_input({{0, 0}, {1, .4}, {0, 1}, {1, .6}}); }, rips_options(1),
       {{{0, 0.6 - 0.4}, {0, 1}, {0, std::sqrt(1 + .4 * .4)}, essential}, {{std::sqrt(1 + .4 * .4), std::sqrt(1 + .6 * .6)}}}},
  };
}

class PublishedCase : public testing::TestWithParam<Case> {};

TEST_P(PublishedCase, GivesTheExpectedDiagrams) {
  const Case& row = GetParam();
  for (std::uint32_t target : available_simd_targets()) {
    tda_rips_options options = row.options;
    options.simd_target = target;
    const Outcome outcome = compute(row.input(), options);
    ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
    EXPECT_TRUE(nearly_equal(outcome.diagrams, row.expected, 1e-15))
        << "expected" << to_string(row.expected) << "\ngot" << to_string(outcome.diagrams);
  }
}

INSTANTIATE_TEST_SUITE_P(Row, PublishedCase, testing::ValuesIn(cases()),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(PublishedCases, SparseEntriesMayComeInAnyOrderAndTriangle) {
  const Outcome expected = compute(five_points_given_sparsely(), rips_options(1));
  Random random(5);
  for (int k = 0; k < 50; ++k) {
    Input input = five_points_given_sparsely();
    std::vector<std::uint32_t> order = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    random.shuffle(order);
    const Input original = input;
    for (std::size_t e = 0; e < order.size(); ++e) {
      input.row_indices[e] = original.row_indices[order[e]];
      input.column_indices[e] = original.column_indices[order[e]];
      input.values[e] = original.values[order[e]];
      if (random.chance(0.5)) std::swap(input.row_indices[e], input.column_indices[e]);
    }
    EXPECT_TRUE(same_bytes(compute(input, rips_options(1)).diagrams, expected.diagrams));
  }
}

TEST(PublishedCases, ThresholdAtATieCountsFourEdges) {
  const Outcome outcome = compute(unit_square(), rips_options(1, 1.0));
  EXPECT_EQ(outcome.statistics.edges, 4u);
  EXPECT_EQ(outcome.statistics.truncated, 1u);
}

TEST(PublishedCases, AMillionPointsWithASmallThresholdNeedNoQuadraticMemory) {
  constexpr std::uint32_t count = 1'000'000;
  tda_rips_options options = rips_options(1, 10.0);
  options.memory_limit_bytes = std::uint64_t{512} << 20;
  const Outcome outcome = compute(circle_among_isolated_points(count), options);
  ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
  ASSERT_EQ(outcome.diagrams[1].size(), 1u);
  EXPECT_NEAR(outcome.diagrams[1][0].birth, 2 * std::sin(std::acos(-1.0) / 24), 1e-12);
  EXPECT_NEAR(outcome.diagrams[1][0].death, std::sqrt(3.0), 1e-12);
  EXPECT_EQ(outcome.diagrams[0].size(), count);
  EXPECT_EQ(std::ranges::count(outcome.diagrams[0], infinity, &Bar::death), count - 23);
  EXPECT_EQ(outcome.statistics.points, count);
  EXPECT_EQ(outcome.statistics.edges, 24u * 23 / 2);
}

TEST(PublishedCases, AMillionPointsGivenSparsely) {
  constexpr std::uint32_t count = 1'000'000;
  Input input = sparse(count, {}, {}, {});
  for (std::uint32_t i = 0; i < 24; ++i) {
    input.row_indices.push_back(i * 1000);
    input.column_indices.push_back((i + 1) % 24 * 1000);
    input.values.push_back(1);
  }
  tda_rips_options options = rips_options(1);
  options.memory_limit_bytes = std::uint64_t{256} << 20;
  const Outcome outcome = compute(input, options);
  ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
  EXPECT_EQ(outcome.diagrams[1], (Diagram{{1, infinity}}));
  EXPECT_EQ(std::ranges::count(outcome.diagrams[0], infinity, &Bar::death), count - 23);
}

}  // namespace
}  // namespace tda::test
