// SPDX-License-Identifier: Apache-2.0
//
// estimate_vietoris_rips: validates as the run does, counts or samples the edges, samples the simplices, and applies the cost model.
#include <algorithm>
#include <cmath>
#include <optional>

#include "approximation/approximation.hpp"
#include "approximation/sparse_rips.hpp"
#include "approximation/subsample.hpp"
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
#include "spanning_tree/completion.hpp"
#include "spanning_tree/spanning_forest.hpp"

namespace tda::detail {
namespace {

/// Where this part of the edges is dominated, most of them go: measured on samples of O(3), a torus, uniform points.
constexpr double collapsible_share = 0.5;

/// Of the enclosing radius. There domination tells what the radius itself does not: nearly all edges of Klein bottles and networks of cells (0.97 and more), most
/// edges of points (0.6 to 0.95), none of independent distances.
constexpr double shorter_part = 0.7;

/// The part of the progress before sampling begins.
constexpr double sampling_from = 0.5;

struct Estimation {
  const tda_rips_options& options;
  Execution& execution;
  ProblemSize size;
  bool exact = true;

  /// Whether edges may be collapsed, and the edges up to the threshold do not tell how many: at the enclosing radius every edge is dominated by the centre.
  bool needs_shorter_edges() const noexcept {
    return options.max_dimension >= 2 && !size.truncated && options.edge_collapse != TDA_COLLAPSE_OFF &&
           options.representatives == TDA_REPRESENTATIVES_NONE;
  }

  /// `shorter`: the neighbourhoods up to a part of the threshold.
  void sample_collapse(NeighbourhoodSource& shorter) {
    const double share = sample_simplices(shorter, 2, true, execution).dominated_share;
    size.dominated = share > 0.97 ? Dominated::nearly_all : share < 0.02 ? Dominated::none : Dominated::some;
  }

  /// `edges`: their number where it is known, else negative.
  tda_rips_estimate sample(NeighbourhoodSource& source, double edges, double threshold) {
    const SimplexCounts counts = sample_simplices(source, options.max_dimension + 1, edges >= 0, execution);
    size.max_dimension = options.max_dimension;
    size.annotates = options.coefficient_field == 2 && options.representatives == TDA_REPRESENTATIVES_NONE;
    size.simplices = counts.count;
    size.simplices[0] = size.points;
    if (edges >= 0) size.simplices[1] = edges;
    size.joined_points = std::min(counts.joined_points, size.points);
    // At the enclosing radius every edge is dominated by the centre, which tells nothing.
    const bool may_collapse = options.edge_collapse != TDA_COLLAPSE_OFF && options.representatives == TDA_REPRESENTATIVES_NONE;
    size.collapses = may_collapse && options.max_dimension >= 2 && size.truncated && counts.dominated_share >= collapsible_share;
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
Expected<tda_rips_estimate> estimate_cloud(PointCloud cloud, Scalar requested, Estimation estimation) {
  Execution& execution = estimation.execution;
  const bool few = cloud.count() <= all_pairs_points;
  // With many points an overflow is left to the run.
  if (few)
    if (const auto checked = check_distance_overflow<Scalar>(cloud, execution); !checked) return std::unexpected(checked.error());

  execution.begin_stage(TDA_STAGE_DISTANCES, 0, radius_rows, sampling_from / 4);
  const RadiusBounds bounds = search_enclosing_radius(cloud, radius_rows, execution);
  double radius = bounds.upper;
  execution.begin_stage(TDA_STAGE_DISTANCES, 0, pair_count(cloud.count()), sampling_from / 2);
  if (few && !bounds.exact()) radius = full_enclosing_radius(cloud, execution);
  const Scalar threshold = std::min(requested, round_to<Scalar>(radius));
  estimation.exact = few || bounds.exact() || threshold < round_to<Scalar>(bounds.lower);
  estimation.size.points = threshold < 0 ? 0 : cloud.count();
  estimation.size.coordinates = static_cast<double>(cloud.dimension());
  estimation.size.work_per_distance = static_cast<double>(cloud.work_per_distance());
  estimation.size.truncated = threshold < round_to<Scalar>(radius);
  estimation.size.all_pairs = few || requested >= round_to<Scalar>(bounds.upper);
  estimation.size.spanning_forest = needs_only_a_forest(estimation.options);
  execution.begin_stage(TDA_STAGE_EDGES, 0, pair_count(cloud.count()), sampling_from);
  const std::optional<Scalar> cut =
      may_complete_early(cloud.count(), estimation.options) ? expected_cut(cloud, threshold, execution) : std::optional<Scalar>();
  if (cut) {
    estimation.exact = false;
    estimation.size.completion = estimation.size.truncated = true;
    estimation.size.all_pairs = false;
  }
  const Scalar longest = cut.value_or(threshold);
  const double edges = few ? static_cast<double>(count_point_edges(cloud, longest, execution)) : -1.0;
  if (estimation.needs_shorter_edges()) {
    PointNeighbourhoods<Scalar> shorter(cloud, round_to<Scalar>(shorter_part * static_cast<double>(longest)), execution);
    estimation.sample_collapse(shorter);
  }
  PointNeighbourhoods<Scalar> source(cloud, longest, execution);
  return estimation.sample(source, edges, static_cast<double>(threshold));
}

template <class Scalar>
Expected<tda_rips_estimate> estimate_matrix(const MatrixView<Scalar>& matrix, Scalar requested, Estimation estimation) {
  const auto graph = frame_matrix_graph(matrix, requested, estimation.execution);
  if (!graph) return std::unexpected(graph.error());
  estimation.size.points = static_cast<double>(present_points(*graph));
  estimation.size.truncated = graph->truncated;
  const auto edges = static_cast<double>(count_matrix_edges(matrix, graph->threshold, estimation.execution));
  if (estimation.needs_shorter_edges()) {
    const Scalar longest = longest_edge(graph->threshold);
    MatrixNeighbourhoods<Scalar> shorter(matrix, round_to<Scalar>(shorter_part * static_cast<double>(longest)));
    estimation.sample_collapse(shorter);
  }
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

/// Sparse Rips of more points than this is extrapolated from so many, and half of them, evenly spaced in the input.
constexpr std::uint32_t proxy_points = 2048;

std::uint32_t spaced(std::uint32_t j, std::uint32_t count, std::uint64_t of) { return static_cast<std::uint32_t>(j * of / count); }

RawVector<std::uint32_t> spaced_points(std::uint32_t count, std::uint32_t of, Execution& execution) {
  RawVector<std::uint32_t> points(execution.budget());
  points.resize(count);
  for (std::uint32_t j = 0; j < count; ++j) points[j] = spaced(j, count, of);
  return points;
}

template <class Scalar>
RawVector<Scalar> spaced_matrix(const MatrixView<Scalar>& matrix, std::uint32_t count, Execution& execution) {
  RawVector<Scalar> values(execution.budget());
  for (std::uint32_t i = 0; i < count; ++i) {
    for (std::uint32_t j = 0; j < i; ++j) values.push_back(matrix.row(spaced(i, count, matrix.count))[spaced(j, count, matrix.count)]);
    execution.poll(i);
  }
  return values;
}

/// The sparse complex of `proxy(count)`, a graph of count points of the input, extrapolated to all `points`: a number of simplices grows at least
/// as the points do and at most as it has grown from half of the proxy to the whole.
template <class Scalar, class Proxy>
Expected<tda_rips_estimate> estimate_sparse_rips(std::uint32_t points, Estimation estimation, Proxy proxy) {
  const std::uint32_t count = std::min(points, proxy_points);
  const auto of_proxy = [&](std::uint32_t size) -> Expected<tda_rips_estimate> {
    const Expected<FilteredGraph<Scalar>> graph = proxy(size);
    if (!graph) return std::unexpected(graph.error());
    estimation.size.points = static_cast<double>(present_points(*graph));
    estimation.size.truncated = graph->truncated;
    ListedNeighbourhoods source(*graph, estimation.execution);
    return estimation.sample(source, static_cast<double>(graph->length.size()), static_cast<double>(graph->threshold));
  };
  ProblemSize& size = estimation.size;
  if (count < points) {
    estimation.exact = false;
    const Expected<tda_rips_estimate> half = of_proxy(count / 2);
    if (!half) return half;
    Expected<tda_rips_estimate> whole = of_proxy(count);
    if (!whole) return whole;
    const double times = static_cast<double>(points) / count;
    for (std::uint32_t k = 0; k < TDA_ESTIMATE_DIMENSIONS; ++k) {
      const double growth = half->simplices[k] > 0 ? whole->simplices[k] / half->simplices[k] : 1;
      const double power = std::pow(times, std::clamp(std::log2(growth), 1.0, k + 1.0));
      size.simplices[k] = whole->simplices[k] *= power;
    }
    size.points = whole->simplices[0];
    size.joined_points *= times;
    whole->points = static_cast<std::uint64_t>(size.points);
    whole->edges = size.simplices[1];
    whole->bytes = expected_bytes(size);
    whole->seconds = expected_seconds(size);
    return whole;
  }
  return of_proxy(count);
}

/// Adds what choosing the points costs. `entries`: distances that are looked at.
void add_sampling(tda_rips_estimate& estimate, double least_bytes, double entries, double second) {
  estimate.bytes = std::max(estimate.bytes, least_bytes);
  estimate.seconds += entries * second;
}

template <class Scalar>
Expected<tda_rips_estimate> estimate_approximate_points(PointCloud cloud, Scalar requested, Estimation estimation) {
  Execution& execution = estimation.execution;
  const tda_rips_options& options = estimation.options;
  const double n = cloud.count();
  const double coordinates = static_cast<double>(cloud.dimension());
  const double tree_bytes = estimation.size.input_bytes + n * (10 * coordinates + 28);
  const double distance = 1e-9 * static_cast<double>(cloud.work_per_distance());
  estimation.size.coordinates = coordinates;
  estimation.size.work_per_distance = static_cast<double>(cloud.work_per_distance());
  Expected<tda_rips_estimate> estimate;
  if (options.approximation == TDA_APPROXIMATION_SPARSE_RIPS) {
    estimation.size.all_pairs = false;
    estimate = estimate_sparse_rips<Scalar>(cloud.count(), estimation, [&](std::uint32_t count) {
      PointCloud some = cloud.subset(spaced_points(count, cloud.count(), execution));
      return build_sparse_rips<Scalar>(some, options.epsilon, requested, execution);
    });
    if (estimate) add_sampling(*estimate, tree_bytes + 40 * n, n * (std::log2(n) * 40) + 8 * estimate->edges, distance);
    return estimate;
  }
  const auto wanted = static_cast<std::uint32_t>(options.subsample_points);
  // Choosing farthest points may cost more than the whole estimate: spaced ones have about as many neighbours, but where density varies a lot.
  const bool cheap = n * wanted <= 1 << 24;
  PointCloud sample = cheap ? sample_points(std::move(cloud), wanted, execution).cloud
                            : cloud.subset(spaced_points(wanted, cloud.count(), execution));
  estimate = estimate_cloud<Scalar>(std::move(sample), requested, estimation);
  if (!estimate) return estimate;
  if (!cheap) estimate->exact = 0;
  estimate->bytes += 10 * n;
  add_sampling(*estimate, tree_bytes, n * (400 + std::min<double>(wanted, 64)), distance);
  return estimate;
}

template <class Scalar>
Expected<tda_rips_estimate> estimate_approximate_matrix(const MatrixView<Scalar>& matrix, Scalar requested, Estimation estimation) {
  Execution& execution = estimation.execution;
  const tda_rips_options& options = estimation.options;
  const double n = matrix.count;
  if (const auto checked = validate_approximable(matrix, options, execution); !checked) return std::unexpected(checked.error());
  Expected<tda_rips_estimate> estimate;
  if (options.approximation == TDA_APPROXIMATION_SPARSE_RIPS) {
    estimation.size.all_pairs = false;
    estimate = estimate_sparse_rips<Scalar>(matrix.count, estimation, [&](std::uint32_t count) {
      const RawVector<Scalar> values = spaced_matrix(matrix, count, execution);
      return build_sparse_rips<Scalar>(MatrixView<Scalar>{.values = values.data(), .count = count, .kind = TDA_DISTANCES_LOWER},
                                       options.epsilon, requested, execution);
    });
  } else {
    const Expected<MatrixSample<Scalar>> sample =
        sample_matrix(matrix, static_cast<std::uint32_t>(options.subsample_points), execution);
    if (!sample) return std::unexpected(sample.error());
    const auto chosen = static_cast<std::uint32_t>(sample->rows.size());
    estimate = estimate_matrix<Scalar>({.values = sample->values.data(), .count = chosen, .kind = TDA_DISTANCES_LOWER_DIAG}, requested, estimation);
    if (estimate) estimate->bytes += static_cast<double>(sample->values.size() * sizeof(Scalar)) + 10 * n;
  }
  if (estimate) add_sampling(*estimate, estimation.size.input_bytes + 28 * n, 4 * n * n, 1e-9);
  return estimate;
}

template <class Scalar>
Expected<tda_rips_estimate> estimate(const tda_input& input, const tda_rips_options& options, Execution& execution) {
  const Expected<PreparedInput> prepared = prepare_input(input, options, execution);
  if (!prepared) return std::unexpected(prepared.error());
  const Expected<bool> approximated = is_approximated(input, options);
  if (!approximated) return std::unexpected(approximated.error());
  const auto requested = round_to<Scalar>(options.threshold);
  Estimation estimation{.options = options, .execution = execution, .size = {}};
  estimation.size.input_bytes = static_cast<double>(prepared->shape.bytes);
  estimation.size.scalar_bytes = sizeof(Scalar);
  const MatrixView<Scalar> matrix{.values = static_cast<const Scalar*>(input.values), .count = prepared->shape.points, .kind = input.kind};
  switch (input.kind) {
    case TDA_POINTS: {
      Expected<PointCloud> cloud = read_points<Scalar>(input, *prepared->kernels, execution);
      if (!cloud) return std::unexpected(cloud.error());
      return *approximated ? estimate_approximate_points<Scalar>(*std::move(cloud), requested, estimation)
                           : estimate_cloud<Scalar>(*std::move(cloud), requested, estimation);
    }
    case TDA_DISTANCES_SPARSE:
      return estimate_sparse<Scalar>(input, requested, estimation);
    default:
      return *approximated ? estimate_approximate_matrix<Scalar>(matrix, requested, estimation)
                           : estimate_matrix<Scalar>(matrix, requested, estimation);
  }
}

}  // namespace

Expected<tda_rips_estimate> estimate_vietoris_rips(const tda_input& input, const tda_rips_options& options, Execution& execution) {
  return input.scalar == TDA_FLOAT32 ? estimate<float>(input, options, execution) : estimate<double>(input, options, execution);
}

}  // namespace tda::detail
