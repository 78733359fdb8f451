// SPDX-License-Identifier: Apache-2.0
#include "distance/sparse_entries.hpp"

#include <algorithm>
#include <cmath>

#include "distance/births.hpp"
#include "distance/scalar.hpp"

namespace tda::detail {
namespace {

/// One entry below the diagonal: `pair` is high << 32 | low.
template <class Scalar>
struct Entry {
  std::uint64_t pair;
  Scalar value;
};

template <class Scalar>
class SparseReader {
 public:
  SparseReader(const tda_input& input, Execution& execution)
      : input_(input),
        values_(static_cast<const Scalar*>(input.values)),
        execution_(execution),
        entries_(execution.budget()),
        births_(execution.budget()) {}

  Expected<void> read() {
    if (auto checked = validate(); !checked) return checked;
    births_.assign(static_cast<std::size_t>(input_.rows), unset);
    std::size_t pairs = 0;
    for (std::size_t k = 0; k < size(); ++k) pairs += row(k) != column(k) ? 1 : 0;
    entries_.reserve(pairs);
    for (std::size_t k = 0; k < size(); ++k) {
      const Scalar value = values_[k] + Scalar{0};  // −0 becomes 0
      if (row(k) == column(k)) {
        Scalar& birth = births_[row(k)];
        if (birth != unset && birth != value) return conflict(k, first_birth(row(k)));
        birth = value;
      } else {
        entries_.push_back({.pair = pair(k), .value = value});
      }
      execution_.poll(2);
    }
    std::ranges::replace(births_, unset, Scalar{0});
    return merge_pairs();
  }

  RawVector<Scalar>& births() { return births_; }
  const RawVector<Entry<Scalar>>& entries() const { return entries_; }

 private:
  // No birth is negative.
  static constexpr Scalar unset = -1;

  std::size_t size() const noexcept { return static_cast<std::size_t>(input_.entry_count); }
  std::uint32_t row(std::size_t k) const noexcept { return input_.row_indices[k]; }
  std::uint32_t column(std::size_t k) const noexcept { return input_.column_indices[k]; }
  std::uint64_t pair(std::size_t k) const noexcept {
    return std::uint64_t{std::max(row(k), column(k))} << 32 | std::min(row(k), column(k));
  }

  static std::unexpected<Error> conflict(std::size_t later, std::size_t first) {
    return fail({.status = TDA_ERROR_CONFLICTING_ENTRIES,
                 .message = "A pair of points is given twice, with different distances.",
                 .row = later,
                 .column = first});
  }

  Expected<void> validate() {
    for (std::size_t k = 0; k < size(); ++k) {
      if (row(k) >= input_.rows || column(k) >= input_.rows)
        return fail({.status = TDA_ERROR_INDEX_OUT_OF_RANGE, .message = "The index of an entry is not below the number of points.", .row = k});
      if (std::isnan(values_[k])) return fail({.status = TDA_ERROR_NOT_A_NUMBER, .message = "A distance is not a number.", .row = k});
      if (values_[k] < 0) return fail({.status = TDA_ERROR_NEGATIVE_DISTANCE, .message = "A distance is below zero.", .row = k});
      execution_.poll(1);
    }
    return {};
  }

  // Sorts, keeps one of equal entries, and compares with the births.
  Expected<void> merge_pairs() {
    const auto before = [this](const Entry<Scalar>& a, const Entry<Scalar>& b) {
      execution_.poll(1);
      return a.pair < b.pair;
    };
    if (!std::ranges::is_sorted(entries_, before)) std::ranges::sort(entries_, before);
    std::size_t kept = 0;
    for (const Entry<Scalar>& entry : entries_) {
      execution_.poll(1);
      if (kept != 0 && entries_[kept - 1].pair == entry.pair) {
        if (entries_[kept - 1].value != entry.value) return conflict(later_of_conflict(entry.pair), first_of(entry.pair));
        continue;
      }
      entries_[kept++] = entry;
    }
    entries_.resize(kept);
    for (const Entry<Scalar>& entry : entries_) {
      for (const std::uint64_t v : {entry.pair >> 32, entry.pair & UINT32_MAX}) {
        if (entry.value < births_[v])
          return fail({.status = TDA_ERROR_DIAGONAL_ABOVE_EDGE,
                       .message = "The birth of a point on the diagonal is above one of its distances.",
                       .row = first_of(entry.pair),
                       .column = first_birth(v)});
      }
    }
    return {};
  }

  std::size_t first_of(std::uint64_t wanted) const noexcept {
    std::size_t k = 0;
    while (row(k) == column(k) || pair(k) != wanted) ++k;
    return k;
  }

  std::size_t first_birth(std::uint64_t point) const noexcept {
    std::size_t k = 0;
    while (row(k) != point || column(k) != point) ++k;
    return k;
  }

  std::size_t later_of_conflict(std::uint64_t wanted) const noexcept {
    const std::size_t first = first_of(wanted);
    std::size_t k = first + 1;
    while (row(k) == column(k) || pair(k) != wanted || values_[k] == values_[first]) ++k;
    return k;
  }

  const tda_input& input_;
  const Scalar* values_;
  Execution& execution_;
  RawVector<Entry<Scalar>> entries_;
  RawVector<Scalar> births_;
};

// The least length at which a point that is ever born has an edge to each of the others.
template <class Scalar>
Scalar sparse_radius(const RawVector<Entry<Scalar>>& entries, const RawVector<Scalar>& births, Execution& execution) {
  if (births.empty()) return 0;
  RawVector<Scalar> largest(births);
  Vector<std::uint32_t> degree(births.size(), 0, execution.budget());
  for (const Entry<Scalar>& entry : entries) {
    execution.poll(2);
    if (entry.value == infinity<Scalar>) continue;  // both its points are born where the value is finite
    for (const std::uint64_t v : {entry.pair >> 32, entry.pair & UINT32_MAX}) {
      ++degree[v];
      largest[v] = std::max(largest[v], entry.value);
    }
  }
  const auto born = std::ranges::count_if(births, [](Scalar birth) { return birth < infinity<Scalar>; });
  Scalar radius = infinity<Scalar>;
  for (std::size_t v = 0; v < births.size(); ++v)
    if (std::int64_t{degree[v]} == born - 1) radius = std::min(radius, largest[v]);
  return radius;
}

}  // namespace

template <class Scalar>
Expected<FilteredGraph<Scalar>> build_sparse_graph(const tda_input& input, Scalar requested, Execution& execution) {
  execution.begin_stage(TDA_STAGE_DISTANCES, 0, 0, graph_fraction / 2);
  FilteredGraph<Scalar> graph(execution.budget());
  graph.vertex_count = static_cast<std::uint32_t>(input.rows);
  SparseReader<Scalar> reader(input, execution);
  if (const auto read = reader.read(); !read) return std::unexpected(read.error());
  graph.births.swap(reader.births());
  graph.enclosing_radius = sparse_radius(reader.entries(), graph.births, execution);
  settle_threshold(graph, requested);

  execution.begin_stage(TDA_STAGE_EDGES, 0, 0, graph_fraction);
  const auto is_edge = [longest = longest_edge(graph.threshold)](const Entry<Scalar>& entry) { return entry.value <= longest; };
  std::size_t edges = 0;
  for (const Entry<Scalar>& entry : reader.entries()) {
    edges += is_edge(entry) ? 1 : 0;
    execution.poll(1);
  }
  graph.length.reserve(edges);
  graph.low.reserve(edges);
  graph.high.reserve(edges);
  for (const Entry<Scalar>& entry : reader.entries()) {
    execution.poll(2);
    if (!is_edge(entry)) continue;
    graph.length.push_back(entry.value);
    graph.low.push_back(static_cast<std::uint32_t>(entry.pair));
    graph.high.push_back(static_cast<std::uint32_t>(entry.pair >> 32));
  }
  return graph;
}

template Expected<FilteredGraph<float>> build_sparse_graph<float>(const tda_input&, float, Execution&);
template Expected<FilteredGraph<double>> build_sparse_graph<double>(const tda_input&, double, Execution&);

}  // namespace tda::detail
