// SPDX-License-Identifier: Apache-2.0
//
// The sampled numbers of simplices against a count of all of them, and the kinds of input against each other.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "distance/neighbourhood_graphs.hpp"
#include "distance/simplex_sampling.hpp"
#include "support/distance_matrix.hpp"
#include "support/inputs.hpp"
#include "support/random.hpp"
#include "support/test_scale.hpp"

namespace tda::test {
namespace {

using detail::Execution;
using detail::MatrixNeighbourhoods;
using detail::MatrixView;
using detail::SimplexCounts;

/// A graph as a lower matrix: 0 = joined, 1 = not.
std::vector<double> random_graph(Random& random, std::uint32_t n, double density) {
  std::vector<double> lower(std::size_t{n} * (n - 1) / 2);
  for (double& x : lower) x = random.chance(density) ? 0 : 1;
  return lower;
}

MatrixView<double> view(const std::vector<double>& lower, std::uint32_t n) {
  return {.values = lower.data(), .count = n, .kind = TDA_DISTANCES_LOWER};
}

/// count[k] += cliques of k + 1 vertices that extend `clique` by vertices below the last.
void count_cliques(const MatrixView<double>& graph, std::vector<std::uint32_t>& clique, std::uint32_t most, std::vector<double>& count) {
  const std::uint32_t end = clique.empty() ? graph.count : clique.back();
  for (std::uint32_t v = 0; v < end; ++v) {
    bool joined = true;
    for (std::uint32_t u : clique) joined = joined && graph.row(u)[v] == 0;
    if (!joined) continue;
    count[clique.size()] += 1;
    clique.push_back(v);
    if (clique.size() <= most) count_cliques(graph, clique, most, count);
    clique.pop_back();
  }
}

TEST(SimplexSampling, CountsSmallGraphsExactly) {
  for (std::uint32_t k = 0; k < scaled_count(200); ++k) {
    Random random(0xd000 + k);
    const std::uint32_t n = random.between(1, 10);
    const std::uint32_t most = random.between(1, 5);
    const std::vector<double> lower = random_graph(random, n, random.uniform());
    std::vector<double> expected(most + 1);
    std::vector<std::uint32_t> clique;
    count_cliques(view(lower, n), clique, most, expected);
    MatrixNeighbourhoods<double> source(view(lower, n), 0);
    Execution execution(0, nullptr);
    const SimplexCounts counts = detail::sample_simplices(source, most, false, execution);
    ASSERT_TRUE(counts.exact) << n;
    for (std::uint32_t d = 0; d <= most; ++d) ASSERT_NEAR(counts.count[d], expected[d], 1e-9 * expected[d]) << "seed " << k << " dimension " << d;
    for (std::uint32_t d = most + 1; d < counts.count.size(); ++d) ASSERT_EQ(counts.count[d], 0);
  }
}

TEST(SimplexSampling, IsNearTheExpectedNumbersOfALargeRandomGraph) {
  Random random(103);
  const std::uint32_t n = 1500;
  const double density = 0.4;
  const std::vector<double> lower = random_graph(random, n, density);
  MatrixNeighbourhoods<double> source(view(lower, n), 0);
  Execution execution(0, nullptr);
  const SimplexCounts counts = detail::sample_simplices(source, 5, false, execution);
  EXPECT_FALSE(counts.exact);
  EXPECT_EQ(counts.joined_points, n);
  double subsets = n;
  for (std::uint32_t d = 1; d <= 5; ++d) {
    subsets *= static_cast<double>(n - d) / (d + 1);
    const double expected = subsets * std::pow(density, d * (d + 1) / 2);
    EXPECT_NEAR(counts.count[d], expected, 0.1 * d * expected) << d;
  }
}

TEST(SimplexSampling, IsTheSameEachTime) {
  Random random(107);
  const std::vector<double> lower = random_graph(random, 700, 0.3);
  MatrixNeighbourhoods<double> source(view(lower, 700), 0);
  Execution execution(0, nullptr);
  const SimplexCounts first = detail::sample_simplices(source, 4, false, execution);
  const SimplexCounts second = detail::sample_simplices(source, 4, false, execution);
  EXPECT_EQ(first.count, second.count);
}

tda_rips_estimate estimate_of(const Input& input, const tda_rips_options& options) {
  BorrowedInput borrowed(input);
  tda_rips_estimate estimate{};
  estimate.struct_size = sizeof estimate;
  EXPECT_EQ(tda_vietoris_rips_estimate(borrowed.get(), &options, nullptr, &estimate, nullptr), TDA_OK);
  return estimate;
}

TEST(EstimateOfKinds, OneGraphHasOneEstimateWhateverItsKind) {
  Random random(109);
  const std::uint32_t n = 300;
  DistanceMatrix matrix(n);
  for (std::uint32_t i = 0; i < n; ++i)
    for (std::uint32_t j = 0; j < i; ++j) matrix.set(i, j, random.uniform() + 0.5);
  for (double threshold : {0.7, infinity}) {
    const tda_rips_options options = rips_options(2, threshold);
    const tda_rips_estimate lower = estimate_of(lower_input(matrix), options);
    for (const Input& input : {full_input(matrix), lower_diagonal_input(matrix), sparse_input(matrix, TDA_FLOAT64, random)}) {
      const tda_rips_estimate other = estimate_of(input, options);
      EXPECT_EQ(other.edges, lower.edges);
      EXPECT_EQ(other.threshold, lower.threshold);
      for (std::uint32_t d = 0; d < TDA_ESTIMATE_DIMENSIONS; ++d) EXPECT_EQ(other.simplices[d], lower.simplices[d]) << d;
    }
  }
}

TEST(EstimateOfKinds, ManyPointsAreSampledNearTheirTrueNumberOfEdges) {
  Random random(113);
  for (std::uint32_t metric : {TDA_EUCLIDEAN, TDA_COSINE}) {
    Input input = uniform_points_input(6000, 3, random);
    input.metric = metric;
    for (double threshold : {0.0005, 0.01}) {
      const tda_rips_options options = rips_options(1, threshold);
      const tda_rips_estimate estimate = estimate_of(input, options);
      const Outcome outcome = compute(input, options);
      ASSERT_EQ(outcome.status, TDA_OK);
      const auto edges = static_cast<double>(outcome.statistics.edges);
      EXPECT_NEAR(estimate.edges, edges, 0.3 * edges + 20) << threshold;
      EXPECT_GT(estimate.bytes * 2, static_cast<double>(outcome.statistics.peak_bytes));
      EXPECT_LT(estimate.bytes, static_cast<double>(outcome.statistics.peak_bytes) * 2);
    }
  }
}

}  // namespace
}  // namespace tda::test
