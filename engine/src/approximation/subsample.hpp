// SPDX-License-Identifier: Apache-2.0
//
// Farthest-point subsampling with a bound of its error.
//
// Let s map each point to the nearest one of the sample. The correspondence {(x, s(x))} changes no entry of the (extended) distance matrix, births on its
// diagonal included, by more than its distortion; so the diagrams of input and sample have at most that bottleneck distance in each dimension, diameter
// scale (F. Chazal, V. de Silva, S. Oudot, Persistence stability for geometric complexes, Geom. Dedicata 2014; no triangle inequality is used).
//  - Matrices: the distortion is measured, so the bound holds for any matrix.
//  - Points: by the triangle inequality it is at most twice the cover radius (F. Chazal et al., Gromov-Hausdorff stable signatures for shapes using
//    persistence, SGP 2009). Cosine distances are half the squares of chords, which are a metric: with chords c, c' of a pair and its images,
//    |c^2 - c'^2| / 2 = |c - c'| (c + c') / 2, the first factor at most twice the cover radius in chords, no chord above
//    2 or twice the largest one from the first point.
// Bounds are those of exact arithmetic: rounding of computed distances adds some units in the last place of the largest one.
#pragma once

#include "complex/filtered_graph.hpp"
#include "distance/matrix_view.hpp"
#include "distance/point_cloud.hpp"

namespace tda::detail {

struct PointSample {
  PointCloud cloud;
  /// Ascending; point j of the cloud is this row of the input.
  RawVector<std::uint32_t> rows;
  Accuracy accuracy;
};

/// At most `most` >= 1 farthest points, from the most central point that search_enclosing_radius finds. Fewer only where the others equal them.
/// Memory: the sample; while choosing, the tree and 8 bytes a point.
PointSample sample_points(PointCloud cloud, std::uint32_t most, Execution& execution);

template <class Scalar>
struct MatrixSample {
  /// A lower triangle with diagonal.
  RawVector<Scalar> values;
  RawVector<std::uint32_t> rows;
  Accuracy accuracy;
};

/// The same of a valid matrix (farthest_rows). TDA_ERROR_NOT_SUPPORTED: the distortion is infinite, as where the sample misses a part that has
/// no edge to it. Cost: three readings of the matrix and n * most entries. Memory: the sample and 28 bytes a row.
template <class Scalar>
Expected<MatrixSample<Scalar>> sample_matrix(const MatrixView<Scalar>& matrix, std::uint32_t most, Execution& execution);

/// Renumbers the vertices of the graph of a sample: vertex v becomes rows[v] of `count` rows; the others are absent.
template <class Scalar>
void spread_over_rows(FilteredGraph<Scalar>& graph, const RawVector<std::uint32_t>& rows, std::uint32_t count, Execution& execution);

}  // namespace tda::detail
