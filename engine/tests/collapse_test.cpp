// SPDX-License-Identifier: Apache-2.0
//
// Edge collapse through the C ABI: the diagram with it is the diagram without it, byte for byte, on every instruction set; it can be
// cancelled and keeps the budget.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support/distance_matrix.hpp"
#include "support/inputs.hpp"
#include "support/test_scale.hpp"

namespace tda::test {
namespace {

constexpr std::uint32_t fields[] = {2, 3, 7};

/// Few values (ties), integers, points of the plane, of a circle; some edges missing, some births.
DistanceMatrix draw_matrix(std::uint32_t size, Random& random) {
  const std::uint32_t style = random.below(5);
  const double no_edge_probability = random.pick({0.0, 0.0, 0.3, 0.7});
  std::vector<double> x(size), y(size);
  for (std::uint32_t i = 0; i < size; ++i) {
    const double angle = 6.283185307179586 * random.uniform();
    x[i] = style == 3 ? std::cos(angle) : random.uniform();
    y[i] = style == 3 ? std::sin(angle) : random.uniform();
  }
  DistanceMatrix matrix(size);
  for (std::uint32_t i = 0; i < size; ++i) {
    for (std::uint32_t j = 0; j < i; ++j) {
      double value = random.uniform();
      if (style == 0) value = random.between(0, 3);
      if (style == 1) value = random.between(1, 40);
      if (style >= 3) value = std::hypot(x[i] - x[j], y[i] - y[j]);
      matrix.set(i, j, random.chance(no_edge_probability) ? infinity : value);
    }
  }
  if (!random.chance(0.3)) return matrix;
  for (std::uint32_t i = 0; i < size; ++i) {
    double shortest = infinity;
    for (std::uint32_t j = 0; j < size; ++j)
      if (j != i) shortest = std::min(shortest, matrix.at(i, j));
    if (shortest != infinity) matrix.set(i, i, shortest * random.pick({0.0, 0.5, 1.0}));
  }
  return matrix;
}

double draw_threshold(const DistanceMatrix& matrix, Random& random) {
  if (random.chance(0.4)) return infinity;
  const std::uint32_t i = random.between(1, matrix.size() - 1);
  return matrix.at(i, random.below(i));
}

class EdgeCollapse : public testing::TestWithParam<std::uint32_t> {};

TEST_P(EdgeCollapse, NeverChangesTheDiagram) {
  for (std::uint32_t k = 0; k < scaled_count(600); ++k) {
    const std::uint64_t seed = std::uint64_t{GetParam()} << 32 | k;
    Random random(seed);
    const std::uint32_t max_dimension = random.between(1, 3);
    const DistanceMatrix matrix = draw_matrix(random.between(2, max_dimension == 3 ? 24 : 40), random);
    const Input input = random.chance(0.5) ? sparse_input(matrix, TDA_FLOAT64, random) : full_input(matrix);
    tda_rips_options options = rips_options(max_dimension, draw_threshold(matrix, random), random.pick(fields));
    options.edge_collapse = TDA_COLLAPSE_OFF;
    const Outcome expected = compute(input, options);
    ASSERT_EQ(expected.status, TDA_OK) << expected.error.message;
    for (const tda_edge_collapse collapse : {TDA_COLLAPSE_ON, TDA_COLLAPSE_AUTO}) {
      options.edge_collapse = collapse;
      const Outcome outcome = compute(input, options);
      ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
      ASSERT_TRUE(same_bytes(outcome.diagrams, expected.diagrams))
          << "expected" << to_string(expected.diagrams) << "\ngot" << to_string(outcome.diagrams) << "\nseed " << seed << to_string(input, options);
      ASSERT_EQ(outcome.statistics.edges, expected.statistics.edges);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shard, EdgeCollapse, testing::Range(0u, 8u));

TEST(EdgeCollapse, LargerInputsOfEachKind) {
  Random random(91);
  struct Work {
    Input input;
    tda_rips_options options;
  };
  const Work works[] = {{sphere_points_input(300, 3, random), rips_options(2, 1.0)},
                        {sphere_points_input(200, 4, random, TDA_FLOAT32), rips_options(3, 1.2, 7)},
                        {uniform_points_input(6'000, 2, random), rips_options(2, 0.03, 3)},
                        {uniform_points_input(400, 3, random), rips_options(1)},
                        {random_symmetric_input(60, random), rips_options(2, 0.5)},
                        {circle_among_isolated_points(20'000), rips_options(2, 3)}};
  for (const Work& work : works) {
    tda_rips_options options = work.options;
    options.edge_collapse = TDA_COLLAPSE_OFF;
    const Outcome expected = compute(work.input, options);
    ASSERT_EQ(expected.status, TDA_OK) << expected.error.message;
    options.edge_collapse = TDA_COLLAPSE_ON;
    std::uint64_t simplices = 0;
    for (const std::uint32_t target : available_simd_targets()) {
      options.simd_target = target;
      const Outcome outcome = compute(work.input, options);
      ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
      EXPECT_TRUE(same_bytes(outcome.diagrams, expected.diagrams)) << tda_simd_target_name(target);
      // What is left to look at does not depend on the instruction set either.
      if (simplices != 0) {
        EXPECT_EQ(outcome.statistics.simplices, simplices) << tda_simd_target_name(target);
      }
      simplices = outcome.statistics.simplices;
    }
  }
}

TEST(EdgeCollapse, LeavesFewSimplicesOfADenseSample) {
  Random random(92);
  const Input input = sphere_points_input(400, 3, random);
  tda_rips_options options = rips_options(2, 0.5);
  options.edge_collapse = TDA_COLLAPSE_OFF;
  const std::uint64_t before = compute(input, options).statistics.simplices;
  options.edge_collapse = TDA_COLLAPSE_ON;
  EXPECT_LT(compute(input, options).statistics.simplices, before / 2);
}

/// Every report of the collapse stage, until one asks to stop.
TEST(EdgeCollapse, CanBeCancelled) {
  Random random(93);
  const Input input = uniform_points_input(3'000, 3, random);
  tda_rips_options options = rips_options(1);
  options.edge_collapse = TDA_COLLAPSE_ON;
  std::uint32_t seen = 0;
  tda_control control{};
  control.struct_size = sizeof control;
  control.user = &seen;
  control.on_progress = [](void* user, const tda_progress* progress) {
    if (progress->stage != TDA_STAGE_COLLAPSE) return 0;
    ++*static_cast<std::uint32_t*>(user);
    return progress->columns_done > 0 ? 1 : 0;
  };
  EXPECT_EQ(compute(input, options, &control).status, TDA_ERROR_CANCELLED);
  EXPECT_GT(seen, 0u);
}

TEST(EdgeCollapse, IsCancelledByAFlag) {
  Random random(94);
  const Input input = uniform_points_input(1'000, 3, random);
  tda_rips_options options = rips_options(1);
  options.edge_collapse = TDA_COLLAPSE_ON;
  volatile std::int32_t cancel = 1;
  tda_control control{};
  control.struct_size = sizeof control;
  control.cancel = &cancel;
  EXPECT_EQ(compute(input, options, &control).status, TDA_ERROR_CANCELLED);
}

}  // namespace
}  // namespace tda::test
