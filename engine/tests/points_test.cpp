// SPDX-License-Identifier: Apache-2.0
//
// Point clouds: the distances of each metric, and their diagrams against the oracle.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support/inputs.hpp"
#include "support/oracle.hpp"
#include "support/test_scale.hpp"

namespace tda::test {
namespace {

constexpr tda_metric metrics[] = {TDA_EUCLIDEAN, TDA_MANHATTAN, TDA_CHEBYSHEV, TDA_COSINE, TDA_MINKOWSKI};

/// The textbook formula with the standard library, coordinates added in order.
double textbook_distance(const Input& input, std::uint64_t i, std::uint64_t j) {
  double sum = 0, largest = 0, powers = 0, squares = 0, dot = 0, norm_i = 0, norm_j = 0;
  for (std::uint64_t k = 0; k < input.columns; ++k) {
    const double x = input.values[i * input.columns + k];
    const double y = input.values[j * input.columns + k];
    const double difference = std::abs(x - y);
    sum += difference;
    squares += difference * difference;
    powers += std::pow(difference, input.minkowski_p);
    largest = std::max(largest, difference);
    dot += x * y;
    norm_i += x * x;
    norm_j += y * y;
  }
  switch (input.metric) {
    case TDA_EUCLIDEAN: return std::sqrt(squares);
    case TDA_MANHATTAN: return sum;
    case TDA_CHEBYSHEV: return largest;
    case TDA_COSINE: return 1 - dot / std::sqrt(norm_i * norm_j);
    default: return std::pow(powers, 1 / input.minkowski_p);
  }
}

/// The engine's own distance of two points: the death of the only finite bar of the two; 0 without one.
double engine_distance(const Input& input, std::uint64_t i, std::uint64_t j, std::uint32_t target) {
  Input pair = input;
  pair.rows = 2;
  const auto row = [&](std::uint64_t r) { return input.values.begin() + static_cast<std::ptrdiff_t>(r * input.columns); };
  pair.values.assign(row(i), row(i + 1));
  pair.values.insert(pair.values.end(), row(j), row(j + 1));
  tda_rips_options options = rips_options(0);
  options.simd_target = target;
  const Outcome outcome = compute(pair, options);
  EXPECT_EQ(outcome.status, TDA_OK) << outcome.error.message;
  return outcome.status == TDA_OK && outcome.diagrams[0].size() == 2 ? outcome.diagrams[0][0].death : 0;
}

/// On a small grid there are many ties and duplicates; Gaussian coordinates have neither. No zero vector (cosine).
Input draw_points(Random& random) {
  Input input;
  input.metric = random.pick(metrics);
  input.scalar = random.pick({TDA_FLOAT32, TDA_FLOAT64});
  input.minkowski_p = random.pick({1.0, 1.5, 2.0, 3.0, 7.25});
  input.rows = random.below(13);
  input.columns = random.between(1, 9);
  const bool on_a_grid = random.chance(0.5);
  for (std::uint64_t k = 0; k < input.rows * input.columns; ++k) {
    const double value = on_a_grid ? random.between(1, 4) : random.gaussian();
    input.values.push_back(input.scalar == TDA_FLOAT32 ? static_cast<double>(static_cast<float>(value)) : value);
  }
  return input;
}

class PointsComparison : public testing::TestWithParam<std::uint32_t> {};

TEST_P(PointsComparison, DiagramIsTheOraclesOnTheEnginesDistances) {
  for (std::uint32_t k = 0; k < scaled_count(150); ++k) {
    const std::uint64_t seed = 0x9000 + (std::uint64_t{GetParam()} << 32 | k);
    Random random(seed);
    const Input input = draw_points(random);
    tda_rips_options options = rips_options(random.below(4), infinity, random.pick({2u, 3u, 11u}));
    options.simd_target = TDA_SIMD_BASELINE;
    DistanceMatrix matrix(static_cast<std::uint32_t>(input.rows));
    for (std::uint32_t i = 0; i < matrix.size(); ++i) {
      for (std::uint32_t j = 0; j < i; ++j) {
        const double distance = engine_distance(input, i, j, TDA_SIMD_BASELINE);
        const double expected = textbook_distance(input, i, j);
        const double tolerance = input.scalar == TDA_FLOAT32 ? 1e-7 * expected + 1e-12 : 4e-15 * (expected + 1);
        ASSERT_NEAR(distance, expected, tolerance) << "seed " << seed << to_string(input, options);
        ASSERT_EQ(distance, engine_distance(input, j, i, TDA_SIMD_BASELINE)) << "seed " << seed << to_string(input, options);
        matrix.set(i, j, distance);
      }
    }
    if (random.chance(0.5) && matrix.size() > 1) options.threshold = matrix.at(1, 0);
    const Diagrams expected = brute_force_rips(matrix, options, input.scalar);
    for (std::uint32_t target : available_simd_targets()) {
      options.simd_target = target;
      const Outcome outcome = compute(input, options);
      ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message << to_string(input, options);
      ASSERT_TRUE(same_bytes(outcome.diagrams, expected))
          << "expected" << to_string(expected) << "\ngot" << to_string(outcome.diagrams) << "\nseed " << seed
          << to_string(input, options);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shard, PointsComparison, testing::Range(0u, 4u));

TEST(Points, EuclideanManhattanAndChebyshevAreTheTextbookValueBitByBit) {
  Random random(17);
  for (tda_metric metric : {TDA_EUCLIDEAN, TDA_MANHATTAN, TDA_CHEBYSHEV}) {
    for (std::uint32_t dimension = 1; dimension <= 40; ++dimension) {
      Input input = uniform_points_input(2, dimension, random);
      input.metric = metric;
      for (std::uint32_t target : available_simd_targets())
        ASSERT_EQ(engine_distance(input, 1, 0, target), textbook_distance(input, 1, 0)) << metric << ' ' << dimension;
    }
  }
}

/// The spatial search for a small threshold must find exactly the pairs that the full scan finds, whatever the shape of the cloud.
TEST(Points, SmallThresholdFindsTheSameEdgesAsTheMatrix) {
  Random random(23);
  for (std::uint32_t k = 0; k < scaled_count(60); ++k) {
    const std::uint32_t count = random.between(200, 700);
    const std::uint32_t dimension = random.between(1, 6);
    Input input = uniform_points_input(count, dimension, random, random.pick({TDA_FLOAT32, TDA_FLOAT64}));
    input.metric = random.pick({TDA_EUCLIDEAN, TDA_MANHATTAN, TDA_CHEBYSHEV});
    const double stretch = random.pick({1.0, 1e-3, 1e6});
    const double offset = random.pick({0.0, -5e3, 1e7});
    for (std::uint64_t v = 0; v < input.values.size(); ++v) {
      double& value = input.values[v];
      if (random.chance(0.02)) value = random.below(3);
      if (v % dimension == 0) value = value * stretch + offset;
      if (input.scalar == TDA_FLOAT32) value = static_cast<double>(static_cast<float>(value));
    }
    DistanceMatrix matrix(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      for (std::uint32_t j = 0; j < i; ++j) {
        const double distance = textbook_distance(input, i, j);
        matrix.set(i, j, input.scalar == TDA_FLOAT32 ? static_cast<double>(static_cast<float>(distance)) : distance);
      }
    }
    // A threshold that is one of the distances, so that ties at the rim count.
    std::vector<double> row;
    for (std::uint32_t j = 1; j < count; ++j) row.push_back(matrix.at(0, j));
    std::ranges::sort(row);
    tda_rips_options options = rips_options(1, row[random.below(6)]);
    const Outcome from_matrix = compute(lower_input(matrix, input.scalar), options);
    ASSERT_EQ(from_matrix.status, TDA_OK);
    for (std::uint32_t target : available_simd_targets()) {
      options.simd_target = target;
      const Outcome outcome = compute(input, options);
      ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
      ASSERT_EQ(outcome.statistics.edges, from_matrix.statistics.edges) << k << " threshold " << options.threshold;
      ASSERT_TRUE(same_bytes(outcome.diagrams, from_matrix.diagrams)) << k;
    }
  }
}

TEST(Points, ZeroColumnsMeansThatAllPointsCoincide) {
  Input input;
  input.rows = 5;
  const Outcome outcome = compute(input, rips_options(1));
  ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
  EXPECT_EQ(outcome.diagrams, (Diagrams{{{0, infinity}}, {}}));
}

// So many points have a tree, which has no coordinate to split by here.
TEST(Points, ZeroColumnsMeansThatAllPointsCoincideAlsoWhereNeighboursAreSearched) {
  Input input;
  input.rows = 4097;
  const Outcome outcome = compute(input, rips_options(0, 1.0));
  ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
  EXPECT_EQ(outcome.statistics.edges, input.rows - 1);
  EXPECT_EQ(outcome.diagrams, (Diagrams{{{0, infinity}}}));
}

TEST(Points, Float32ValuesAreRoundedOnce) {
  Input input = points_input({{0, 0}, {1, 1}});
  input.scalar = TDA_FLOAT32;
  const Outcome outcome = compute(input, rips_options(0));
  ASSERT_EQ(outcome.status, TDA_OK);
  EXPECT_EQ(outcome.diagrams[0][0].death, static_cast<double>(static_cast<float>(std::sqrt(2.0))));
  EXPECT_EQ(outcome.statistics.scalar, static_cast<std::uint32_t>(TDA_FLOAT32));
}

}  // namespace
}  // namespace tda::test
