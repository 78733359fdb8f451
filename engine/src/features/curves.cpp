// SPDX-License-Identifier: Apache-2.0
#include "features/curves.hpp"

#include <algorithm>
#include <functional>

#include "features/grid.hpp"

namespace tda::detail {
namespace {

std::size_t first_at_or_after(const RawVector<double>& grid, double value) noexcept {
  return static_cast<std::size_t>(std::lower_bound(grid.begin(), grid.end(), value) - grid.begin());
}

}  // namespace

Expected<void> betti_curve(const DiagramPoints& points, const tda_feature& feature, FeatureValues& out, Execution& execution) {
  const Expected<RawVector<double>> grid = make_grid(feature.grid_start, feature.grid_end, feature.grid_points, execution);
  if (!grid) return std::unexpected(grid.error());
  // By grid point: births up to it since the one before, less deaths.
  RawVector<std::int64_t> change(execution.budget());
  change.assign(grid->size() + 1, 0);
  for (const Bar& bar : points.finite) {
    ++change[first_at_or_after(*grid, bar.birth)];
    --change[first_at_or_after(*grid, bar.death)];
    execution.poll(16);
  }
  for (const double birth : points.essential) {
    ++change[first_at_or_after(*grid, birth)];
    execution.poll(8);
  }
  double* const curve = out.append(grid->size());
  std::int64_t alive = 0;
  for (std::size_t i = 0; i < grid->size(); ++i) {
    alive += change[i];
    curve[i] = static_cast<double>(alive);
    execution.poll(1);
  }
  return {};
}

Expected<void> persistence_landscape(const DiagramPoints& points, const tda_feature& feature, FeatureValues& out, Execution& execution) {
  const Expected<RawVector<double>> grid = make_grid(feature.grid_start, feature.grid_end, feature.grid_points, execution);
  if (!grid) return std::unexpected(grid.error());
  if (feature.levels == 0) return fail({.status = TDA_ERROR_INVALID_OPTION, .message = "A landscape has at least one level."});
  const std::size_t levels = array_size(feature.levels);
  // At each grid point a heap of the largest values so far, the least of them first.
  RawVector<double> largest(execution.budget());
  largest.resize(array_size(grid->size(), levels));
  RawVector<std::size_t> filled(execution.budget());
  filled.assign(grid->size(), 0);
  for (const Bar& bar : points.finite) {
    execution.poll(8);
    for (std::size_t i = first_at_or_after(*grid, bar.birth); i < grid->size() && (*grid)[i] < bar.death; ++i) {
      const double value = std::min((*grid)[i] - bar.birth, bar.death - (*grid)[i]);
      double* const heap = largest.data() + i * levels;
      execution.poll(4);
      if (filled[i] == levels) {
        if (value <= heap[0]) continue;
        std::pop_heap(heap, heap + levels, std::greater<>());
        --filled[i];
      }
      heap[filled[i]++] = value;
      std::push_heap(heap, heap + filled[i], std::greater<>());
    }
  }
  double* const landscape = out.append(array_size(levels, grid->size()));
  for (std::size_t i = 0; i < grid->size(); ++i) {
    double* const heap = largest.data() + i * levels;
    std::sort_heap(heap, heap + filled[i], std::greater<>());  // descending
    for (std::size_t k = 0; k < filled[i]; ++k) landscape[k * grid->size() + i] = heap[k];
    execution.poll(8 * (filled[i] + 1));
  }
  return {};
}

}  // namespace tda::detail
