// SPDX-License-Identifier: Apache-2.0
#include "features/persistence_image.hpp"

#include <algorithm>
#include <cmath>

#include "features/elementary.hpp"
#include "features/grid.hpp"
#include "features/wasserstein.hpp"

namespace tda::detail {
namespace {

struct Bump {
  double birth, length, weight;
};

Expected<RawVector<Bump>> make_bumps(const DiagramPoints& points, double order, const KernelTable& kernels, Execution& execution) {
  RawVector<Bump> bumps(execution.budget());
  bumps.reserve(points.finite.size());
  for (const Bar& bar : points.finite) {
    const double length = bar.death - bar.birth;
    double weight = order == 0 ? 1 : length;
    if (std::isinf(length)) return fail_overflow();
    if (order != 0 && order != 1) {
      if ((std::ilogb(length) + 1) * order >= 1023) return fail_overflow();
      kernels.distance.power(&length, order, &weight, 1);
    }
    bumps.push_back({.birth = bar.birth, .length = length, .weight = weight});
    execution.poll(64);
  }
  std::sort(bumps.begin(), bumps.end(), [&](const Bump& a, const Bump& b) {
    execution.poll(1);
    return a.birth < b.birth || (a.birth == b.birth && a.length < b.length);
  });
  return bumps;
}

/// e^(-z^2 / 2) / bandwidth at the grid, z = (x - centre) / bandwidth, without the factor 1 / sqrt(2 pi).
void bell(const RawVector<double>& grid, double centre, double bandwidth, RawVector<double>& values, Execution& execution) {
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const double z = (grid[i] - centre) / bandwidth;
    values[i] = exponential(-0.5 * (z * z)) / bandwidth;
    execution.poll(32);
  }
}

}  // namespace

Expected<void> persistence_image(const DiagramPoints& points, const tda_feature& feature, const KernelTable& kernels, FeatureValues& out,
                                 Execution& execution) {
  if (!(feature.order >= 0 && feature.order <= most_order) || !(feature.bandwidth > 0) || std::isinf(feature.bandwidth))
    return fail({.status = TDA_ERROR_INVALID_OPTION, .message = "An image has an order from 0 to 64 and a finite bandwidth above 0."});
  const Expected<RawVector<double>> births = make_grid(feature.grid_start, feature.grid_end, feature.grid_points, execution);
  if (!births) return std::unexpected(births.error());
  const Expected<RawVector<double>> lengths =
      make_grid(feature.persistence_start, feature.persistence_end, feature.persistence_points, execution);
  if (!lengths) return std::unexpected(lengths.error());
  const Expected<RawVector<Bump>> bumps = make_bumps(points, feature.order, kernels, execution);
  if (!bumps) return std::unexpected(bumps.error());

  RawVector<double> by_birth(execution.budget());
  RawVector<double> by_length(execution.budget());
  by_birth.resize(births->size());
  by_length.resize(lengths->size());
  const std::size_t count = array_size(lengths->size(), births->size());
  double* const image = out.append(count);
  constexpr double inverse_two_pi = 0.15915494309189535;
  for (const Bump& bump : *bumps) {
    bell(*births, bump.birth, feature.bandwidth, by_birth, execution);
    bell(*lengths, bump.length, feature.bandwidth, by_length, execution);
    for (std::size_t row = 0; row < by_length.size(); ++row) {
      const double factor = by_length[row] * (bump.weight * inverse_two_pi);
      for (std::size_t column = 0; column < by_birth.size(); ++column) image[row * by_birth.size() + column] += factor * by_birth[column];
      execution.poll(by_birth.size());
    }
  }
  if (!std::all_of(image, image + count, [](double value) { return std::isfinite(value); })) return fail_overflow();
  return {};
}

}  // namespace tda::detail
