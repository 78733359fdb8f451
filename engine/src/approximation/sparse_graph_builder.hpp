// SPDX-License-Identifier: Apache-2.0
//
// From pairs near enough to be joined to the edges of the sparse Rips filtration (sparse_rips.hpp). Points are numbered by the greedy permutation.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "approximation/greedy_permutation.hpp"
#include "complex/filtered_graph.hpp"
#include "distance/edge_collector.hpp"
#include "distance/scalar.hpp"

namespace tda::detail {

/// The lengths of edges, in the diameter scale.
class SparseRule {
 public:
  SparseRule(const GreedyPermutation& permutation, double epsilon) noexcept : radius_(permutation.radius), epsilon_(epsilon) {}

  double frozen_radius(std::uint32_t point) const noexcept { return radius_[point] / epsilon_; }
  double last_scale(std::uint32_t point) const noexcept { return 2 * (frozen_radius(point) / (1 - epsilon_)); }
  /// Farther points with smaller numbers are not joined to this one.
  double reach(std::uint32_t point) const noexcept { return frozen_radius(point) + last_scale(point) / 2; }

  /// +inf: no edge. `elder` < `younger`.
  double length(std::uint32_t elder, std::uint32_t younger, double distance) const noexcept {
    const double frozen = frozen_radius(younger);
    if (distance <= 2 * frozen) return distance;
    if (distance > frozen + frozen_radius(elder) || distance > reach(younger)) return std::numeric_limits<double>::infinity();
    return 2 * (distance - frozen);
  }

 private:
  const RawVector<double>& radius_;
  double epsilon_;
};

template <class Scalar>
class SparseGraphBuilder {
 public:
  /// `rows[i]`: the row of the i-th point; `from_first[i]`: its distance from the first.
  SparseGraphBuilder(const GreedyPermutation& permutation, double epsilon, const RawVector<std::uint32_t>& rows,
                     const RawVector<double>& from_first, Scalar requested, Execution& execution)
      : rule_(permutation, epsilon),
        rows_(rows),
        requested_(requested),
        first_cone_(cone_of_first(from_first, execution)),
        cut_(std::min(requested, first_cone_)),
        collector_(longest(cut_), execution),
        execution_(execution),
        longest_(execution.budget()),
        joined_until_(execution.budget()) {
    longest_.assign(rows.size(), 0.0);
    joined_until_.assign(rows.size(), 0);
  }

  /// Pairs of this point and an earlier one that are farther apart need not be offered.
  double reach(std::uint32_t point) const noexcept {
    return std::min(rule_.reach(point), static_cast<double>(std::nextafter(cut_, infinity<Scalar>)));
  }

  /// Once for each pair, by rising `younger`, `elder` below it.
  void offer(std::uint32_t elder, std::uint32_t younger, double distance) {
    const double length = rule_.length(elder, younger, distance);
    if (length == std::numeric_limits<double>::infinity()) return;
    others_[used_] = rows_[elder];
    lengths_[used_] = round_to<Scalar>(length);
    if (++used_ == others_.size()) flush(younger);
    longest_[elder] = std::max(longest_[elder], length);
    longest_[younger] = std::max(longest_[younger], length);
    if (joined_until_[elder] == younger) ++joined_until_[elder];
    ++joined_;
  }

  /// After the pairs of a point. False: more edges than can be numbered.
  bool close(std::uint32_t younger) {
    flush(younger);
    joined_until_[younger] = joined_ == younger ? younger + 1 : 0;
    joined_ = 0;
    return !collector_.overflown();
  }

  void finish(FilteredGraph<Scalar>& graph) {
    collector_.finish(graph);
    graph.enclosing_radius = std::min(first_cone_, least_cone());
    graph.threshold = std::min(requested_, graph.enclosing_radius);
    graph.truncated = graph.threshold < graph.enclosing_radius;
    if (graph.threshold < cut_) drop_longer(graph);
  }

 private:
  static Scalar longest(Scalar threshold) noexcept { return std::min(threshold, std::numeric_limits<Scalar>::max()); }

  static Scalar at_least(double scale) noexcept {
    const auto rounded = round_to<Scalar>(scale);
    return static_cast<double>(rounded) < scale ? std::nextafter(rounded, infinity<Scalar>) : rounded;
  }

  // From this scale on the first point is joined to all that are there: it never goes.
  Scalar cone_of_first(const RawVector<double>& from_first, Execution& execution) const {
    double scale = 0;
    for (std::uint32_t i = 1; i < from_first.size(); ++i) scale = std::max(scale, std::min(rule_.length(0, i, from_first[i]), rule_.last_scale(i)));
    execution.poll(from_first.size());
    return at_least(scale);
  }

  // The same of any point that stays until the first one has taken over. Pairs that were not offered count as not joined, which can only raise it.
  Scalar least_cone() const {
    const auto count = static_cast<std::uint32_t>(joined_until_.size());
    double least = std::numeric_limits<double>::infinity();
    for (std::uint32_t v = 0; v < count && rule_.last_scale(v) >= static_cast<double>(first_cone_); ++v) {
      if (joined_until_[v] == 0) continue;
      const double others_gone = joined_until_[v] < count ? rule_.last_scale(joined_until_[v]) : 0;
      least = std::min(least, std::max(longest_[v], others_gone));
    }
    return at_least(least);
  }

  void flush(std::uint32_t younger) {
    collector_.add_star(rows_[younger], others_.data(), lengths_.data(), used_);
    execution_.poll(used_);
    used_ = 0;
  }

  void drop_longer(FilteredGraph<Scalar>& graph) {
    std::size_t kept = 0;
    for (std::size_t e = 0; e < graph.length.size(); ++e) {
      execution_.poll(1);
      if (graph.length[e] > longest(graph.threshold)) continue;
      graph.length[kept] = graph.length[e];
      graph.low[kept] = graph.low[e];
      graph.high[kept++] = graph.high[e];
    }
    graph.length.resize(kept);
    graph.low.resize(kept);
    graph.high.resize(kept);
  }

  SparseRule rule_;
  const RawVector<std::uint32_t>& rows_;
  Scalar requested_;
  Scalar first_cone_;
  Scalar cut_;
  EdgeCollector<Scalar> collector_;
  Execution& execution_;
  /// By point: its longest edge, and the first later point it is not joined to (0: one before it).
  RawVector<double> longest_;
  RawVector<std::uint32_t> joined_until_;
  std::uint32_t joined_ = 0;
  std::size_t used_ = 0;
  std::array<std::uint32_t, EdgeCollector<Scalar>::longest_row> others_;
  std::array<Scalar, EdgeCollector<Scalar>::longest_row> lengths_;
};

}  // namespace tda::detail
