// SPDX-License-Identifier: Apache-2.0
//
// NeighbourhoodSource of each kind of input.
#pragma once

#include <utility>

#include "complex/filtered_graph.hpp"
#include "distance/matrix_view.hpp"
#include "distance/neighbourhood_source.hpp"
#include "distance/point_cloud.hpp"

namespace tda::detail {

/// Distances are computed as they are asked for. Memory: 32 KiB, and in adjacency() the coordinates of its points.
template <class Scalar>
class PointNeighbourhoods final : public NeighbourhoodSource {
 public:
  /// The cloud outlives this.
  PointNeighbourhoods(const PointCloud& cloud, Scalar threshold, Execution& execution);

  std::uint32_t count() const noexcept override { return cloud_.count(); }
  void neighbours(std::uint32_t point, RawVector<std::uint32_t>& out) override;
  void adjacency(std::span<const std::uint32_t> points, std::uint64_t* rows, std::size_t words) override;
  std::uint64_t row_work() const noexcept override { return cloud_.count() * cloud_.work_per_distance(); }

 private:
  const PointCloud& cloud_;
  Scalar threshold_;
  Execution& execution_;
  RawVector<double> query_;
  RawVector<double> row_;
};

/// Distances are read from the matrix. No memory.
template <class Scalar>
class MatrixNeighbourhoods final : public NeighbourhoodSource {
 public:
  /// `longest`: of an edge, finite.
  MatrixNeighbourhoods(const MatrixView<Scalar>& matrix, Scalar longest) : matrix_(matrix), longest_(longest) {}

  std::uint32_t count() const noexcept override { return matrix_.count; }
  void neighbours(std::uint32_t point, RawVector<std::uint32_t>& out) override;
  void adjacency(std::span<const std::uint32_t> points, std::uint64_t* rows, std::size_t words) override;
  /// Half of a row lies in a column, a line of the cache for each.
  std::uint64_t row_work() const noexcept override { return 4 * std::uint64_t{matrix_.count}; }

 private:
  bool joined(std::uint32_t a, std::uint32_t b) const noexcept {
    return (a > b ? matrix_.row(a)[b] : matrix_.row(b)[a]) <= longest_;
  }

  MatrixView<Scalar> matrix_;
  Scalar longest_;
};

/// Lists of neighbours are made from the edges. Memory: 8 bytes an edge, 12 bytes a point.
class ListedNeighbourhoods final : public NeighbourhoodSource {
 public:
  template <class Scalar>
  ListedNeighbourhoods(const FilteredGraph<Scalar>& graph, Execution& execution);

  std::uint32_t count() const noexcept override { return static_cast<std::uint32_t>(number_.size()); }
  void neighbours(std::uint32_t point, RawVector<std::uint32_t>& out) override;
  void adjacency(std::span<const std::uint32_t> points, std::uint64_t* rows, std::size_t words) override;
  std::uint64_t row_work() const noexcept override { return 16; }

 private:
  std::span<const std::uint32_t> list(std::uint32_t point) const noexcept {
    return {lists_.data() + begin_[point], lists_.data() + begin_[point + 1]};
  }

  Vector<std::uint64_t> begin_;
  RawVector<std::uint32_t> lists_;
  Vector<std::uint32_t> number_;  // place + 1 in the points of adjacency(); 0 outside of it
};

}  // namespace tda::detail
