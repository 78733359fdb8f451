// SPDX-License-Identifier: Apache-2.0
#include "approximation/approximation.hpp"
#include "complex/edge_sort.hpp"
#include "complex/filtered_graph.hpp"
#include "distance/input_shape.hpp"
#include "distance/matrix_graph.hpp"
#include "distance/point_graph.hpp"
#include "distance/scalar.hpp"
#include "distance/sparse_entries.hpp"
#include "spanning_tree/completion.hpp"
#include "spanning_tree/spanning_forest.hpp"

namespace tda::detail {
namespace {

template <class Scalar>
Expected<FilteredGraph<Scalar>> build_unsorted(const tda_input& input, const tda_rips_options& options, const KernelTable& kernels,
                                               CompletionSearch* search, Execution& execution) {
  const auto threshold = round_to<Scalar>(options.threshold);
  switch (input.kind) {
    case TDA_POINTS: {
      Expected<PointCloud> cloud = read_points<Scalar>(input, kernels, execution);
      if (!cloud) return std::unexpected(cloud.error());
      if (needs_only_a_forest(options)) return build_spanning_forest<Scalar>(*cloud, threshold, execution);
      if (search != nullptr && may_complete_early(cloud->count(), options))
        return build_completing_graph<Scalar>(*cloud, threshold, *search, execution);
      const bool any = search != nullptr && options.representatives == TDA_REPRESENTATIVES_NONE;
      return build_point_graph<Scalar>(*cloud, threshold, any ? VertexNumbers::any : VertexNumbers::input, execution);
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
Expected<FilteredGraph<Scalar>> build_filtered_graph(const tda_input& input, const tda_rips_options& options, Execution& execution,
                                                     CompletionSearch* search) {
  if ((input.scalar == TDA_FLOAT32) != (sizeof(Scalar) == sizeof(float)))
    return fail({.status = TDA_ERROR_INVALID_OPTION, .message = "The element type is not the one of the input."});
  const Expected<PreparedInput> prepared = prepare_input(input, options, execution);
  if (!prepared) return std::unexpected(prepared.error());

  const Expected<bool> approximated = is_approximated(input, options);
  if (!approximated) return std::unexpected(approximated.error());
  const auto threshold = round_to<Scalar>(options.threshold);

  Expected<FilteredGraph<Scalar>> graph = *approximated
                                              ? build_approximate_graph<Scalar>(input, options, threshold, *prepared->kernels, execution)
                                              : build_unsorted<Scalar>(input, options, *prepared->kernels, search, execution);
  if (!graph) return graph;
  graph->input_bytes = prepared->shape.bytes;
  sort_edges(*graph, execution);
  return graph;
}

template Expected<FilteredGraph<float>> build_filtered_graph<float>(const tda_input&, const tda_rips_options&, Execution&,
                                                                    CompletionSearch*);
template Expected<FilteredGraph<double>> build_filtered_graph<double>(const tda_input&, const tda_rips_options&, Execution&,
                                                                    CompletionSearch*);

}  // namespace tda::detail
