// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "complex/edge_sort.hpp"
#include "complex/filtered_graph.hpp"
#include "distance/input_shape.hpp"
#include "distance/matrix_graph.hpp"
#include "distance/point_graph.hpp"
#include "distance/scalar.hpp"
#include "simd/kernel_table.hpp"

namespace tda::detail {
namespace {

template <class Scalar>
Expected<FilteredGraph<Scalar>> build_unsorted(const tda_input& input, Scalar threshold, const KernelTable& kernels, Execution& execution) {
  switch (input.kind) {
    case TDA_POINTS: {
      Expected<PointCloud> cloud = read_points<Scalar>(input, kernels, execution);
      if (!cloud) return std::unexpected(cloud.error());
      return build_point_graph<Scalar>(*cloud, threshold, execution);
    }
    case TDA_DISTANCES_SPARSE:
      return build_sparse_graph<Scalar>(input, threshold, execution);
    default:
      return build_matrix_graph<Scalar>({.values = static_cast<const Scalar*>(input.values),
                                         .count = static_cast<std::uint32_t>(input.rows),
                                         .kind = input.kind},
                                        threshold, execution);
  }
}

}  // namespace

template <class Scalar>
Expected<FilteredGraph<Scalar>> build_filtered_graph(const tda_input& input, const tda_rips_options& options, Execution& execution) {
  const Expected<InputShape> shape = check_shape(input);
  if (!shape) return std::unexpected(shape.error());
  if ((input.scalar == TDA_FLOAT32) != (sizeof(Scalar) == sizeof(float)))
    return fail({.status = TDA_ERROR_INVALID_OPTION, .message = "The element type is not the one of the input."});
  if (std::isnan(options.threshold)) return fail({.status = TDA_ERROR_INVALID_THRESHOLD, .message = "The threshold is not a number."});
  const KernelTable* kernels = kernel_table(options.simd_target);
  if (kernels == nullptr)
    return fail({.status = TDA_ERROR_NOT_SUPPORTED, .message = "This processor does not have the requested instruction set."});
  execution.budget().charge(shape->bytes);

  Expected<FilteredGraph<Scalar>> graph = build_unsorted<Scalar>(input, round_to<Scalar>(options.threshold), *kernels, execution);
  if (!graph) return graph;
  graph->input_bytes = shape->bytes;
  sort_edges(*graph, execution);
  return graph;
}

template Expected<FilteredGraph<float>> build_filtered_graph<float>(const tda_input&, const tda_rips_options&, Execution&);
template Expected<FilteredGraph<double>> build_filtered_graph<double>(const tda_input&, const tda_rips_options&, Execution&);

}  // namespace tda::detail
