// SPDX-License-Identifier: Apache-2.0
//
// The engine against the brute-force oracle on small random distance matrices: every kind of input, both scalar types, every
// instruction set. Each shard is a test of its own; a failure prints the seed and the whole input.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support/oracle.hpp"
#include "support/test_scale.hpp"

namespace tda::test {
namespace {

constexpr std::uint32_t shards = 8;
constexpr std::uint32_t cases_per_shard = 2'000;
constexpr std::uint32_t fields[] = {2, 3, 5, 11, 32749};
/// By max_dimension: sizes that the oracle reduces in about a millisecond.
constexpr std::uint32_t largest_size[] = {16, 12, 10, 9, 9};

double as_scalar(double value, tda_scalar scalar) {
  return scalar == TDA_FLOAT32 ? static_cast<double>(static_cast<float>(value)) : value;
}

enum class Style { few_values, distinct, nearly_tied, clusters, points };

double draw_distance(Style style, Random& random) {
  switch (style) {
    case Style::few_values: return random.between(0, 4);
    case Style::nearly_tied: return 1 + 0x1p-20 * random.between(0, 3);
    default: return random.uniform();
  }
}

/// A metric with duplicates (clusters), or no metric at all; then edges are dropped and births added with some probability.
DistanceMatrix draw_matrix(std::uint32_t size, tda_scalar scalar, Random& random) {
  const Style style =
      random.pick({Style::few_values, Style::few_values, Style::distinct, Style::nearly_tied, Style::clusters, Style::points});
  const double no_edge_probability = random.pick({0.0, 0.0, 0.2, 0.6});
  const bool with_births = random.chance(0.3);
  std::vector<double> x(size), y(size);
  for (std::uint32_t i = 0; i < size; ++i) {
    const bool duplicate = style == Style::clusters && i > 0 && random.chance(0.6);
    const std::uint32_t twin = i > 0 ? random.below(i) : 0;
    x[i] = duplicate ? x[twin] : random.uniform();
    y[i] = duplicate ? y[twin] : random.uniform();
  }
  DistanceMatrix matrix(size);
  for (std::uint32_t i = 0; i < size; ++i) {
    for (std::uint32_t j = 0; j < i; ++j) {
      double value = draw_distance(style, random);
      if (style == Style::clusters || style == Style::points) value = std::hypot(x[i] - x[j], y[i] - y[j]);
      if (random.chance(no_edge_probability)) value = infinity;
      matrix.set(i, j, as_scalar(value, scalar));
    }
  }
  if (!with_births) return matrix;
  for (std::uint32_t i = 0; i < size; ++i) {
    double shortest = infinity;
    for (std::uint32_t j = 0; j < size; ++j)
      if (j != i) shortest = std::min(shortest, matrix.at(i, j));
    if (random.chance(0.5))
      matrix.set(i, i, as_scalar(shortest == infinity ? random.uniform() : shortest * random.pick({0.5, 1.0}), scalar));
  }
  return matrix;
}

/// None, at a value of the matrix (a tie), between two, below all, above all.
double draw_threshold(const DistanceMatrix& matrix, Random& random) {
  if (random.chance(0.4) || matrix.size() < 2) return infinity;
  const std::uint32_t i = random.between(1, matrix.size() - 1);
  const double value = matrix.at(i, random.below(i));
  switch (random.below(5)) {
    case 0: return 0;
    case 1: return value * 0.999;
    case 2: return random.uniform();
    default: return value;
  }
}

std::vector<Input> every_kind(const DistanceMatrix& matrix, tda_scalar scalar, Random& random) {
  std::vector<Input> inputs = {full_input(matrix, scalar), lower_diagonal_input(matrix, scalar),
                               sparse_input(matrix, scalar, random)};
  if (!matrix.has_births()) inputs.push_back(lower_input(matrix, scalar));
  return inputs;
}

class OracleComparison : public testing::TestWithParam<std::uint32_t> {};

TEST_P(OracleComparison, EveryKindScalarAndInstructionSetGivesTheOraclesDiagram) {
  const std::vector<std::uint32_t> targets = available_simd_targets();
  for (std::uint32_t k = 0; k < scaled_count(cases_per_shard); ++k) {
    const std::uint64_t seed = std::uint64_t{GetParam()} << 32 | k;
    Random random(seed);
    const tda_scalar scalar = random.pick({TDA_FLOAT32, TDA_FLOAT64});
    const std::uint32_t max_dimension = random.below(5);
    const DistanceMatrix matrix = draw_matrix(random.below(largest_size[max_dimension] + 1), scalar, random);
    tda_rips_options options = rips_options(max_dimension, draw_threshold(matrix, random), random.pick(fields));
    options.edge_collapse = random.pick({TDA_COLLAPSE_AUTO, TDA_COLLAPSE_ON, TDA_COLLAPSE_OFF});

    const Diagrams expected = brute_force_rips(matrix, options, scalar);
    for (const Input& input : every_kind(matrix, scalar, random)) {
      for (std::uint32_t target : targets) {
        options.simd_target = target;
        const Outcome outcome = compute(input, options);
        ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message << "\nseed " << seed << to_string(input, options);
        ASSERT_EQ(outcome.diagrams, expected) << "expected" << to_string(expected) << "\ngot" << to_string(outcome.diagrams)
                                              << "\nseed " << seed << to_string(input, options);
        ASSERT_TRUE(same_bytes(outcome.diagrams, expected)) << "\nseed " << seed << to_string(input, options);
        ASSERT_EQ(outcome.statistics.simd_target, target);
        ASSERT_EQ(outcome.statistics.scalar, static_cast<std::uint32_t>(scalar));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shard, OracleComparison, testing::Range(0u, shards));

/// Values at the ends of the scalar's range: the order of the edges must not come from a rounded or shifted copy of them.
TEST(OracleComparisonExtremes, DenormalAndHugeDistancesKeepTheirOrderAndValue) {
  Random random(77);
  const double doubles[] = {0, 5e-324, 1e-310, 2.2250738585072014e-308, 1e-300, 1, 1 + 0x1p-52, 1e300, 1.7976931348623157e308};
  const double floats[] = {0, 0x1p-149, 0x1p-130, 0x1p-126, 1e-30f, 1, 1 + 0x1p-23, 1e30f, 0x1.fffffep127};
  for (std::uint32_t k = 0; k < scaled_count(200); ++k) {
    const tda_scalar scalar = random.pick({TDA_FLOAT32, TDA_FLOAT64});
    DistanceMatrix matrix(7);
    for (std::uint32_t i = 0; i < 7; ++i)
      for (std::uint32_t j = 0; j < i; ++j) matrix.set(i, j, scalar == TDA_FLOAT32 ? random.pick(floats) : random.pick(doubles));
    tda_rips_options options = rips_options(2);
    const Diagrams expected = brute_force_rips(matrix, options, scalar);
    for (std::uint32_t target : available_simd_targets()) {
      options.simd_target = target;
      const Outcome outcome = compute(lower_input(matrix, scalar), options);
      ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
      ASSERT_TRUE(same_bytes(outcome.diagrams, expected)) << to_string(expected) << to_string(outcome.diagrams);
    }
  }
}

}  // namespace
}  // namespace tda::test
