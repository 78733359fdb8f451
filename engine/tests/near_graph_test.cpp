// SPDX-License-Identifier: Apache-2.0
//
// Dimension 1 by lists of neighbours, nearest first, pairs the same ranks as the other two kinds of graphs. (Through the C ABI only large graphs get there.)
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "reduction/cohomology_run.hpp"
#include "reduction/components.hpp"
#include "support/random.hpp"
#include "support/test_scale.hpp"

namespace tda::detail {
namespace {

using test::Random;
using Pairs = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

/// All pairs of the vertices, or a part of them, in random order, or by their distance on a circle with noise.
Edges draw_edges(Random& random, Execution& execution) {
  const std::uint32_t n = random.between(4, 90);
  const bool is_geometric = random.chance(0.6);
  std::vector<double> x(n), y(n);
  const double noise = random.uniform();
  for (std::uint32_t v = 0; v < n; ++v) {
    const double angle = 6.283185307179586 * random.uniform();
    x[v] = std::cos(angle) + noise * random.uniform();
    y[v] = std::sin(angle) + noise * random.uniform();
  }
  struct Pair {
    double length;
    std::uint32_t low, high;
  };
  std::vector<Pair> pairs;
  for (std::uint32_t b = 0; b < n; ++b)
    for (std::uint32_t a = 0; a < b; ++a) pairs.push_back({is_geometric ? std::hypot(x[a] - x[b], y[a] - y[b]) : random.uniform(), a, b});
  std::ranges::sort(pairs, {}, &Pair::length);
  pairs.resize(1 + random.below(static_cast<std::uint32_t>(pairs.size())));
  RawVector<std::uint32_t> low(execution.budget());
  RawVector<std::uint32_t> high(execution.budget());
  for (const Pair& p : pairs) {
    low.push_back(p.low);
    high.push_back(p.high);
  }
  return compact_edges(n, std::move(low), std::move(high), execution);
}

Pairs sorted_pairs(const Cohomology& cohomology) {
  Pairs pairs;
  for (const RankPair& p : cohomology.pairs[0]) pairs.emplace_back(p.birth, p.death);
  std::ranges::sort(pairs);
  return pairs;
}

TEST(NearGraph, PairsAreThoseOfTheOtherGraphs) {
  for (std::uint32_t k = 0; k < test::scaled_count(400); ++k) {
    Random random(0x4ea2 + k);
    Execution execution(0, nullptr);
    const Edges edges = draw_edges(random, execution);
    const Vector<std::uint64_t> merging = find_merging_edges(edges, execution);
    const KernelTable& kernels = *kernel_table(TDA_SIMD_AUTO);
    const SimplexCoder<NarrowWord> coder(execution.budget(), edges.vertex_count, 1, edges.count());
    for (const std::uint32_t prime : {2u, 3u}) {
      const CohomologyRequest request{.max_dimension = 1, .prime = prime, .merging = merging, .representatives = nullptr};
      const auto pairs_of = [&](auto run) {
        Cohomology out(execution.budget());
        out.pairs.emplace_back(execution.budget());
        run(out);
        return sorted_pairs(out);
      };
      const Pairs near = pairs_of([&](Cohomology& out) { run_near(NearGraph(edges, kernels, execution), coder, request, out, execution); });
      const Pairs dense = pairs_of([&](Cohomology& out) { run_dense(DenseGraph(edges, kernels, execution), coder, request, out, execution); });
      const Pairs lists = pairs_of([&](Cohomology& out) { run_sparse(SparseGraph(edges, kernels, execution), coder, request, out, execution); });
      ASSERT_EQ(near, dense) << k << " Z/" << prime;
      ASSERT_EQ(near, lists) << k << " Z/" << prime;
    }
  }
}

TEST(NearGraph, ListsAreInRankOrderOnAnyNumberOfThreads) {
  Random random(77);
  for (const unsigned threads : {1u, 2u, 5u}) {
    Execution execution(0, nullptr, threads);
    constexpr std::uint32_t n = 700;
    RawVector<std::uint32_t> low(execution.budget());
    RawVector<std::uint32_t> high(execution.budget());
    for (std::uint32_t i = 0; i < 200'000; ++i) {
      const std::uint32_t a = random.below(n - 1);
      low.push_back(a);
      high.push_back(a + 1 + random.below(n - 1 - a));
    }
    const Edges edges{.vertex_count = n, .low = std::move(low), .high = std::move(high)};
    const NearGraph graph(edges, *kernel_table(TDA_SIMD_AUTO), execution);
    std::size_t total = 0;
    for (std::uint32_t v = 0; v < n; ++v) {
      const auto list = graph.neighbors(v);
      total += list.size();
      ASSERT_TRUE(std::ranges::is_sorted(list, {}, &Neighbor::rank));
      for (const Neighbor& u : list) {
        ASSERT_EQ(edges.low[u.rank], std::min(u.vertex, v));
        ASSERT_EQ(edges.high[u.rank], std::max(u.vertex, v));
      }
    }
    ASSERT_EQ(total, 2 * std::size_t{edges.count()}) << threads;
  }
}

}  // namespace
}  // namespace tda::detail
