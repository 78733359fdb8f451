// SPDX-License-Identifier: Apache-2.0
#include "distance/matrix_graph.hpp"

#include <algorithm>

#include "distance/births.hpp"
#include "distance/edge_collector.hpp"
#include "distance/matrix_validation.hpp"
#include "distance/scalar.hpp"

namespace tda::detail {
namespace {

// The largest of non-negative numbers, in lanes that the compiler can make a vector of; also raises other[j] to row[j].
template <class Scalar>
Scalar raise(const Scalar* __restrict row, Scalar* __restrict other, std::size_t count) noexcept {
  constexpr std::size_t lanes = 16;
  Scalar largest[lanes] = {};
  std::size_t j = 0;
  for (; j + lanes <= count; j += lanes) {
    for (std::size_t l = 0; l < lanes; ++l) {
      const Scalar x = row[j + l];
      other[j + l] = x > other[j + l] ? x : other[j + l];
      largest[l] = x > largest[l] ? x : largest[l];
    }
  }
  for (; j < count; ++j) {
    other[j] = std::max(other[j], row[j]);
    largest[0] = std::max(largest[0], row[j]);
  }
  return *std::max_element(largest, largest + lanes);
}

// Of the points that are ever born. Their own birth counts, for the sake of a single point.
template <class Scalar>
Scalar matrix_radius(const MatrixView<Scalar>& matrix, const RawVector<Scalar>& births, Execution& execution) {
  const std::size_t n = matrix.count;
  if (n == 0) return 0;
  RawVector<Scalar> largest(births);
  const bool all_born = std::ranges::find(births, infinity<Scalar>) == births.end();
  for (std::size_t i = 0; i < n; ++i) {
    const Scalar* row = matrix.row(i);
    if (all_born) {
      largest[i] = std::max(largest[i], raise(row, largest.data(), i));
    } else if (births[i] < infinity<Scalar>) {
      for (std::size_t j = 0; j < i; ++j) {
        if (births[j] == infinity<Scalar>) continue;
        largest[i] = std::max(largest[i], row[j]);
        largest[j] = std::max(largest[j], row[j]);
      }
    }
    execution.set_columns_done(i);
    execution.poll(i);
  }
  return *std::ranges::min_element(largest);
}

}  // namespace

template <class Scalar>
std::uint64_t count_matrix_edges(const MatrixView<Scalar>& matrix, Scalar threshold, Execution& execution) {
  const Scalar longest = longest_edge(threshold);
  std::uint64_t edges = 0;
  for (std::size_t i = 0; i < matrix.count; ++i) {
    const Scalar* row = matrix.row(i);
    std::uint64_t found = 0;
    for (std::size_t j = 0; j < i; ++j) found += row[j] <= longest ? 1 : 0;
    edges += found;
    execution.poll(i);
  }
  return edges;
}

template <class Scalar>
Expected<FilteredGraph<Scalar>> frame_matrix_graph(const MatrixView<Scalar>& matrix, Scalar requested, Execution& execution) {
  execution.begin_stage(TDA_STAGE_DISTANCES, 0, matrix.count, graph_fraction / 2);
  if (const auto checked = validate_matrix(matrix, execution); !checked) return std::unexpected(checked.error());
  FilteredGraph<Scalar> graph(execution.budget());
  graph.vertex_count = matrix.count;
  graph.births.resize(matrix.count);
  // + 0 makes −0 positive.
  for (std::size_t i = 0; i < matrix.count; ++i) graph.births[i] = matrix.diagonal(i) + Scalar{0};
  graph.enclosing_radius = matrix_radius(matrix, graph.births, execution) + Scalar{0};
  settle_threshold(graph, requested);
  return graph;
}

template <class Scalar>
Expected<FilteredGraph<Scalar>> build_matrix_graph(const MatrixView<Scalar>& matrix, Scalar requested, Execution& execution) {
  Expected<FilteredGraph<Scalar>> framed = frame_matrix_graph(matrix, requested, execution);
  if (!framed) return framed;
  FilteredGraph<Scalar>& graph = *framed;
  execution.begin_stage(TDA_STAGE_EDGES, 0, matrix.count, graph_fraction);
  const std::uint64_t edges = count_matrix_edges(matrix, graph.threshold, execution);
  if (edges >= UINT32_MAX)
    return fail({.status = TDA_ERROR_INDEX_OVERFLOW, .message = "There are more edges than an index can number.", .dimension = 1});
  EdgeCollector<Scalar> collector(longest_edge(graph.threshold), execution);
  collector.expect(edges);
  for (std::uint32_t i = 0; i < matrix.count; ++i) {
    for (std::uint32_t first = 0; first < i;) {
      const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(i - first, EdgeCollector<Scalar>::longest_row));
      collector.add_row(i, first, matrix.row(i) + first, count);
      first += count;
    }
    execution.set_columns_done(i);
    execution.poll(i);
  }
  collector.finish(graph);
  return framed;
}

template std::uint64_t count_matrix_edges<float>(const MatrixView<float>&, float, Execution&);
template std::uint64_t count_matrix_edges<double>(const MatrixView<double>&, double, Execution&);
template Expected<FilteredGraph<float>> frame_matrix_graph<float>(const MatrixView<float>&, float, Execution&);
template Expected<FilteredGraph<double>> frame_matrix_graph<double>(const MatrixView<double>&, double, Execution&);
template Expected<FilteredGraph<float>> build_matrix_graph<float>(const MatrixView<float>&, float, Execution&);
template Expected<FilteredGraph<double>> build_matrix_graph<double>(const MatrixView<double>&, double, Execution&);

}  // namespace tda::detail
