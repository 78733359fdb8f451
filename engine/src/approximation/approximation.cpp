// SPDX-License-Identifier: Apache-2.0
#include "approximation/approximation.hpp"

#include <algorithm>
#include <utility>

#include "approximation/sparse_rips.hpp"
#include "approximation/subsample.hpp"
#include "distance/matrix_graph.hpp"
#include "distance/matrix_validation.hpp"
#include "distance/point_graph.hpp"

namespace tda::detail {
namespace {

std::uint32_t sample_size(const tda_rips_options& options) noexcept {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(options.subsample_points, UINT32_MAX));
}

template <class Scalar>
Expected<FilteredGraph<Scalar>> approximate_points(const tda_input& input, const tda_rips_options& options, Scalar threshold,
                                                   const KernelTable& kernels, Execution& execution) {
  Expected<PointCloud> cloud = read_points<Scalar>(input, kernels, execution);
  if (!cloud) return std::unexpected(cloud.error());
  if (options.approximation == TDA_APPROXIMATION_SPARSE_RIPS) return build_sparse_rips<Scalar>(*cloud, options.epsilon, threshold, execution);
  if (const auto checked = check_distance_overflow<Scalar>(*cloud, execution); !checked) return std::unexpected(checked.error());
  PointSample sample = sample_points(*std::move(cloud), sample_size(options), execution);
  Expected<FilteredGraph<Scalar>> graph = build_point_graph<Scalar>(sample.cloud, threshold, VertexNumbers::input, execution);
  if (!graph) return graph;
  spread_over_rows(*graph, sample.rows, static_cast<std::uint32_t>(input.rows), execution);
  graph->accuracy = sample.accuracy;
  return graph;
}

template <class Scalar>
Expected<FilteredGraph<Scalar>> approximate_matrix(const MatrixView<Scalar>& matrix, const tda_rips_options& options, Scalar threshold,
                                                   Execution& execution) {
  execution.begin_stage(TDA_STAGE_DISTANCES, 0, matrix.count, graph_fraction / 16);
  if (const auto checked = validate_approximable(matrix, options, execution); !checked) return std::unexpected(checked.error());
  if (options.approximation == TDA_APPROXIMATION_SPARSE_RIPS)
    return build_sparse_rips<Scalar>(matrix, options.epsilon, threshold, execution);
  const Expected<MatrixSample<Scalar>> sample = sample_matrix(matrix, sample_size(options), execution);
  if (!sample) return std::unexpected(sample.error());
  const MatrixView<Scalar> small{.values = sample->values.data(),
                                 .count = static_cast<std::uint32_t>(sample->rows.size()),
                                 .kind = TDA_DISTANCES_LOWER_DIAG};
  Expected<FilteredGraph<Scalar>> graph = build_matrix_graph(small, threshold, execution);
  if (!graph) return graph;
  spread_over_rows(*graph, sample->rows, matrix.count, execution);
  graph->accuracy = sample->accuracy;
  return graph;
}

}  // namespace

Expected<bool> is_approximated(const tda_input& input, const tda_rips_options& options) {
  if (options.approximation == TDA_APPROXIMATION_NONE) return false;
  if (options.approximation > TDA_APPROXIMATION_SUBSAMPLE)
    return fail({.status = TDA_ERROR_INVALID_OPTION, .message = "The approximation is not a known one."});
  const bool is_sparse_rips = options.approximation == TDA_APPROXIMATION_SPARSE_RIPS;
  if (is_sparse_rips && !(options.epsilon > 0 && options.epsilon < 1))
    return fail({.status = TDA_ERROR_INVALID_OPTION, .message = "The epsilon of sparse Rips must be above 0 and below 1."});
  if (!is_sparse_rips && options.subsample_points == 0)
    return fail({.status = TDA_ERROR_INVALID_OPTION, .message = "A subsample needs at least one point."});
  if (input.kind == TDA_DISTANCES_SPARSE)
    return fail({.status = TDA_ERROR_NOT_SUPPORTED, .message = "Sparse distances cannot be approximated: an absent pair is infinitely far apart."});
  if (is_sparse_rips && input.kind == TDA_POINTS && input.metric == TDA_COSINE)
    return fail({.status = TDA_ERROR_NOT_SUPPORTED,
                 .message = "Sparse Rips needs the triangle inequality, which the cosine distance lacks."});
  return input.rows > 1 && (is_sparse_rips || options.subsample_points < input.rows);
}

template <class Scalar>
Expected<void> validate_approximable(const MatrixView<Scalar>& matrix, const tda_rips_options& options, Execution& execution) {
  if (auto checked = validate_matrix(matrix, execution); !checked) return checked;
  if (options.approximation != TDA_APPROXIMATION_SPARSE_RIPS) return {};
  for (std::uint32_t i = 0; i < matrix.count; ++i) {
    if (matrix.diagonal(i) > 0)
      return fail({.status = TDA_ERROR_NOT_SUPPORTED, .message = "Sparse Rips does not take births on the diagonal.", .row = i, .column = i});
  }
  return {};
}

template <class Scalar>
Expected<FilteredGraph<Scalar>> build_approximate_graph(const tda_input& input, const tda_rips_options& options, Scalar threshold,
                                                        const KernelTable& kernels, Execution& execution) {
  if (input.kind == TDA_POINTS) return approximate_points<Scalar>(input, options, threshold, kernels, execution);
  return approximate_matrix<Scalar>(
      {.values = static_cast<const Scalar*>(input.values), .count = static_cast<std::uint32_t>(input.rows), .kind = input.kind}, options,
      threshold, execution);
}

template Expected<void> validate_approximable<float>(const MatrixView<float>&, const tda_rips_options&, Execution&);
template Expected<void> validate_approximable<double>(const MatrixView<double>&, const tda_rips_options&, Execution&);
template Expected<FilteredGraph<float>> build_approximate_graph<float>(const tda_input&, const tda_rips_options&, float, const KernelTable&,
                                                                       Execution&);
template Expected<FilteredGraph<double>> build_approximate_graph<double>(const tda_input&, const tda_rips_options&, double, const KernelTable&,
                                                                         Execution&);

}  // namespace tda::detail
