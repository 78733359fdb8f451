// SPDX-License-Identifier: Apache-2.0
#include "collapse/edge_collapse.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "collapse/adjacency.hpp"
#include "collapse/neighborhoods.hpp"

namespace tda::detail {
namespace {

/// The part of the progress fraction at which the collapse is done.
constexpr double collapse_fraction = 0.3;

constexpr std::uint32_t removed = CollapseAnswer::never;

template <class Rows>
std::uint32_t settle(const Rows& rows, std::uint32_t low, std::uint32_t high, std::uint32_t time, const CollapseScratch& scratch,
                     std::uint64_t& work, Execution& execution) {
  CollapseQuery query{.low = low, .high = high, .own = time, .from = time};
  while (true) {
    const CollapseAnswer answer = rows.settle(query, scratch);
    work += answer.work;
    execution.poll(answer.work);
    if (answer.final) return answer.time;
    query.from = answer.time;
  }
}

/// Weighs what a pass brings against what it costs, some edges at a time.
class Balance {
 public:
  Balance(double worth_of_edge, std::uint32_t edge_count)
      : worth_of_edge_(worth_of_edge), window_(std::max<std::uint64_t>(least_window, edge_count / windows)) {}

  /// An edge was looked at. False: the last two windows lost.
  bool add(std::uint64_t work, bool was_removed) noexcept {
    cost_ += static_cast<double>(work);
    gain_ += was_removed ? worth_of_edge_ : 0;
    if (++edges_ % window_ != 0) return true;
    losses_ = gain_ < cost_ ? losses_ + 1 : 0;
    cost_ = gain_ = 0;
    return losses_ < 2;
  }

 private:
  static constexpr std::uint64_t least_window = 64;
  static constexpr std::uint64_t windows = 256;

  double worth_of_edge_;
  std::uint64_t window_;
  std::uint64_t edges_ = 0;
  unsigned losses_ = 0;
  double cost_ = 0;
  double gain_ = 0;
};

/// One pass: writes the new times of the edges, or `removed`, until all are visited or it does not pay any more.
template <class Rows>
void visit_edges(TimedEdges& edges, Rows& rows, double worth_of_edge, Execution& execution) {
  const bool to_the_end = worth_of_edge == std::numeric_limits<double>::infinity();
  Balance balance(worth_of_edge, edges.count());
  bool pays = true;
  SettleScratch scratch(rows.scratch_words(), execution.budget());
  std::uint64_t done = 0;
  for (std::uint32_t end = edges.count(); end > 0 && pays;) {
    // The edges of one time stand together; those that stay are unvisited until all of them are done.
    const std::uint32_t time = edges.time[end - 1];
    std::uint32_t begin = end;
    while (begin > 0 && edges.time[begin - 1] == time && pays) {
      const std::uint32_t i = --begin;
      const std::uint32_t low = edges.low[i];
      const std::uint32_t high = edges.high[i];
      std::uint64_t work = Rows::overhead;
      const std::uint32_t settled = settle(rows, low, high, time, scratch.view(), work, execution);
      if (settled == removed) {
        rows.remove(low, high);
      } else if (settled != time) {
        rows.visit(low, high);
        rows.set_time(low, high, settled);
      }
      edges.time[i] = settled;
      pays = balance.add(work, settled == removed) || to_the_end;
      execution.set_columns_done(++done);
    }
    for (std::uint32_t i = begin; i < end; ++i) {
      if (edges.time[i] == time) rows.visit(edges.low[i], edges.high[i]);
    }
    end = begin;
  }
}

/// Drops the removed edges and sorts the others by their new times.
void drop_removed(TimedEdges& edges, Execution& execution) {
  constexpr std::uint32_t poll_stride = 1 << 13;
  std::uint32_t last = 0;
  for (const std::uint32_t time : edges.time) last = time != removed && time > last ? time : last;
  Vector<std::uint32_t> place(std::size_t{last} + 2, 0, execution.budget());
  execution.poll(edges.count() + last / 8);
  for (const std::uint32_t time : edges.time) {
    if (time != removed) ++place[std::size_t{time} + 1];
  }
  std::uint32_t sum = 0;
  for (std::uint32_t& p : place) p = sum += p;
  execution.poll(edges.count() + last);
  TimedEdges kept(execution.budget());
  kept.vertex_count = edges.vertex_count;
  kept.low.resize(sum);
  kept.high.resize(sum);
  kept.time.resize(sum);
  for (std::uint32_t i = 0; i < edges.count(); ++i) {
    if (i % poll_stride == 0) execution.poll(4 * poll_stride);
    if (edges.time[i] == removed) continue;
    const std::uint32_t at = place[edges.time[i]]++;
    kept.low[at] = edges.low[i];
    kept.high[at] = edges.high[i];
    kept.time[at] = edges.time[i];
  }
  edges = std::move(kept);
}

/// Rows over all vertices are read by whole vectors; over few words, mostly one at a time.
bool prefers_dense(const TimedEdges& edges, Budget& budget) {
  constexpr std::uint32_t small = 4096;
  const std::uint64_t bytes = DenseNeighborhoods::bytes_needed(edges);
  if (bytes > SparseNeighborhoods::bytes_needed(edges) && bytes > budget.available() / 2) return false;
  const std::uint64_t words = edges.vertex_count / 64;
  const std::uint64_t degree = 2 * std::uint64_t{edges.count()} / edges.vertex_count;
  return edges.vertex_count <= small || words <= degree / 2;
}

}  // namespace

std::uint64_t collapse_bytes(std::uint32_t vertex_count, std::uint32_t edge_count) noexcept {
  // Ends and times, lists of neighbours with what is made from them, and a word of its own for each neighbour.
  return (12 + 24 + 2 * sizeof(RowWord)) * std::uint64_t{edge_count} + 128 * std::uint64_t{vertex_count};
}

void collapse_edges(TimedEdges& edges, const CollapsePlan& plan, const KernelTable& kernels, Execution& execution) {
  // Places of neighbours have 32 bits, and an edge has two.
  if (edges.count() > INT32_MAX) return;
  // After a pass that removes fewer of the edges than this, the next one would cost more than it brings.
  constexpr double least_share = 0.15;
  RawVector<std::uint32_t> number(execution.budget());
  double fraction = collapse_fraction / 2;
  while (edges.count() != 0) {
    const std::uint32_t before = edges.count();
    execution.begin_stage(TDA_STAGE_COLLAPSE, 1, before, fraction);
    if (plan.neighborhoods == Neighborhoods::dense || (plan.neighborhoods == Neighborhoods::automatic && prefers_dense(edges, execution.budget()))) {
      DenseNeighborhoods rows(edges, kernels, execution);
      visit_edges(edges, rows, plan.worth_of_edge, execution);
    } else {
      if (number.empty()) number = number_by_nearness(edges, execution);
      SparseNeighborhoods rows(edges, number, kernels, execution);
      visit_edges(edges, rows, plan.worth_of_edge, execution);
    }
    drop_removed(edges, execution);
    if (before - edges.count() < least_share * before) break;
    fraction += (collapse_fraction - fraction) / 2;
  }
}

}  // namespace tda::detail
