// SPDX-License-Identifier: Apache-2.0
//
// estimate_vietoris_rips: validates as the run does, counts or samples the edges, samples the simplices, and applies the cost model.
#include <algorithm>

#include "complex/filtered_graph.hpp"
#include "distance/births.hpp"
#include "distance/cost_model.hpp"
#include "distance/distance_rows.hpp"
#include "distance/enclosing_radius.hpp"
#include "distance/input_shape.hpp"
#include "distance/matrix_graph.hpp"
#include "distance/neighbourhood_graphs.hpp"
#include "distance/point_graph.hpp"
#include "distance/scalar.hpp"
#include "distance/simplex_sampling.hpp"
#include "distance/sparse_entries.hpp"

namespace tda::detail {
namespace {

/// The part of the progress before sampling begins.
constexpr double sampling_from = 0.5;

struct Estimation {
  const tda_rips_options& options;
  Execution& execution;
  ProblemSize size;
  bool exact = true;

  /// `edges`: their number where it is known, else negative.
  tda_rips_estimate sample(NeighbourhoodSource& source, double edges, double threshold) {
    const SimplexCounts counts = sample_simplices(source, options.max_dimension + 1, edges >= 0, execution);
    size.max_dimension = options.max_dimension;
    size.simplices = counts.count;
    size.simplices[0] = size.points;
    if (edges >= 0) size.simplices[1] = edges;
    size.joined_points = std::min(counts.joined_points, size.points);
    tda_rips_estimate estimate{};
    estimate.exact = exact && counts.exact ? 1 : 0;
    estimate.points = static_cast<std::uint64_t>(size.points);
    estimate.edges = size.simplices[1];
    std::ranges::copy(size.simplices, estimate.simplices);
    estimate.bytes = expected_bytes(size);
    estimate.seconds = expected_seconds(size);
    estimate.threshold = threshold;
    return estimate;
  }
};

template <class Scalar>
Expected<tda_rips_estimate> estimate_points(const tda_input& input, const KernelTable& kernels, Scalar requested, Estimation estimation) {
  Execution& execution = estimation.execution;
  Expected<PointCloud> cloud = read_points<Scalar>(input, kernels, execution);
  if (!cloud) return std::unexpected(cloud.error());
  const bool few = cloud->count() <= all_pairs_points;
  // With many points an overflow is left to the run.
  if (few)
    if (const auto checked = check_distance_overflow<Scalar>(*cloud, execution); !checked) return std::unexpected(checked.error());

  execution.begin_stage(TDA_STAGE_DISTANCES, 0, radius_rows, sampling_from / 4);
  const RadiusBounds bounds = search_enclosing_radius(*cloud, radius_rows, execution);
  double radius = bounds.upper;
  execution.begin_stage(TDA_STAGE_DISTANCES, 0, pair_count(cloud->count()), sampling_from / 2);
  if (few && !bounds.exact()) radius = full_enclosing_radius(*cloud, execution);
  const Scalar threshold = std::min(requested, round_to<Scalar>(radius));
  estimation.exact = few || bounds.exact() || threshold < round_to<Scalar>(bounds.lower);
  estimation.size.points = threshold < 0 ? 0 : cloud->count();
  estimation.size.coordinates = static_cast<double>(cloud->dimension());
  estimation.size.work_per_distance = static_cast<double>(cloud->work_per_distance());
  estimation.size.truncated = threshold < round_to<Scalar>(radius);
  estimation.size.all_pairs = few || requested >= round_to<Scalar>(bounds.upper);
  execution.begin_stage(TDA_STAGE_EDGES, 0, pair_count(cloud->count()), sampling_from);
  const double edges = few ? static_cast<double>(count_point_edges(*cloud, threshold, execution)) : -1.0;
  PointNeighbourhoods<Scalar> source(*cloud, threshold, execution);
  return estimation.sample(source, edges, static_cast<double>(threshold));
}

template <class Scalar>
Expected<tda_rips_estimate> estimate_matrix(const MatrixView<Scalar>& matrix, Scalar requested, Estimation estimation) {
  const auto graph = frame_matrix_graph(matrix, requested, estimation.execution);
  if (!graph) return std::unexpected(graph.error());
  estimation.size.points = static_cast<double>(present_points(*graph));
  estimation.size.truncated = graph->truncated;
  const auto edges = static_cast<double>(count_matrix_edges(matrix, graph->threshold, estimation.execution));
  MatrixNeighbourhoods<Scalar> source(matrix, longest_edge(graph->threshold));
  return estimation.sample(source, edges, static_cast<double>(graph->threshold));
}

template <class Scalar>
Expected<tda_rips_estimate> estimate_sparse(const tda_input& input, Scalar requested, Estimation estimation) {
  const auto graph = build_sparse_graph<Scalar>(input, requested, estimation.execution);
  if (!graph) return std::unexpected(graph.error());
  estimation.size.points = static_cast<double>(present_points(*graph));
  estimation.size.truncated = graph->truncated;
  estimation.size.all_pairs = false;
  ListedNeighbourhoods source(*graph, estimation.execution);
  return estimation.sample(source, static_cast<double>(graph->length.size()), static_cast<double>(graph->threshold));
}

template <class Scalar>
Expected<tda_rips_estimate> estimate(const tda_input& input, const tda_rips_options& options, Execution& execution) {
  const Expected<PreparedInput> prepared = prepare_input(input, options, execution);
  if (!prepared) return std::unexpected(prepared.error());
  const auto requested = round_to<Scalar>(options.threshold);
  Estimation estimation{.options = options, .execution = execution, .size = {}};
  estimation.size.input_bytes = static_cast<double>(prepared->shape.bytes);
  estimation.size.scalar_bytes = sizeof(Scalar);
  switch (input.kind) {
    case TDA_POINTS:
      return estimate_points<Scalar>(input, *prepared->kernels, requested, estimation);
    case TDA_DISTANCES_SPARSE:
      return estimate_sparse<Scalar>(input, requested, estimation);
    default:
      return estimate_matrix<Scalar>(
          {.values = static_cast<const Scalar*>(input.values), .count = prepared->shape.points, .kind = input.kind}, requested, estimation);
  }
}

}  // namespace

Expected<tda_rips_estimate> estimate_vietoris_rips(const tda_input& input, const tda_rips_options& options, Execution& execution) {
  return input.scalar == TDA_FLOAT32 ? estimate<float>(input, options, execution) : estimate<double>(input, options, execution);
}

}  // namespace tda::detail
