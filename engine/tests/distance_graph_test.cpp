// SPDX-License-Identifier: Apache-2.0
//
// From an input to its edges: the neighbour search against all pairs on clouds made to break it, thresholds at ties, births, radii.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include "complex/filtered_graph.hpp"
#include "distance/enclosing_radius.hpp"
#include "distance/kd_tree.hpp"
#include "distance/point_cloud.hpp"
#include "distance/scalar.hpp"
#include "simd/kernel_table.hpp"
#include "support/hard_clouds.hpp"
#include "support/inputs.hpp"
#include "support/random.hpp"
#include "support/test_scale.hpp"

namespace tda::test {
namespace {

using detail::EdgeCollector;
using detail::Execution;
using detail::FilteredGraph;
using detail::KdTree;
using detail::KernelTable;
using detail::PointCloud;

constexpr double inf = std::numeric_limits<double>::infinity();

tda_input points_of(const std::vector<double>& values, std::size_t columns, std::uint32_t metric, double p) {
  tda_input input;
  tda_input_init(&input);
  input.kind = TDA_POINTS;
  input.scalar = TDA_FLOAT64;
  input.metric = metric;
  input.minkowski_p = p;
  input.rows = columns == 0 ? 0 : values.size() / columns;
  input.columns = columns;
  input.values = values.data();
  return input;
}

template <class Scalar>
using EdgeSet = std::map<std::pair<std::uint32_t, std::uint32_t>, Scalar>;

template <class Scalar>
EdgeSet<Scalar> edges_of(const FilteredGraph<Scalar>& graph) {
  EdgeSet<Scalar> edges;
  for (std::size_t e = 0; e < graph.length.size(); ++e) {
    EXPECT_LT(graph.low[e], graph.high[e]);
    EXPECT_TRUE(edges.emplace(std::pair{graph.low[e], graph.high[e]}, graph.length[e]).second) << "an edge given twice";
  }
  return edges;
}

/// All distances of a cloud.
std::vector<double> all_distances(const PointCloud& cloud) {
  const std::uint32_t n = cloud.count();
  std::vector<double> distances(std::size_t{n} * n);
  std::vector<double> query(cloud.dimension() + 1);
  for (std::uint32_t i = 0; i < n; ++i) {
    cloud.copy_point(i, query.data());
    cloud.distances(query.data(), 0, n, &distances[std::size_t{i} * n]);
  }
  return distances;
}

template <class Scalar>
void compare_tree_with_all_pairs(std::uint64_t seed) {
  Random random(seed);
  const std::uint32_t d = random.chance(0.6) ? random.between(1, 4) : random.between(5, 20);
  const std::uint32_t n = random.between(2, 200);
  const std::uint32_t metric = random.below(5);
  const double p = random.pick({1.0, 1.5, 2.0, 2.5, 6.0});
  const std::vector<double> values = hard_cloud(random, random.below(10), n, d);
  const tda_input input = points_of(values, d, metric, p);
  Execution execution(0, nullptr);
  const KernelTable& kernels = *detail::kernel_table(TDA_SIMD_AUTO);
  auto cloud = detail::read_points<double>(input, kernels, execution);
  if (!cloud) {
    ASSERT_EQ(cloud.error().status, TDA_ERROR_ZERO_VECTOR) << cloud.error().message;
    return;
  }
  const std::vector<double> distances = all_distances(*cloud);
  for (double distance : distances) {
    ASSERT_FALSE(std::isnan(distance));
    if (detail::round_to<Scalar>(distance) == detail::infinity<Scalar>) return;  // refused before the tree is asked
  }
  const KdTree tree(*cloud, execution);
  for (std::uint32_t k = 0; k < 4; ++k) {
    // A distance that occurs (a tie at the rim), its neighbours, and 0.
    const auto tie = detail::round_to<Scalar>(distances[random.below(n) * n + random.below(n)]);
    const Scalar threshold = k == 0 ? tie
                             : k == 1 ? std::nextafter(tie, Scalar{0})
                             : k == 2 ? detail::round_to<Scalar>(*std::ranges::min_element(distances, {}, [](double x) { return x > 0 ? x : inf; }))
                                      : Scalar{0};
    EdgeSet<Scalar> expected;
    for (std::uint32_t i = 0; i < n; ++i)
      for (std::uint32_t j = 0; j < i; ++j) {
        const auto length = detail::round_to<Scalar>(distances[std::size_t{i} * n + j]);
        if (length <= threshold) expected[{j, i}] = length;
      }
    EdgeCollector<Scalar> collector(threshold, execution);
    ASSERT_TRUE(tree.collect(threshold, detail::VertexNumbers::input, collector, execution));
    FilteredGraph<Scalar> graph(execution.budget());
    collector.finish(graph);
    ASSERT_EQ(edges_of(graph), expected) << "seed " << seed << " metric " << metric << " dimension " << d << " threshold " << threshold;
  }
}

TEST(KdTree, FindsExactlyThePairsWithinTheThreshold) {
  for (std::uint32_t k = 0; k < scaled_count(120); ++k) {
    compare_tree_with_all_pairs<double>(0xa000 + k);
    compare_tree_with_all_pairs<float>(0xb0000 + k);
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(PointCloud, EuclideanDistancesOutsideTheRangeOfSquaresAreRight) {
  Execution execution(0, nullptr);
  for (int exponent : {-1060, -700, -500, 0, 500, 700, 1020}) {
    const double unit = std::ldexp(1.0, exponent);
    const std::vector<double> values = {0, 0, 3 * unit, 4 * unit, -3 * unit, 0};
    const tda_input input = points_of(values, 2, TDA_EUCLIDEAN, 0);
    const auto cloud = detail::read_points<double>(input, *detail::kernel_table(TDA_SIMD_AUTO), execution);
    ASSERT_TRUE(cloud);
    const std::vector<double> distances = all_distances(*cloud);
    EXPECT_EQ(distances[1], 5 * unit) << exponent;
    EXPECT_EQ(distances[2], 3 * unit) << exponent;
    EXPECT_EQ(distances[4], 0) << exponent;
  }
}

TEST(PointCloud, CosineOfEqualAndOfScaledVectorsIsZeroAndNeverNegative) {
  Execution execution(0, nullptr);
  Random random(83);
  for (std::uint32_t round = 0; round < 200; ++round) {
    const std::uint32_t d = random.between(1, 12);
    std::vector<double> values;
    for (std::uint32_t k = 0; k < d; ++k) values.push_back(random.gaussian());
    for (double factor : {1.0, 3.0, 0.1, 0x1p-900, 0x1p900, -1.0})
      for (std::uint32_t k = 0; k < d; ++k) values.push_back(values[k] * factor);
    const tda_input input = points_of(values, d, TDA_COSINE, 0);
    const auto cloud = detail::read_points<double>(input, *detail::kernel_table(TDA_SIMD_AUTO), execution);
    ASSERT_TRUE(cloud);
    const std::vector<double> distances = all_distances(*cloud);
    for (std::uint32_t j = 0; j < 6; ++j) EXPECT_EQ(distances[j], 0) << j;
    EXPECT_NEAR(distances[6], 2, 1e-15);
    EXPECT_LE(distances[6], 2);
  }
}

TEST(EnclosingRadius, BoundsHoldAndTheFullScanAgrees) {
  for (std::uint32_t k = 0; k < scaled_count(300); ++k) {
    Random random(0xc000 + k);
    const std::uint32_t d = random.between(1, 8);
    const std::uint32_t n = random.between(1, 200);
    const std::vector<double> values = hard_cloud(random, random.pick({0u, 1u, 2u, 3u, 5u, 6u, 9u}), n, d);
    Execution execution(0, nullptr);
    const auto cloud = detail::read_points<double>(points_of(values, d, random.below(3), 0), *detail::kernel_table(TDA_SIMD_AUTO), execution);
    ASSERT_TRUE(cloud);
    const std::vector<double> distances = all_distances(*cloud);
    double expected = inf;
    for (std::uint32_t i = 0; i < n; ++i)
      expected = std::min(expected, *std::max_element(distances.begin() + i * n, distances.begin() + (i + 1) * n));
    EXPECT_EQ(detail::full_enclosing_radius(*cloud, execution), expected);
    for (std::size_t rows : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{64}, std::size_t{500}}) {
      const detail::RadiusBounds radius = detail::search_enclosing_radius(*cloud, rows, execution);
      EXPECT_LE(radius.lower, expected);
      EXPECT_GE(radius.upper, expected);
      if (rows >= n) {
        EXPECT_TRUE(radius.exact());
      }
    }
  }
}

struct Built {
  Execution execution{0, nullptr};
  FilteredGraph<double> graph{execution.budget()};

  Built(const tda_input& input, double threshold) {
    tda_rips_options options;
    tda_rips_options_init(&options);
    options.threshold = threshold;
    auto built = detail::build_filtered_graph<double>(input, options, execution);
    EXPECT_TRUE(built) << built.error().message;
    if (built) graph = std::move(*built);
  }
};

TEST(PointGraph, LargeCloudsTellWhetherTheThresholdTruncates) {
  // A hub at the origin and points on the unit sphere: the radius is the hub's, 1 up to rounding.
  Random random(89);
  const std::uint32_t n = 4500;
  const std::uint32_t d = 8;
  std::vector<double> values(n * d);
  for (std::uint32_t i = 1; i < n; ++i) {
    double* x = &values[i * d];
    double norm = 0;
    for (std::uint32_t k = 0; k < d; ++k) x[k] = random.gaussian();
    for (std::uint32_t k = 0; k < d; ++k) norm += x[k] * x[k];
    for (std::uint32_t k = 0; k < d; ++k) x[k] /= std::sqrt(norm);
  }
  const tda_input input = points_of(values, d, TDA_EUCLIDEAN, 0);
  const Built below(input, 0.5);
  EXPECT_TRUE(below.graph.truncated);
  EXPECT_EQ(below.graph.threshold, 0.5);
  const Built above(input, 1.0 + 1e-12);
  EXPECT_FALSE(above.graph.truncated);
  EXPECT_NEAR(above.graph.enclosing_radius, 1, 1e-12);
}

TEST(PointGraph, TreeAndAllPairsGiveTheSameGraph) {
  Random random(97);
  for (std::uint32_t metric = 0; metric < 5; ++metric) {
    const std::uint32_t n = 4100;
    std::vector<double> values(n * 3);
    for (double& x : values) x = random.chance(0.1) ? 0.5 : random.uniform() + 0.1;
    const double threshold = metric == TDA_COSINE ? 1e-3 : 0.06;
    const Built tree(points_of(values, 3, metric, 3.0), threshold);
    // The same points in a matrix.
    Execution execution(0, nullptr);
    const auto cloud = detail::read_points<double>(points_of(values, 3, metric, 3.0), *detail::kernel_table(TDA_SIMD_BASELINE), execution);
    ASSERT_TRUE(cloud);
    std::vector<double> lower;
    std::vector<double> row(n);
    double query[3];
    for (std::uint32_t i = 0; i < n; ++i) {
      cloud->copy_point(i, query);
      cloud->distances(query, 0, i, row.data());
      lower.insert(lower.end(), row.begin(), row.begin() + i);
    }
    tda_input matrix;
    tda_input_init(&matrix);
    matrix.kind = TDA_DISTANCES_LOWER;
    matrix.scalar = TDA_FLOAT64;
    matrix.rows = n;
    matrix.values = lower.data();
    const Built dense(matrix, threshold);
    ASSERT_GT(tree.graph.length.size(), 1000u);
    EXPECT_EQ(edges_of(tree.graph), edges_of(dense.graph)) << metric;
    EXPECT_TRUE(std::ranges::equal(tree.graph.length, dense.graph.length));
    EXPECT_TRUE(tree.graph.truncated);
    EXPECT_TRUE(dense.graph.truncated);
    if (tree.graph.enclosing_radius < inf) {
      EXPECT_EQ(tree.graph.enclosing_radius, dense.graph.enclosing_radius) << metric;
    }
  }
}

TEST(MatrixGraph, BirthsAndTheEnclosingRadius) {
  // Point 2 is never born; of the others, 0 is a cone at 5, when 1 (born at 4) is there.
  const std::vector<double> values = {1, 5, inf, 3, /**/ 5, 4, inf, 7, /**/ inf, inf, inf, inf, /**/ 3, 7, inf, 2};
  tda_input input;
  tda_input_init(&input);
  input.kind = TDA_DISTANCES_FULL;
  input.scalar = TDA_FLOAT64;
  input.rows = 4;
  input.values = values.data();
  const Built open(input, inf);
  EXPECT_EQ(open.graph.enclosing_radius, 5);
  EXPECT_EQ(open.graph.threshold, 5);
  EXPECT_FALSE(open.graph.truncated);
  EXPECT_TRUE(std::ranges::equal(open.graph.births, std::vector{1.0, 4.0, inf, 2.0}));
  EXPECT_TRUE(std::ranges::equal(open.graph.absent, std::vector<std::uint8_t>{0, 0, 1, 0}));
  EXPECT_EQ(edges_of(open.graph), (EdgeSet<double>{{{0, 3}, 3}, {{0, 1}, 5}}));
  const Built early(input, 3.5);
  EXPECT_TRUE(early.graph.truncated);
  EXPECT_TRUE(std::ranges::equal(early.graph.absent, std::vector<std::uint8_t>{0, 1, 1, 0}));
  EXPECT_EQ(edges_of(early.graph), (EdgeSet<double>{{{0, 3}, 3}}));

  // The same, sparsely, in any order and triangle, with equal duplicates.
  const std::vector<double> entries = {7, 5, 3, 1, 4, inf, 2, 5};
  const std::vector<std::uint32_t> rows = {3, 0, 3, 0, 1, 2, 3, 1};
  const std::vector<std::uint32_t> columns = {1, 1, 0, 0, 1, 2, 3, 0};
  input.kind = TDA_DISTANCES_SPARSE;
  input.values = entries.data();
  input.row_indices = rows.data();
  input.column_indices = columns.data();
  input.entry_count = entries.size();
  const Built sparse(input, inf);
  EXPECT_EQ(edges_of(sparse.graph), edges_of(open.graph));
  EXPECT_EQ(sparse.graph.enclosing_radius, 5);
  EXPECT_TRUE(std::ranges::equal(sparse.graph.absent, open.graph.absent));
}

TEST(MatrixGraph, AsymmetryIsFoundAnywhereAndTheFirstPlaceNamed) {
  Random random(101);
  for (std::uint32_t round = 0; round < scaled_count(300); ++round) {
    const std::uint32_t n = random.between(2, 150);
    std::vector<double> values(n * n, 1.0);
    const std::uint32_t i = random.below(n - 1);
    const std::uint32_t column = random.between(i + 1, n - 1);
    values[i * n + column] = 2;
    for (std::uint32_t more = 0; more < 3; ++more) {
      const std::uint32_t row = random.between(i, n - 1);
      const std::uint32_t other = random.between(0, n - 1);
      if (row > i && other > row) values[row * n + other] = 3;
      if (row == i && other > column) values[row * n + other] = 3;
    }
    tda_input input;
    tda_input_init(&input);
    input.kind = TDA_DISTANCES_FULL;
    input.scalar = TDA_FLOAT64;
    input.rows = n;
    input.values = values.data();
    tda_rips_options options;
    tda_rips_options_init(&options);
    Execution execution(0, nullptr);
    for (std::uint32_t k = 0; k < n; ++k) values[k * n + k] = 0;
    const auto built = detail::build_filtered_graph<double>(input, options, execution);
    ASSERT_FALSE(built);
    EXPECT_EQ(built.error().status, TDA_ERROR_ASYMMETRIC_DISTANCE);
    EXPECT_EQ(built.error().row, i);
    EXPECT_EQ(built.error().column, column);
  }
}

}  // namespace
}  // namespace tda::test
