// SPDX-License-Identifier: Apache-2.0
#include "features/farthest_sample.hpp"

#include <algorithm>

#include "approximation/farthest_points.hpp"
#include "distance/kd_tree.hpp"
#include "distance/point_graph.hpp"

namespace tda::detail {

Expected<void> farthest_sample(const tda_feature& feature, const KernelTable& kernels, FeatureValues& out, Execution& execution) {
  if (feature.points == 0) return fail({.status = TDA_ERROR_INVALID_OPTION, .message = "A sample has at least one point."});
  tda_input input;
  tda_input_init(&input);
  input.kind = TDA_POINTS;
  input.scalar = TDA_FLOAT64;
  input.metric = feature.metric;
  input.minkowski_p = feature.minkowski_p;
  input.rows = feature.first_rows;
  input.columns = feature.columns;
  input.values = feature.first;
  Expected<PointCloud> cloud = read_points<double>(input, kernels, execution);
  if (!cloud) return std::unexpected(cloud.error());
  if (const auto checked = check_distance_overflow<double>(*cloud, execution); !checked) return std::unexpected(checked.error());
  if (cloud->count() == 0) {
    out.push_back(0);
    return {};
  }
  const auto most = static_cast<std::uint32_t>(std::min<std::uint64_t>(feature.points, cloud->count()));
  const KdTree tree(*cloud, execution);
  execution.expect_columns(most);
  const auto start = static_cast<std::uint32_t>(std::ranges::find(tree.order(), 0u) - tree.order().begin());
  const GreedyPermutation chosen = farthest_points(tree, start, most, execution);
  double* const values = out.append(1 + chosen.points.size());
  values[0] = chosen.cover_radius;
  for (std::size_t i = 0; i < chosen.points.size(); ++i) values[1 + i] = static_cast<double>(tree.order()[chosen.points[i]]);
  std::sort(values + 1, values + 1 + chosen.points.size());
  execution.poll(16 * chosen.points.size());
  return {};
}

}  // namespace tda::detail
