// SPDX-License-Identifier: Apache-2.0
//
// The collapse itself, below the C ABI: dense and sparse rows leave the same edges, and these are the ones that the definition gives when it is
// followed word by word.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "collapse/edge_collapse.hpp"
#include "support/random.hpp"
#include "support/rips_call.hpp"
#include "support/test_scale.hpp"

namespace tda::test {
namespace {

using detail::Neighborhoods;
using detail::TimedEdges;

struct Edge {
  std::uint32_t time, low, high;
  friend bool operator==(const Edge&, const Edge&) = default;
};
using EdgeList = std::vector<Edge>;

constexpr std::uint32_t never = UINT32_MAX;

/// Random times with ties, each the last place of its kind.
EdgeList draw_edges(std::uint32_t vertex_count, Random& random) {
  EdgeList edges;
  const double density = random.pick({0.2, 0.5, 1.0});
  const std::uint32_t values = random.pick({3u, 30u, 100'000u});
  for (std::uint32_t high = 1; high < vertex_count; ++high)
    for (std::uint32_t low = 0; low < high; ++low)
      if (random.chance(density)) edges.push_back({random.below(values), low, high});
  std::ranges::stable_sort(edges, {}, &Edge::time);
  for (std::size_t end = edges.size(); end > 0;) {
    std::size_t begin = end;
    const std::uint32_t value = edges[end - 1].time;
    while (begin > 0 && edges[begin - 1].time == value) edges[--begin].time = static_cast<std::uint32_t>(end - 1);
    end = begin;
  }
  return edges;
}

EdgeList collapsed(const EdgeList& edges, std::uint32_t vertex_count, Neighborhoods neighborhoods, std::uint32_t target) {
  detail::Execution execution(0, nullptr);
  TimedEdges timed(execution.budget());
  timed.vertex_count = vertex_count;
  for (const Edge& e : edges) {
    timed.low.push_back(e.low);
    timed.high.push_back(e.high);
    timed.time.push_back(e.time);
  }
  detail::collapse_edges(timed, {.neighborhoods = neighborhoods}, *detail::kernel_table(target), execution);
  EdgeList out;
  for (std::uint32_t i = 0; i < timed.count(); ++i) out.push_back({timed.time[i], timed.low[i], timed.high[i]});
  return out;
}

/// The definition: time after time, is there a vertex that dominates the edge?
class Reference {
 public:
  Reference(const EdgeList& edges, std::uint32_t vertex_count)
      : size_(vertex_count), times_(std::size_t{vertex_count} * vertex_count, never), edges_(edges) {
    for (const Edge& e : edges_) set(e, e.time);
  }

  /// One pass; returns the edges that are left, in order.
  EdgeList pass() {
    EdgeList left;
    for (std::size_t i = edges_.size(); i-- > 0;) {
      Edge& e = edges_[i];
      std::uint32_t time = e.time;
      while (time != never && is_dominated(e, time)) time = next_time(time);
      set(e, time);
      e.time = time;
    }
    for (const Edge& e : edges_)
      if (e.time != never) left.push_back(e);
    std::ranges::stable_sort(left, {}, &Edge::time);
    return left;
  }

 private:
  std::uint32_t& at(std::uint32_t v, std::uint32_t w) { return times_[std::size_t{v} * size_ + w]; }
  void set(const Edge& e, std::uint32_t time) { at(e.low, e.high) = at(e.high, e.low) = time; }

  bool is_dominated(const Edge& e, std::uint32_t time) {
    std::vector<std::uint32_t> common;
    for (std::uint32_t v = 0; v < size_; ++v)
      if (v != e.low && v != e.high && at(e.low, v) <= time && at(e.high, v) <= time) common.push_back(v);
    return std::ranges::any_of(common, [&](std::uint32_t z) {
      return std::ranges::all_of(common, [&](std::uint32_t w) { return w == z || at(z, w) <= time; });
    });
  }

  /// The next time at which anything changes.
  std::uint32_t next_time(std::uint32_t time) const {
    std::uint32_t next = never;
    for (const std::uint32_t t : times_)
      if (t > time) next = std::min(next, t);
    return next;
  }

  std::uint32_t size_;
  std::vector<std::uint32_t> times_;
  EdgeList edges_;
};

EdgeList reference(EdgeList edges, std::uint32_t vertex_count) {
  while (!edges.empty()) {
    const EdgeList left = Reference(edges, vertex_count).pass();
    const bool is_last = static_cast<double>(edges.size() - left.size()) < 0.15 * static_cast<double>(edges.size());
    edges = left;
    if (is_last) break;
  }
  return edges;
}

TEST(CollapseRows, LeaveTheEdgesOfTheDefinition) {
  for (std::uint32_t k = 0; k < scaled_count(300); ++k) {
    Random random(k);
    const std::uint32_t vertex_count = random.between(2, 16);
    const EdgeList edges = draw_edges(vertex_count, random);
    const EdgeList expected = reference(edges, vertex_count);
    for (const std::uint32_t target : available_simd_targets()) {
      ASSERT_EQ(collapsed(edges, vertex_count, Neighborhoods::dense, target), expected) << "seed " << k;
      ASSERT_EQ(collapsed(edges, vertex_count, Neighborhoods::sparse, target), expected) << "seed " << k;
    }
  }
}

TEST(CollapseRows, DenseAndSparseAgreeOverManyWords) {
  for (std::uint32_t k = 0; k < scaled_count(10); ++k) {
    Random random(1000 + k);
    // Points on a line with some noise in their times: neighbourhoods are intervals over a few words.
    const std::uint32_t vertex_count = random.between(200, 900);
    std::vector<double> x(vertex_count);
    for (double& value : x) value = random.uniform();
    EdgeList edges;
    for (std::uint32_t high = 1; high < vertex_count; ++high)
      for (std::uint32_t low = 0; low < high; ++low)
        if (const double length = std::abs(x[low] - x[high]); length < 0.12)
          edges.push_back({static_cast<std::uint32_t>(1e6 * length * (1 + 0.2 * random.uniform())), low, high});
    std::ranges::stable_sort(edges, {}, &Edge::time);
    for (std::size_t i = 0; i < edges.size(); ++i) edges[i].time = static_cast<std::uint32_t>(i);
    const EdgeList expected = collapsed(edges, vertex_count, Neighborhoods::dense, TDA_SIMD_BASELINE);
    EXPECT_LT(expected.size(), edges.size());
    for (const std::uint32_t target : available_simd_targets()) {
      EXPECT_EQ(collapsed(edges, vertex_count, Neighborhoods::dense, target), expected);
      EXPECT_EQ(collapsed(edges, vertex_count, Neighborhoods::sparse, target), expected);
      EXPECT_EQ(collapsed(edges, vertex_count, Neighborhoods::automatic, target), expected);
    }
  }
}

}  // namespace
}  // namespace tda::test
