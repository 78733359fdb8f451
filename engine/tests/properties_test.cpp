// SPDX-License-Identifier: Apache-2.0
//
// What must hold for any input, on inputs larger than the oracle's.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "support/inputs.hpp"
#include "support/oracle.hpp"
#include "support/test_scale.hpp"

namespace tda::test {
namespace {

constexpr std::uint32_t fields[] = {2, 3, 5, 11, 32749};

Diagrams diagrams_of(const Input& input, const tda_rips_options& options) {
  const Outcome outcome = compute(input, options);
  EXPECT_EQ(outcome.status, TDA_OK) << outcome.error.message;
  return outcome.diagrams;
}

/// Metric or not, with ties or without, 30 to 70 points.
DistanceMatrix draw_matrix(Random& random) {
  const std::uint32_t size = random.between(30, 70);
  const bool is_metric = random.chance(0.5);
  const double step = random.pick({0.0, 0.05});
  std::vector<double> x(size), y(size), z(size);
  for (std::uint32_t i = 0; i < size; ++i) x[i] = random.uniform(), y[i] = random.uniform(), z[i] = random.uniform();
  DistanceMatrix matrix(size);
  for (std::uint32_t i = 0; i < size; ++i) {
    for (std::uint32_t j = 0; j < i; ++j) {
      double value = is_metric ? std::hypot(x[i] - x[j], y[i] - y[j], z[i] - z[j]) : random.uniform();
      if (step > 0) value = std::ceil(value / step) * step;
      matrix.set(i, j, value);
    }
  }
  return matrix;
}

class Properties : public testing::TestWithParam<std::uint64_t> {
 protected:
  Random random_{GetParam()};
  DistanceMatrix matrix_ = draw_matrix(random_);
  std::uint32_t max_dimension_ = random_.between(1, 2);
  std::uint32_t field_ = random_.pick(fields);
  tda_rips_options options_ = rips_options(max_dimension_, infinity, field_);
};

TEST_P(Properties, ThresholdAtTheEnclosingRadiusChangesNothing) {
  const Outcome open = compute(lower_input(matrix_), options_);
  ASSERT_EQ(open.status, TDA_OK);
  EXPECT_EQ(open.statistics.truncated, 0u);
  double radius = infinity;
  for (std::uint32_t i = 0; i < matrix_.size(); ++i) {
    double farthest = 0;
    for (std::uint32_t j = 0; j < matrix_.size(); ++j) farthest = std::max(farthest, matrix_.at(i, j));
    radius = std::min(radius, farthest);
  }
  EXPECT_EQ(open.statistics.enclosing_radius, radius);
  EXPECT_EQ(open.statistics.threshold, radius);
  for (double threshold : {radius, std::nextafter(radius, infinity), 1e9}) {
    options_.threshold = threshold;
    EXPECT_TRUE(same_bytes(diagrams_of(lower_input(matrix_), options_), open.diagrams)) << threshold;
  }
  options_.threshold = std::nextafter(radius, 0.0);
  EXPECT_EQ(compute(lower_input(matrix_), options_).statistics.truncated, 1u);
}

TEST_P(Properties, AThresholdCutsTheBars) {
  const Diagrams whole = diagrams_of(lower_input(matrix_), options_);
  const double threshold = matrix_.at(3, 1) * 0.7 + 0.2 * matrix_.at(5, 2);
  Diagrams expected;
  for (const Diagram& diagram : whole) {
    expected.emplace_back();
    for (const Bar& bar : diagram)
      if (bar.birth <= threshold) expected.back().push_back({bar.birth, bar.death <= threshold ? bar.death : infinity});
    std::ranges::sort(expected.back());
  }
  options_.threshold = threshold;
  EXPECT_EQ(diagrams_of(lower_input(matrix_), options_), expected) << "seed " << GetParam();
}

TEST_P(Properties, ScalingByTwoScalesTheBars) {
  Diagrams expected = diagrams_of(lower_input(matrix_), options_);
  for (Diagram& diagram : expected)
    for (Bar& bar : diagram) bar = {bar.birth * 2, bar.death * 2};
  EXPECT_TRUE(same_bytes(diagrams_of(lower_input(scaled(matrix_, 2)), options_), expected));
}

TEST_P(Properties, TheOrderOfThePointsDoesNotMatter) {
  const Diagrams expected = diagrams_of(lower_input(matrix_), options_);
  std::vector<std::uint32_t> order(matrix_.size());
  std::iota(order.begin(), order.end(), 0);
  for (int k = 0; k < 3; ++k) {
    random_.shuffle(order);
    EXPECT_TRUE(same_bytes(diagrams_of(lower_input(permuted(matrix_, order)), options_), expected)) << "seed " << GetParam();
  }
}

TEST_P(Properties, EveryKindAndInstructionSetGivesTheSameBytes) {
  const Diagrams expected = diagrams_of(lower_input(matrix_), options_);
  for (const Input& input : {full_input(matrix_), lower_diagonal_input(matrix_), sparse_input(matrix_, TDA_FLOAT64, random_)}) {
    for (std::uint32_t target : available_simd_targets()) {
      options_.simd_target = target;
      EXPECT_TRUE(same_bytes(diagrams_of(input, options_), expected)) << "seed " << GetParam() << " target " << target;
    }
  }
}

TEST_P(Properties, ALargerMaxDimensionDoesNotChangeTheLowerDiagrams) {
  const Diagrams expected = diagrams_of(lower_input(matrix_), options_);
  options_.max_dimension = max_dimension_ + 1;
  options_.threshold = matrix_.at(3, 1);
  Diagrams higher = diagrams_of(lower_input(matrix_), options_);
  options_.max_dimension = max_dimension_;
  higher.pop_back();
  EXPECT_TRUE(same_bytes(higher, diagrams_of(lower_input(matrix_), options_)));
}

TEST_P(Properties, ADuplicatedPointAddsNothing) {
  const Diagrams expected = diagrams_of(lower_input(matrix_), options_);
  DistanceMatrix larger(matrix_.size() + 2);
  for (std::uint32_t i = 0; i < larger.size(); ++i)
    for (std::uint32_t j = 0; j < i; ++j) larger.set(i, j, matrix_.at(i % matrix_.size(), j % matrix_.size()));
  EXPECT_TRUE(same_bytes(diagrams_of(lower_input(larger), options_), expected)) << "seed " << GetParam();
}

INSTANTIATE_TEST_SUITE_P(Seed, Properties, testing::Range<std::uint64_t>(100, 124));

/// Mid-sized against the oracle in low dimension: the special paths (many blocks, wide ranks) that nine points cannot reach.
class MidSizedComparison : public testing::TestWithParam<std::uint64_t> {};

TEST_P(MidSizedComparison, TheOracleAgrees) {
  Random random(GetParam());
  for (std::uint32_t k = 0; k < scaled_count(8); ++k) {
    const std::uint32_t max_dimension = random.between(1, 4);
    const std::uint32_t sizes[] = {0, 45, 24, 17, 14};
    const std::uint32_t size = sizes[max_dimension];
    DistanceMatrix matrix(size);
    for (std::uint32_t i = 0; i < size; ++i)
      for (std::uint32_t j = 0; j < i; ++j) matrix.set(i, j, random.chance(0.1) ? 0.5 : random.uniform());
    const tda_rips_options options = rips_options(max_dimension, random.pick({infinity, 0.5}), random.pick(fields));
    const Diagrams expected = brute_force_rips(matrix, options, TDA_FLOAT64);
    EXPECT_TRUE(same_bytes(diagrams_of(lower_input(matrix), options), expected)) << GetParam() << ' ' << k;
  }
}

INSTANTIATE_TEST_SUITE_P(Seed, MidSizedComparison, testing::Range<std::uint64_t>(900, 904));

}  // namespace
}  // namespace tda::test
