// SPDX-License-Identifier: Apache-2.0
//
// Diagrams from the edges up to a cut: the bound of relative neighbours against all triples, the theorem on small clouds, the whole against a matrix.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "distance/kd_tree.hpp"
#include "distance/point_cloud.hpp"
#include "distance/scalar.hpp"
#include "simd/kernel_table.hpp"
#include "spanning_tree/relative_neighbours.hpp"
#include "support/hard_clouds.hpp"
#include "support/inputs.hpp"
#include "support/test_scale.hpp"

namespace tda::test {
namespace {

using detail::Execution;
using detail::KdTree;
using detail::PointCloud;

constexpr std::uint32_t shapes = hard_cloud_shapes + 3;

/// The hard clouds, and those for which the cut is made: a circle, a grid with ties, two copies of a cloud.
Input draw_cloud(Random& random, std::uint32_t n, std::uint32_t d) {
  Input input;
  const std::uint32_t shape = random.below(shapes);
  input.values = hard_cloud(random, shape % hard_cloud_shapes, n, d);
  input.rows = n;
  input.columns = d;
  for (std::uint32_t i = 0; i < n && shape >= hard_cloud_shapes; ++i) {
    const double angle = 6.283185307179586 * random.uniform();
    for (std::uint32_t k = 0; k < d; ++k) {
      double& x = input.values[std::size_t{i} * d + k];
      if (shape == hard_cloud_shapes) x = k == 0 ? std::cos(angle) : k == 1 ? std::sin(angle) : 0.01 * random.gaussian();
      if (shape == hard_cloud_shapes + 1) x = random.below(8);
      if (shape == hard_cloud_shapes + 2) x = i < n / 2 ? random.uniform() : input.values[std::size_t{i - n / 2} * d + k];
    }
  }
  input.scalar = shape != 4 && shape != 8 && random.chance(0.5) ? TDA_FLOAT32 : TDA_FLOAT64;
  if (input.scalar == TDA_FLOAT32)
    for (double& x : input.values) x = static_cast<double>(static_cast<float>(x));
  return input;
}

/// The distances of all pairs, rounded to the scalar of the input, by its own numbers.
std::vector<double> all_lengths(const Input& input) {
  Input wide = input;
  wide.scalar = TDA_FLOAT64;
  BorrowedInput borrowed(wide);
  Execution execution(0, nullptr);
  const auto cloud = detail::read_points<double>(*borrowed.get(), *detail::kernel_table(TDA_SIMD_AUTO), execution);
  const std::size_t n = cloud->count();
  std::vector<double> lengths(n * n);
  std::vector<double> query(cloud->dimension());
  for (std::uint32_t i = 0; i < n; ++i) {
    cloud->copy_point(i, query.data());
    cloud->distances(query.data(), 0, n, &lengths[i * n]);
  }
  if (input.scalar == TDA_FLOAT32)
    for (double& x : lengths) x = static_cast<double>(static_cast<float>(x));
  return lengths;
}

std::optional<double> bound(const Input& input) {
  Input wide = input;
  wide.scalar = TDA_FLOAT64;
  BorrowedInput borrowed(wide);
  Execution execution(0, nullptr);
  auto cloud = detail::read_points<double>(*borrowed.get(), *detail::kernel_table(TDA_SIMD_AUTO), execution);
  const KdTree tree(*cloud, execution);
  return detail::bound_relative_neighbours(tree, 1, UINT64_MAX, execution);
}

class Completion : public testing::TestWithParam<std::uint32_t> {};

TEST_P(Completion, AboveTheBoundEveryEdgeHasAShorterPairOfEdges) {
  std::uint64_t excluded = 0;
  std::uint32_t tight = 0;
  for (std::uint32_t k = 0; k < scaled_count(800); ++k) {
    const std::uint64_t seed = 0xb0d + (std::uint64_t{GetParam()} << 32 | k);
    Random random(seed);
    const Input input = draw_cloud(random, random.between(3, 90), random.between(1, 5));
    const auto limit = bound(input);
    if (!limit) continue;
    const double rounded = input.scalar == TDA_FLOAT32 ? static_cast<double>(static_cast<float>(*limit)) : *limit;
    const std::vector<double> length = all_lengths(input);
    const std::size_t n = input.rows;
    double longest = 0;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const double own = length[i * n + j];
        bool has_shorter = false;
        for (std::size_t u = 0; u < n && !has_shorter; ++u) has_shorter = std::max(length[i * n + u], length[j * n + u]) < own;
        if (!has_shorter) longest = std::max(longest, own);
        excluded += own > rounded ? 1 : 0;
        ASSERT_TRUE(has_shorter || own <= rounded) << seed << ": " << own << " above " << rounded;
      }
    }
    // Nothing but ties, the margin and points that are skipped as excluders lies between the two.
    tight += rounded <= longest * 1.001 ? 1 : 0;
  }
  EXPECT_GT(excluded, 0u);
  EXPECT_GT(tight, scaled_count(800) / 2);
}

TEST_P(Completion, ADiagramWithoutAnEssentialClassIsThatOfAllEdges) {
  std::uint32_t completed = 0;
  for (std::uint32_t k = 0; k < scaled_count(800); ++k) {
    const std::uint64_t seed = 0xc0de + (std::uint64_t{GetParam()} << 32 | k);
    Random random(seed);
    const Input input = draw_cloud(random, random.between(3, 120), random.between(1, 4));
    const auto limit = bound(input);
    if (!limit) continue;
    const std::uint32_t field = random.pick({2u, 3u});
    const Outcome cut = compute(input, rips_options(1, *limit * random.pick({1.0, 1.1, 1.5}), field));
    ASSERT_EQ(cut.status, TDA_OK) << cut.error.message;
    if (std::ranges::any_of(cut.diagrams[1], [](const Bar& bar) { return bar.death == infinity; })) continue;
    ++completed;
    ASSERT_TRUE(same_bytes(cut.diagrams, compute(input, rips_options(1, infinity, field)).diagrams)) << seed;
  }
  EXPECT_GT(completed, 0u);
}

INSTANTIATE_TEST_SUITE_P(Shard, Completion, testing::Range(0u, 4u));

/// The distances as a matrix, for which no cut is made.
Input matrix_of(const Input& points) {
  Input matrix;
  matrix.kind = TDA_DISTANCES_LOWER;
  matrix.scalar = points.scalar;
  matrix.rows = points.rows;
  const std::vector<double> length = all_lengths(points);
  for (std::size_t i = 0; i < points.rows; ++i)
    matrix.values.insert(matrix.values.end(), length.begin() + static_cast<std::ptrdiff_t>(i * points.rows),
                         length.begin() + static_cast<std::ptrdiff_t>(i * points.rows + i));
  return matrix;
}

TEST(Completion, OfManyPointsIsThatOfTheMatrix) {
  std::uint32_t cuts = 0;
  for (std::uint32_t k = 0; k < std::max(12u, scaled_count(16)); ++k) {
    Random random(700 + k);
    const std::uint32_t n = random.between(1024, 1300);
    Input input = k == 0 ? uniform_points_input(n, 3, random) : k == 1 ? sphere_points_input(n, 3, random, TDA_FLOAT32)
                                                                         : draw_cloud(random, n, random.between(2, 3));
    if (input.scalar == TDA_FLOAT32)
      for (double& x : input.values) x = static_cast<double>(static_cast<float>(x));
    const double threshold = random.chance(0.7) ? infinity : 0.5;
    const Outcome expected = compute(matrix_of(input), rips_options(1, threshold));
    const Outcome outcome = compute(input, rips_options(1, threshold));
    ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
    ASSERT_TRUE(same_bytes(outcome.diagrams, expected.diagrams)) << k;
    EXPECT_EQ(outcome.statistics.points, expected.statistics.points);
    EXPECT_EQ(outcome.statistics.threshold, expected.statistics.threshold) << k;
    EXPECT_EQ(outcome.statistics.enclosing_radius, expected.statistics.enclosing_radius) << k;
    EXPECT_EQ(outcome.statistics.truncated, expected.statistics.truncated) << k;
    cuts += outcome.statistics.edges < expected.statistics.edges ? 1 : 0;
  }
  EXPECT_GE(cuts, 2u) << "no cut was made";
}

TEST(Completion, OfAHoleNeedsAllEdgesAndGetsThem) {
  Random random(717);
  Input input = points_input({});
  input.columns = 2;
  input.rows = 1100;
  for (std::uint32_t i = 0; i < input.rows; ++i) {
    const double angle = 6.283185307179586 * random.uniform();
    input.values.insert(input.values.end(), {std::cos(angle), std::sin(angle)});
  }
  const Outcome outcome = compute(input, rips_options(1));
  ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
  ASSERT_FALSE(outcome.diagrams[1].empty());
  EXPECT_TRUE(same_bytes(outcome.diagrams, compute(matrix_of(input), rips_options(1)).diagrams));
}

/// Without a cut these would be billions of edges.
TEST(Completion, OfManyPointsNeedsLittleMemoryAndTheEstimateKnows) {
  Random random(719);
  for (const std::uint32_t d : {2u, 3u}) {
    const Input input = uniform_points_input(30'000, d, random, TDA_FLOAT32);
    const tda_rips_options options = rips_options(1);
    const Outcome outcome = compute(input, options);
    ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
    EXPECT_EQ(outcome.statistics.truncated, 0u);
    EXPECT_EQ(outcome.statistics.threshold, outcome.statistics.enclosing_radius);
    const auto peak = static_cast<double>(outcome.statistics.peak_bytes);
    EXPECT_LT(peak, 100e6);
    BorrowedInput borrowed(input);
    tda_rips_estimate estimate{};
    estimate.struct_size = sizeof estimate;
    ASSERT_EQ(tda_vietoris_rips_estimate(borrowed.get(), &options, nullptr, &estimate, nullptr), TDA_OK);
    EXPECT_GT(estimate.bytes, peak / 2) << d;
    EXPECT_LT(estimate.bytes, peak * 2) << d;
    EXPECT_LT(estimate.seconds, 20);
  }
}

}  // namespace
}  // namespace tda::test
