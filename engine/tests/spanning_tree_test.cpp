// SPDX-License-Identifier: Apache-2.0
//
// Dimension 0 of points by a spanning tree: each part against all distances, and the whole against union–find over all edges.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "distance/enclosing_radius.hpp"
#include "distance/kd_tree.hpp"
#include "distance/point_cloud.hpp"
#include "simd/kernel_table.hpp"
#include "spanning_tree/boruvka.hpp"
#include "spanning_tree/farthest_points.hpp"
#include "spanning_tree/nearest_neighbours.hpp"
#include "spanning_tree/prim.hpp"
#include "support/hard_clouds.hpp"
#include "support/inputs.hpp"
#include "support/test_scale.hpp"

namespace tda::test {
namespace {

using detail::Execution;
using detail::KdTree;
using detail::NearestNeighbours;
using detail::PointCloud;
using detail::TreeEdge;

constexpr std::uint32_t metrics[] = {TDA_EUCLIDEAN, TDA_MANHATTAN, TDA_CHEBYSHEV, TDA_COSINE, TDA_MINKOWSKI};

/// A hard cloud as an input; cosine has no zero vectors.
Input draw_input(Random& random, std::uint32_t n, std::uint32_t d) {
  Input input;
  const std::uint32_t shape = random.below(hard_cloud_shapes);
  input.values = hard_cloud(random, shape, n, d);
  input.rows = n;
  input.columns = d;
  input.metric = random.pick(metrics);
  input.minkowski_p = random.pick({1.0, 1.5, 3.0});
  const bool fits_float = shape != 4 && shape != 8;
  input.scalar = fits_float && random.chance(0.5) ? TDA_FLOAT32 : TDA_FLOAT64;
  for (double& x : input.values) {
    if (input.metric == TDA_COSINE) x = std::abs(x) + std::numeric_limits<double>::denorm_min();
    if (input.scalar == TDA_FLOAT32) x = static_cast<double>(static_cast<float>(x));
    if (input.metric == TDA_COSINE && x == 0) x = 1;
  }
  return input;
}

/// The points as the engine holds them, in float64.
PointCloud read(const Input& input, Execution& execution) {
  Input wide = input;
  wide.scalar = TDA_FLOAT64;
  BorrowedInput borrowed(wide);
  auto cloud = detail::read_points<double>(*borrowed.get(), *detail::kernel_table(TDA_SIMD_AUTO), execution);
  EXPECT_TRUE(cloud.has_value());
  return *std::move(cloud);
}

double distance(const PointCloud& cloud, std::uint32_t a, std::uint32_t b) {
  std::vector<double> query(cloud.dimension());
  cloud.copy_point(a, query.data());
  double result = 0;
  cloud.distances(query.data(), b, 1, &result);
  return result;
}

template <class Edges>
std::vector<double> sorted_lengths(const Edges& edges) {
  std::vector<double> lengths;
  for (const TreeEdge& edge : edges) lengths.push_back(edge.length);
  std::ranges::sort(lengths);
  return lengths;
}

/// n - 1 edges that join all points, with the lengths that the kernels give.
template <class Edges>
void expect_spanning_tree(const PointCloud& cloud, const Edges& edges) {
  std::vector<std::uint32_t> parent(cloud.count());
  for (std::uint32_t p = 0; p < cloud.count(); ++p) parent[p] = p;
  const auto root = [&](std::uint32_t p) {
    while (parent[p] != p) p = parent[p];
    return p;
  };
  ASSERT_EQ(edges.size() + 1, cloud.count());
  for (const TreeEdge& edge : edges) {
    EXPECT_EQ(edge.length, distance(cloud, edge.from, edge.to));
    ASSERT_NE(root(edge.from), root(edge.to)) << "a cycle";
    parent[root(edge.from)] = root(edge.to);
  }
}

class SpanningTreeParts : public testing::TestWithParam<std::uint32_t> {};

TEST_P(SpanningTreeParts, AgreeWithAllDistances) {
  for (std::uint32_t k = 0; k < scaled_count(800); ++k) {
    const std::uint64_t seed = 0xe0c1 + (std::uint64_t{GetParam()} << 32 | k);
    Random random(seed);
    const Input input = draw_input(random, random.between(8, 320), random.between(1, 7));
    Execution execution(0, nullptr);
    PointCloud cloud = read(input, execution);
    const double radius = detail::full_enclosing_radius(cloud, execution);
    const KdTree tree(cloud, execution);
    EXPECT_EQ(detail::enclosing_radius_by_tree(tree, execution), radius) << seed;

    const std::uint32_t count = random.between(1, 7);
    NearestNeighbours neighbours(tree, count, execution);
    neighbours.search_all(execution);
    std::vector<double> row(cloud.count());
    std::vector<double> query(cloud.dimension());
    for (std::uint32_t p = 0; p < cloud.count(); p += random.between(1, 5)) {
      cloud.copy_point(p, query.data());
      cloud.distances(query.data(), 0, cloud.count(), row.data());
      for (std::uint32_t i = 0; i < count; ++i) {
        ASSERT_NE(neighbours.points(p)[i], p);
        ASSERT_EQ(neighbours.distances(p)[i], row[neighbours.points(p)[i]]);
      }
      row.erase(row.begin() + p);
      std::ranges::sort(row);
      ASSERT_TRUE(std::equal(row.begin(), row.begin() + count, neighbours.distances(p))) << seed;
      row.resize(cloud.count());
    }

    const auto by_tree = detail::boruvka_tree(tree, neighbours, execution);
    expect_spanning_tree(cloud, by_tree);
    PointCloud taken_apart = read(input, execution);
    const auto by_all_pairs = detail::prim_tree(taken_apart, execution);
    expect_spanning_tree(read(input, execution), by_all_pairs);
    ASSERT_EQ(sorted_lengths(by_tree), sorted_lengths(by_all_pairs)) << seed;
  }
}

/// All edges are what dimension 1 needs.
TEST_P(SpanningTreeParts, DiagramIsThatOfAllEdges) {
  for (std::uint32_t k = 0; k < scaled_count(60); ++k) {
    const std::uint64_t seed = 0xd1a6 + (std::uint64_t{GetParam()} << 32 | k);
    Random random(seed);
    const std::uint32_t n = random.chance(0.5) ? random.below(40) : random.between(250, 420);
    const Input input = draw_input(random, n, random.between(1, 12));
    double threshold = infinity;
    const Outcome all = compute(input, rips_options(1));
    ASSERT_EQ(all.status, TDA_OK) << all.error.message;
    if (n > 1 && random.chance(0.6)) threshold = all.diagrams[0][random.below(static_cast<std::uint32_t>(all.diagrams[0].size()))].death;
    if (random.chance(0.05)) threshold = -1;
    const Outcome expected = compute(input, rips_options(1, threshold));
    ASSERT_EQ(expected.status, TDA_OK) << expected.error.message;
    for (const std::uint32_t target : available_simd_targets()) {
      tda_rips_options options = rips_options(0, threshold);
      options.simd_target = target;
      const Outcome outcome = compute(input, options);
      ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
      ASSERT_TRUE(same_bytes(outcome.diagrams, {expected.diagrams[0]})) << seed << to_string(input, options);
      EXPECT_EQ(outcome.statistics.points, expected.statistics.points);
      EXPECT_EQ(outcome.statistics.threshold, expected.statistics.threshold) << seed;
      EXPECT_EQ(outcome.statistics.enclosing_radius, expected.statistics.enclosing_radius) << seed;
      EXPECT_EQ(outcome.statistics.truncated, expected.statistics.truncated) << seed;
      EXPECT_LT(outcome.statistics.edges, std::max<std::uint64_t>(outcome.statistics.points, 1));
      EXPECT_LE(outcome.statistics.edges, expected.statistics.edges);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Shard, SpanningTreeParts, testing::Range(0u, 4u));

/// Above all_pairs_points, where the ordinary path uses a tree, too; distances make it look at all edges.
TEST(SpanningTree, OfThousandsOfPointsIsThatOfTheMatrix) {
  Random random(77);
  for (const std::uint32_t d : {2u, 3u, 20u}) {
    const Input input = uniform_points_input(4500, d, random, TDA_FLOAT32);
    for (const double threshold : {infinity, 0.03 * d}) {
      const Outcome expected = compute(input, rips_options(1, std::min(threshold, 0.03 * d)));
      const Outcome outcome = compute(input, rips_options(0, threshold));
      ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
      Diagram finite;
      for (const Bar& bar : outcome.diagrams[0])
        if (bar.death <= expected.statistics.threshold) finite.push_back(bar);
      finite.resize(expected.diagrams[0].size(), {0, infinity});
      EXPECT_EQ(finite, expected.diagrams[0]) << d;
      EXPECT_EQ(outcome.statistics.truncated, threshold == infinity ? 0u : 1u);
    }
  }
}

TEST(SpanningTree, OfManyPointsTakesLittleMemoryAndTheEstimateKnows) {
  Random random(78);
  const Input inputs[] = {uniform_points_input(200'000, 3, random), sphere_points_input(50'000, 3, random, TDA_FLOAT32),
                          uniform_points_input(100'000, 2, random, TDA_FLOAT32), uniform_points_input(6'000, 20, random)};
  for (const Input& input : inputs) {
    const tda_rips_options options = rips_options(0);
    const Outcome outcome = compute(input, options);
    ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
    EXPECT_EQ(outcome.diagrams[0].size(), input.rows);
    const auto peak = static_cast<double>(outcome.statistics.peak_bytes);
    EXPECT_LT(peak, static_cast<double>(input.rows * (200 + 24 * input.columns)));
    BorrowedInput borrowed(input);
    tda_rips_estimate estimate{};
    estimate.struct_size = sizeof estimate;
    ASSERT_EQ(tda_vietoris_rips_estimate(borrowed.get(), &options, nullptr, &estimate, nullptr), TDA_OK);
    EXPECT_GT(estimate.bytes, peak / 2);
    EXPECT_LT(estimate.bytes, peak * 2);
    EXPECT_LT(estimate.seconds, 5);
  }
}

/// Points that all coincide, or coincide in a few places, must not all meet each other.
TEST(SpanningTree, OfCoincidingPoints) {
  for (const std::uint32_t places : {1u, 3u}) {
    Input input;
    input.rows = 300'000;
    input.columns = 2;
    for (std::uint64_t i = 0; i < input.rows; ++i) input.values.insert(input.values.end(), {static_cast<double>(i % places), 1.0});
    const Outcome outcome = compute(input, rips_options(0));
    ASSERT_EQ(outcome.status, TDA_OK) << outcome.error.message;
    Diagram expected(places - 1, {0, 1});
    expected.push_back({0, infinity});
    EXPECT_EQ(outcome.diagrams[0], expected);
    EXPECT_EQ(outcome.statistics.edges, input.rows - 1);
  }
}

}  // namespace
}  // namespace tda::test
