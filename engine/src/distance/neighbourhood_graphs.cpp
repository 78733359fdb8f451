// SPDX-License-Identifier: Apache-2.0
#include "distance/neighbourhood_graphs.hpp"

#include <algorithm>

namespace tda::detail {
namespace {

// Distances between two looks at the cancel flag.
constexpr std::uint32_t piece = 1 << 12;

void join(std::uint64_t* rows, std::size_t words, std::size_t i, std::size_t j) noexcept {
  rows[i * words + j / 64] |= std::uint64_t{1} << (j % 64);
  rows[j * words + i / 64] |= std::uint64_t{1} << (i % 64);
}

}  // namespace

template <class Scalar>
PointNeighbourhoods<Scalar>::PointNeighbourhoods(const PointCloud& cloud, Scalar threshold, Execution& execution)
    : cloud_(cloud), threshold_(threshold), execution_(execution), query_(execution.budget()), row_(execution.budget()) {
  query_.resize(cloud.dimension());
  row_.resize(piece);
}

template <class Scalar>
void PointNeighbourhoods<Scalar>::neighbours(std::uint32_t point, RawVector<std::uint32_t>& out) {
  out.clear();
  cloud_.copy_point(point, query_.data());
  for (std::uint32_t first = 0; first < cloud_.count(); first += std::min(piece, cloud_.count() - first)) {
    const std::uint32_t count = std::min(piece, cloud_.count() - first);
    cloud_.distances(query_.data(), first, count, row_.data());
    for (std::uint32_t j = 0; j < count; ++j)
      if (static_cast<Scalar>(row_[j]) <= threshold_ && first + j != point) out.push_back(first + j);
    execution_.poll(count * cloud_.work_per_distance());
  }
}

template <class Scalar>
void PointNeighbourhoods<Scalar>::adjacency(std::span<const std::uint32_t> points, std::uint64_t* rows, std::size_t words) {
  const PointCloud local = cloud_.subset(points);
  row_.resize(std::max<std::size_t>(row_.size(), local.count()));
  for (std::uint32_t i = 1; i < local.count(); ++i) {
    execution_.poll(i * local.work_per_distance());
    local.copy_point(i, query_.data());
    local.distances(query_.data(), 0, i, row_.data());
    for (std::uint32_t j = 0; j < i; ++j)
      if (static_cast<Scalar>(row_[j]) <= threshold_) join(rows, words, i, j);
  }
}

template <class Scalar>
void MatrixNeighbourhoods<Scalar>::neighbours(std::uint32_t point, RawVector<std::uint32_t>& out) {
  out.clear();
  for (std::uint32_t j = 0; j < matrix_.count; ++j)
    if (j != point && joined(point, j)) out.push_back(j);
}

template <class Scalar>
void MatrixNeighbourhoods<Scalar>::adjacency(std::span<const std::uint32_t> points, std::uint64_t* rows, std::size_t words) {
  for (std::size_t i = 1; i < points.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (joined(points[i], points[j])) join(rows, words, i, j);
}

template <class Scalar>
ListedNeighbourhoods::ListedNeighbourhoods(const FilteredGraph<Scalar>& graph, Execution& execution)
    : begin_(std::size_t{graph.vertex_count} + 2, 0, execution.budget()),
      lists_(execution.budget()),
      number_(graph.vertex_count, 0, execution.budget()) {
  lists_.resize(2 * graph.low.size());
  // begin_[v + 2] counts, then begin_[v + 1] moves from the start of v's list to its end.
  for (std::size_t e = 0; e < graph.low.size(); ++e) {
    ++begin_[std::size_t{graph.low[e]} + 2];
    ++begin_[std::size_t{graph.high[e]} + 2];
    execution.poll(1);
  }
  for (std::size_t v = 2; v < begin_.size(); ++v) begin_[v] += begin_[v - 1];
  for (std::size_t e = 0; e < graph.low.size(); ++e) {
    lists_[begin_[std::size_t{graph.low[e]} + 1]++] = graph.high[e];
    lists_[begin_[std::size_t{graph.high[e]} + 1]++] = graph.low[e];
    execution.poll(1);
  }
}

void ListedNeighbourhoods::neighbours(std::uint32_t point, RawVector<std::uint32_t>& out) {
  out.assign(list(point).begin(), list(point).end());
  std::ranges::sort(out);
}

void ListedNeighbourhoods::adjacency(std::span<const std::uint32_t> points, std::uint64_t* rows, std::size_t words) {
  for (std::uint32_t i = 0; i < points.size(); ++i) number_[points[i]] = i + 1;
  for (std::uint32_t i = 0; i < points.size(); ++i) {
    for (const std::uint32_t other : list(points[i]))
      if (number_[other] != 0) join(rows, words, i, number_[other] - 1);
  }
  for (const std::uint32_t point : points) number_[point] = 0;
}

template class PointNeighbourhoods<float>;
template class PointNeighbourhoods<double>;
template class MatrixNeighbourhoods<float>;
template class MatrixNeighbourhoods<double>;
template ListedNeighbourhoods::ListedNeighbourhoods(const FilteredGraph<float>&, Execution&);
template ListedNeighbourhoods::ListedNeighbourhoods(const FilteredGraph<double>&, Execution&);

}  // namespace tda::detail
